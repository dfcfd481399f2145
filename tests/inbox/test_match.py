"""Who wrote × what the mail carries: the table of identity, cell by cell."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inbox.authentication import Vouched
from inbox.match import Match, Standing, leads, match, match_claimed
from school.choice import Choice, Deed
from school.command import Command, StaffDeed
from school.people import Guardian
from school.reply_address import TokenKind
from tests.inbox.letters import (
    ACCEPT,
    ANNAS,
    EVA,
    EVAS_LETTER,
    HORN,
    IDAS,
    JON,
    LEOS,
    MIA,
    MIAS_LETTER,
    NOW,
    RUIZ,
    TALK,
    TODAY,
    People,
    carrier,
    taught,
)

OK, BAD, NONE = Vouched.OK, Vouched.BAD, Vouched.NONE
EVAS = carrier(TokenKind.DISPATCH, 1)
JONS = carrier(TokenKind.DISPATCH, 2)
MIAS = carrier(TokenKind.DISPATCH, 3)
MIAS_ID = carrier(TokenKind.DISPATCH, 3, place="references")
EVAS_TALK = carrier(TokenKind.THREAD, 90)
STAFF = carrier(TokenKind.STAFF, 90)
PRESS = Choice(public_id=70, spool_id=1, guardian_id=MIA.id, deed=Deed.FILE, expires=NOW + timedelta(days=1))
BUTTON = carrier(TokenKind.CONFIRM, 70)
STRANGER = "oma@example.net"


def matched(author: str | None, *carriers, vouched=NONE, people: People | None = None) -> Match:
    people = people or People()
    return match(author, leads(carriers, people, NOW, ACCEPT), vouched, people, TODAY)


@pytest.mark.parametrize(
    ("author", "carriers", "vouched", "expected"),
    [
        # a valid token, and the guardian it names
        (MIA.address, [MIAS], NONE, (MIA.id, Standing.TOKEN)),
        (MIA.address.upper(), [MIAS], NONE, (MIA.id, Standing.TOKEN)),
        (MIA.address, [MIAS_ID], NONE, (MIA.id, Standing.TOKEN)),
        (MIA.address, [MIAS], OK, (MIA.id, Standing.TOKEN)),
        (MIA.address, [MIAS], BAD, ("held", "author-failed-authentication", MIA.id)),
        (EVA.address, [EVAS_TALK], NONE, (EVA.id, Standing.TOKEN)),
        # the other parent of the same family
        (JON.address, [MIAS], NONE, (JON.id, Standing.FAMILY)),
        (JON.address, [MIAS], BAD, ("held", "author-failed-authentication", "")),
        (JON.address, [MIAS, JONS], NONE, (JON.id, Standing.TOKEN)),
        # another family, nobody's address, no address
        (EVA.address, [MIAS], OK, ("held", "token-of-another-family", "")),
        (EVA.address, [MIAS_ID], NONE, ("held", "token-of-another-family", "")),
        (EVA.address, [MIAS, EVAS], NONE, (EVA.id, Standing.TOKEN)),
        (STRANGER, [MIAS], OK, ("held", "unknown-address", MIA.id)),
        (STRANGER, [MIAS_ID], NONE, ("held", "unknown-address", MIA.id)),
        (STRANGER, [MIAS, EVAS], NONE, ("held", "unknown-address", "")),
        (None, [MIAS], NONE, ("held", "unknown-address", MIA.id)),
        (HORN.address, [MIAS], OK, ("held", "unknown-address", MIA.id)),
        # no token
        (MIA.address, [], OK, (MIA.id, Standing.VOUCHED)),
        (MIA.address, [], NONE, ("held", "author-not-verified", MIA.id)),
        (MIA.address, [], BAD, ("held", "author-not-verified", MIA.id)),
        (STRANGER, [], OK, ("unmatched", "unknown-sender", "")),
        (None, [], NONE, ("unmatched", "unknown-sender", "")),
        (HORN.address, [], OK, ("triage", "teacher-without-conversation", "")),
        (HORN.address, [], NONE, ("unmatched", "unknown-sender", "")),
        # staff tokens
        (HORN.address, [STAFF], NONE, (HORN.id,)),
        (HORN.address, [STAFF], BAD, ("held", "author-failed-authentication", "")),
        (RUIZ.address, [STAFF], OK, ("triage", "teacher-no-longer-in-charge", "")),
        (EVA.address, [STAFF], OK, ("held", "staff-address-used-by-a-stranger", "")),
        (STRANGER, [STAFF], OK, ("held", "staff-address-used-by-a-stranger", "")),
        (EVA.address, [STAFF, EVAS], NONE, (EVA.id, Standing.TOKEN)),
        # unknown and foreign numbers mean nothing
        (MIA.address, [carrier(TokenKind.DISPATCH, 404)], OK, (MIA.id, Standing.VOUCHED)),
        (MIA.address, [carrier(TokenKind.BOUNCE, 3)], OK, (MIA.id, Standing.VOUCHED)),
        (MIA.address, [carrier(TokenKind.COMMAND, 90)], OK, (MIA.id, Standing.VOUCHED)),
    ],
)
def test_the_table_of_identity(author, carriers, vouched, expected):
    found = matched(author, *carriers, vouched=vouched)

    if found.author:
        assert (found.author.guardian.id, found.standing) == expected
    elif found.teacher:
        assert (found.teacher.id,) == expected
    else:
        assert (found.verdict, found.reason, found.claim_guardian_id) == expected


def test_another_familys_token_is_left_out():
    found = matched(EVA.address, MIAS, EVAS)

    assert [lead.guardian_id for lead in found.leads] == [EVA.id]


@pytest.mark.parametrize(
    ("pressed", "expected"),
    [
        ((MIA.address, NONE, BUTTON), ""),
        ((MIA.address, BAD, BUTTON), "author-failed-authentication"),
        ((JON.address, OK, BUTTON), "button-of-another-address"),
        ((STRANGER, OK, BUTTON), "button-of-another-address"),
        ((None, OK, BUTTON), "button-of-another-address"),
        ((HORN.address, OK, BUTTON), "button-of-another-address"),
        ((MIA.address, OK, BUTTON, carrier(TokenKind.CONFIRM, 71)), "several-buttons"),
    ],
)
def test_a_button_is_its_guardians_alone_and_asks_nobody(pressed, expected):
    author, vouched, *carriers = pressed
    people = People(choices=(PRESS, replace(PRESS, public_id=71)))

    found = matched(author, *carriers, vouched=vouched, people=people)

    assert (found.reason, found.claim_guardian_id) == (expected, "")
    assert (found.choice is PRESS) is not expected


def test_a_button_counts_in_an_address_only():
    people = People(choices=(PRESS,))

    assert matched(MIA.address, carrier(TokenKind.CONFIRM, 70, place="references"), people=people).choice is None


@pytest.mark.parametrize(
    ("vouched", "reason"), [(OK, ""), (NONE, "button-not-verified"), (BAD, "author-failed-authentication")]
)
def test_a_button_known_by_its_subject_alone_takes_somebodys_word(vouched, reason):
    """A tag proves nothing: a parent's and a teacher's, where the school's address shows no token."""
    pressed = carrier(TokenKind.CONFIRM, 70, place="subject")
    hers = matched(MIA.address, pressed, vouched=vouched, people=People(choices=(PRESS,)))
    told = carrier(TokenKind.COMMAND, 80, place="subject")
    horns = matched(HORN.address, told, vouched=vouched, people=OneCommand())

    assert (hers.reason, hers.choice is None) == (horns.reason, horns.command is None) == (reason, bool(reason))
    signed = matched(HORN.address, carrier(TokenKind.COMMAND, 80), people=OneCommand())
    assert signed.command == OneCommand().command(80)


def test_two_buttons_of_a_digest_in_one_mail_are_a_persons():
    both = matched(HORN.address, carrier(TokenKind.COMMAND, 80), carrier(TokenKind.COMMAND, 81), people=OneCommand())

    assert (both.verdict, both.reason, both.command) == ("triage", "several-buttons", None)


def test_a_guardian_of_no_child_of_today_is_the_offices():
    class Left(People):
        def addressee(self, guardian_id: str, today: date) -> None:
            return None

    assert matched(MIA.address, vouched=OK, people=Left()).reason == "guardian-left"


def test_tokens_of_others_are_named_by_the_best_of_them():
    tag = carrier(TokenKind.DISPATCH, 3, place="subject")

    assert matched(EVA.address, tag, JONS, vouched=OK).reason == "token-of-another-family"
    assert matched(EVA.address, tag, vouched=OK).reason == "reference-of-another-family"


class OneCommand(People):
    """Buttons 80 and 81 in Ms Horn's digest."""

    def command(self, public_id: int) -> Command | None:
        if public_id not in {80, 81}:
            return None
        expires = NOW + timedelta(days=1)
        return Command(public_id=public_id, teacher_id=HORN.id, deed=StaffDeed.NOT_MINE, expires=expires)


def test_a_letter_is_accepted_for_its_time():
    people = People()

    assert leads((MIAS,), people, MIAS_LETTER.created + ACCEPT, ACCEPT)
    assert not leads((MIAS,), people, MIAS_LETTER.created + ACCEPT + timedelta(seconds=1), ACCEPT)


def test_a_conversation_is_accepted_from_its_last_word_on():
    people = People(talks=(replace(TALK, last_at=NOW - ACCEPT - timedelta(days=1)),))

    assert not leads((EVAS_TALK, STAFF), people, NOW, ACCEPT)


def test_a_revoked_letter_is_the_offices_whoever_answers_it():
    people = People(letters=(replace(EVAS_LETTER, revoked=True), MIAS_LETTER))

    for author in (EVA.address, STRANGER):
        assert matched(author, EVAS, people=people).reason == "tokens-revoked"
    assert matched(MIA.address, EVAS, MIAS, people=people).author is not None


def test_a_guardians_revoked_conversation_is_the_offices_and_its_teacher_answers_on():
    people = People(talks=(replace(TALK, generation=1),))

    assert matched(EVA.address, EVAS_TALK, people=people).reason == "tokens-revoked"
    assert matched(EVA.address, carrier(TokenKind.THREAD, 90, 1), people=people).standing is Standing.TOKEN
    assert not any(lead.revoked for lead in leads((STAFF,), people, NOW, ACCEPT))
    assert matched(HORN.address, STAFF, people=people).teacher == HORN


def test_a_guardian_who_left_is_the_offices():
    people = People(guardians=(JON, MIA))

    assert matched(STRANGER, EVAS, people=people).reason == "guardian-left"


def test_a_shared_address_is_the_guardian_whose_letter_came_along():
    jon = replace(JON, address=MIA.address)
    people = People(guardians=(EVA, jon, MIA))

    assert matched(MIA.address, MIAS, people=people).author.guardian == MIA
    assert matched(MIA.address, JONS, people=people).author.guardian == jon
    assert matched(MIA.address, MIAS, JONS, people=people).reason == "several-authors"
    assert matched(MIA.address, vouched=OK, people=people).reason == "shared-address"
    assert matched(MIA.address, people=people).claim_guardian_id == ""


def test_parents_who_share_no_child_today_are_no_family():
    people = People()
    people.children[JON.id] = (
        taught(IDAS.child, *IDAS.desks, barred=True),
        taught(LEOS.child, *LEOS.desks, barred=True),
    )

    assert matched(JON.address, MIAS, vouched=OK, people=people).reason == "token-of-another-family"


def test_other_parents_letters_of_two_families_make_nobody_an_author():
    pat = Guardian(id="g-pat", given_name="Pat", family_name="Lee", address="pat@example.org")
    people = People(guardians=(EVA, JON, MIA, pat))
    people.children[pat.id] = (ANNAS, LEOS)

    assert matched(pat.address, MIAS, EVAS, people=people).reason == "token-of-another-family"
    assert matched(pat.address, MIAS, people=people).standing is Standing.FAMILY


def test_two_teachers_of_one_address_are_told_apart_by_who_is_in_charge():
    ruiz = replace(RUIZ, address=HORN.address)
    people = People(teachers=(ruiz, HORN))

    assert matched(HORN.address, STAFF, people=people).teacher == HORN


def test_who_says_a_mail_is_hers_is_its_author_with_the_leads_that_are_hers():
    people = People()
    held = leads((MIAS, EVAS), people, NOW, ACCEPT)

    hers = match_claimed(MIA.id, held, people, TODAY)

    assert (hers.author.guardian, hers.standing) == (MIA, Standing.TOKEN)
    assert [lead.guardian_id for lead in hers.leads] == [MIA.id]
    assert match_claimed(MIA.id, (), people, TODAY).standing is Standing.VOUCHED
    assert match_claimed("g-gone", held, people, TODAY).reason == "guardian-left"
