"""Terms and holidays from an iCalendar file (RFC 5545): its whole-day events, repeated ones written out.

Events at a time of day close no school and are left out with a note. The icalendar package reads the file; where a
broken event stands is known by `office/calendar_lines.py`.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Event

from office.calendar_lines import BROKEN, CalendarLines, EventLines
from office.recurrence import first_days, moments
from office.term_file import TermFile, reads_as_term, stop_on, term
from school.errors import InputError
from school.term import Holiday, Term

MATTERS = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
DAY = timedelta(days=1)
OBSERVANCE = "observance"  # Google's public calendars mark the days nobody has off so, in the description


@dataclass(frozen=True, kw_only=True, slots=True)
class _LeftOut:
    why: str
    title: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Remark:
    text: str
    line: int


Found = Term | Holiday | _LeftOut | _Remark


def read_calendar(text: str, name: str, today: date | None) -> TermFile:
    """The file's whole-day events as terms and holidays; InputError lists what is wrong, with its line."""
    lines = CalendarLines.of(text, name)
    problems: list[str] = []
    found: list[Found] = []
    sound: list[tuple[Event, EventLines]] = []
    moved: set[tuple[str, date]] = set()
    for event, where in _events(text, name, lines):
        try:
            found += _damage(event, where)
            moved |= {(_text(event, "UID"), day) for day in moments(event, "RECURRENCE-ID")}
            sound.append((event, where))
        except InputError as exc:
            problems.append(f"{name}:{exc}")
    for event, where in sound:
        try:
            found += _read_event(event, where, moved, today)
        except InputError as exc:
            problems.append(f"{name}:{exc}")
    stop_on(problems)
    return TermFile(
        terms=tuple(one for one in found if isinstance(one, Term)),
        holidays=tuple(one for one in found if isinstance(one, Holiday)),
        notes=tuple(_notes(found, name)),
    )


def _events(text: str, name: str, lines: CalendarLines) -> list[tuple[Event, EventLines]]:
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as exc:
        # The parser means ValueError and quotes the line; a parameter written twice makes it stumble in other ways.
        quoted = re.search(r"'(.+?)'", str(exc))
        line = lines.line_with(quoted[1] if quoted else "")
        raise InputError(f"{name}:{line}: cannot be read as iCalendar: mend or remove this line") from exc
    events = [event for calendar in calendars for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    if len(events) != len(lines.events):
        raise InputError(f"{name}:1: events stand inside one another: {BROKEN}")
    return list(zip(events, lines.events, strict=True))


def _read_event(
    event: Event, where: EventLines, moved: Collection[tuple[str, date]], today: date | None
) -> Iterator[Found]:
    title = " ".join(_text(event, "SUMMARY").split()) or "holiday"
    why = _why_left_out(event)
    if why:
        yield _LeftOut(why=why, title=title, line=where.begin)
        return
    first, length = _days(event, where)
    try:
        starts = first_days(event, first, today)
    except InputError as exc:
        raise InputError(f"{where.line_of('RRULE')}: '{title}': {exc}") from exc
    one_of_many = event.get("RECURRENCE-ID") is not None
    for start in starts:
        if one_of_many or (_text(event, "UID"), start) not in moved:
            yield _named(title, start, start + length - DAY, event)


def _damage(event: Event, where: EventLines) -> Iterator[_Remark]:
    """A remark for each line the parser left out; InputError where it was one that says when."""
    for name, reason in event.errors:
        if name in MATTERS:
            line = where.line_of(name)
            raise InputError(f"{line}: {name} cannot be read ({reason}): mend or remove the event")
        if name is None:
            quoted = re.search(r"'(.+?)'", str(reason))
            line = next((number for number, text in where.lines if quoted and quoted[1] in text), where.begin)
            yield _Remark(text="this line is not understood and was left out", line=line)
    for name in ("RECURRENCE-ID", "RDATE", "EXDATE"):
        try:
            tuple(moments(event, name))
        except InputError as exc:
            raise InputError(f"{where.line_of(name)}: {exc}") from exc
    if event.get("DTSTART") is None:
        raise InputError(f"{where.begin}: the event has no DTSTART: mend or remove it")


def _why_left_out(event: Event) -> str:
    """Why the event closes no school; empty when it does."""
    if _text(event, "STATUS").upper() == "CANCELLED":
        return "cancelled"
    if _text(event, "DESCRIPTION").casefold().startswith(OBSERVANCE):
        return "an observance"
    return "" if _whole_days(event) else "at a time of day"


def _whole_days(event: Event) -> bool:
    start, end = _value(event, "DTSTART"), _value(event, "DTEND")
    if not isinstance(start, datetime):
        return True
    if _text(event, "X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE":
        return True
    # Some exporters write a whole day as midnight to midnight.
    return isinstance(end, datetime) and start.time() == end.time() == time.min and end.date() > start.date()


def _days(event: Event, where: EventLines) -> tuple[date, timedelta]:
    """(first day, number of days). DTEND is exclusive (§3.6.1); an event without it lasts its DURATION or one day."""
    first, end, duration = _day(event, "DTSTART", where), _value(event, "DTEND"), _value(event, "DURATION")
    if end is not None:
        length = _day(event, "DTEND", where) - first
    else:
        length = timedelta(days=duration.days) if isinstance(duration, timedelta) else DAY
    if length < timedelta():
        line = where.line_of("DTEND" if end is not None else "DURATION")
        raise InputError(f"{line}: the event ends ({first + length}) before it begins ({first}): mend or remove it")
    return first, max(length, DAY)  # DTEND on the first day: an old mistake of exporters, meant as one day


def _day(event: Event, name: str, where: EventLines) -> date:
    moment = _value(event, name)
    if not isinstance(moment, date):
        raise InputError(f"{where.line_of(name)}: {name} is no day: mend or remove the event")
    return moment.date() if isinstance(moment, datetime) else moment


def _value(event: Event, name: str) -> object:
    """The property's value as Python has it; None where it is missing."""
    # Any: the parser's own classes, one for each kind of property.
    found: Any = event.get(name)
    return getattr(found[0] if isinstance(found, list) else found, "dt", None)


def _named(title: str, first: date, last: date, event: Event) -> Term | Holiday:
    categories = {str(word).casefold() for word in getattr(event.get("CATEGORIES"), "cats", ())}
    if "holiday" not in categories and ("term" in categories or reads_as_term(title, first, last)):
        return term(title, first, last)
    return Holiday(name=title, first=first, last=last)


def _text(event: Event, name: str) -> str:
    # Any: as above.
    value: Any = event.get(name)
    if isinstance(value, list):  # the property stands twice
        value = value[0]
    return "" if value is None else str(value)


def _notes(found: list[Found], name: str) -> Iterator[str]:
    for remark in found:
        if isinstance(remark, _Remark):
            yield f"{name}:{remark.line}: {remark.text}"
    left_out = [one for one in found if isinstance(one, _LeftOut)]
    for why in dict.fromkeys(one.why for one in left_out):
        those = [one for one in left_out if one.why == why]
        number = "1 event" if len(those) == 1 else f"{len(those)} events"
        yield f"{name}:{those[0].line}: {number} left out, {why}: '{those[0].title}'{' and more' if those[1:] else ''}"
