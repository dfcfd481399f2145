"""A letter leaves a worker as soon as it is planned, not at the worker's next look."""

import threading
import time

import pytest

from school.letter import LetterKind
from storage.database import Database
from storage.outbox import Outbox
from storage.wake import Wake, announce
from tests.flows.driver import new_office
from tests.flows.running import service
from tests.storage.outbox_letters import guardian, letter, message, plan

SOON = 1.0


@pytest.fixture
def outbox(postgres_url):
    database = Database(postgres_url)
    yield Outbox(database)
    database.close()


@pytest.mark.timeout(90)
def test_a_planned_letter_leaves_a_worker_within_a_second(tmp_path, postgres_url, smtp_sink):
    settings = {"DATABASE_URL": postgres_url, "SMTP_PORT": str(smtp_sink.port)}
    office = new_office(tmp_path / "school", in_process=True, **settings)
    outbox = Outbox(Database(postgres_url))  # after the office's own: the newest one holds the tables
    guardian(outbox._database)
    waited = []

    with service(office, "worker", now="2026-11-27T12:30:00+00:00") as worker:
        worker.until(lambda: worker.says("service.started"))
        time.sleep(1.5)  # its first look is over: only a wake-up can be sooner than five seconds
        for number in range(1, 6):
            run = f"answer:{number}"
            one = letter(1, run=run, kind=LetterKind.ANSWER, raw=message(1, run=run))
            plan(outbox, one, run=run, kind=LetterKind.ANSWER)
            planned = time.monotonic()
            worker.until(lambda number=number: len(smtp_sink.messages) == number, "it leaves")
            waited.append(time.monotonic() - planned)
            time.sleep(0.4 * number)  # at another place between two looks each time
        assert worker.stop() < 5
    outbox._database.close()

    assert sorted(waited)[-2] < SOON, waited  # a busy machine may be late once; a look every five seconds is it always


def test_what_is_rolled_back_wakes_nobody_and_what_is_committed_does(postgres_url, outbox):
    database, stop = outbox._database, threading.Event()
    wake = Wake(Database(postgres_url))
    assert wake.wait(0.1, stop)  # it has just begun to listen
    with database.engine.atomic() as inner:
        announce(database)
        inner.rollback()
    assert not wake.wait(0.2, stop)

    with database.transaction():
        announce(database)
    assert wake.wait(5, stop)
    assert not wake.wait(0.1, stop)  # heard once
    wake.close()


def test_a_cut_connection_costs_a_look_and_is_made_anew(postgres_url, outbox):
    stop = threading.Event()
    wake = Wake(Database(postgres_url))
    wake.wait(0.1, stop)
    outbox._database.engine.execute_sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where query = 'LISTEN fridayfolder_outbox'"
    )

    assert not wake.wait(0.1, stop)
    assert wake.wait(5, stop)  # it listens again and says that something may have been missed
    wake.close()


def test_a_stop_ends_the_waiting(postgres_url):
    stop = threading.Event()
    wake = Wake(Database(postgres_url))
    wake.wait(0.1, stop)
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()

    assert not wake.wait(30, stop)
    assert time.monotonic() - began < 5
    wake.close()


def test_on_sqlite_it_is_a_clock(tmp_path):
    database = Database(f"sqlite:{tmp_path}/x.db")
    database.migrate()
    announce(database)

    assert not Wake(database).wait(0.01, threading.Event())
    database.close()
