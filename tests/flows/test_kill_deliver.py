"""Killed at any moment and started again, the sender loses no letter and repeats at most one per connection."""

import random
import subprocess
import sys
import time

import pytest

from storage.database import Database
from storage.outbox import Outbox
from storage.tables import Dispatch, Letter, LetterBody
from tests.faultpeer.smtp import FaultPeer
from tests.storage.outbox_letters import RUN, letter, message, plan, states

CONNECTIONS = 4


def child(*arguments: object, **options) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "tests.flows.sending_child", *map(str, arguments)], **options)


def wait_until(true, process: subprocess.Popen) -> bool:
    """True once *true()* holds; False if the process ended before."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if true():
            return True
        if process.poll() is not None:
            return False
        time.sleep(0.0005)
    raise TimeoutError


def kill_loop(tmp_path, letters: int, kills: int) -> None:
    dice = random.Random(kills)
    database = Database(f"sqlite:{tmp_path}/outbox.db")
    database.migrate()
    outbox = Outbox(database)
    plan(outbox, *(letter(number, raw=message(number, 1000)) for number in range(1, letters + 1)))
    with FaultPeer() as peer:
        peer.pipelining = True
        killed = 0
        for round_ in range(kills):
            aim = len(peer.taken) + dice.randint(1, max(2, (letters - len(peer.taken)) // (kills - round_)))
            process = child("deliver", tmp_path, f"boot{round_}", peer.port, CONNECTIONS, 0)
            killed += wait_until(lambda aim=aim: len(peer.taken) >= aim, process)
            process.kill()
            process.wait()
        assert child("deliver", tmp_path, "last", peer.port, CONNECTIONS, 1).wait(120) == 0
        taken = list(peer.taken)

    copies = {}
    for one in taken:
        copies.setdefault(one.address, []).append(one.raw)
    assert killed >= kills * 0.8  # it was killed while it sent, not before or after
    assert len(copies) == letters  # none lost
    assert all(len(set(raws)) == 1 for raws in copies.values())  # copies are the same bytes
    assert len(taken) - letters <= kills * CONNECTIONS
    assert set(states(outbox).values()) == {"sent"}
    assert database.engine.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


@pytest.mark.timeout(180)
def test_thirty_kills_lose_nothing(tmp_path):
    kill_loop(tmp_path, letters=2000, kills=30)


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_two_hundred_kills_lose_nothing(tmp_path):
    kill_loop(tmp_path, letters=4000, kills=200)


def kill_plannings(tmp_path, kills: int, letters: int = 500) -> None:
    """Killed while it renders, while it writes, and at any moment between."""
    dice = random.Random(kills)
    database = Database(f"sqlite:{tmp_path}/outbox.db")
    database.migrate()
    outbox = Outbox(database)
    killed, seen = 0, set()
    while killed < kills:
        process = child("plan", tmp_path, letters, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()  # it begins to render
        if dice.random() < 0.7:
            process.stdout.readline()  # it begins to write
        try:
            process.wait(dice.random() * 0.12)
        except subprocess.TimeoutExpired:
            process.kill()
        killed += process.wait() != 0
        process.stdout.close()
        seen.add(Letter.select().count())
        assert Letter.select().count() == LetterBody.select().count() == Dispatch.select().count()
        assert outbox.ledger(RUN) in ({}, {"ready": letters})
        if outbox.ledger(RUN):
            Dispatch.delete().execute()
            Letter.delete().execute()
    assert seen <= {0, letters}
    assert child("plan", tmp_path, letters, stdout=subprocess.DEVNULL).wait(60) == 0

    assert outbox.ledger(RUN) == {"ready": letters}  # one row for each recipient
    assert len({one.recipient_id for one in outbox.letters(RUN)}) == letters
    assert database.engine.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


@pytest.mark.timeout(180)
def test_twenty_killed_plannings_leave_all_or_nothing(tmp_path):
    kill_plannings(tmp_path, 20)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_a_hundred_killed_plannings_leave_all_or_nothing(tmp_path):
    kill_plannings(tmp_path, 100, 1000)


def test_a_second_sender_process_leaves_at_once(tmp_path):
    from mailer.deliver import SenderLock

    start = time.monotonic()
    with SenderLock(tmp_path / "sender.lock"):
        second = child("deliver", tmp_path, "two", 1, 1, 0, stderr=subprocess.PIPE, text=True)
        _, errors = second.communicate(timeout=30)

    assert second.returncode == 1
    assert "letters are already being sent" in errors
    assert time.monotonic() - start < 10  # most of it is the interpreter starting
