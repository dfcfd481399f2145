"""Waking whoever sends as soon as somebody has planned: LISTEN and NOTIFY on PostgreSQL.

A notification is told when the planning commits and never before; one that is lost (a cut connection, a pooler that
keeps no session) costs nothing but the time to the next look.
"""

import threading
import time
from contextlib import suppress

import psycopg

from storage.database import Database

CHANNEL = "fridayfolder_outbox"
STOP_SECONDS = 0.5  #: how soon a stop is noticed while nobody notifies


def announce(database: Database) -> None:
    """Whoever waits is woken, when the caller's transaction commits. Nothing on SQLite, which has one sender."""
    if database.postgres:
        with database.transaction():
            database.engine.execute_sql(f"NOTIFY {CHANNEL}")


class Wake:
    """One sender's ear. It has a connection of its own, and hears what was told since it was opened."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """True as soon as letters were planned, or when it begins to listen: some may have been planned before.

        False after *seconds*, or when *stop* was set. While the database is away it waits like a clock.
        """
        if not self._database.postgres:
            stop.wait(seconds)
            return False
        try:
            return self._begin() or self._heard(seconds, stop)
        except psycopg.Error:
            self.close()
            stop.wait(seconds)
            return False

    def close(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def _begin(self) -> bool:
        """True if it did not listen before."""
        if self._connection is not None:
            return False
        engine = self._database.engine
        self._connection = psycopg.connect(dbname=engine.database, autocommit=True, **engine.connect_params)
        self._connection.execute(f"LISTEN {CHANNEL}")
        return True

    def _heard(self, seconds: float, stop: threading.Event) -> bool:
        assert self._connection is not None
        end = time.monotonic() + seconds
        while not stop.is_set() and (left := end - time.monotonic()) > 0:
            if list(self._connection.notifies(timeout=min(left, STOP_SECONDS), stop_after=1)):
                return True
        return False
