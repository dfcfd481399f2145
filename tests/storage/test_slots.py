"""A slot is taken once: by threads at the same moment, by wrong clocks, across restarts."""

import itertools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from school.calendar import CATCH_UP, Rhythm, due_slots, sends
from school.term import Term
from storage.database import Database
from storage.slots import SlotStore

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2026, 11, 27)
DUE = datetime(2026, 11, 27, 14, 10, tzinfo=UTC)


def test_the_first_takes_it_and_the_second_does_not(database):
    slots = SlotStore(database)

    assert slots.take("issue", FRIDAY, BERLIN, DUE, DUE)
    assert not slots.take("issue", FRIDAY, BERLIN, DUE, DUE + timedelta(minutes=1))
    assert slots.take("digest", FRIDAY, BERLIN, DUE, DUE)


def test_one_instant_is_one_slot_whatever_its_zone(database):
    slots = SlotStore(database)
    slots.take("issue", FRIDAY, BERLIN, DUE, DUE)

    assert not slots.take("issue", FRIDAY, BERLIN, DUE.astimezone(BERLIN), DUE)


def test_taken_slots_are_remembered_after_a_restart(database, database_url):
    SlotStore(database).take("issue", FRIDAY, BERLIN, DUE, DUE)
    again = Database(database_url)

    assert SlotStore(again).taken("issue") == {DUE}
    assert SlotStore(again).taken("digest") == set()
    again.close()


def test_a_slot_whose_plan_fails_is_free_again(database):
    slots = SlotStore(database)

    def crash_while_planning() -> None:
        with database.transaction():
            slots.take("issue", FRIDAY, BERLIN, DUE, DUE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash_while_planning()

    assert slots.take("issue", FRIDAY, BERLIN, DUE, DUE)


def test_the_outcome_is_kept(database):
    slots = SlotStore(database)
    slots.take("issue", FRIDAY, BERLIN, DUE, DUE)

    slots.note("issue", DUE.astimezone(BERLIN), "missed")

    assert slots.outcomes("issue") == {DUE: "missed"}


def test_eight_threads_with_clocks_two_hours_apart_run_each_of_ten_weeks_once(database):
    term = Term(id="t", title="", begins=date(2026, 9, 21), ends=date(2026, 11, 27))
    planned = sends(term, [], Rhythm(weekday=4, at=time(15, 10), zone=BERLIN))
    slots = SlotStore(database)
    ready = threading.Barrier(8)

    def won_by(skew: timedelta) -> list[date]:
        won = []
        try:
            for week in planned:
                ready.wait(timeout=30)
                for after in (timedelta(), timedelta(hours=3), timedelta(hours=20)):
                    now = week.due + after + skew
                    due = due_slots(planned, now, slots.taken("issue"), CATCH_UP).now_due
                    won += [
                        send.local_date for send in due if slots.take("issue", send.local_date, BERLIN, send.due, now)
                    ]
        finally:
            database.close()  # this thread's connection
        return won

    with ThreadPoolExecutor(8) as threads:
        skews = [timedelta(hours=hours) for hours in (-2, -1, 0, 0, 0, 1, 2, 2)]
        runs = sorted(itertools.chain.from_iterable(threads.map(won_by, skews)))

    assert runs == [send.local_date for send in planned]
    assert len(planned) == 10


def test_processes_racing_for_one_slot_have_one_winner(database, database_url):
    program = (
        "import sys; from datetime import UTC, date, datetime\n"
        "from storage.database import Database; from storage.slots import SlotStore\n"
        "slots = SlotStore(Database(sys.argv[1])); due = datetime(2026, 11, 27, 14, 10, tzinfo=UTC)\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(slots.take('issue', due.date(), 'UTC', due, due)); slots.database.close()\n"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = sorted(racer.communicate(timeout=60)[0].strip() for racer in racers)

    assert answers == ["False", "False", "True"]
