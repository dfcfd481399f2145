"""One stored mail to its outcome, by a directory in memory: what scenarios through the whole house do not show."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from inbox.intake import read
from inbox.new_words import new_words
from inbox.reading import Arrived, Reading
from inbox.route import Policy
from inbox.words import built_in
from school.choice import Choice, Deed
from school.message_id import make
from school.reply_address import Token, TokenKind
from tests.inbox.letters import (
    ACCEPT,
    EVA,
    EVAS_LETTER,
    HORN,
    IDA,
    KEYS,
    LEO,
    MIA,
    MIAS_LETTER,
    NOW,
    SHAPE,
    TALK,
    People,
    address,
    taught,
)

READING = Reading(
    keys=KEYS,
    shape=SHAPE,
    zone=ZoneInfo("Europe/Dublin"),
    our_addresses=frozenset({"news@school.test"}),
    trusted_authserv_ids=frozenset({"mx.school.test"}),
    accept=ACCEPT,
    policy=Policy(),
    words=built_in(),
)
LETTER, SECTION, THREAD, STAFF = TokenKind.DISPATCH, TokenKind.SECTION, TokenKind.THREAD, TokenKind.STAFF
CHOICE = Choice(
    public_id=70,
    spool_id=5,
    guardian_id=MIA.id,
    deed=Deed.FILE,
    expires=NOW + timedelta(days=1),
    child_id=IDA.id,
    role="class",
    label="It was about Ida",
)


def raw(author: str, to: str, body: str, *more: str, subject: str = "Re: news") -> bytes:
    lines = (f"From: {author}", f"To: {to}", f"Subject: {subject}", "Message-ID: <x1@example.org>", *more)
    return "\r\n".join((*lines, "", body)).encode()


def result(mail: bytes, people: People | None = None, *, reading: Reading = READING, envelope=(), **how):
    arrived = Arrived(spool_id=1, raw=mail, arrived=NOW, envelope_to=envelope)
    return read(arrived, reading, people or People(), NOW, **how)


def outcome(mail: bytes, people: People | None = None, **how):
    return result(mail, people, **how).outcome


def test_the_outcome_names_the_mail_and_its_evidence():
    mail = raw(EVA.address, address(LETTER, 1), "She is ill.", "References: <a@b.example> <c@d.example>")

    found = outcome(mail)

    assert (found.message_id, found.references, found.subject) == (
        "x1@example.org",
        ("a@b.example", "c@d.example"),
        "Re: news",
    )
    assert [(seen.sign, seen.place, seen.child_id) for seen in found.evidence] == [("C3", "letter", "c-anna")]
    assert found.content_key


def test_reading_twice_is_the_same_outcome():
    mail = raw(MIA.address, address(LETTER, 3), "Leo is ill")

    assert outcome(mail) == outcome(mail)


def test_the_envelope_alone_can_carry_the_token():
    mail = raw(EVA.address, "reply@school.test", "She is ill.")

    assert outcome(mail).state == "held"
    assert outcome(mail, envelope=(address(LETTER, 1),)).state == "filed"


def test_an_absence_that_says_so_in_its_subject_alone_is_automatic():
    mail = raw(EVA.address, address(LETTER, 1), "> your letter\r\n", subject="Out of office: news")

    assert outcome(mail).kind == "auto"


def test_an_answer_within_moments_of_sending_with_such_a_subject_is_automatic():
    people = People(letters=(replace(EVAS_LETTER, created=NOW - timedelta(seconds=30)),))
    mail = raw(EVA.address, address(LETTER, 1), "Back on Monday.", subject="Automatic reply: news")

    assert outcome(mail, people).kind == "auto"
    assert outcome(mail).kind == "human"


def test_an_old_letter_is_flagged():
    people = People(letters=(replace(EVAS_LETTER, created=NOW - timedelta(days=61)),))

    assert outcome(raw(EVA.address, address(LETTER, 1), "Hi there"), people).reasons == ("C3", "old-letter")


def test_a_guardian_barred_from_a_child_writes_to_the_office():
    people = People()
    people.children[MIA.id] = (taught(IDA, barred=True), people.children[MIA.id][1])

    found = outcome(raw(MIA.address, address(SECTION, 3, 3), "All well"), people)

    assert (found.state, found.reasons) == ("triage", ("legal-flag",))


@pytest.mark.parametrize("tell", [True, False])
def test_the_cap_decides_between_filing_with_a_receipt_and_the_office(tell):
    found = outcome(raw(MIA.address, address(LETTER, 3), "Leo is ill"), People(tell=tell))

    assert (found.state, found.tell) == (("filed", "receipt") if tell else ("triage", ""))


def test_an_id_of_our_automatic_mail_stops_another_one():
    loop = make(Token(kind=TokenKind.CONFIRM, public_id=8), "a", KEYS)
    mail = raw(MIA.address, address(LETTER, 3), "Leo is ill", f"References: <{loop}>")

    assert outcome(mail).tell == ""


def test_an_id_a_provider_gave_our_automatic_mail_stops_another_one_too():
    """A program that keeps only the last id answers the provider's, in place of ours (scenario 18)."""
    ours = make(Token(kind=TokenKind.CONFIRM, public_id=8), "a", KEYS)
    people = People(provider_ids={"0102018f@eu-west-1.amazonses.com": ours})
    mail = raw(MIA.address, address(LETTER, 3), "Leo is ill", "In-Reply-To: <0102018f@eu-west-1.amazonses.com>")

    assert outcome(mail).tell == "receipt"
    assert outcome(mail, people).tell == ""


# ---- told by the guardian herself ----


def test_a_mail_she_says_is_hers_is_read_as_hers_and_causes_no_mail():
    mail = raw("mia@work.example", address(LETTER, 3), "Leo is ill")

    assert outcome(mail).claim_guardian_id == MIA.id
    hers = outcome(mail, claimed_by=MIA.id)
    assert (hers.author_id, hers.state, hers.tell) == (MIA.id, "triage", "")
    assert outcome(raw("mia@work.example", address(SECTION, 3, 3), "Hi"), claimed_by=MIA.id).state == "filed"


# ---- buttons ----


@pytest.mark.parametrize(
    ("body", "state", "reasons"),
    [
        ("It was about Ida", "ignored", ("button-file",)),
        ("It was about Ida\r\n\r\nThanks, Mia", "ignored", ("button-file",)),
        ("", "ignored", ("button-file",)),
        ("It was about Ida\r\n\r\nShe needs boots", "triage", ("button-file", "with-words")),
        ("She needs boots", "triage", ("button-file", "with-words")),
    ],
)
def test_a_button_and_the_words_beside_it(body, state, reasons):
    found = result(raw(MIA.address, address(TokenKind.CONFIRM, 70), body), People(choices=(CHOICE,)))

    assert (found.outcome.state, found.outcome.reasons) == (state, reasons)
    assert found.choice == CHOICE


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"used_at": NOW - timedelta(hours=1)}, "button-pressed-before"),
        ({"expires": NOW}, "button-too-late"),
    ],
)
def test_a_button_that_no_longer_counts_does_nothing(change, reason):
    people = People(choices=(replace(CHOICE, **change),))

    found = result(raw(MIA.address, address(TokenKind.CONFIRM, 70), "It was about Ida"), people)

    assert found.outcome.reasons == (reason,)
    assert found.choice is None


# ---- teachers ----


def test_a_teachers_words_go_to_the_one_conversation():
    found = result(raw(HORN.address, address(STAFF, 90), "Yes, do."))

    assert found.answer.conversation == TALK
    assert found.answer.text == "Yes, do."
    assert (found.outcome.author_id, found.outcome.teacher_id) == ("", HORN.id)


@pytest.mark.parametrize(
    ("to", "body", "reason"),
    [
        ((90, 91), "Yes, do.", "teacher-names-no-single-conversation"),
        ((90,), "", "teacher-wrote-nothing"),
        ((90,), "-- \r\nPetra Horn", "teacher-wrote-nothing"),
    ],
)
def test_a_teachers_words_that_name_no_single_conversation_reach_no_parent(to, body, reason):
    people = People(talks=(TALK, replace(TALK, id=10, public_id=91, guardian_id=MIA.id, child_id=LEO.id)))
    addresses = ", ".join(address(STAFF, public_id) for public_id in to)

    found = result(raw(HORN.address, addresses, body), people)

    assert found.answer is None
    assert (found.outcome.state, found.outcome.reasons) == ("triage", (reason,))


# ---- by hand ----


def test_the_words_a_person_files_are_the_new_ones():
    mail = raw(
        MIA.address, address(LETTER, 3), "Leo is ill\r\n\r\nOn Friday Linden School wrote:\r\n> Ida\r\n> secrets"
    )
    arrived = Arrived(spool_id=1, raw=mail, arrived=NOW)

    words = new_words(arrived, READING, People(), NOW)

    assert words.text == "Leo is ill"
    assert len(words.spans) == 1


def test_sections_of_several_letters_are_not_mixed_up():
    """Two letters number their children differently: their quotes then speak for nobody."""
    other = replace(MIAS_LETTER, public_id=5, sections=MIAS_LETTER.sections[::-1])
    people = People(letters=(MIAS_LETTER, other))
    mail = raw(MIA.address, f"{address(LETTER, 3)}, {address(LETTER, 5)}", "All well")

    assert outcome(mail, people).state == "triage"
