"""One database: SQLite in a file, or PostgreSQL; opened, checked, and written in whole transactions.

SQLite runs with WAL and `synchronous=FULL`: what is committed survives a power cut. Every writing transaction begins
with BEGIN IMMEDIATE, because one that turns to writing later fails at once and ignores the busy time-out.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peewee import Database as PeeweeDatabase
from peewee import InterfaceError, OperationalError, PostgresqlDatabase, SqliteDatabase
from playhouse.db_url import parse
from playhouse.migrations import Runner

from school.errors import InputError, PermanentError, TemporaryError
from storage.tables import TABLES

# peewee writes every statement with its values, addresses and all, at DEBUG.
logging.getLogger("peewee").setLevel(logging.INFO)

MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    # Another program may hold the file for half a minute (a backup, a virus scanner): we wait, and nobody hears of it.
    "busy_timeout": 40_000,
    # Sending commits hundreds of times a second: fewer, larger checkpoints (16 MB) write each page once.
    "wal_autocheckpoint": 4_000,
    "cache_size": -32_000,  # KiB
}


class Database:
    """The one open database of this process. Threads each get a connection of their own."""

    def __init__(self, url: str) -> None:
        """*url*: `sqlite:fridayfolder.db` or `postgresql://user@host/name`."""
        self.url = url
        self.engine: PeeweeDatabase = _engine(url)
        self.engine.bind(TABLES)

    @property
    def postgres(self) -> bool:
        return isinstance(self.engine, PostgresqlDatabase)

    def migrate(self) -> list[str]:
        """The migrations applied now; an up-to-date database answers with none."""
        with self._connected():
            applied: list[str] = Runner(self.engine, str(MIGRATIONS)).up()
            return applied

    def check(self) -> None:
        """Raise PermanentError with the command to run unless every migration has been applied."""
        with self._connected():
            status = Runner(self.engine, str(MIGRATIONS)).status()
        unknown = [entry.name for entry in status if entry.path is None]
        if unknown:
            raise PermanentError(
                f"the database is newer than this program (it has {unknown[-1]}): install the newer Friday Folder"
            )
        missing = [entry.name for entry in status if entry.applied is None]
        if missing:
            raise InputError(
                f"the database lacks {len(missing)} migration(s), the first is {missing[0]}: "
                "run 'fridayfolder init', which keeps all data"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or none of it; nests: what fails inside takes back only its own. Writers queue up.

        TemporaryError while the database is locked, full or away; nothing was changed, and the next call connects anew.
        """
        outermost = self.engine.transaction_depth() == 0
        immediate = outermost and not self.postgres
        try:
            with self.engine.atomic("IMMEDIATE") if immediate else self.engine.atomic():
                yield
        except (OperationalError, InterfaceError, TemporaryError) as exc:
            if self.postgres and outermost:
                self.close()
            if isinstance(exc, TemporaryError):
                raise  # from a transaction inside this one
            raise TemporaryError(f"the database cannot be used now ({_in_short(exc)})") from exc

    @contextmanager
    def joined(self) -> Iterator[None]:
        """In the caller's transaction, which what fails inside takes back as a whole; else in one of its own."""
        if self.engine.in_transaction():
            yield  # no savepoint: two statements less
            return
        with self.transaction():
            yield

    def close(self) -> None:
        """Close this thread's connection."""
        if not self.engine.is_closed():
            self.engine.close()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            self.engine.connect(reuse_if_open=True)
        except OperationalError as exc:
            path = "" if self.postgres else f" {self.url.removeprefix('sqlite:')}"
            raise TemporaryError(f"database.url: cannot open the database{path} ({_in_short(exc)})") from exc
        yield


def _in_short(exc: Exception) -> str:
    """The engine's first line: `database is locked`. Further lines may show values."""
    return (str(exc).splitlines() or [type(exc).__name__])[0]


def _engine(url: str) -> PeeweeDatabase:
    if url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:").removeprefix("//")
        return SqliteDatabase(path, pragmas=SQLITE_PRAGMAS)
    if url.startswith(("postgresql://", "postgres://")):
        # Any: peewee's own keyword arguments, read from the address.
        options: dict[str, Any] = parse(url)
        return PostgresqlDatabase(options.pop("database"), prefer_psycopg3=True, **options)
    raise InputError(
        "database.url begins neither with 'sqlite:' nor with 'postgresql://': "
        "write sqlite:fridayfolder.db or postgresql://user@host/name"
    )
