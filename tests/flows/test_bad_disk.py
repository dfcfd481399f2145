"""A full disk, a disk that fails at any moment, a torn journal, a file held by others: nothing is lost."""

import contextlib
import itertools
import os
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from school.letter import LetterState
from storage.database import Database
from storage.outbox import Outbox
from tests.faultpeer.smtp import FaultPeer
from tests.mailer.delivery import Office
from tests.peers.loopback import program
from tests.storage.outbox_letters import RUN, letter, message, plan

CONNECTIONS = 4
TORN = 40  #: letters of a run whose journal is torn
FULL = "delivery.store_waits"  # what the sender says, each second, while it cannot write


def planned(folder: Path, letters: int, size: int = 1000) -> None:
    database = Database(f"sqlite:{folder}/outbox.db")
    database.migrate()
    plan(Outbox(database), *(letter(number, raw=message(number, size)) for number in range(1, letters + 1)))
    database.close()


def ledger(folder: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(folder / "outbox.db", timeout=30)) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        return dict(database.execute("select state, count(*) from letter group by state"))


class Sender:
    """A sender in a process of its own; what it says is kept."""

    def __init__(self, folder: Path, port: int, *before: str, owner: str = "boot", hours: int = 0) -> None:
        words = [sys.executable, "-m", "tests.flows.sending_child", "deliver", folder, owner, port, CONNECTIONS, hours]
        self.process = subprocess.Popen([*before, *map(str, words)], stderr=subprocess.PIPE, text=True)
        self.said: list[str] = []
        self._reader = threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True)
        self._reader.start()

    def until(self, true, seconds: float = 60) -> float:
        began = time.monotonic()
        while not true():
            assert time.monotonic() - began < seconds
            assert self.process.poll() is None, self.said
            time.sleep(0.002)
        return time.monotonic() - began

    def end(self, seconds: float = 120) -> int:
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(5)
        self.process.stderr.close()


@contextlib.contextmanager
def sender(folder: Path, port: int, *before: str, **more):
    running = Sender(folder, port, *before, **more)
    try:
        yield running
    finally:
        running.close()


def assert_each_once(peer: FaultPeer, letters: int, extra: int) -> None:
    copies: dict[str, list[bytes]] = {}
    for one in peer.taken:
        copies.setdefault(one.address, []).append(one.raw)
    assert len(copies) == letters  # none lost
    assert all(len(set(raws)) == 1 for raws in copies.values())
    assert len(peer.taken) - letters <= extra


# ---- a full disk ----


def fills_and_empties(folder: Path, letters: int, fill, empty) -> None:
    """*fill* makes every write fail while letters leave; *empty* gives room again."""
    # The service reads beside the sender, as always: what is in the journal stays there.
    with FaultPeer() as peer, contextlib.closing(sqlite3.connect(folder / "outbox.db")) as reader:
        reader.execute("begin").execute("select count(*) from letter").fetchone()
        with sender(folder, peer.port) as running:
            running.until(lambda: len(peer.taken) >= 50)
            fill(running.process.pid)
            running.until(lambda: any(FULL in line for line in running.said))
            begun = peer.mail_froms
            for _ in range(30):
                time.sleep(0.1)
                assert peer.mail_froms == begun  # no letter begins
            assert begun < letters
            assert running.process.poll() is None

            empty(running.process.pid)

            assert running.until(lambda: peer.mail_froms > begun) <= 60
            reader.rollback()
            assert running.end() == 0
        assert_each_once(peer, letters, CONNECTIONS)
    assert ledger(folder) == {"sent": letters}


def test_a_file_that_may_not_grow_stops_the_sender_and_room_lets_it_go_on(tmp_path):
    """A limit on the size of a file does what a full disk does, and needs no root."""
    planned(tmp_path, 600)
    files = ("outbox.db", "outbox.db-wal")

    def fill(pid: int) -> None:
        now = max((tmp_path / name).stat().st_size for name in files if (tmp_path / name).exists())
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (now, resource.RLIM_INFINITY))

    def empty(pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    fills_and_empties(tmp_path, 600, fill, empty)


@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_a_disk_of_20_megabytes_that_fills_up(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.getuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "none", folder], check=False).returncode
    ):
        pytest.skip("only root may mount a small disk")
    filler = folder / "filler"

    def fill(_pid: int) -> None:
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    try:
        planned(folder, 2000)
        fills_and_empties(folder, 2000, fill, lambda _pid: filler.unlink())
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


# ---- a disk that fails once, at the n-th write or the n-th sync ----


def fails_once(tmp_path, call: str, number: int, letters: int) -> bool:
    """Did the fault happen? Whatever the sender made of it, nothing is lost, and the next sender finishes."""
    folder = tmp_path / f"{call}{number}"
    shutil.copytree(tmp_path / "planned", folder)
    trace = folder / "trace"
    fault = ("-f", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when={number}", "-o", str(trace))
    with FaultPeer() as peer:
        with sender(folder, peer.port, program("strace", "strace"), *fault) as running:
            running.end()
        left = ledger(folder)
        assert sum(left.values()) == letters
        assert set(left) <= {"ready", "claimed", "sent", "deferred"}
        assert left.get("sent", 0) <= len(peer.taken)  # never noted as sent before it was taken
        with sender(folder, peer.port, owner="next", hours=1) as running:
            assert running.end() == 0
        assert_each_once(peer, letters, CONNECTIONS)
    assert ledger(folder) == {"sent": letters}
    fired = "(INJECTED)" in trace.read_text("utf-8", "replace")
    shutil.rmtree(folder)
    return fired


@pytest.mark.parametrize(("call", "number"), [("fdatasync", 2), ("fdatasync", 5), ("pwrite64", 9), ("pwrite64", 40)])
def test_a_disk_that_fails_once_loses_nothing(tmp_path, call, number):
    (tmp_path / "planned").mkdir()
    planned(tmp_path / "planned", 60)

    assert fails_once(tmp_path, call, number, 60)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_a_disk_that_fails_at_any_moment_loses_nothing(tmp_path, call):
    (tmp_path / "planned").mkdir()
    planned(tmp_path / "planned", 60)
    for number in itertools.count(1):
        if not fails_once(tmp_path, call, number, 60):
            break

    assert number > 10


# ---- a journal torn in the middle ----


@pytest.fixture
def torn(tmp_path):
    """A database and its journal as a killed sender left them, with everything since the planning in the journal."""
    folder = tmp_path / "whole"
    folder.mkdir()
    database = Database(f"sqlite:{folder}/outbox.db")
    database.migrate()
    with contextlib.closing(sqlite3.connect(folder / "outbox.db")) as keeper, FaultPeer() as peer:
        keeper.execute("pragma wal_checkpoint(truncate)")
        keeper.execute("begin").execute("select count(*) from letter").fetchone()
        outbox = Outbox(database)
        plan(outbox, *(letter(number, raw=message(number)) for number in range(1, TORN + 1)))
        with sender(folder, peer.port) as running:
            running.until(lambda: len(peer.taken) >= TORN // 2)
            running.process.kill()
            running.end()
        shutil.copy(folder / "outbox.db", tmp_path / "outbox.db")
        shutil.copy(folder / "outbox.db-wal", tmp_path / "outbox.db-wal")
        taken = {one.address for one in peer.taken}
        keeper.rollback()
    database.close()
    return taken


def tears(tmp_path, taken: set[str], times: int) -> None:
    dice = random.Random(times)
    journal = (tmp_path / "outbox.db-wal").read_bytes()
    everybody = {f"parent{number}@example.org" for number in range(1, TORN + 1)}
    legal = {state.value for state in LetterState}
    empty = 0
    with FaultPeer() as peer:
        for _ in range(times):
            folder = tmp_path / "copy"
            folder.mkdir()
            shutil.copy(tmp_path / "outbox.db", folder)
            (folder / "outbox.db-wal").write_bytes(journal[: dice.randint(0, len(journal))])
            before = len(peer.taken)
            states = ledger(folder)
            assert set(states) <= legal
            assert sum(states.values()) in {0, TORN}  # planned whole or not at all
            office = Office(Database(f"sqlite:{folder}/outbox.db"), peer)
            if not states:
                empty += 1
                plan(office.outbox, *(letter(number, raw=message(number)) for number in range(1, TORN + 1)))
            known = {one.address for one in office.outbox.letters(RUN) if one.state is LetterState.SENT}
            assert known <= taken  # what is noted as sent was sent
            office.outbox.recover("again")
            office.deliver(owner="again", letters_per_connection=100)
            assert known | {one.address for one in peer.taken[before:]} == everybody
            office.database.close()
            shutil.rmtree(folder)
    assert 0 < empty < times


def test_a_torn_journal_opens_with_legal_states_and_loses_no_letter(tmp_path, torn):
    tears(tmp_path, torn, 100)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_a_journal_torn_in_500_places(tmp_path, torn):
    tears(tmp_path, torn, 500)


# ---- a file that another program holds ----


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.nightly)])
def test_a_database_held_by_another_program_is_waited_for_and_no_result_is_lost(tmp_path, seconds):
    planned(tmp_path, 400)
    with FaultPeer() as peer, sender(tmp_path, peer.port) as running:
        running.until(lambda: len(peer.taken) >= 40)
        with contextlib.closing(sqlite3.connect(tmp_path / "outbox.db", timeout=30, isolation_level=None)) as other:
            other.execute("begin immediate")
            time.sleep(0.3)
            begun = peer.mail_froms
            time.sleep(seconds)
            assert peer.mail_froms == begun
            other.execute("rollback")
        assert running.end() == 0
        assert Counter(one.address for one in peer.taken).most_common(1)[0][1] == 1
        assert_each_once(peer, 400, 0)
    assert ledger(tmp_path) == {"sent": 400}
    assert not re.search("Traceback|Error", "".join(running.said))
