"""Damaged mail never raises: letters of this house, mutated."""

import random
import time
from pathlib import Path

import pytest

from inbox import delivery_report
from inbox.classify import Context, classify
from inbox.clean_html import safe_html
from inbox.parse import parse
from inbox.trim import trim

LETTERS = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "letters").glob("*.eml"))]
FRAGMENTS = [
    b"\r\n",
    b"\0",
    b"\xff\xfe",
    b"=?utf-8?b?",
    b"?=",
    b"--=_b",
    b"--=_b--",
    b"Content-Type: multipart/mixed; boundary=",
    b"<",
    b">",
    b'"',
    b"(",
    b"From: ",
    b"From: MAILER-DAEMON@x\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"charset=utf-7",
    b"> ",
    b"On 3.4.2026 wrote:",
    b"<!--",
    b"</div>",
    b"Content-Type: message/delivery-status\r\n\r\n",
    b"Final-Recipient: rfc822; ",
    b"&#x110000;",
    b"\xe2\x80\xae",
    b"\r",
    b"Subject: failure notice\r\n",
]


def mutated(random_source: random.Random) -> bytes:
    """A letter with up to eight wounds: cut, doubled, overwritten, mixed with another."""
    raw = bytearray(random_source.choice(LETTERS))
    for _ in range(random_source.randint(1, 8)):
        at, length = random_source.randrange(len(raw) + 1), random_source.randint(0, 60)
        wound = random_source.randrange(5)
        if wound == 0:
            del raw[at : at + length]
        elif wound == 1:
            raw[at:at] = raw[at : at + length]
        elif wound == 2:
            raw[at:at] = random_source.choice(FRAGMENTS)
        elif wound == 3:
            raw[at : at + length] = random_source.randbytes(length)
        else:
            raw[at:at] = random_source.choice(LETTERS)[-length * 10 :]
    return bytes(raw)


def read_all(raw: bytes) -> None:
    """Everything the house does with a mail before it is routed."""
    mail = parse(raw)
    trimmed = trim(mail.text, mail.html)
    assert "".join(trimmed.body[span.start : span.end] for span in trimmed.spans) == trimmed.body
    classify(mail, Context())
    delivery_report.read(mail)
    safe_html(mail.html)
    for name in mail.headers.names():
        mail.headers.all(name)


def read_many(count: int, seed: int) -> float:
    """The longest processor time one of so many took."""
    source, worst = random.Random(seed), 0.0
    for number in range(count):
        raw = mutated(source)
        start = time.process_time()
        try:
            read_all(raw)
        except Exception as error:
            error.add_note(f"message {number} of seed {seed}: {raw!r}")
            raise
        worst = max(worst, time.process_time() - start)
    return worst


def test_five_thousand_mutated_letters_are_read():
    assert read_many(5_000, seed=20260403) < 0.15


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_a_hundred_thousand_mutated_letters_are_read():
    assert read_many(100_000, seed=4) < 0.15
