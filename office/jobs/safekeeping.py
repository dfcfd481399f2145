"""Backup and restore: a copy of everything, and the way back, after which nothing is sent until a person says so."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailer.sender_lock import SenderLock
from office.chosen import database_url
from office.jobs.delivering import LOCK
from office.jobs.setup import migrate
from office.leadership import SERVICE_LOCK
from office.logs import log
from office.wiring import House
from school.errors import InputError
from storage.backup import copy, put_back

NOT_HERE = (
    "database.url is PostgreSQL: make the copy with pg_dump, and run 'fridayfolder sending hold' after restoring it"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    database: Path
    before: Path | None  #: what was there before, kept
    migrations: tuple[str, ...]


def back_up(house: House, target: Path, now: datetime) -> int:
    """The copy's size in bytes. It may be made while the service runs."""
    source = _file(house)
    if target.exists():
        raise InputError(f"{target} is there already: give the copy a name of its own, such as one with the date")
    if not target.parent.is_dir():
        raise InputError(f"{target.parent}: no such folder")
    copy(source, target, f"it was restored from the backup of {now.astimezone(house.zone):%Y-%m-%d %H:%M}")
    size = target.stat().st_size
    log("backup.made", bytes=size)
    return size


def restore(house: House, backup: Path, now: datetime) -> Restored:
    """The database as it was when *backup* was made. No service may run meanwhile; what was there before is kept."""
    target = _file(house)
    checked = target.with_name(f"{target.name}.restoring")
    with ExitStack() as held:
        # By the file's place: the database itself may be missing or damaged, which is why somebody restores.
        for lock in (SERVICE_LOCK, LOCK):
            held.enter_context(SenderLock(target.parent / lock))
        held.callback(checked.unlink, missing_ok=True)
        copy(backup, checked, f"it was restored on {now.astimezone(house.zone):%Y-%m-%d %H:%M}")
        before = _set_aside(target, now) if target.exists() else None
        put_back(checked, target)
    applied = migrate(house.settings.database.url, house.folder)
    log("backup.restored", kept_before=before is not None)
    return Restored(database=target, before=before, migrations=applied)


def _set_aside(target: Path, now: datetime) -> Path:
    """Where what stands in *target* is kept: a copy, or the files themselves when they cannot be read."""
    before = target.with_name(f"{target.name}.before-{now:%Y%m%d-%H%M%S}")
    try:
        copy(target, before, "it is what stood there before a backup was restored")
    except InputError:
        for ending in ("-wal", "-shm", ""):  # the journal belongs to the file it lies beside
            part = target.with_name(target.name + ending)
            if part.exists():
                part.rename(before.with_name(before.name + ending))
    return before


def _file(house: House) -> Path:
    url = database_url(house.settings.database.url, house.folder)
    if not url.startswith("sqlite:"):
        raise InputError(NOT_HERE)
    return Path(url.removeprefix("sqlite:"))
