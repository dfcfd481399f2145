"""Ten years in many zones: strictly increasing, one per school week, never on a closed day, exactly one run a slot."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school.calendar import CATCH_UP, Rhythm, all_sends, due_slots, sends
from school.term import Holiday, Term

ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Caracas",
    "America/Chicago",
    "America/Havana",
    "America/New_York",
    "America/Phoenix",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Amman",
    "Asia/Dhaka",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Singapore",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/London",
    "Europe/Moscow",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
]
TEN_YEARS = Term(id="decade", title="", begins=date(2017, 1, 2), ends=date(2026, 12, 25))
AWKWARD_TIMES = (time(0, 0), time(2, 30), time(15, 10), time(23, 59))


def test_thirty_zones():
    assert len(ZONES) == len(set(ZONES)) == 30


@pytest.mark.parametrize("zone", ZONES)
def test_ten_years_give_one_letter_a_week_in_order(zone):
    for weekday, at in zip((6, 6, 4, 0), AWKWARD_TIMES, strict=True):  # clocks change on Sundays
        planned = sends(TEN_YEARS, [], Rhythm(weekday=weekday, at=at, zone=ZoneInfo(zone)))
        dues = [send.due for send in planned]

        assert len(planned) == 521
        assert all(earlier < later for earlier, later in itertools.pairwise(dues))
        assert len({send.local_date.isocalendar()[:2] for send in planned}) == len(planned)
        for send in planned:
            shown = send.due.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            late = shown - datetime.combine(send.local_date, at)
            assert timedelta() <= late <= timedelta(hours=1)  # late only where the clock jumps


@pytest.mark.parametrize("zone", ZONES[::6])
def test_ten_years_of_ticks_with_restarts_run_each_slot_once(zone):
    planned = sends(TEN_YEARS, [], Rhythm(weekday=6, at=time(2, 30), zone=ZoneInfo(zone)))
    taken: set[datetime] = set()
    runs: list[date] = []
    now = planned[0].due.astimezone(UTC) - timedelta(days=1)
    step = 0
    while now < planned[-1].due + timedelta(days=2):
        step += 1
        now += timedelta(hours=(7, 30, 1, 23)[step % 4])  # ticks, restarts and outages up to 30 h
        wrong_clock = now + timedelta(hours=(-2, 0, 2)[step % 3])
        for reading in (now, wrong_clock):  # two processes, one with a wrong clock
            for send in due_slots(planned[max(0, len(runs) - 2) : len(runs) + 3], reading, taken, CATCH_UP).now_due:
                taken.add(send.due.astimezone(UTC))
                runs.append(send.local_date)

    assert runs == [send.local_date for send in planned]


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@st.composite
def spans(draw):
    first = draw(DAYS)
    return first, first + timedelta(days=draw(st.integers(0, 70)))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(spans(), min_size=1, max_size=3),
    st.lists(spans(), max_size=5),
    st.integers(0, 6),
    st.sampled_from([(0, 1, 2, 3, 4), (6, 0, 1, 2, 3), (0, 1, 2, 3, 4, 5)]),
)
def test_no_letter_on_a_closed_day_and_one_in_each_week_with_lessons(terms, closed, weekday, school_days):
    rhythm = Rhythm(weekday=weekday, at=time(2, 30), zone=ZoneInfo("Europe/Berlin"), school_days=school_days)
    term_values = [Term(id=str(n), title="", begins=first, ends=last) for n, (first, last) in enumerate(terms)]
    holidays = [Holiday(name="closed", first=first, last=last) for first, last in closed]

    planned = all_sends(term_values, holidays, rhythm)

    def is_open(day: date) -> bool:
        return any(term.covers(day) for term in term_values) and not any(one.covers(day) for one in holidays)

    year = [date(2025, 12, 20) + timedelta(days=n) for n in range(480)]
    weeks_with_lessons = {rhythm.week_of(day) for day in year if day.weekday() in school_days and is_open(day)}
    going_out = [send for send in planned if send.goes_out]
    assert all(is_open(send.local_date) for send in going_out)
    assert [send.week for send in going_out] == sorted(weeks_with_lessons)
    assert all(one.due < other.due for one, other in itertools.pairwise(planned))
    assert all(send.reason for send in planned if send.state != "school-week")
