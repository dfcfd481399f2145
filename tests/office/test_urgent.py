"""A word about today reaches the child's teachers and the office at once; what is serious, the office alone."""

import zlib
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from office.demo.clients import reply, write_new
from office.jobs.alerts import MOST_ABOUT_STRANGERS
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
    assert f"fridayfolder tray show {outcome.spool_id}" in text(told["office"])
    assert not any(word in told["office"].as_string() for word in ("police", "custody", "Anna", "eva@example.org"))
    assert letters(linden, f"urgent:{outcome.spool_id}") == {}
    assert linden.sees("t-horn") == []


GRAVE = "Anna told us that somebody hit her. We went to the police."


@pytest.mark.parametrize(
    ("author", "how", "state"),
    [
        (("Jon Berg", "jon.work@example.net"), {"letter_of": "g-jon"}, "held"),
        (EVA, {"letter_of": "g-jon"}, "held"),
        (("A neighbour", "neighbour@example.net"), {"fresh": True}, "unmatched"),
        (EVA, {"fresh": True}, "held"),
    ],
    ids=["unknown address", "another family's letter", "stranger", "nobody vouches for her"],
)
def test_serious_words_of_a_mail_nobody_reads_yet_reach_the_office_at_once_and_ask_nobody(linden, author, how, state):
    outcome = linden.arrive(written(linden, author, GRAVE, **how))

    assert (outcome.state, outcome.reasons[-1]) == (state, "safeguarding")
    told = letters(linden, f"alert:{outcome.spool_id}")
    assert set(told) == {"office"}
    assert f"fridayfolder tray show {outcome.spool_id}" in text(told["office"])
    assert not any(word in told["office"].as_string() for word in ("police", "hit her", author[1], "Anna", "Berg"))
    assert linden.notices() == []  # nobody is asked whether it was hers: it may be about her


def written(linden: Linden, author: tuple[str, str], words: str, *, fresh: bool = False, **how: object) -> bytes:
    if not fresh:
        return linden.reply(author, words, **how)
    return write_new(
        words, client="iphone", author=author, at=linden.now, to="reply@school.test", subject="Please read"
    )


def test_a_serious_subject_of_a_mail_to_nobody_is_enough(linden):
    raw = write_new(
        "Please call.",
        client="iphone",
        author=("Neighbour", "n@example.net"),
        at=linden.now,
        to="reply@school.test",
        subject="Violence at the Novaks",
    )

    assert linden.arrive(raw).reasons[-1] == "safeguarding"


def test_serious_words_beside_a_button_reach_the_office_at_once(linden):
    linden.arrive(linden.reply(MIA, "Leo is well again"))
    (receipt,) = linden.raw_notices()

    outcome = linden.arrive(linden.press(receipt, "It was about Ida", MIA, more=GRAVE))

    assert (outcome.state, outcome.reasons[-2:]) == ("triage", ("with-words", "safeguarding"))
    assert set(letters(linden, f"alert:{outcome.spool_id}")) == {"office"}


def test_a_word_about_today_that_finds_no_teacher_reaches_the_office_at_once(linden):
    outcome = linden.arrive(linden.reply(JON, "The children are sick today and stay at home."))

    assert outcome.state == "triage"
    told = letters(linden, f"alert:{outcome.spool_id}")
    assert set(told) == {"office"}
    assert "A message about today waits for you" in text(told["office"])
    assert "sick" not in told["office"].as_string()


def test_many_strangers_do_not_flood_the_office(linden):
    for number in range(MOST_ABOUT_STRANGERS + 3):
        linden.keep(written(linden, (f"N {number}", f"n{number}@example.net"), GRAVE, fresh=True))
    read_waiting(linden.house, linden.now)

    assert Letter.select().where(Letter.kind == "digest").count() == MOST_ABOUT_STRANGERS
    assert len(linden.house.conversations.tray()) == MOST_ABOUT_STRANGERS + 3
    outcome = linden.arrive(linden.reply(EVA, GRAVE))  # a known mother is heard all the same
    assert set(letters(linden, f"alert:{outcome.spool_id}")) == {"office"}


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
