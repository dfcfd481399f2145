"""PostgreSQL falls, or a worker is frozen, in the middle of a run: nothing is lost, copies stay within their bound."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from storage.database import Database
from storage.outbox import Outbox
from storage.tables import Letter
from tests.faultpeer.smtp import FaultPeer
from tests.flows.test_kill_deliver import wait_until
from tests.peers.postgres import PostgresServer
from tests.storage.outbox_letters import RUN, letter, message, plan

WORKERS, CONNECTIONS = 4, 2


@pytest.fixture
def child():
    """Starts workers; none outlives the test."""
    started = []

    def start(url: str, owner: str, port: int, connections: int = CONNECTIONS) -> subprocess.Popen:
        words = [sys.executable, "-m", "tests.flows.sending_child", "work", url, owner, port, connections]
        started.append(subprocess.Popen([*map(str, words)], stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def freeze(process: subprocess.Popen, outbox: Outbox) -> None:
    """Stopped with letters in hand, but not in the middle of a transaction: then its rows would be locked as well."""
    busy = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    for _ in range(1000):
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        asked = outbox._database.engine.execute_sql(f"{busy} and state <> 'idle'").fetchone()[0]
        if not asked and Letter.select().where(Letter.state == "claimed").exists():
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.002)
    raise TimeoutError


@pytest.fixture
def fallible():
    """A server of the test's own, as durable as a school's, and a planned outbox in it."""
    server = PostgresServer()
    server.run("create database school")
    database = Database(server.url("school"))
    database.migrate()
    yield server, Outbox(database)
    database.close()
    server.close()


def falls(fallible, child, letters: int, times: int) -> None:
    server, outbox = fallible
    plan(outbox, *(letter(number, raw=message(number, 1000)) for number in range(1, letters + 1)))
    outbox._database.close()
    with FaultPeer() as peer:
        workers = [child(server.url("school"), f"worker{number}", peer.port) for number in range(WORKERS)]
        back = []
        for round_ in range(times):
            aim = letters * (round_ + 1) // (times + 2)
            assert wait_until(lambda aim=aim: len(peer.taken) >= aim, workers[0])
            server.crash()
            there = time.monotonic()
            server.start()
            before = len(peer.taken)
            assert wait_until(lambda before=before: len(peer.taken) > before + WORKERS * CONNECTIONS, workers[0])
            back.append(time.monotonic() - there)
        assert [worker.wait(60) for worker in workers] == [0] * WORKERS
        taken = Counter(one.address for one in peer.taken)
        different = {one.raw for one in peer.taken}

    assert len(taken) == len(different) == letters  # none lost, copies are the same bytes
    assert sum(taken.values()) - letters <= times * WORKERS * CONNECTIONS
    assert outbox.ledger(RUN) == {"sent": letters}  # no claim was left behind for its lease to end
    assert max(back) <= 10


@pytest.mark.timeout(180)
def test_a_database_that_falls_five_times_loses_nothing(fallible, child):
    falls(fallible, child, letters=2000, times=5)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_a_database_that_falls_twenty_times_loses_nothing(fallible, child):
    falls(fallible, child, letters=10_000, times=20)


def test_a_worker_frozen_past_its_lease_changes_nothing_when_it_wakes(postgres_url, child):
    outbox = Outbox(Database(postgres_url))
    plan(outbox, *(letter(number, raw=message(number, 1000)) for number in range(1, 401)))
    with FaultPeer() as peer:
        frozen = child(postgres_url, "frozen", peer.port, 4)
        assert wait_until(lambda: len(peer.taken) >= 50, frozen)
        freeze(frozen, outbox)
        # The database's clock cannot be moved, so the leases' end is.
        Letter.update(lease_until=Letter.lease_until - 16 * 60 * 1_000_000).where(Letter.state == "claimed").execute()
        assert child(postgres_url, "other", peer.port, 4).wait(60) == 0
        assert outbox.ledger(RUN) == {"sent": 400}
        before = list(Letter.select().order_by(Letter.id).tuples())

        frozen.send_signal(signal.SIGCONT)

        assert frozen.wait(60) == 0
        assert list(Letter.select().order_by(Letter.id).tuples()) == before
        copies = Counter(one.address for one in peer.taken)
    outbox._database.close()
    assert len(copies) == 400
    assert sum(copies.values()) - 400 <= 4
    assert max(copies.values()) <= 2
