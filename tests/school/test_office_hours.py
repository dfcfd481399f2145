"""Office hours: now when somebody is there, else when they next begin."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from school.errors import InputError
from school.office_hours import OfficeHours, is_working_time, next_working_time
from school.term import Holiday

BERLIN = ZoneInfo("Europe/Berlin")
SHORT_FRIDAY = OfficeHours(by_weekday={day: (time(8), time(16)) for day in range(4)} | {4: (time(8), time(12, 30))})
BREAK = [Holiday(name="Break", first=date(2026, 11, 30), last=date(2026, 12, 4))]


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-26T10:15", "2026-11-26T10:15"),  # Thursday, at work
        ("2026-11-26T07:59", "2026-11-26T08:00"),
        ("2026-11-26T08:00", "2026-11-26T08:00"),
        ("2026-11-26T16:00", "2026-11-27T08:00"),  # the end is not worked any more
        ("2026-11-27T12:31", "2026-12-07T08:00"),  # Friday noon before the break
        ("2026-12-02T10:00", "2026-12-07T08:00"),
        ("2026-03-27T13:00", "2026-03-30T08:00"),  # over the spring change
    ],
)
def test_the_next_working_time(now, begins):
    at = datetime.fromisoformat(now).replace(tzinfo=BERLIN)

    found = next_working_time(at, SHORT_FRIDAY, BREAK, BERLIN)

    assert found == datetime.fromisoformat(begins).replace(tzinfo=BERLIN)
    assert is_working_time(at, SHORT_FRIDAY, BREAK, BERLIN) is (now == begins)


def test_now_may_come_in_any_zone():
    late_sunday_utc = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Monday, half past midnight, in Berlin

    found = next_working_time(late_sunday_utc, SHORT_FRIDAY, [], BERLIN)

    assert found - late_sunday_utc == timedelta(hours=7, minutes=30)


def test_an_office_that_never_opens_has_no_next_time():
    assert next_working_time(datetime(2026, 11, 26, tzinfo=UTC), OfficeHours(by_weekday={}), [], BERLIN) is None


@pytest.mark.parametrize("by_weekday", [{7: (time(8), time(9))}, {0: (time(9), time(9))}, {0: (time(16), time(8))}])
def test_hours_that_no_day_has_are_refused(by_weekday):
    with pytest.raises(InputError, match="office hours of weekday"):
        OfficeHours(by_weekday=by_weekday)
