"""The days on which a repeated iCalendar event takes place: RRULE, RDATE and EXDATE (RFC 5545 §3.8.5)."""

import itertools
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Event

from school.errors import InputError

MOST_DAYS = 1000  # a holiday every week for twenty years; a rule that gives more is no calendar of holidays
HORIZON = date(2100, 1, 1)
YEARS_AHEAD = timedelta(days=5 * 366)
YEAR_BACK = timedelta(days=366)
WHOLE_DAYS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


def first_days(event: Event, first: date, today: date | None) -> tuple[date, ...]:
    """The first day of every occurrence, in order; for an event that is not repeated, its own.

    With *today* those of the last year and the next five, else all until 2100.
    """
    added = set(moments(event, "RDATE"))
    rule = event.get("RRULE")
    if rule is None and not added:
        return (first,)
    begins, ends = (today - YEAR_BACK, today + YEARS_AHEAD) if today else (date.min, HORIZON)
    ruled = _ruled(_written(rule), first, begins, ends) if rule is not None else (first,)
    days = {day for day in (*ruled, *added) if begins <= day <= ends}
    return tuple(sorted(days - set(moments(event, "EXDATE"))))


def moments(event: Event, name: str) -> Iterator[date]:
    """The days a property names: one or many, once or on several lines, as days, times or periods."""
    # Any: the parser's own classes, one for each kind of property.
    found: Any = event.get(name)
    for value in found if isinstance(found, list) else [] if found is None else [found]:
        for one in getattr(value, "dts", [value]):
            moment = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            if not isinstance(moment, date):
                raise InputError(f"{name} names something that is no day: change the event")
            yield moment.date() if isinstance(moment, datetime) else moment


# Any: the parser's own class.
def _written(rule: Any) -> str:
    if isinstance(rule, list):
        raise InputError("RRULE stands twice: keep one (RFC 5545 §3.8.5.3)")
    try:
        written: bytes = rule.to_ical()
    except (TypeError, ValueError) as exc:
        raise InputError("RRULE cannot be read: change the event") from exc
    return written.decode()


def _ruled(rule: str, first: date, begins: date, ends: date) -> tuple[date, ...]:
    frequency = re.search(r"FREQ=(\w+)", rule)
    if frequency is None or frequency[1] not in WHOLE_DAYS:
        raise InputError(f"RRULE repeats whole days by {frequency[1] if frequency else 'nothing'}: change the event")
    # UNTIL of a whole-day event should be a day (§3.3.10); exporters write times in UTC, which a plain day cannot meet.
    plain = re.sub(r"UNTIL=(\d{8})(T\d{6}Z?)?", r"UNTIL=\1T235959", rule)
    try:
        days = (moment.date() for moment in rrulestr(plain, dtstart=datetime.combine(first, time.min)))
        wanted = itertools.dropwhile(lambda day: day < begins, itertools.takewhile(lambda day: day <= ends, days))
        found = tuple(itertools.islice(wanted, MOST_DAYS + 1))
    except (ValueError, TypeError, OverflowError) as exc:
        raise InputError(f"RRULE cannot be read ({exc}): change the event") from exc
    if len(found) > MOST_DAYS:
        raise InputError(f"RRULE gives more than {MOST_DAYS} days until {ends}: give the event an end")
    return found
