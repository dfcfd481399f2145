"""Where in an iCalendar file each event stands, and whether every BEGIN has its END.

The parser tells what is wrong, not where; the office needs the line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from school.errors import InputError

BROKEN = "the file is damaged or cut short: export it again"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventLines:
    """One event's logical lines, unfolded (RFC 5545 §3.1), each with the number of its first line."""

    lines: tuple[tuple[int, str], ...]

    @property
    def begin(self) -> int:
        return self.lines[0][0]

    def line_of(self, name: str) -> int:
        """The line of the property *name*; the event's first where it has none."""
        for number, line in self.lines:
            if line.upper().startswith((f"{name}:", f"{name};")):
                return number
        return self.begin


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarLines:
    lines: tuple[tuple[int, str], ...]
    events: tuple[EventLines, ...]

    @classmethod
    def of(cls, text: str, name: str) -> "CalendarLines":
        """The events in the order of the file; InputError when it is no calendar or something is left open."""
        lines = tuple(_unfolded(text))
        if not lines or lines[0][1].strip().upper() != "BEGIN:VCALENDAR":
            first = lines[0][0] if lines else 1
            raise InputError(f"{name}:{first}: is no iCalendar file: its first line is not BEGIN:VCALENDAR")
        events: list[EventLines] = []
        open_parts: list[tuple[str, int, int]] = []  # what, its line, its place
        for place, (number, line) in enumerate(lines):
            word, _, part = line.strip().upper().partition(":")
            if word == "BEGIN":
                open_parts.append((part, number, place))
            elif word == "END":
                if not open_parts or open_parts[-1][0] != part:
                    inside = (
                        f"inside {open_parts[-1][0]} of line {open_parts[-1][1]}" if open_parts else "without BEGIN"
                    )
                    raise InputError(f"{name}:{number}: END:{part} stands {inside}: {BROKEN}")
                _, _, begin = open_parts.pop()
                if part == "VEVENT":
                    events.append(EventLines(lines=lines[begin : place + 1]))
        if open_parts:
            what, number, _ = open_parts[-1]
            raise InputError(f"{name}:{number}: {what} begins here and never ends: {BROKEN}")
        return cls(lines=lines, events=tuple(events))

    def line_with(self, text: str) -> int:
        """The first line that holds *text*; 1 where none does."""
        return next((number for number, line in self.lines if text and text in line), 1)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    number, logical = 0, ""
    for at, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line.startswith((" ", "\t")) and logical:
            logical += line[1:]
            continue
        if logical.strip():
            yield number, logical
        number, logical = at, line
    if logical.strip():
        yield number, logical
