"""Calendars and sheets become terms and holidays; a broken file is one clear line and changes nothing."""

import re
from datetime import date

import pytest

from office.term_file import TermFile
from office.term_files import read
from school.errors import InputError
from school.term import Holiday, Term

TODAY = date(2026, 11, 27)


def day(text: str) -> date:
    return date.fromisoformat(text)


def holiday(name: str, first: str, last: str = "") -> Holiday:
    return Holiday(name=name, first=day(first), last=day(last or first))


def calendar(*events: str) -> str:
    parts = "".join(f"BEGIN:VEVENT\r\n{event.strip()}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//school//test//EN\r\n{parts}END:VCALENDAR\r\n".replace(
        "\r\n", "\n"
    ).replace("\n", "\r\n")


@pytest.fixture
def reading(tmp_path):
    def read_text(text: str | bytes, name: str, today: date | None = TODAY) -> TermFile:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(path, today=today)

    return read_text


# ---- iCalendar ----


@pytest.mark.parametrize(
    ("event", "spans"),
    [
        ("DTSTART;VALUE=DATE:20261026\nDTEND;VALUE=DATE:20261031", ["2026-10-26 2026-10-30"]),  # DTEND is exclusive
        ("DTSTART;VALUE=DATE:20261026", ["2026-10-26 2026-10-26"]),  # missing: one day
        ("DTSTART;VALUE=DATE:20261026\nDTEND;VALUE=DATE:20261026", ["2026-10-26 2026-10-26"]),
        ("DTSTART;VALUE=DATE:20261026\nDURATION:P5D", ["2026-10-26 2026-10-30"]),
        ("DTSTART:20261026T000000\nDTEND:20261031T000000", ["2026-10-26 2026-10-30"]),
        (
            "DTSTART;TZID=Europe/Berlin:20261026T000000\nDTEND;TZID=Europe/Berlin:20261027T000000",
            ["2026-10-26 2026-10-26"],
        ),
        ("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;COUNT=2", ["2026-12-25 2026-12-25", "2027-12-25 2027-12-25"]),
        (
            "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;UNTIL=20261116T230000Z\nEXDATE;VALUE=DATE:20261109",
            ["2026-11-02 2026-11-02", "2026-11-16 2026-11-16"],
        ),
        (
            (
                "DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20261109,20261116\n"
                "EXDATE:20261123T000000Z"
            ),
            ["2026-11-02 2026-11-02"],
        ),
        ("DTSTART;VALUE=DATE:20261102\nRDATE;VALUE=DATE:20261104", ["2026-11-02 2026-11-02", "2026-11-04 2026-11-04"]),
        (
            "DTSTART;VALUE=DATE:20261221\nDTEND;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;COUNT=2",
            ["2026-12-21 2026-12-23", "2027-12-21 2027-12-23"],
        ),
    ],
)
def test_an_event_closes_its_whole_days(reading, event, spans):
    found = reading(calendar(f"UID:1\nSUMMARY:Closed\n{event}"), "x.ics")

    assert [f"{one.first} {one.last}" for one in found.holidays] == spans
    assert found.notes == ()


def test_a_day_that_returns_for_ever_ends_at_a_horizon(reading):
    for_ever = calendar("SUMMARY:New Year\nDTSTART;VALUE=DATE:19700101\nRRULE:FREQ=YEARLY")

    near = reading(for_ever, "x.ics").holidays
    far = reading(for_ever, "x.ics", None).holidays

    assert (near[0].first.year, near[-1].first.year) == (2026, 2031)
    assert (len(far), far[-1].first) == (131, date(2100, 1, 1))


def test_a_moved_occurrence_takes_the_place_of_its_own(reading):
    found = reading(
        calendar(
            "UID:1\nSUMMARY:Sports day\nDTSTART;VALUE=DATE:20261102\nRRULE:FREQ=WEEKLY;COUNT=2",
            "UID:1\nSUMMARY:Sports day\nDTSTART;VALUE=DATE:20261111\nRECURRENCE-ID;VALUE=DATE:20261109",
        ),
        "x.ics",
    )

    assert found.holidays == (holiday("Sports day", "2026-11-02"), holiday("Sports day", "2026-11-11"))


def test_folded_lines_and_any_language_are_read(reading):
    found = reading(
        calendar(
            "SUMMARY;LANGUAGE=de:Herbst\n ferien\nDTSTART;VALUE=DATE:20261102\nDTEND;VALUE=DATE:20261107",
            "SUMMARY:عطلة\\, نصف الفصل\nDTSTART;VALUE=DATE:20261109",
            "DTSTART;VALUE=DATE:20261110",
        ),
        "x.ics",
    )

    assert [one.name for one in found.holidays] == ["Herbstferien", "عطلة, نصف الفصل", "holiday"]


def test_a_calendar_with_its_own_time_zone_is_read(reading):
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:School\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\n"
        "TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    text = calendar("SUMMARY:Closed\nDTSTART;TZID=School:20261026T000000\nDTEND;TZID=School:20261027T000000")

    found = reading(text.replace("BEGIN:VEVENT", zone, 1), "x.ics")

    assert found.holidays == (holiday("Closed", "2026-10-26"),)


@pytest.mark.parametrize(
    ("title", "last", "is_term"),
    [
        ("Term 1", "20261219", True),
        ("1. Schulhalbjahr", "20261219", True),
        ("Second semester", "20261219", True),
        ("第一学期", "20261219", True),
        ("Term 1 begins", "20260902", False),
        ("Term 1 holidays", "20261219", False),
        ("Half-term", "20261219", False),
        ("Sommerferien", "20261219", False),
    ],
)
def test_what_is_called_a_term_and_lasts_is_one(reading, title, last, is_term):
    found = reading(calendar(f"SUMMARY:{title}\nDTSTART;VALUE=DATE:20260901\nDTEND;VALUE=DATE:{last}"), "x.ics")

    assert bool(found.terms) is is_term
    assert bool(found.holidays) is not is_term


def test_a_term_keeps_its_id_when_its_dates_are_corrected(reading):
    first = reading(calendar("SUMMARY:Term 1\nDTSTART;VALUE=DATE:20260901\nDTEND;VALUE=DATE:20261219"), "x.ics")
    again = reading(calendar("SUMMARY:Term 1\nDTSTART;VALUE=DATE:20260902\nDTEND;VALUE=DATE:20261219"), "x.ics")

    assert first.terms == (Term(id="2026-term-1", title="Term 1", begins=day("2026-09-01"), ends=day("2026-12-18")),)
    assert again.terms[0].id == first.terms[0].id


def test_what_closes_no_school_is_left_out_with_a_note(reading):
    found = reading(
        calendar(
            "SUMMARY:Closed\nDTSTART;VALUE=DATE:20261026",
            "SUMMARY:Parents' evening\nDTSTART:20261027T180000Z\nDTEND:20261027T200000Z",
            "SUMMARY:Choir\nDTSTART:20261028T180000Z",
            "SUMMARY:Valentine\nDESCRIPTION:Observance\\nTo hide\nDTSTART;VALUE=DATE:20270214",
            "SUMMARY:Trip\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20261029",
        ),
        "school.ics",
    )

    assert found.holidays == (holiday("Closed", "2026-10-26"),)
    assert found.notes == (
        "school.ics:8: 2 events left out, at a time of day: 'Parents' evening' and more",
        "school.ics:17: 1 event left out, an observance: 'Valentine'",
        "school.ics:22: 1 event left out, cancelled: 'Trip'",
    )


def test_a_line_nobody_understands_is_noted_and_the_rest_is_read(reading):
    found = reading(calendar("SUMMARY:Closed\nthis line lost its fold\nDTSTART;VALUE=DATE:20261026"), "x.ics")

    assert found.holidays == (holiday("Closed", "2026-10-26"),)
    assert found.notes == ("x.ics:6: this line is not understood and was left out",)


EVENT = "SUMMARY:Closed\nDTSTART;VALUE=DATE:20261026"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.ics:1: is no iCalendar file"),
        ("\n<html>Please log in</html>", "x.ics:2: is no iCalendar file"),
        (calendar(EVENT).replace("END:VCALENDAR", ""), "x.ics:1: VCALENDAR begins here and never ends"),
        (calendar(EVENT).split("END:VEVENT")[0], "x.ics:4: VEVENT begins here and never ends"),
        (calendar(EVENT).replace("END:VEVENT\r\n", ""), "x.ics:7: END:VCALENDAR stands inside VEVENT of line 4"),
        (calendar(EVENT) + "END:VEVENT", "x.ics:9: END:VEVENT stands without BEGIN"),
        (calendar("SUMMARY:Closed"), "x.ics:4: the event has no DTSTART"),
        (calendar("SUMMARY:Closed\nDTSTART;VALUE=DATE:2026113"), "x.ics:6: DTSTART cannot be read"),
        (calendar("SUMMARY:Closed\nDTSTART;VALUE=DATE:20261301"), "x.ics:6: DTSTART cannot be read"),
        (calendar(f"{EVENT}\nDTEND;VALUE=DATE:20261020"), "x.ics:7: the event ends (2026-10-20) before it begins"),
        (calendar(f"{EVENT}\nRRULE:FREQ=BOGUS"), "x.ics:7: RRULE cannot be read"),
        (calendar(f"{EVENT}\nRRULE:COUNT=2"), "x.ics:7: 'Closed': RRULE repeats whole days by nothing"),
        (calendar(f"{EVENT}\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=DAILY;COUNT=3"), "x.ics:7: 'Closed': RRULE stands"),
        (calendar(f"{EVENT}\nRECURRENCE-ID:120000"), "x.ics:7: RECURRENCE-ID names something that is no day"),
        (calendar("SUMMARY:Closed\nDTSTART;VALUE=TIME:120000"), "x.ics:6: DTSTART is no day"),
        (calendar("DTSTART;VALUE=DATE,DATE:20261026"), "x.ics:1: cannot be read as iCalendar"),
        (calendar(f"{EVENT}\nRRULE:FREQ=SECONDLY"), "x.ics:7: 'Closed': RRULE repeats whole days by SECONDLY"),
        (calendar(f"{EVENT}\nRRULE:FREQ=DAILY"), "x.ics:7: 'Closed': RRULE gives more than 1000 days until 2031"),
        (calendar("SUMMARY:Choir\nDTSTART:20261028T180000Z"), "x.ics: holds no term and no holiday (x.ics:4: 1 event"),
        (calendar(), "x.ics: holds no term and no holiday: look whether it is the right file"),
    ],
)
def test_a_broken_calendar_is_one_line_with_its_place(reading, text, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}[^\n]*$"):
        reading(text, "x.ics")


def test_all_broken_events_are_told_at_once(reading):
    with pytest.raises(InputError) as told:
        reading(calendar("SUMMARY:a", EVENT, "SUMMARY:b"), "x.ics")

    assert [line.split(": ")[0] for line in str(told.value).splitlines()] == ["x.ics:4", "x.ics:11"]


def test_a_calendar_is_known_by_its_first_line_too(reading):
    assert reading(calendar(EVENT), "export.txt").holidays == (holiday("Closed", "2026-10-26"),)


def test_several_calendars_in_one_file_are_read(reading):
    two = calendar(EVENT) + calendar("SUMMARY:Strike\nDTSTART;VALUE=DATE:20261103")

    assert [one.name for one in reading(two, "x.ics").holidays] == ["Closed", "Strike"]


# ---- CSV ----


@pytest.mark.parametrize(
    "text",
    [
        "name,first,last\nHalf-term,2026-10-26,2026-10-30\n\nFair,2026-11-12,\n",
        "Holiday;Start date;End date\r\nHalf-term;26.10.2026;30.10.2026\r\nFair;12.11.2026;12.11.2026\r\n",
        "Bezeichnung\tVon\tBis\nHalf-term\t26/10/2026\t30/10/2026\nFair\t12/11/2026\t\n",
        "Subject,Start Date,End Date,Location\nHalf-term,10/26/2026,10/30/2026,\nFair,11/12/2026,11/12/2026,Hall\n",
        "\ufeffLast,First,Name\n20261030,20261026,Half-term\n,20261112,Fair",
    ],
)
def test_a_sheet_of_holidays_is_read_whatever_its_headers(reading, text):
    found = reading(text, "holidays.csv")

    assert found.holidays == (holiday("Half-term", "2026-10-26", "2026-10-30"), holiday("Fair", "2026-11-12"))
    assert found.terms == ()


def test_a_sheet_of_terms_is_read(reading):
    found = reading("title,begins,ends\nAutumn,2026-09-02,2026-12-18\nChristmas break,2026-12-21,2027-01-01\n", "t.csv")

    assert found.terms == (Term(id="2026-autumn", title="Autumn", begins=day("2026-09-02"), ends=day("2026-12-18")),)
    assert found.holidays == (holiday("Christmas break", "2026-12-21", "2027-01-01"),)


def test_a_roster_s_sessions_are_read_with_their_ids_and_layers(reading):
    found = reading(
        "sourcedId,status,title,type,startDate,endDate\n"
        "s1,active,Fall,semester,2026-08-24,2026-12-18\n"
        "s2,tobedeleted,Gone,term,2026-08-24,2026-12-18\n"
        "y1,,2026/27,schoolYear,2026-08-24,2027-06-09\n",
        "academicSessions.csv",
    )

    assert [(one.id, one.kind) for one in found.terms] == [("s1", "semester"), ("y1", "schoolYear")]


def test_a_kind_column_mixes_terms_and_holidays(reading):
    found = reading("kind,name,first,last\nterm,Autumn,2026-09-02,2026-12-18\nHoliday,Fair,2026-11-12,\n", "t.csv")

    assert (len(found.terms), len(found.holidays)) == (1, 1)


def test_a_long_term_in_a_sheet_of_names_is_a_term(reading):
    found = reading("name,first,last\nTerm 1,2026-09-02,2026-12-18\nTerm 1 holidays,2026-12-21,2027-01-22\n", "t.csv")

    assert ([one.title for one in found.terms], [one.name for one in found.holidays]) == (
        ["Term 1"],
        ["Term 1 holidays"],
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "h.csv:1: is empty: write a header"),
        ("Half-term,2026-10-26,2026-10-30\n", "h.csv:1: the header has no column for a name and a first day"),
        ("name,first\nFair,soon\n", "h.csv:2: 'soon' is not a date: write it as YYYY-MM-DD"),
        ("name,first\nFair,2026-02-30\n", "h.csv:2: '2026-02-30' is no day of the calendar"),
        ("name,first\nFair,01/05/2026\n", "h.csv:2: '01/05/2026' can be read day first or month first"),
        ("name,first\n,2026-02-03\n", "h.csv:2: has no name"),
        ("name,first\nFair,\n", "h.csv:2: 'Fair' has no first day"),
        ("name,first,last\nFair,2026-02-03,2026-02-01\n", "h.csv:2: 'Fair' ends (2026-02-01) before it begins"),
        ('name,first,last\n"Two\nlines",2026-02-03,x\n', "h.csv:2: 'x' is not a date"),
        ("title,begins,ends\nAutumn,2026-02-03,\n", "h.csv:2: the term 'Autumn' has no last day"),
        ("name,kind,first\nFair,party,2026-02-03\n", "h.csv:2: unknown kind 'party': write holiday, term, semester"),
        (
            "title,begins,ends\nT,2026-01-05,2026-03-01\nT,2026-04-01,2026-06-01\n",
            "h.csv: two terms have the id '2026-t' (2026-01-05 and 2026-04-01)",
        ),
        (b"PK\x03\x04rest", "h.csv: this is a workbook"),
        ("name,first\n", "h.csv: holds no term and no holiday"),
    ],
)
def test_a_broken_sheet_is_one_line_with_its_place(reading, text, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}[^\n]*$"):
        reading(text, "h.csv")


def test_a_sheet_in_windows_1252_is_read_with_a_note(reading):
    found = reading("name,first\nFête,2026-02-03\n".encode("cp1252"), "h.csv")

    assert found.holidays == (holiday("Fête", "2026-02-03"),)
    assert "Windows-1252" in found.notes[0]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "nowhere.ics")
