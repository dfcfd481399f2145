"""When the office works: its hours on each weekday, and no day that is a holiday."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from school.calendar import due_instant
from school.errors import InputError
from school.term import Holiday

LONGEST_CLOSURE = timedelta(days=366)  # a school closed for longer has other worries than a late answer


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeHours:
    """From and until, by weekday (0 = Monday); a weekday that is missing is free."""

    by_weekday: Mapping[int, tuple[time, time]]

    def __post_init__(self) -> None:
        for weekday, (begins, ends) in self.by_weekday.items():
            if weekday not in range(7) or begins >= ends:
                raise InputError(
                    f"office hours of weekday {weekday}: {begins} to {ends}: begin before the end, days 0 to 6"
                )


def is_working_time(now: datetime, hours: OfficeHours, holidays: Iterable[Holiday], zone: ZoneInfo) -> bool:
    """Is somebody in the office at *now*? The end of the hours is not worked any more."""
    return next_working_time(now, hours, holidays, zone) == now


def next_working_time(
    now: datetime, hours: OfficeHours, holidays: Iterable[Holiday], zone: ZoneInfo
) -> datetime | None:
    """*now* itself within office hours, else when they next begin; None when no day of the coming year is worked."""
    closed = tuple(holidays)
    today = now.astimezone(zone).date()
    for days in range(LONGEST_CLOSURE.days + 1):
        day = today + timedelta(days=days)
        worked = hours.by_weekday.get(day.weekday())
        if worked is None or any(holiday.covers(day) for holiday in closed):
            continue
        begins, ends = (due_instant(day, at, zone) for at in worked)
        if now < ends:
            return max(now, begins)
    return None
