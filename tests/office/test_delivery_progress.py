"""Whoever sends sees how far it is: a bar on a terminal, a line now and then elsewhere, never on standard output."""

import io
import json
import os
import pty
import subprocess

import pytest
from aiosmtpd.controller import Controller

from mailer.deliver import DeliveryReport
from office.delivery_progress import Pace, shown
from tests.flows.running import copy_of, prepared_big, prepared_small
from tests.flows.test_run import SlowSink
from tests.peers.loopback import free_port

__all__ = ["prepared_big", "prepared_small"]


def test_the_pace_is_that_of_the_last_seconds():
    pace = Pace(2000)
    for second in range(31):
        pace.note(float(second), min(second, 20) + max(0, second - 20) * 40)

    assert pace.rate == pytest.approx(40)
    assert pace.words() == "420 of 2,000 letters, 40 a second, 40 s left"


@pytest.mark.parametrize(
    ("seconds", "done", "words"),
    [
        (10, 5, "5 of 1,000 letters, 30 a minute, 33 min 10 s left"),
        (10, 1000, "1,000 of 1,000 letters, 100 a second, 0 s left"),
        (10, 1200, "1,200 of 1,200 letters, 120 a second, 0 s left"),  # letters whose time came meanwhile
        (100, 1, "1 of 1,000 letters, 1 a minute, 27 h 45 min left"),
        (10, 0, "0 of 1,000 letters"),
    ],
)
def test_rate_and_time_left_are_in_units_a_person_reads(seconds, done, words):
    pace = Pace(1000)
    pace.note(0.0, 0)
    pace.note(float(seconds), done)

    assert pace.words() == words


def test_a_log_gets_a_line_every_few_seconds_and_none_for_a_short_run():
    now = 0.0
    said = io.StringIO()
    with shown(100, said, lambda: now) as show:
        for tenth in range(121):
            now = tenth / 10
            show(DeliveryReport(sent=tenth // 2, deferred=tenth // 10, blocked=1))

    assert said.getvalue().splitlines() == [
        "delivering: 31 of 100 letters, 6 a second, 11 s left",
        "delivering: 61 of 100 letters, 6 a second, 6 s left",
    ]


def test_a_short_delivery_says_only_its_answer(tmp_path, prepared_small, smtp_sink):
    office = copy_of(prepared_small, tmp_path / "school", SMTP_PORT=str(smtp_sink.port))
    office.run("publish")

    done = office.process("deliver", "--json")

    assert json.loads(done.stdout)["sent"] == 3
    assert done.stderr == ""


@pytest.fixture
def slow_sink():
    sink = SlowSink(port=free_port())
    controller = Controller(sink, hostname=sink.host, port=sink.port)
    controller.start()
    yield sink
    controller.stop()


def test_a_terminal_shows_a_bar_with_rate_and_time_left_and_the_answer_stays_whole(tmp_path, prepared_big, slow_sink):
    office = copy_of(prepared_big, tmp_path / "school", SMTP_PORT=str(slow_sink.port))
    planned = office.run("publish")["planned"]
    master, terminal = pty.openpty()
    running = subprocess.Popen(
        office.command("deliver", "--json"),
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=office.environment() | {"TERM": "xterm", "COLUMNS": "120"},
        cwd=office.folder,
    )
    os.close(terminal)
    seen = read_all(master)
    out, _ = running.communicate(timeout=30)

    assert json.loads(out)["sent"] == planned
    assert f" of {planned} letters, " in seen
    assert " a second, " in seen
    assert " s left" in seen
    assert f"{planned} of {planned} letters" in seen


def read_all(handle: int) -> str:
    seen = b""
    while True:
        try:
            piece = os.read(handle, 65536)
        except OSError:  # the other end is closed
            piece = b""
        if not piece:
            os.close(handle)
            return seen.decode("utf-8", "replace")
        seen += piece
