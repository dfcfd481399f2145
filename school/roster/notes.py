"""What a reader has to say about a roster: each remark with its file and line, never a password."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from school.errors import InputError

SHOWN_OF_A_KIND = 10
"""A bad export repeats one mistake in every line; the office needs ten examples and a count."""
SHOWN_ERRORS = 30


class Level(StrEnum):
    NOTE = "note"  #: read tolerantly, or left out on purpose
    WARNING = "warning"  #: someone may have to act
    ERROR = "error"  #: nothing is imported until a person changes the file


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    level: Level
    file: str  #: as it is called in the export; empty when it is about the whole of it
    line: int | None  #: 1 = the header; None when it is about the whole file
    text: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.text}" if where else self.text


@dataclass(slots=True)
class Notes:
    """The remarks of one reading, in the order they were made."""

    _made: list[Note] = field(default_factory=list)
    _counts: Counter[tuple[Level, str, str]] = field(default_factory=Counter)

    def note(self, file: str, line: int | None, text: str, *, kind: str = "") -> None:
        self._add(Level.NOTE, file, line, text, kind)

    def warning(self, file: str, line: int | None, text: str, *, kind: str = "") -> None:
        self._add(Level.WARNING, file, line, text, kind)

    def error(self, file: str, line: int | None, text: str, *, kind: str = "") -> None:
        self._add(Level.ERROR, file, line, text, kind)

    def _add(self, level: Level, file: str, line: int | None, text: str, kind: str) -> None:
        """Keep the remark; of one *kind* in one file only the first few, then a count."""
        if kind:
            self._counts[level, file, kind] += 1
            if self._counts[level, file, kind] > SHOWN_OF_A_KIND:
                return
        self._made.append(Note(level=level, file=file, line=line, text=text))

    def all(self) -> tuple[Note, ...]:
        """Every remark, then how many more there were of each kind that was cut short."""
        rest = (
            Note(level=level, file=file, line=None, text=f"{count - SHOWN_OF_A_KIND} more lines like these: {kind}")
            for (level, file, kind), count in self._counts.items()
            if count > SHOWN_OF_A_KIND
        )
        return (*self._made, *rest)

    def stop_on_errors(self) -> None:
        """Raise InputError listing the errors, if there are any: a half-read file changes nothing."""
        errors = [str(note) for note in self.all() if note.level is Level.ERROR]
        if not errors:
            return
        more = [f"and {len(errors) - SHOWN_ERRORS} more"] if len(errors) > SHOWN_ERRORS else []
        raise InputError(
            "\n".join(["this roster cannot be used as it is; nothing was changed:", *errors[:SHOWN_ERRORS], *more])
        )
