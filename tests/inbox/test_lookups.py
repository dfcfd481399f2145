"""What nobody signed is looked up, and only where nothing better leads home."""

from dataclasses import dataclass, replace
from datetime import UTC

import pytest

from inbox.authentication import Vouched
from inbox.lookups import carried
from inbox.match import Standing, leads, match
from school.message_id import make
from school.reply_address import AddressShape, Keys, Token, TokenKind
from tests.inbox.letters import (
    ACCEPT,
    EVA,
    HORN,
    JON,
    KEYS,
    MIA,
    MIAS_LETTER,
    NOW,
    SHAPE,
    TALK,
    TODAY,
    People,
    address,
    mail,
)

SECTION = Token(kind=TokenKind.SECTION, public_id=MIAS_LETTER.public_id, ordinal=1)
LETTER = Token(kind=TokenKind.DISPATCH, public_id=MIAS_LETTER.public_id)
OURS = make(LETTER, "a", KEYS)
PEOPLE = People(
    references={
        "7k3m9q2c": SECTION,
        "1etter00": LETTER,
        "ta1k0000": Token(kind=TokenKind.THREAD, public_id=TALK.public_id),
        "staff000": Token(kind=TokenKind.STAFF, public_id=TALK.public_id),
    },
    provider_ids={"0102018f@eu-west-1.amazonses.com": OURS},
)


FIXED = replace(SHAPE, fixed=True)


@dataclass(frozen=True)
class School:
    shape: AddressShape = FIXED
    keys: Keys = KEYS
    provider_domain: str = "eu-west-1.amazonses.com"


def found(*lines: str, body: str = "Hello", school: School | None = None) -> list[tuple[TokenKind, str]]:
    held = carried(mail(*lines, body=body), (), school or School(), PEOPLE).found
    return [(one.token.kind, one.place) for one in held]


@pytest.mark.parametrize(
    ("lines", "body", "expected"),
    [
        (("Subject: Re: x [#7k3m9q2c]",), "", [(TokenKind.SECTION, "subject")]),
        (("Subject: =?utf-8?q?Re=3A_=C3=A9_[#7k3m9q2c]?=",), "", [(TokenKind.SECTION, "subject")]),
        (("Subject: x",), "> Ref 7k3m-9q2c", [(TokenKind.SECTION, "quoted-line")]),
        (("Subject: x",), "> Ref 1ett-er00", []),  # a whole letter has no printed line
        (("In-Reply-To: <0102018f@eu-west-1.amazonses.com>",), "", [(TokenKind.DISPATCH, "provider-id")]),
        (("In-Reply-To: <0102018f@us-east-1.amazonses.com>",), "", []),
        # a signed id makes the quotation unnecessary, and a tag too
        ((f"References: <{OURS}>",), "> Ref 7k3m-9q2c", [(TokenKind.DISPATCH, "references")]),
        (("Subject: [#1etter00]",), "> Ref 7k3m-9q2c", [(TokenKind.DISPATCH, "subject")]),
        (("Subject: [#zzzzzzzz]",), "> Ref zzzz-zzzz", []),
    ],
)
def test_what_leads_home(lines, body, expected):
    assert found(*lines, body=body) == expected


def test_where_a_provider_keeps_our_ids_nobody_is_asked_about_others():
    assert found("In-Reply-To: <0102018f@eu-west-1.amazonses.com>", school=School(provider_domain="")) == []


@pytest.mark.parametrize(("fixed", "invalid"), [(True, {"zzzzzzzz"}), (False, set())])
def test_a_tag_that_means_nothing_is_a_guess_only_where_tags_are_printed(fixed, invalid):
    """Other people's ticket systems write "[#12345678]" too."""
    school = School(shape=replace(SHAPE, fixed=fixed))

    assert carried(mail("Subject: [#zzzzzzzz]"), (), school, PEOPLE).invalid == invalid


@pytest.mark.parametrize(
    ("to", "invalid"),
    [
        ("reply+abc@school.test", {"abc"}),
        ("REPLY%2Babc@school.test", {"abc"}),
        (f"{address(TokenKind.DISPATCH, 3)}", set()),
        ("reply@school.test", set()),
        ("news+abc@school.test", set()),
        ("reply+abc@elsewhere.test", set()),
    ],
)
def test_what_stands_where_a_token_would_and_is_none(to, invalid):
    assert carried(mail(f"To: {to}"), (), School(shape=SHAPE), PEOPLE).invalid == invalid


def test_on_a_domain_of_its_own_a_short_name_is_no_guess():
    own = School(shape=AddressShape(domain="school.test"))

    assert carried(mail("To: postmaster@school.test"), (), own, PEOPLE).invalid == set()
    assert carried(mail(f"To: {'0' * 29}@school.test"), (), own, PEOPLE).invalid == {"0" * 29}


# ---- the row "only subject tag or body reference" ----

TAGGED = ("Subject: Re: x [#7k3m9q2c]",)
QUOTED = ("Subject: x",)
SENT_BY = {"tag": (TAGGED, ""), "line": (QUOTED, "> Ref 7k3m-9q2c")}


def matched(author: str, vouched: Vouched, *, lines=TAGGED, body="", people=PEOPLE):
    held = leads(carried(mail(*lines, body=body), (), School(), people).found, people, NOW.astimezone(UTC), ACCEPT)
    return match(author, held, vouched, people, TODAY)


@pytest.mark.parametrize("how", SENT_BY)
@pytest.mark.parametrize(
    ("author", "vouched", "verdict", "reason"),
    [
        (MIA.address, Vouched.OK, "", ""),
        (JON.address, Vouched.OK, "", ""),  # the other parent
        (MIA.address, Vouched.NONE, "held", "author-not-verified"),
        (MIA.address, Vouched.BAD, "held", "author-failed-authentication"),
        (EVA.address, Vouched.OK, "held", "reference-of-another-family"),
        ("oma@example.net", Vouched.OK, "unmatched", "unknown-sender"),
        ("oma@example.net", Vouched.NONE, "unmatched", "unknown-sender"),
    ],
)
def test_a_reference_alone(how, author, vouched, verdict, reason):
    lines, body = SENT_BY[how]
    found = matched(author, vouched, lines=lines, body=body)

    assert (found.verdict, found.reason) == (verdict, reason)
    if not verdict:
        assert found.standing is Standing.VOUCHED  # never token-verified: one name alone is asked about
        assert bool(found.leads[0].section) is (how == "tag")
        assert bool(found.leads[0].quoted) is (how == "line")


def test_beside_a_signed_token_a_tag_only_adds_the_section():
    found = matched(MIA.address, Vouched.NONE, lines=(*TAGGED, f"References: <{OURS}>"))

    assert found.standing is Standing.TOKEN
    assert [lead.section is not None for lead in found.leads] == [False, True]


def test_a_teachers_tag_needs_a_voucher_and_means_nothing_to_a_stranger():
    lines = ("Subject: Re: x [#staff000]",)

    assert matched(HORN.address, Vouched.OK, lines=lines).teacher == HORN
    assert matched(HORN.address, Vouched.NONE, lines=lines).reason == "author-not-verified"
    assert matched(EVA.address, Vouched.OK, lines=lines).reason == "staff-address-used-by-a-stranger"
    assert matched("oma@example.net", Vouched.OK, lines=lines).verdict == "unmatched"


def test_a_conversations_tag_ends_with_its_generation():
    lines = ("Subject: Re: x [#ta1k0000]",)
    later = replace(PEOPLE, talks=(replace(TALK, generation=1),))

    assert matched(EVA.address, Vouched.OK, lines=lines).leads[0].conversation == TALK
    assert matched(EVA.address, Vouched.OK, lines=lines, people=later).reason == "tokens-revoked"


@pytest.mark.parametrize("how", SENT_BY)
@pytest.mark.parametrize("vouched", Vouched)
def test_a_teachers_mail_with_a_familys_reference_asks_nobody_whether_it_was_hers(how, vouched):
    """Her letters are on every fridge: to write "Ref …" below a forged From must not bring a guardian a mail."""
    lines, body = SENT_BY[how]
    found = matched(HORN.address, vouched, lines=lines, body=body)

    assert (found.claim_guardian_id, found.author) == ("", None)
    assert found.verdict == ("triage" if vouched is Vouched.OK else "unmatched")
