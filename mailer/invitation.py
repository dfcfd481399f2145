"""A calendar file (.ics, RFC 5545) for an event in a letter: a tap puts it into the family's own calendar."""

import re
from datetime import UTC, datetime

from icalendar import Calendar
from icalendar import Event as CalendarEvent

from school.issue import Event

CONTENT_TYPE = "text/calendar; method=PUBLISH; charset=utf-8"


def calendar_file(*, uid: str, event: Event, title: str, words: str, stamp: datetime, organiser: str) -> bytes:
    """The file's bytes; the same for the same event, so a calendar that has it already changes nothing.

    Times are written in UTC: every calendar shows them in its own zone, and no time-zone rules need to travel along.
    """
    entry = CalendarEvent()
    entry.add("uid", uid)
    entry.add("dtstamp", stamp.astimezone(UTC))
    entry.add("dtstart", event.begins.astimezone(UTC))
    entry.add("dtend", max(event.begins, event.ends).astimezone(UTC))
    entry.add("summary", title)
    if event.place:
        entry.add("location", event.place)
    if words:
        entry.add("description", words)
    entry.add("transp", "OPAQUE")
    calendar = Calendar()
    calendar.add("prodid", "-//Friday Folder//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")  # RFC 5546 §3.2.1: for information, no answer is asked by the calendar
    calendar.add("x-wr-calname", organiser)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def file_name(event: Event, title: str) -> str:
    """A name any computer takes: the day, and the title's plain letters where it has some."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40]
    return f"{event.begins:%Y-%m-%d}-{plain or 'event'}.ics"
