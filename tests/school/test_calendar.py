"""When a letter goes out: moved, held, at clock changes; and what is due now."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from school.calendar import CATCH_UP, PlannedSend, Rhythm, all_sends, due_instant, due_slots, sends
from school.errors import InputError
from school.term import Holiday, Term, teaching_terms

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAYS = Rhythm(weekday=4, at=time(15, 10), zone=BERLIN)


def term(begins: str, ends: str, *, kind: str = "term") -> Term:
    return Term(
        id=f"{kind}-{begins}", title="Term", begins=date.fromisoformat(begins), ends=date.fromisoformat(ends), kind=kind
    )


def holiday(first: str, last: str = "", name: str = "Holiday") -> Holiday:
    return Holiday(name=name, first=date.fromisoformat(first), last=date.fromisoformat(last or first))


def days(planned: tuple[PlannedSend, ...]) -> list[str]:
    return [f"{send.local_date} {send.state}" for send in planned]


NOVEMBER = term("2026-11-02", "2026-11-27")


def test_every_school_week_has_one_letter_on_its_day():
    assert days(sends(NOVEMBER, [], FRIDAYS)) == [
        "2026-11-06 school-week",
        "2026-11-13 school-week",
        "2026-11-20 school-week",
        "2026-11-27 school-week",
    ]


def test_a_closed_day_moves_the_letter_to_the_last_open_day_before_it():
    planned = sends(NOVEMBER, [holiday("2026-11-12", "2026-11-13", "Bridge days")], FRIDAYS)

    assert days(planned)[1] == "2026-11-11 moved"
    assert planned[1].reason == "Friday is closed: Bridge days; moved to Wednesday"


def test_a_letter_moves_forward_only_when_no_day_before_is_open():
    wednesdays = Rhythm(weekday=2, at=time(9), zone=BERLIN)

    planned = sends(NOVEMBER, [holiday("2026-11-09", "2026-11-11", "Fair")], wednesdays)

    assert days(planned)[1] == "2026-11-12 moved"


def test_a_wholly_closed_week_is_held_and_says_why():
    planned = sends(NOVEMBER, [holiday("2026-11-07", "2026-11-15", "Autumn break")], FRIDAYS)

    assert days(planned)[1] == "2026-11-13 held"
    assert planned[1].reason == "closed all week: Autumn break"
    assert not planned[1].goes_out


def test_a_week_closed_by_several_holidays_names_each_once():
    closed = [holiday("2026-11-09", "2026-11-10", "Storm"), holiday("2026-11-11", "2026-11-13", "Strike")]

    assert sends(NOVEMBER, closed, FRIDAYS)[1].reason == "closed all week: Storm, Strike"


def test_the_last_letter_before_the_end_of_term_is_kept():
    planned = sends(term("2026-11-02", "2026-11-25"), [], FRIDAYS)

    assert days(planned)[-1] == "2026-11-25 moved"
    assert planned[-1].reason == "Friday is closed: outside the term; moved to Wednesday"


def test_a_term_that_begins_after_the_weekday_sends_in_its_first_week():
    mondays = Rhythm(weekday=0, at=time(9), zone=BERLIN)

    assert days(sends(term("2026-11-05", "2026-11-13"), [], mondays)) == ["2026-11-05 moved", "2026-11-09 school-week"]


def test_a_term_listed_from_saturday_to_sunday_has_no_week_without_lessons():
    assert days(sends(term("2026-10-31", "2026-11-15"), [], FRIDAYS)) == [
        "2026-11-06 school-week",
        "2026-11-13 school-week",
    ]


def test_a_sunday_letter_is_held_with_its_closed_week():
    sundays = Rhythm(weekday=6, at=time(17), zone=BERLIN)

    planned = sends(NOVEMBER, [holiday("2026-11-09", "2026-11-13", "Break")], sundays)

    assert days(planned)[:2] == ["2026-11-08 school-week", "2026-11-15 held"]
    assert days(planned)[-1] == "2026-11-27 moved"  # the Sunday after the last day of term is holiday


def test_a_school_week_may_begin_on_sunday():
    dubai = Rhythm(weekday=3, at=time(14), zone=ZoneInfo("Asia/Dubai"), school_days=(6, 0, 1, 2, 3))

    planned = sends(term("2026-11-01", "2026-11-12"), [holiday("2026-11-09", "2026-11-12")], dubai)

    assert days(planned) == ["2026-11-05 school-week", "2026-11-08 moved"]


def test_a_day_that_no_week_has_is_refused():
    with pytest.raises(InputError, match="0 \\(Monday\\) to 6"):
        Rhythm(weekday=7, at=time(9), zone=BERLIN)


def test_two_terms_that_share_a_week_share_its_letter():
    planned = all_sends([term("2026-11-02", "2026-11-11"), term("2026-11-12", "2026-11-20")], [], FRIDAYS)

    assert days(planned) == ["2026-11-06 school-week", "2026-11-13 school-week", "2026-11-20 school-week"]


def test_overlapping_layers_of_sessions_count_once_and_the_finest_says_when():
    year = term("2026-08-01", "2027-07-31", kind="schoolYear")
    autumn = term("2026-09-01", "2026-12-18")
    period = term("2026-09-01", "2026-10-02", kind="gradingPeriod")
    next_year = term("2027-08-01", "2028-07-31", kind="schoolYear")

    assert teaching_terms([year, period, autumn, next_year]) == (autumn, next_year)


# ---- clocks ----


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00+00:00"),  # 02:00 jumps to 03:00
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30+00:00"),  # shown twice: the first
        ("Europe/Berlin", "2026-11-27", "15:10", "2026-11-27T14:10+00:00"),
        ("America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00+00:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30+00:00"),  # half an hour's jump
        ("America/Santiago", "2026-09-06", "00:15", "2026-09-06T04:00+00:00"),  # midnight does not exist
        ("Pacific/Apia", "2011-12-30", "15:00", "2011-12-30T10:00+00:00"),  # a day that was left out
        ("Asia/Kathmandu", "2026-11-27", "15:00", "2026-11-27T09:15+00:00"),
    ],
)
def test_a_local_time_has_one_instant(zone, day, at, instant):
    due = due_instant(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))

    assert due == datetime.fromisoformat(instant)


def test_instants_across_a_clock_change_are_a_true_distance_apart():
    before = due_instant(date(2026, 10, 24), time(12), BERLIN)
    after = due_instant(date(2026, 10, 25), time(12), BERLIN)

    assert after - before == timedelta(hours=25)


# ---- what is due now ----

FIRST, SECOND, *_ = sends(NOVEMBER, [], FRIDAYS)
ALL = sends(NOVEMBER, [], FRIDAYS)


def test_nothing_is_due_before_its_time():
    assert due_slots(ALL, FIRST.due - timedelta(seconds=1), set(), CATCH_UP).now_due == ()


@pytest.mark.parametrize("late", [timedelta(), timedelta(minutes=25), CATCH_UP])
def test_a_slot_the_service_slept_through_is_caught_up(late):
    assert due_slots(ALL, FIRST.due + late, set(), CATCH_UP).now_due == (FIRST,)


def test_a_slot_too_late_is_missed_and_not_sent():
    found = due_slots(ALL, FIRST.due + CATCH_UP + timedelta(seconds=1), set(), CATCH_UP)

    assert (found.now_due, found.missed) == ((), (FIRST,))


def test_a_taken_slot_is_done():
    found = due_slots(ALL, SECOND.due, {FIRST.due.astimezone(UTC)}, CATCH_UP)

    assert (found.now_due, found.missed) == ((SECOND,), ())


def test_a_week_already_sent_is_not_sent_again_when_its_plan_changes():
    moved = sends(NOVEMBER, [holiday("2026-11-06")], FRIDAYS)
    taken = {moved[0].due.astimezone(UTC)}  # Thursday's letter went out; then the closure is called off

    assert due_slots(ALL, FIRST.due, taken, CATCH_UP).now_due == ()


def test_a_held_week_is_never_due():
    planned = sends(NOVEMBER, [holiday("2026-11-02", "2026-11-06")], FRIDAYS)

    assert due_slots(planned, planned[0].due, set(), CATCH_UP) == due_slots((), planned[0].due, set(), CATCH_UP)


def test_weeks_before_the_service_first_ran_raise_no_alarm():
    assert due_slots(ALL, SECOND.due, set(), CATCH_UP, since=SECOND.due - timedelta(days=1)).missed == ()
