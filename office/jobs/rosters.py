"""Importing a roster: read, compared with what is kept, and kept whole or not at all."""

import gc
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from office.logs import log
from office.roster_files import read_files
from office.wiring import House
from school.errors import InputError
from school.households import families
from school.roster.build import say_what_is_missing
from school.roster.changes import changes, refusal
from school.roster.delta import merge
from school.roster.notes import Note, Notes
from school.roster.read import RosterReading, read_roster
from school.roster.roster import Roster


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    roster: Roster
    families: int
    changes: tuple[str, ...]
    notes: tuple[Note, ...]


def import_roster(house: House, path: Path, now: datetime, *, dry_run: bool, accept_removals: bool) -> Imported:
    """What the file changes, in words; InputError when it would remove too many people, and nothing is kept then."""
    today = now.astimezone(house.zone).date()
    reading = _read(path, today)
    kept = house.people.roster()
    roster, more = _whole(reading, kept, today)
    roster = _with_calendar(roster, kept)
    found = changes(kept, roster)
    refused = refusal(found, house.settings.roster.removal_limit)
    if refused and not accept_removals:
        raise InputError(refused)
    if not dry_run:
        house.people.save(roster, today)
        log("roster.imported", children=len(roster.children), guardians=len(roster.guardians))
    return Imported(
        roster=roster,
        families=len(families(roster)),
        changes=found.in_words(),
        notes=(*reading.notes, *more),
    )


def _read(path: Path, today: date) -> RosterReading:
    """The file's roster. Collecting garbage is put off: a large town's rows are all in use, and looking them through
    again and again takes as long as reading them.
    """
    gc.disable()
    try:
        return read_roster(read_files(path), today)
    finally:
        gc.enable()


def _whole(reading: RosterReading, kept: Roster, today: date) -> tuple[Roster, tuple[Note, ...]]:
    """The roster after the import, with remarks: a delta only says what changed."""
    if reading.delta is None:
        return reading.roster, ()
    roster, remarks = merge(kept, reading.delta)
    notes = Notes()
    say_what_is_missing(roster, today, notes)
    return roster, (*remarks, *notes.all())


def _with_calendar(roster: Roster, kept: Roster) -> Roster:
    """Terms and holidays that came from elsewhere (`term import`) are not the roster's to remove."""
    terms = {term.id: term for term in (*kept.terms, *roster.terms)}
    return replace(roster, terms=tuple(terms[key] for key in sorted(terms)), holidays=kept.holidays)
