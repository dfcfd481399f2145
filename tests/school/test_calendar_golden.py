"""Five countries' school years, with the dates that matter written out by hand."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from school.calendar import Rhythm, all_sends
from school.term import Holiday, Term

# country → (zone, terms, holidays, {the day wished: the day it moved to}, weeks held, letters in all)
CALENDARS = {
    "SG": (
        "Asia/Singapore",
        ["2026-01-02 2026-03-13", "2026-03-23 2026-05-29", "2026-06-29 2026-09-04", "2026-09-14 2026-11-20"],
        {
            "Chinese New Year": "2026-02-17 2026-02-18",
            "Good Friday": "2026-04-03 2026-04-03",
            "Labour Day": "2026-05-01 2026-05-01",
            "Hari Raya Haji": "2026-05-27 2026-05-27",
            "Youth Day": "2026-07-06 2026-07-06",
            "National Day": "2026-08-10 2026-08-10",
            "Teachers' Day": "2026-09-04 2026-09-04",
            "Children's Day": "2026-10-02 2026-10-02",
            "Deepavali": "2026-11-09 2026-11-09",
        },
        {
            "2026-04-03": "2026-04-02",
            "2026-05-01": "2026-04-30",
            "2026-09-04": "2026-09-03",
            "2026-10-02": "2026-10-01",
        },
        [],
        41,
    ),
    "DE": (  # Bavaria: one school year, breaks as holidays
        "Europe/Berlin",
        ["2025-09-16 2026-07-31"],
        {
            "Tag der Deutschen Einheit": "2025-10-03 2025-10-03",
            "Herbstferien": "2025-11-03 2025-11-07",
            "Buß- und Bettag": "2025-11-19 2025-11-19",
            "Weihnachtsferien": "2025-12-22 2026-01-05",
            "Heilige Drei Könige": "2026-01-06 2026-01-06",
            "Frühjahrsferien": "2026-02-16 2026-02-20",
            "Osterferien": "2026-03-30 2026-04-10",
            "Tag der Arbeit": "2026-05-01 2026-05-01",
            "Christi Himmelfahrt und Brückentag": "2026-05-14 2026-05-15",
            "Pfingstferien": "2026-05-25 2026-06-05",
        },
        {"2025-10-03": "2025-10-02", "2026-05-01": "2026-04-30", "2026-05-15": "2026-05-13"},
        [
            "2025-11-07",
            "2025-12-26",
            "2026-01-02",
            "2026-02-20",
            "2026-04-03",
            "2026-04-10",
            "2026-05-29",
            "2026-06-05",
        ],
        38,
    ),
    "US": (
        "America/Chicago",
        ["2026-08-24 2027-06-09"],
        {
            "Labor Day": "2026-09-07 2026-09-07",
            "Thanksgiving": "2026-11-25 2026-11-27",
            "Winter break": "2026-12-21 2027-01-01",
            "Martin Luther King Jr. Day": "2027-01-18 2027-01-18",
            "Teacher work day": "2027-02-12 2027-02-12",
            "Spring break": "2027-03-22 2027-03-26",
            "Memorial Day": "2027-05-31 2027-05-31",
        },
        {"2026-11-27": "2026-11-24", "2027-02-12": "2027-02-11", "2027-06-11": "2027-06-09"},
        ["2026-12-25", "2027-01-01", "2027-03-26"],
        39,
    ),
    "UK": (
        "Europe/London",
        ["2026-09-02 2026-12-18", "2027-01-05 2027-03-25", "2027-04-12 2027-07-21"],
        {
            "Autumn half-term": "2026-10-26 2026-10-30",
            "Spring half-term": "2027-02-15 2027-02-19",
            "May Day": "2027-05-03 2027-05-03",
            "Summer half-term": "2027-05-31 2027-06-04",
        },
        {"2027-03-26": "2027-03-25", "2027-07-23": "2027-07-21"},
        ["2026-10-30", "2027-02-19", "2027-06-04"],
        40,
    ),
    "NZ": (
        "Pacific/Auckland",
        ["2026-02-02 2026-04-02", "2026-04-20 2026-07-03", "2026-07-20 2026-09-25", "2026-10-12 2026-12-18"],
        {
            "Waitangi Day": "2026-02-06 2026-02-06",
            "Anzac Day": "2026-04-27 2026-04-27",
            "King's Birthday": "2026-06-01 2026-06-01",
            "Labour Day": "2026-10-26 2026-10-26",
        },
        {"2026-02-06": "2026-02-05", "2026-04-03": "2026-04-02"},
        [],
        40,
    ),
}


@pytest.mark.parametrize("country", CALENDARS)
def test_golden_calendar(country):
    zone, term_days, holiday_days, moved, held, letters = CALENDARS[country]
    terms = [
        Term(id=str(n), title="", begins=date.fromisoformat(span[:10]), ends=date.fromisoformat(span[11:]))
        for n, span in enumerate(term_days)
    ]
    holidays = [
        Holiday(name=name, first=date.fromisoformat(span[:10]), last=date.fromisoformat(span[11:]))
        for name, span in holiday_days.items()
    ]

    planned = all_sends(terms, holidays, Rhythm(weekday=4, at=time(15, 10), zone=ZoneInfo(zone)))

    found = {send.state: [] for send in planned}
    for send in planned:
        found[send.state].append(send.local_date.isoformat())
    assert found.get("moved", []) == list(moved.values())
    assert found.get("held", []) == held
    assert len(planned) - len(held) == letters
    assert all(send.local_date.weekday() == 4 for send in planned if send.state == "school-week")
    assert {(send.due.hour, send.due.minute) for send in planned} == {(15, 10)}  # the school's clock, summer and winter
