"""The hold stands in the database until a person ends it, and keeps the reason it was begun with."""

import contextlib
import sqlite3
import time

import pytest

from school.errors import TemporaryError
from storage import hold, lease
from storage.clock import database_now
from storage.database import Database
from storage.tables import Lease


def test_it_stands_until_it_is_ended(database):
    assert hold.reason(database) == ""

    hold.begin(database, "the office held it")
    hold.begin(database, "another reason")

    assert hold.reason(database) == "the office held it"
    assert hold.end(database)
    assert hold.reason(database) == ""
    assert not hold.end(database)


def test_another_connection_sees_it_and_no_process_can_take_it(database, database_url):
    hold.begin(database, "the office held it")
    database.close()
    other = Database(database_url)

    assert hold.reason(other) == "the office held it"
    assert not lease.take(other, hold.NAME, "a process", 1)
    assert Lease.select().where(Lease.until > database_now(other, plus_seconds=50 * 365 * 86_400)).exists()
    other.close()


def test_what_is_rolled_back_holds_nothing(database):
    with database.engine.atomic() as outer:
        hold.begin(database, "never mind")
        assert hold.reason(database)
        outer.rollback()

    assert hold.reason(database) == ""


def test_looking_waits_for_no_writer(tmp_path):
    database = Database(f"sqlite:{tmp_path}/x.db")
    database.migrate()
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as writer:
        writer.execute("begin immediate")
        began = time.monotonic()

        assert hold.reason(database) == ""

        assert time.monotonic() - began < 5  # a writer would wait for 40 seconds
        writer.execute("rollback")
    database.close()


def test_a_dropped_connection_is_a_temporary_trouble_and_the_next_look_works(postgres_url):
    database = Database(postgres_url)
    hold.begin(database, "the office held it")
    other = Database(postgres_url)
    other.engine.execute_sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid()"
    )
    database.engine.bind([Lease])

    with pytest.raises(TemporaryError):
        hold.reason(database)
    assert hold.reason(database) == "the office held it"
    database.close()
    other.close()
