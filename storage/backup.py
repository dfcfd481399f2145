"""Copies of a SQLite database, made and put back while others read and write it; a copy sends nothing by itself.

A restored copy is older than the world: letters that went out after it was made look unsent in it. So the hold
(`storage/hold.py`) is written into each copy, and whoever opens one, by whatever way it came there, sends nothing until
a person has looked.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from school.errors import InputError, TemporaryError
from storage.hold import NAME

HOLD = "INSERT OR IGNORE INTO lease (name, owner, until) VALUES (?, ?, 9000000000000000)"
BUSY_SECONDS = 40.0


def copy(source: Path, target: Path, why: str) -> None:
    """*target*: a whole, checked copy of *source* as it is at this moment, held because of *why*, for its owner only.

    InputError when *source* is no database of ours, or damaged; nothing stands in *target*'s place then.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        with _opened(source) as here, closing(sqlite3.connect(part, isolation_level=None)) as there:
            here.backup(there)
            _check(there, source)
            there.execute("PRAGMA journal_mode = delete")  # one file, whole by itself
            there.execute(HOLD, (NAME, why))
        _on_disk(part)
        part.replace(target)
        _on_disk(target.parent)
    except sqlite3.OperationalError as exc:
        raise TemporaryError(f"{source}: cannot be copied now ({exc})") from exc
    except sqlite3.DatabaseError as exc:
        raise InputError(f"{source}: the database is damaged ({exc}): use another copy") from exc
    finally:
        part.unlink(missing_ok=True)


def put_back(copied: Path, target: Path) -> None:
    """*target* holds what *copied* holds, all of it or as before: one transaction, whoever else has it open."""
    target.touch(mode=0o600)
    try:
        with _opened(copied) as here, closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode = wal")
    except sqlite3.OperationalError as exc:
        raise TemporaryError(f"{target}: cannot be written now ({exc})") from exc


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        try:
            connection.execute("SELECT name FROM schema_migration").fetchall()
        except sqlite3.DatabaseError as exc:
            if isinstance(exc, sqlite3.OperationalError) and "no such table" not in str(exc):
                raise
            raise InputError(
                f"{path}: this is no database of Friday Folder: give a file of 'fridayfolder backup'"
            ) from exc
        yield connection


def _check(connection: sqlite3.Connection, source: Path) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise InputError(f"{source}: the database is damaged ({str(found).splitlines()[0]}): use another copy")


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
