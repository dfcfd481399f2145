"""What changed since the last import, and the roster it leads to."""

from dataclasses import dataclass

from school.roster.build import build
from school.roster.export import Export
from school.roster.notes import Note, Notes
from school.roster.roster import Roster


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterDelta:
    """The rows of a delta export. What they refer to may stand only in the roster they change."""

    export: Export


def apply_delta(old: Roster, delta: RosterDelta) -> Roster:
    """*old* after the delta. Applying it twice changes nothing more. Raises InputError, as `merge` does."""
    return merge(old, delta)[0]


def merge(old: Roster, delta: RosterDelta) -> tuple[Roster, tuple[Note, ...]]:
    """(the roster after the delta, remarks on rows whose people or classes neither side knows)."""
    notes = Notes()
    roster = build(delta.export, old, notes)
    notes.stop_on_errors()
    return roster, notes.all()
