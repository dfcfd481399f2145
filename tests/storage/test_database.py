"""The database opens, migrates, says what it lacks, and keeps whole transactions only."""

from datetime import UTC, datetime

import pytest

from school.errors import PermanentError
from storage.database import Database
from storage.tables import TABLES, Run

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def add_run(name: str) -> None:
    Run.create(id=name, kind="newsletter", state="planned", due=NOON, planned_at=NOON)


def test_tables_and_migrations_agree(database):
    from playhouse.schema_diff import diff_models

    found = diff_models(database.engine, TABLES)
    by_hand = [index for index in found.drop_indexes if index.name == "message_search"]  # written in 0002_search

    assert not found or found.drop_indexes == by_hand
    assert not [*found.create_tables, *found.add_columns, *found.drop_columns, *found.add_indexes]


def test_an_old_database_says_what_to_run(new_database_url):
    old = Database(new_database_url)

    with pytest.raises(PermanentError, match="fridayfolder init"):
        old.check()
    old.close()


def test_migrating_twice_changes_nothing(database):
    assert database.migrate() == []


def test_a_failing_transaction_leaves_nothing(database):
    def half_done() -> None:
        with database.transaction():
            add_run("issue:1")
            with database.transaction():
                add_run("issue:2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()

    assert Run.select().count() == 0


def test_moments_come_back_aware_and_exact(database):
    at = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
    Run.create(id="issue:1", kind="newsletter", state="planned", due=at, planned_at=at)

    assert Run.get().due == at


def test_sqlite_survives_a_power_cut(tmp_path):
    database = Database(f"sqlite:{tmp_path}/x.db")
    database.migrate()

    assert database.engine.pragma("synchronous") == 2  # FULL: the WAL is synced at each commit
    assert database.engine.pragma("journal_mode") == "wal"
    assert database.engine.pragma("foreign_keys") == 1
    database.close()


def test_an_unknown_database_address_is_named(tmp_path):
    with pytest.raises(PermanentError, match=r"database\.url"):
        Database("mysql://x")
