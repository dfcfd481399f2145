"""Each server reply means exactly one thing; only a few codes may ever close an address."""

import re

import pytest

from mailer.outcome import decide
from mailer.reply_reader import NoReply, ReplyReader
from mailer.server_replies import TABLE, Action, ServerReply, meaning
from school.letter import LetterKind, LetterState
from school.sending import Claimed
from tests.storage.outbox_letters import NOON


def reply(text: str, phase: str = "rcpt") -> ServerReply:
    code, _, enhanced = text.partition(" ")
    return ServerReply(code=int(code), enhanced=enhanced, phase=phase)


def claimed(kind: LetterKind = LetterKind.NEWSLETTER) -> Claimed:
    return Claimed(
        id=1, epoch=1, run="issue:1", kind=kind, message_id="m@x.test", envelope_from="", address="a@example.org",
        domain="example.org", raw=b"", attempts=0, expires=NOON, uncertain=False,
    )  # fmt: skip


def test_the_table_is_large_and_well_formed():
    assert len(TABLE) >= 60
    assert all(re.fullmatch(r"[245]\d\d|[245]\.\d\.\d{1,3}", code) for code in TABLE)
    assert all(row.words and row.words[0].islower() for row in TABLE.values())


@pytest.mark.parametrize("code", TABLE)
def test_a_row_never_contradicts_its_class(code):
    allowed = {
        "2": {Action.SENT},
        "4": {Action.RETRY, Action.PAUSE_DOMAIN, Action.SERVER},
        "5": {Action.FAIL, Action.PAUSE_RUN, Action.SUPPRESS, Action.SUPPRESS_REPEATED, Action.SERVER},
    }
    assert TABLE[code].action in allowed[code[0]]


CASES = {
    "250": Action.SENT, "250 2.0.0": Action.SENT, "251 2.1.5": Action.SENT, "250 2.9.9": Action.SENT,
    "421": Action.RETRY, "421 4.7.0": Action.RETRY, "421 4.7.28": Action.PAUSE_DOMAIN, "421 4.3.2": Action.RETRY,
    "450": Action.RETRY, "450 4.2.0": Action.RETRY, "451": Action.RETRY, "451 4.7.1": Action.RETRY,
    "451 4.7.650": Action.PAUSE_DOMAIN, "451 4.7.500": Action.PAUSE_DOMAIN, "452": Action.RETRY,
    "452 4.2.2": Action.RETRY, "452 4.3.1": Action.RETRY, "452 4.5.3": Action.RETRY, "499 4.9.9": Action.RETRY,
    "550 5.1.1": Action.SUPPRESS, "550 5.1.2": Action.SUPPRESS, "551 5.1.6": Action.SUPPRESS,
    "556 5.1.10": Action.SUPPRESS, "550 5.2.1": Action.SUPPRESS_REPEATED,
    "550 5.7.26": Action.PAUSE_RUN, "550 5.7.515": Action.PAUSE_RUN, "550 5.7.1": Action.PAUSE_RUN,
    "554 5.7.1": Action.PAUSE_RUN, "550 5.7.708": Action.PAUSE_RUN, "550 5.7.25": Action.PAUSE_RUN,
    "550": Action.FAIL, "550 5.0.0": Action.FAIL, "550 5.1.3": Action.FAIL, "550 5.2.2": Action.FAIL,
    "552": Action.FAIL, "552 5.2.2": Action.FAIL, "552 5.3.4": Action.FAIL, "553": Action.FAIL, "554": Action.FAIL,
    "550 5.4.1": Action.FAIL, "550 5.6.7": Action.FAIL, "550 5.7.0": Action.FAIL, "599 5.9.9": Action.FAIL,
    "530 5.7.0": Action.SERVER, "535 5.7.8": Action.SERVER, "550 5.7.8": Action.SERVER,
    "530": Action.SERVER, "535": Action.SERVER,
    "454": Action.SERVER, "550 4.7.1": Action.FAIL, "451 5.1.1": Action.RETRY, "354": Action.RETRY, "199": Action.RETRY,
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_a_reply_means_one_thing(text):
    assert meaning(reply(text)).action is CASES[text]


def test_nothing_else_closes_an_address():
    closing = {code for code, row in TABLE.items() if row.action is Action.SUPPRESS}

    assert closing == {"5.1.1", "5.1.2", "5.1.6", "5.1.10"}
    assert {code for code, row in TABLE.items() if row.action is Action.SUPPRESS_REPEATED} == {"5.2.1"}


@pytest.mark.parametrize("code", [code for code in TABLE if code[0] == "5" and "." in code])
def test_an_answer_to_mail_from_closes_no_address(code):
    decision = decide(claimed(), ServerReply(code=550, enhanced=code, phase="mail"), NOON, fresh=True)

    assert decision.action not in {Action.SUPPRESS, Action.SUPPRESS_REPEATED}


def test_an_old_connection_that_closes_costs_no_attempt():
    closing = ServerReply(code=421, enhanced="4.3.2", phase="mail")

    assert decide(claimed(), closing, NOON, fresh=False).result.tried is False
    assert decide(claimed(), closing, NOON, fresh=True).result.state is LetterState.DEFERRED


def test_an_early_250_is_not_believed():
    assert decide(claimed(), ServerReply(code=250, phase="data"), NOON, fresh=True).result.state is LetterState.DEFERRED


# ---- reading replies ----


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (b"250 2.1.5 ok\r\n", (250, "2.1.5")),
        (b"250 ok\r\n", (250, "")),
        (b"250\r\n", (250, "")),
        (b"250 ok\n", (250, "")),
        (b"550-5.1.1 no\r\n550 5.1.1 such user\r\n", (550, "5.1.1")),
        (b"550 5.1.1\r\n", (550, "5.1.1")),
        (b"550 5.1.1.2 odd\r\n", (550, "")),
        (b"250 \xff\xfe\r\n", (250, "")),
    ],
)
def test_a_reply_is_read_whole_or_in_pieces(raw, read):
    assert ReplyReader().feed(raw) == read
    reader = ReplyReader()
    answers = [reader.feed(bytes([byte])) for byte in raw]

    assert answers == [None] * (len(raw) - 1) + [read]


@pytest.mark.parametrize(
    "raw", [b"\x00\xff\r\n", b"hello\r\n", b"99 x\r\n", b"250 ok\r\n250 injected\r\n", b"250-" + b"x" * 70_000, b"\r\n"]
)
def test_what_is_no_reply_is_said(raw):
    with pytest.raises(NoReply):
        ReplyReader().feed(raw)
