"""A letter due on the full hour starts some minutes later, always the same at one school, and the plan says so."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from office.jobs.publishing import publish_started
from office.wiring import House
from school.calendar import Rhythm
from tests.flows.running import copy_of, prepared_small
from tests.office.test_doctor import house_of

__all__ = ["prepared_small"]
TWELVE = timedelta(minutes=12)


def rhythm(at: str) -> Rhythm:
    return Rhythm(weekday=4, at=time.fromisoformat(at), zone=ZoneInfo("Europe/Berlin"))


def test_schools_spread_over_the_minutes_after_the_hour():
    found = [rhythm("16:00").start_offset(f"school{number}.example", TWELVE) for number in range(500)]

    assert {offset // timedelta(minutes=1) for offset in found} == set(range(2, 13))


def test_one_school_always_starts_at_the_same_minute():
    assert rhythm("16:00").start_offset("School.example", TWELVE) == rhythm("09:00").start_offset(
        "school.example", TWELVE
    )


@pytest.mark.parametrize(("at", "most"), [("15:10", 12), ("16:01", 12), ("16:00", 0), ("16:00", 1)])
def test_a_time_off_the_hour_is_kept_and_so_is_one_whose_school_wants_it_so(at, most):
    assert rhythm(at).start_offset("school.example", timedelta(minutes=most)) == timedelta()


@pytest.fixture
def office(tmp_path, prepared_small):
    return copy_of(prepared_small, tmp_path / "school", NEWSLETTER_AT="16:00")


@pytest.fixture
def house(office):
    house: House = house_of(office)
    yield house
    house.close()


def test_the_plan_says_when_the_service_starts(office, house):
    starts = datetime(2026, 11, 27, 16, tzinfo=UTC) + house.start_offset

    line = next(line for line in office.run("plan") if line["date"] == "2026-11-27")

    assert timedelta(minutes=2) <= house.start_offset <= TWELVE
    assert (line["at"], line["starts"]) == ("2026-11-27T16:00:00+00:00", starts.isoformat())
    assert f"16:00  due              3 letters, the service starts at {starts:%H:%M}" in office.process("plan").stdout
    office.settings["NEWSLETTER_SPREAD_MINUTES"] = "0"
    assert "the service starts" not in office.process("plan").stdout


def test_the_service_waits_those_minutes_and_a_person_does_not(office, house):
    hour = datetime(2026, 11, 27, 16, tzinfo=UTC)
    second = timedelta(seconds=1)

    assert publish_started(house, hour + house.start_offset - second) == []
    assert [done.planned for done in publish_started(house, hour + house.start_offset)] == [3]
    assert publish_started(house, hour + house.start_offset + second) == []
    house.outbox.cancel("issue:2026-11-27", hour)


def test_a_person_who_publishes_at_the_hour_need_not_wait(office):
    assert office.run("publish", now="2026-11-27T16:00:00+00:00")["planned"] == 3
