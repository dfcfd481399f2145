"""Pause, resume and cancel, by the commands an office types while another process sends."""

import time

import pytest
from aiosmtpd.controller import Controller

from tests.flows.running import copy_of, count, prepared_big, service
from tests.flows.test_run import SlowSink
from tests.peers.loopback import free_port

__all__ = ["prepared_big"]
RUN = "issue:2026-11-27"
NOW = "2026-11-27T15:15:00+00:00"


@pytest.fixture
def slow_sink():
    sink = SlowSink(port=free_port())
    controller = Controller(sink, hostname=sink.host, port=sink.port)
    controller.start()
    yield sink
    controller.stop()


def audience(office) -> int:
    ledger = office.run("sending", "show", RUN)
    told = ledger.pop("audience")
    assert told == sum(number for state, number in ledger.items() if state not in {"run", "reasons"})
    return told


def test_pause_takes_effect_within_two_seconds_and_resume_sends_exactly_the_rest(tmp_path, prepared_big, slow_sink):
    office = copy_of(prepared_big, tmp_path / "school", SMTP_PORT=str(slow_sink.port))
    published = office.run("publish")
    everybody = published["planned"] + len(published["skipped"])

    with service(office, "deliver", "--json", now=NOW) as sending:
        sending.until(lambda: len(slow_sink.messages) >= 10, "ten letters")
        office.in_process = False  # a process of its own, as the office has it
        assert office.run("sending", "pause", RUN)["paused"]
        clicked = time.monotonic()
        sent = len(slow_sink.messages)
        assert sending.process.wait(30) == 0  # it ends: nothing is left to send
        assert time.monotonic() - clicked <= 2 + 1  # and an interpreter's goodbye
    office.in_process = True
    assert len(slow_sink.messages) - sent <= 4  # those in hand
    assert sent < published["planned"] - 4
    assert audience(office) == everybody
    assert office.run("deliver")["sent"] == 0

    assert office.run("sending", "resume", RUN)["resumed"]
    before = len(slow_sink.messages)
    assert office.run("deliver")["sent"] == published["planned"] - before
    assert len(slow_sink.messages) == published["planned"] == count(office, "letter where state = 'sent'")
    assert audience(office) == everybody
