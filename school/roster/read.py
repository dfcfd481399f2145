"""A roster from the files of a school's information system, whatever format they are in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from school.roster.build import build, say_what_is_missing
from school.roster.bundle import Bundle, bundle
from school.roster.delta import RosterDelta
from school.roster.export import EVERYTHING, Export, ExtraRow
from school.roster.extras import FILE as EXTRAS_FILE
from school.roster.extras import read_extras
from school.roster.headers import fold
from school.roster.notes import Note, Notes
from school.roster.one_sheet import read_one_sheet
from school.roster.oneroster import read_oneroster
from school.roster.roster import Roster
from school.roster.sds import read_sds
from school.roster.sds_v1 import read_sds_v1

FORMATS_WORDS = (
    "OneRoster 1.1 or 1.2 (users.csv, classes.csv, enrollments.csv …), SDS v2.1 (the same with relationships.csv), "
    "SDS v1 (Student.csv, Section.csv …), or one sheet with the columns student, class, teacher, guardian 1, email 1"
)
FIRST_LINE_BYTES = 4096

Reader = Callable[[Bundle, Notes], Export]


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterReading:
    format: str  #: "OneRoster 1.1", "SDS v2.1", "one sheet", …
    roster: Roster  #: empty for a delta
    notes: tuple[Note, ...]
    delta: RosterDelta | None = None  #: apply it to the roster as it stands: `delta.merge(old, …)`


def read_roster(files: Mapping[str, bytes], today: date) -> RosterReading:
    """The roster in *files* (path → bytes), with everything worth saying about how it was read.

    Raises InputError, listing every error with file and line, when any file cannot be read in full.
    """
    notes = Notes()
    found = bundle(files, notes)
    reader = _format_of(found, notes)
    notes.stop_on_errors()
    assert reader is not None, "a format that is not found is an error"
    extras: tuple[ExtraRow, ...] = ()
    if EXTRAS_FILE in found:
        extras = read_extras(found.shown(EXTRAS_FILE), found.data(EXTRAS_FILE), notes)
    export = reader(found, notes)
    export = replace(export, extras=(*export.extras, *extras))
    notes.stop_on_errors()
    if export.full != EVERYTHING:
        return RosterReading(format=export.format, roster=Roster(), notes=notes.all(), delta=RosterDelta(export=export))
    roster = build(export, Roster(), notes)
    say_what_is_missing(roster, today, notes)
    notes.stop_on_errors()
    return RosterReading(format=export.format, roster=roster, notes=notes.all())


def _format_of(files: Bundle, notes: Notes) -> Reader | None:
    """Which reader knows these files; None after an error note."""
    for belongs, reader in FORMATS:
        if belongs(files):
            return reader
    names = ", ".join(sorted(shown for shown, _ in files.files.values())) or "no CSV file at all"
    notes.error("", None, f"this is no roster we can read: found {names}; wanted {FORMATS_WORDS}")
    return None


def _headers(files: Bundle, name: str) -> frozenset[str]:
    """The folded headers of a file, by a look at its first line."""
    line = files.data(name)[:FIRST_LINE_BYTES].decode("utf-8-sig", "replace").split("\n", 1)[0] if name in files else ""
    return frozenset(fold(cell) for separator in ",;\t" for cell in line.split(separator))


def _is_sds(files: Bundle) -> bool:
    classes = _headers(files, "classes.csv")
    return (
        files.has("users.csv", "classes.csv")
        and "manifest.csv" not in files
        and "schoolsourcedid" not in classes
        and "orgsourcedid" in classes
    )


def _is_oneroster(files: Bundle) -> bool:
    return "manifest.csv" in files or files.has("users.csv", "classes.csv")


def _is_sds_v1(files: Bundle) -> bool:
    return files.has("Student.csv", "Section.csv")


def _is_one_sheet(files: Bundle) -> bool:
    return len(files.files) - (EXTRAS_FILE in files) == 1


FORMATS: tuple[tuple[Callable[[Bundle], bool], Reader], ...] = (
    (_is_sds, read_sds),
    (_is_oneroster, read_oneroster),
    (_is_sds_v1, read_sds_v1),
    (_is_one_sheet, read_one_sheet),
)
