"""Terms and holidays from a file: an iCalendar file (.ics) or a CSV sheet, whatever its language.

A file is read whole or not at all: what is wrong is one line each, with the line of the file, and nothing is changed.
"""

from datetime import date
from pathlib import Path

from office.term_calendar import read_calendar
from office.term_file import TermFile
from office.term_sheet import read_sheet
from school.errors import InputError
from school.roster.decode import text_of
from school.roster.notes import Level, Notes


def read(path: Path, *, today: date | None = None) -> TermFile:
    """The terms and holidays in *path*, by date, and what was left out, in words.

    *today* bounds holidays that repeat for ever: five years from it; without it, to the year 2100.
    """
    notes = Notes()
    try:
        text = text_of(path.name, path.read_bytes(), notes)
    except OSError as exc:
        raise InputError(f"{path}: cannot be read ({exc.strerror})") from exc
    if text is None:
        raise InputError("\n".join(str(note) for note in notes.all() if note.level is Level.ERROR))
    # Exporters name their files as they like; the first line tells.
    is_calendar = path.suffix.lower() == ".ics" or text.lstrip().upper().startswith("BEGIN:VCALENDAR")
    found = read_calendar(text, path.name, today) if is_calendar else read_sheet(text, path.name)
    if not found.terms and not found.holidays:
        why = f" ({found.notes[0]})" if found.notes else ""
        raise InputError(f"{path.name}: holds no term and no holiday{why}: look whether it is the right file")
    return TermFile(
        terms=tuple(sorted(found.terms, key=lambda term: (term.begins, term.ends, term.id))),
        holidays=tuple(sorted(dict.fromkeys(found.holidays), key=lambda one: (one.first, one.last, one.name))),
        notes=(*(str(note) for note in notes.all()), *found.notes),
    )
