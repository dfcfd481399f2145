"""When letters go out: one a school week, never on a closed day, and what is due now.

All of it is worked out anew from the terms, the holidays and the rhythm each time somebody asks. Only what was taken is
remembered (storage/slots.py), so a restart, a late start or a changed holiday neither skips nor repeats a week.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from school.errors import InputError
from school.term import Holiday, Term, teaching_terms

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CATCH_UP = timedelta(hours=36)  # a Friday letter may still come on Saturday; on Monday it is last week's news
WEEK = timedelta(days=7)
LEAST_OFFSET = 2  #: minutes; less would still be the crowd


class SendState(StrEnum):
    SCHOOL_WEEK = "school-week"
    MOVED = "moved"  #: to another day of the same week
    HELD = "held"  #: no school that week, so no letter


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """One letter a week, on this day at this time."""

    weekday: int  #: 0 = Monday
    at: time
    zone: ZoneInfo
    school_days: tuple[int, ...] = (
        0,
        1,
        2,
        3,
        4,
    )  #: the week from its first day; (6, 0, 1, 2, 3) is Sunday to Thursday

    def __post_init__(self) -> None:
        known = {*range(7)}
        if self.weekday not in known or not self.school_days or not known.issuperset(self.school_days):
            raise InputError(f"weekday {self.weekday}, school days {self.school_days}: give days from 0 (Monday) to 6")

    def start_offset(self, school: str, most: timedelta) -> timedelta:
        """How long after a full hour the letters really start: some minutes, always the same for one *school*.

        The whole world's newsletters leave at :00, and big receivers slow down whoever comes with the crowd. A time
        off the hour is the school's own choice and kept; so is every time with *most* below two minutes.
        """
        minutes = most // timedelta(minutes=1)
        if self.at.minute or minutes < LEAST_OFFSET:
            return timedelta()
        drawn = int.from_bytes(hashlib.sha256(school.lower().encode()).digest()[:4], "big")
        return timedelta(minutes=LEAST_OFFSET + drawn % (minutes - LEAST_OFFSET + 1))

    def week_of(self, day: date) -> date:
        """The first day of the school week that *day* is in."""
        return day - timedelta(days=(day.weekday() - self.school_days[0]) % 7)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedSend:
    """One week's letter: its day and instant, or why there is none."""

    local_date: date
    due: datetime  #: aware, with the fixed offset of that instant: two of them subtract and compare without surprises
    state: SendState
    reason: str = ""  #: in words, where the week is moved or held
    week: date  #: first day of that school week

    @property
    def goes_out(self) -> bool:
        return self.state is not SendState.HELD


@dataclass(frozen=True, kw_only=True, slots=True)
class DueSlots:
    now_due: tuple[PlannedSend, ...] = ()
    missed: tuple[PlannedSend, ...] = ()  #: too late to send: an alert, and a person decides


def sends(term: Term, holidays: Iterable[Holiday], rhythm: Rhythm) -> tuple[PlannedSend, ...]:
    """Every week of *term*, in order: the letter's day, the day it moved to, or why the week is held."""
    return _sends((term,), tuple(holidays), rhythm)


def all_sends(terms: Iterable[Term], holidays: Iterable[Holiday], rhythm: Rhythm) -> tuple[PlannedSend, ...]:
    """The same for all terms of a roster: overlapping layers count once, and a week two terms share gets one letter."""
    return _sends(teaching_terms(terms), tuple(holidays), rhythm)


def due_slots(
    sends: Iterable[PlannedSend],
    now: datetime,
    taken: Collection[datetime],
    catch_up: timedelta = CATCH_UP,
    *,
    since: datetime | None = None,
) -> DueSlots:
    """What is due at *now* and not yet taken: up to *catch_up* late it is sent, later it is missed.

    A week in which any slot was taken is done, even when a holiday or the hour has been changed since: no family gets
    the same week twice. *since*: when the service first ran; what was due before is neither sent nor missed.
    """
    open_now = [
        send
        for send in sends
        if send.goes_out and send.due <= now and (since is None or send.due >= since) and not _week_taken(send, taken)
    ]
    return DueSlots(
        now_due=tuple(send for send in open_now if now - send.due <= catch_up),
        missed=tuple(send for send in open_now if now - send.due > catch_up),
    )


def due_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of *at* on *day* in *zone*, with that instant's fixed offset.

    A time the clocks jump over becomes the first instant after the jump; a time they show twice is the first of both.
    """
    local = datetime.combine(day, at.replace(fold=0, tzinfo=None), zone)
    instant = local.astimezone(UTC)
    back = instant.astimezone(zone)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        # PEP 495: in a gap fold=1 counts with the offset after it, so that instant lies before the jump.
        instant = _jump(local.replace(fold=1).astimezone(UTC), instant, zone)
    return _with_fixed_offset(instant, zone)


def _sends(terms: Sequence[Term], holidays: Sequence[Holiday], rhythm: Rhythm) -> tuple[PlannedSend, ...]:
    weeks: set[date] = set()
    for term in terms:
        week = rhythm.week_of(term.begins)
        while week <= term.ends:
            weeks.add(week)
            week += WEEK

    def why_closed(day: date) -> str | None:
        return _why_closed(day, terms, holidays)

    planned = (_send(week, why_closed, rhythm) for week in sorted(weeks))
    return tuple(send for send in planned if send is not None)


def _send(week: date, why_closed: Callable[[date], str | None], rhythm: Rhythm) -> PlannedSend | None:
    """The send of one week; None for a week the terms touch only on days without lessons."""
    wished = week + timedelta(days=(rhythm.weekday - week.weekday()) % 7)
    lessons = [week + timedelta(days=(day - week.weekday()) % 7) for day in rhythm.school_days]
    open_days = [day for day in lessons if why_closed(day) is None]
    if not open_days:
        in_term = [day for day in lessons if why_closed(day) != OUTSIDE]
        if not in_term:
            return None
        day = wished if why_closed(wished) != OUTSIDE else in_term[-1]
        names = dict.fromkeys(why for day in in_term if (why := why_closed(day)))
        return _planned(day, SendState.HELD, f"closed all week: {', '.join(names)}", week, rhythm)
    why = why_closed(wished)
    if why is None:
        return _planned(wished, SendState.SCHOOL_WEEK, "", week, rhythm)
    before = [day for day in open_days if day < wished]
    day = max(before) if before else min(open_days)
    reason = f"{WEEKDAYS[wished.weekday()]} is closed: {why}; moved to {WEEKDAYS[day.weekday()]}"
    return _planned(day, SendState.MOVED, reason, week, rhythm)


OUTSIDE = "outside the term"


def _why_closed(day: date, terms: Iterable[Term], holidays: Iterable[Holiday]) -> str | None:
    """None for a day the school is open; weekends are the rhythm's matter, not asked here."""
    if not any(term.covers(day) for term in terms):
        return OUTSIDE
    return next((holiday.name or "holiday" for holiday in holidays if holiday.covers(day)), None)


def _planned(day: date, state: SendState, reason: str, week: date, rhythm: Rhythm) -> PlannedSend:
    due = due_instant(day, rhythm.at, rhythm.zone)
    return PlannedSend(local_date=day, due=due, state=state, reason=reason, week=week)


def _week_taken(send: PlannedSend, taken: Collection[datetime]) -> bool:
    if send.due in taken:
        return True
    days = (due.astimezone(send.due.tzinfo).date() for due in taken)
    return any(send.week <= day < send.week + WEEK for day in days)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC, whole seconds) with the offset of *after*."""
    offset = after.astimezone(zone).utcoffset()
    low, high = before.replace(microsecond=0), after.replace(microsecond=0)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def _with_fixed_offset(instant: datetime, zone: ZoneInfo) -> datetime:
    # Two datetimes of one ZoneInfo compare by the clock on the wall, an hour wrong across a change; with fixed offsets
    # they compare by the instant.
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return instant.astimezone(timezone(offset))
