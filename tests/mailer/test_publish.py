"""A guardian's letter: to her alone, her sections only, addresses that lead back to each, repeatable to the byte."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from mailer.edition import ItemShelf
from school.audience import Addressee
from school.issue import Skipped
from school.letter import LetterKind
from school.message_id import token_of
from school.reply_address import Token, TokenKind, token_in_address
from tests.office.our_letters import GUARDIAN, ISSUE, KEYS, NOW, SHAPE, newsletter, publisher


@pytest.fixture(scope="module")
def made():
    return newsletter()


def parsed(raw: bytes):
    return message_from_bytes(raw, policy=policy.default)


def test_it_goes_to_one_address_and_shows_no_other(made):
    letter, _ = made
    message = parsed(letter.raw)

    assert [held.addr_spec for held in message["To"].addresses] == [GUARDIAN.address] == [letter.address]
    assert message["Cc"] is message["Bcc"] is None
    assert b"amara.osei@school.test" not in letter.raw


def test_every_address_leads_to_this_letter_and_each_to_its_section(made):
    letter, dispatch = made
    message = parsed(letter.raw)
    text = message.get_body(("plain",)).get_content()

    def token(address: str) -> Token:
        return token_in_address(address, SHAPE, KEYS)

    assert token(message["Reply-To"]) == Token(kind=TokenKind.DISPATCH, public_id=dispatch.public_id)
    assert token(letter.envelope_from) == Token(kind=TokenKind.BOUNCE, public_id=dispatch.public_id)
    assert token_of(message["Message-ID"], KEYS).public_id == dispatch.public_id
    assert token_of(message["References"], KEYS).public_id == dispatch.public_id
    found = [token(word) for word in text.split() if word.endswith(f"@{SHAPE.domain}")]
    sections = [held.ordinal for held in found if held and held.kind is TokenKind.SECTION]
    assert sections == [section.ordinal for section in dispatch.sections] == [1, 2]
    assert all(f"Ref {section.visible_ref}" in text for section in dispatch.sections)


def test_routing_keeps_who_what_and_whose_section(made):
    letter, dispatch = made

    assert (dispatch.kind, dispatch.recipient_id, dispatch.run) == (
        LetterKind.NEWSLETTER,
        GUARDIAN.id,
        "issue:2026-11-27",
    )
    assert dispatch.message_id == letter.message_id
    assert [(section.child_id, section.class_id) for section in dispatch.sections] == [
        ("s-leif", "3A"),
        ("s-petra", "4A"),
    ]
    assert all(section.visible_ref for section in dispatch.sections)
    assert letter.child_ids == ("s-leif", "s-petra")


def test_a_sections_fingerprints_are_its_own(made):
    _, dispatch = made
    first, second = ({*section.fingerprints, section.visible_ref} for section in dispatch.sections)

    assert not first & second


def test_the_same_chance_gives_the_same_bytes():
    assert newsletter()[0].raw == newsletter()[0].raw


def test_a_guardian_who_gets_none_is_skipped_with_the_reason():
    shelf = ItemShelf.of([])
    nobody = Addressee(guardian=GUARDIAN, children=())
    made = publisher()
    for change, reason in (
        ({}, "no-child"),
        ({"stopped": lambda _: True}, "stopped"),
    ):
        skipped: list[Skipped] = []
        letters = list(replace(made, **change).letters(ISSUE, shelf, [nobody], skipped, NOW))

        assert letters == []
        assert [held.reason for held in skipped] == [reason]
