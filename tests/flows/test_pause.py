"""Pause, resume and cancel, by the commands an office types while a command, the service or a worker sends."""

import asyncio
import time

import pytest
from aiosmtpd.controller import Controller

from tests.flows.driver import new_office
from tests.flows.running import big_roster, copy_of, count, prepared_big, service
from tests.peers.loopback import free_port
from tests.peers.smtp_sink import SmtpSink

__all__ = ["prepared_big"]
RUN = "issue:2026-11-27"
NOW = "2026-11-27T15:15:00+00:00"


class PacedSink(SmtpSink):
    """Takes as long for a letter as the test says."""

    seconds = 0.15

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
        await asyncio.sleep(self.seconds)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def slow_sink():
    sink = PacedSink(port=free_port())
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

    slow_sink.seconds = 0.6  # so that it still sends when the command, a process of its own, has started
    with service(office, "deliver", "--json", now=NOW) as sending:
        sending.until(lambda: len(slow_sink.messages) >= 10, "ten letters")
        office.in_process = False  # a process of its own, as the office has it
        assert office.run("sending", "pause", RUN)["paused"]
        clicked = time.monotonic()
        sent = len(slow_sink.messages)
        assert sending.process.wait(30) == 0  # it ends: nothing is left to send
        assert time.monotonic() - clicked <= 2 + 1  # and an interpreter's goodbye
    office.in_process = True
    slow_sink.seconds = 0.02
    assert len(slow_sink.messages) - sent <= 4  # those in hand
    assert sent < published["planned"] - 4
    assert audience(office) == everybody
    assert office.run("deliver")["sent"] == 0

    assert office.run("sending", "resume", RUN)["resumed"]
    before = len(slow_sink.messages)
    assert office.run("deliver")["sent"] == published["planned"] - before
    assert len(slow_sink.messages) == published["planned"] == count(office, "letter where state = 'sent'")
    assert audience(office) == everybody


def pause_resume_and_cancel(office, running, sink, planned: int) -> None:
    """What an office may type while *running* sends; each holds within two seconds, and the numbers always add up."""
    running.until(lambda: len(sink.messages) >= 10, "ten letters")
    assert office.run("sending", "pause", RUN)["paused"]
    clicked = time.monotonic()
    at_click = len(sink.messages)
    time.sleep(2)
    held = len(sink.messages)
    time.sleep(1)
    assert len(sink.messages) == held  # nothing has begun since
    assert held - at_click <= 4
    assert office.run("sending", "show", RUN)["sent"] == held
    assert audience(office) == planned
    assert time.monotonic() - clicked < 10

    assert office.run("sending", "resume", RUN)["resumed"]
    running.until(lambda: len(sink.messages) >= held + 10, "it goes on")
    told = office.run("sending", "cancel", RUN)
    held = len(sink.messages)
    time.sleep(1)
    assert len(sink.messages) == held
    assert told["cancelled"] > 0
    ledger = office.run("sending", "show", RUN)
    assert ledger["sent"] == held
    assert (ledger["cancelled"], told["in_hand"]) == (told["cancelled"], 0)  # the command's number was final
    assert ledger["sent"] + ledger["cancelled"] + ledger.get("skipped", 0) == planned
    assert audience(office) == planned
    assert len({one.recipients[0] for one in sink.messages}) == held  # nobody got it twice


def test_a_running_service_is_paused_resumed_and_cancelled(tmp_path, prepared_big, slow_sink):
    office = copy_of(prepared_big, tmp_path / "school", SMTP_PORT=str(slow_sink.port), SMTP_CONNECTIONS="2")
    published = office.run("publish")

    with service(office, now=NOW) as running:
        pause_resume_and_cancel(office, running, slow_sink, published["planned"] + len(published["skipped"]))
        assert running.stop() < 10


@pytest.mark.timeout(180)
def test_running_workers_are_paused_resumed_and_cancelled(tmp_path, postgres_url, slow_sink):
    settings = {"SMTP_PORT": str(slow_sink.port), "SMTP_CONNECTIONS": "1", "DATABASE_URL": postgres_url}
    office = new_office(tmp_path / "school", in_process=True, **settings)
    office.run("roster", "import", str(big_roster(tmp_path)))
    office.run("item", "add", "--title", "Winter fair", "--body", "Bring *soup*.", "--date", "2026-11-27")
    published = office.run("publish")

    with (
        service(office, "worker", now=NOW, name="one") as one,
        service(office, "worker", now=NOW, name="two") as two,
    ):
        pause_resume_and_cancel(office, one, slow_sink, published["planned"] + len(published["skipped"]))
        assert one.stop() < 10
        assert two.stop() < 10


def test_what_cannot_be_paused_says_so(tmp_path, prepared_big):
    office = copy_of(prepared_big, tmp_path / "school")
    office.run("publish")
    office.run("sending", "cancel", RUN)

    assert office.process("sending", "pause", RUN).stdout == f"Nothing was changed: {RUN} is cancelled.\n"
    assert office.process("sending", "resume", RUN).stdout == f"Nothing was changed: {RUN} is cancelled.\n"
    assert "see 'fridayfolder sending list'" in office.process("sending", "pause", "issue:x").stderr
