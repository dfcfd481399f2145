"""Every valid token of a mail is kept with its place; nothing damaged or foreign is."""

import pytest

from inbox.carriers import carriers
from school.message_id import make
from school.reply_address import Token, TokenKind
from tests.inbox.letters import KEYS, SHAPE, address, mail

LETTER = Token(kind=TokenKind.DISPATCH, public_id=1)
SECTION = Token(kind=TokenKind.SECTION, public_id=1, ordinal=2)
TALK = Token(kind=TokenKind.THREAD, public_id=90)


def found(*lines: str, envelope: tuple[str, ...] = ()) -> list[tuple[Token, str]]:
    return [(held.token, held.place) for held in carriers(mail(*lines), envelope, SHAPE, KEYS)]


@pytest.mark.parametrize(
    "header",
    ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Gm-Original-To", "Resent-To", "Resent-Cc"],
)
def test_each_recipient_header_is_read(header):
    assert found(f"{header}: School <{address(*LETTER_PLACE)}>") == [(LETTER, header.lower())]


LETTER_PLACE = (TokenKind.DISPATCH, 1)


def test_the_envelope_comes_first_and_each_token_once():
    lines = (
        f"To: {address(TokenKind.SECTION, 1, 2)}, {address(*LETTER_PLACE)}",
        f"References: <{make(LETTER, 'a', KEYS)}> <{make(TALK, 'b', KEYS)}>",
    )

    assert found(*lines, envelope=(address(*LETTER_PLACE),)) == [
        (LETTER, "envelope"),
        (SECTION, "to"),
        (TALK, "references"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "References: <{id}>",
        "In-Reply-To: <{id}>",
        "References: <x@y.example>,<{id}>",
        "References: <x@y.example>\r\n <{id}>\r\n <z@y.example>",
        "References: <{upper}>",
    ],
)
def test_every_referenced_id_is_looked_at(line):
    message_id = make(LETTER, "0123456789", KEYS)

    assert found(line.format(id=message_id, upper=message_id.upper())) == [(LETTER, "references")]


@pytest.mark.parametrize(
    "line",
    [
        "To: reply@school.test",
        "To: reply+{token}@elsewhere.example",
        "To: reply+{short}@school.test",
        "To: reply+{forged}@school.test",
        "Reply-To: reply+{token}@school.test",
        "Subject: reply+{token}@school.test",
        "From: reply+{token}@school.test",
        "References: <{short}.a@school.test>",
    ],
)
def test_what_is_damaged_foreign_or_elsewhere_is_no_evidence(line):
    token = address(*LETTER_PLACE).partition("+")[2].partition("@")[0]
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")

    assert found(line.format(token=token, short=token[:-1], forged=forged)) == []
