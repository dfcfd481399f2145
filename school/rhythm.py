"""How often a teacher wants her digest; what is about today comes at once whatever she chose."""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum


class DigestRhythm(StrEnum):
    DAILY = "daily"
    TWICE = "twice"  #: at noon as well
    WEEKLY = "weekly"  #: on the last day of the week on which digests go out


def is_last_of_week(day: date, goes_out: Callable[[date], bool]) -> bool:
    """Does no later day of the same week (Monday to Sunday) have a digest? Then the weekly one is today's."""
    later = (day + timedelta(days=ahead) for ahead in range(1, 7 - day.weekday()))
    return not any(goes_out(one) for one in later)
