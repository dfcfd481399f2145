"""A word about today reaches the child's teachers and the office at once; what is serious, the office alone."""

import zlib
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from office.demo.clients import reply
from office.jobs.digests import plan_digests
from office.jobs.reading import read_waiting
from office.jobs.tray import file_mail
from storage.tables import Letter, LetterBody
from tests.office.linden import EVA, HORN, JON, MIA, Linden, copy_of, open_school

SICK = "Anna is sick today, she stays at home."


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    yield linden
    linden.house.database.close()


def letters(linden: Linden, run: str) -> dict[str, EmailMessage]:
    """{recipient: her letter} of a run."""
    return {
        held.recipient_id: message_from_bytes(
            zlib.decompress(bytes(LetterBody.get_by_id(held.id).packed)), policy=policy.default
        )
        for held in linden.house.outbox.letters(run)
    }


def text(mail: EmailMessage) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_the_teacher_and_the_office_are_told_at_once_and_it_is_filed_once(linden):
    outcome = linden.arrive(linden.reply(EVA, SICK))

    told = letters(linden, f"urgent:{outcome.spool_id}")
    assert set(told) == {"t-horn", "office"}
    assert SICK in text(told["t-horn"])
    assert str(told["t-horn"]["Subject"]).startswith("For today:")
    assert (told["office"]["To"].addresses[0].addr_spec, SICK in text(told["office"])) == ("office@school.test", True)
    assert "Told at once: Ms Horn" in text(told["office"]) or "Told at once: Petra Horn" in text(told["office"])
    assert linden.filings() == 1
    assert linden.sees("t-horn") == [("c-anna", SICK)]


def test_it_does_not_stand_in_the_evenings_digest_again(linden):
    linden.arrive(linden.reply(EVA, SICK))

    assert plan_digests(linden.house, linden.today, linden.now).planned == 0


def test_it_does_when_the_letter_was_lost(linden):
    outcome = linden.arrive(linden.reply(EVA, SICK))
    Letter.update(state="failed").where(Letter.run == f"urgent:{outcome.spool_id}").execute()

    assert plan_digests(linden.house, linden.today, linden.now).teachers == ("t-horn",)


def test_what_can_wait_waits(linden):
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))

    assert Letter.select().where(Letter.kind == "digest").count() == 0


def test_a_plain_reply_to_it_answers_the_family_at_once(linden):
    outcome = linden.arrive(linden.reply(EVA, SICK))
    told = letters(linden, f"urgent:{outcome.spool_id}")["t-horn"]

    linden.arrive(reply(told.as_bytes(), "iphone", "Get well soon, Anna!", HORN, linden.now))

    (answer,) = linden.answers()
    assert "Get well soon, Anna!" in text(answer)
    assert Letter.get(Letter.kind == "answer").not_before <= linden.now


def test_a_subject_teacher_gets_it_when_it_was_sent_to_her(linden):
    outcome = linden.arrive(linden.reply(MIA, "She is ill today.", via_section_of="Ida"))

    assert set(letters(linden, f"urgent:{outcome.spool_id}")) == {"t-ruiz", "office"}


def test_what_the_office_files_is_urgent_all_the_same(linden):
    outcome = linden.arrive(linden.reply(JON, "We shall be picked up today at noon by aunt Vera."))
    assert outcome.state == "triage"
    assert letters(linden, f"urgent:{outcome.spool_id}") == {}

    file_mail(linden.house, outcome.spool_id, child_id="c-leo", role=None, guardian_id=None, now=linden.now)

    assert set(letters(linden, f"urgent:{outcome.spool_id}")) == {"t-horn", "office"}


def test_a_serious_mail_reaches_the_office_alone_without_its_words(linden):
    outcome = linden.arrive(linden.reply(EVA, "Anna is sick today. The police came about custody."))

    assert (outcome.state, outcome.reasons) == ("triage", ("safeguarding",))
    told = letters(linden, f"alert:{outcome.spool_id}")
    assert set(told) == {"office"}
    assert f"Mail {outcome.spool_id}" in text(told["office"])
    assert "safeguarding" in text(told["office"])
    assert "fridayfolder tray list" in text(told["office"])
    assert not any(word in told["office"].as_string() for word in ("police", "custody", "Anna", "eva@example.org"))
    assert letters(linden, f"urgent:{outcome.spool_id}") == {}
    assert linden.sees("t-horn") == []


def test_the_same_mail_twice_tells_nobody_twice(linden):
    raw = linden.reply(EVA, SICK)
    linden.arrive(raw)
    linden.now += timedelta(minutes=1)
    linden.keep(raw, uidvalidity=2)

    read_waiting(linden.house, linden.now)

    assert Letter.select().where(Letter.kind == "digest").count() == 2


@pytest.mark.parametrize(
    ("words", "urgent"),
    [
        ("Leo is sick today.", True),
        ("She will be late today, the bus broke down.", True),
        ("Grandma picks her up today at two.", True),
        ("Leo ist heute krank", True),
        ("Hoy Leo no va, tiene fiebre", True),
        ("今天他发烧了，不能来", True),
        ("ليو مريض اليوم", True),
        ("Anna is at the dentist on Monday.", False),
        ("Today we baked. Leo was sick last week.", False),
        ("We shall be late tomorrow.", False),
        ("", False),
    ],
)
def test_words_about_today(linden, words, urgent):
    assert linden.house.reading.words.is_urgent(words) is urgent
