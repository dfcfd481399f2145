"""Dates as rosters write them: ISO days and timestamps, or day and month in an order the file must show.

`1/05/2023` is May in one school and January in another. A file that holds `13/05/2023` has shown its order; a file that
shows none is asked about, never guessed.
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import Enum

ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")  # 1.5.2023: always day first
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")


class DateOrder(Enum):
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    UNKNOWN = "unknown"
    MIXED = "mixed"


class DateError(ValueError):
    """Why a date cannot be read, in words for the office."""


def order_shown(written: Iterable[str]) -> DateOrder:
    """The order of day and month that these dates show, by those that can be read in one way only."""
    day_first = month_first = False
    for text in set(written):
        match = SLASHED.fullmatch(text)
        if match:
            day_first |= int(match[1]) > 12
            month_first |= int(match[2]) > 12
    if day_first and month_first:
        return DateOrder.MIXED
    if day_first:
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if month_first else DateOrder.UNKNOWN


def read_date(text: str, order: DateOrder) -> date | None:
    """The day; None for an empty cell. Raises DateError, never guesses."""
    if not text:
        return None
    try:
        return _read(text, order)
    except DateError:
        raise
    except ValueError as problem:
        raise DateError(f"'{text}' is no day of the calendar") from problem


def _read(text: str, order: DateOrder) -> date:
    if match := ISO.fullmatch(text) or COMPACT.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := DOTTED.fullmatch(text):
        return date(int(match[3]), int(match[2]), int(match[1]))
    match = SLASHED.fullmatch(text)
    if not match:
        raise DateError(f"'{text}' is not a date: write it as YYYY-MM-DD")
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    if first == second:
        return date(year, first, second)
    if order is DateOrder.DAY_FIRST:
        return date(year, second, first)
    if order is DateOrder.MONTH_FIRST:
        return date(year, first, second)
    why = "the file holds both orders" if order is DateOrder.MIXED else "nothing in the file shows which"
    raise DateError(f"'{text}' can be read day first or month first and {why}: write dates as YYYY-MM-DD")
