"""A teacher chooses how often her digest comes: once a day, twice, once a week; what is about today never waits."""

from datetime import UTC, date, datetime, timedelta

import pytest

from office.daemon import digests_due
from office.demo.clients.original import buttons
from school.rhythm import DigestRhythm, is_last_of_week
from school.term import Holiday
from storage.tables import Letter
from tests.office.linden import EVA, HORN, JON, Linden, copy_of, open_school

MONDAY = date(2026, 11, 30)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory) -> Linden:
    linden = open_school(tmp_path_factory.mktemp("waiting"))
    linden.arrive(linden.reply(EVA, "When is the concert?"))
    return linden


@pytest.fixture
def linden(waiting, tmp_path):
    linden = copy_of(waiting, tmp_path)
    linden.now, linden.uid = datetime(2026, 11, 30, 9, tzinfo=UTC), waiting.uid
    yield linden
    linden.house.database.close()


def digests(linden: Linden, until: date) -> list[str]:
    """Weekday and hour of Ms Horn's digests that the service plans from now on, looking every half hour."""
    found = []
    while linden.now.date() <= until:
        before = {row.id for row in Letter.select()}
        digests_due(linden.house, linden.now)
        found += [
            f"{linden.now:%a %H}"
            for row in Letter.select().where(Letter.recipient_id == "t-horn", Letter.kind == "digest")
            if row.id not in before
        ]
        linden.now += timedelta(minutes=30)
    return found


def choose(linden: Linden, label: str, author=HORN) -> None:
    raw = linden.digest("t-horn", MONDAY - timedelta(days=3))
    assert raw is not None
    linden.arrive(linden.press(raw, label, author))


def test_whoever_never_chose_gets_one_each_school_day(linden):
    assert digests(linden, MONDAY + timedelta(days=6)) == [f"{day} 16" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")]


def test_twice_a_day_is_at_noon_too(linden):
    choose(linden, "twice a day")

    assert linden.house.rhythms.chosen() == {"t-horn": DigestRhythm.TWICE}
    assert digests(linden, MONDAY + timedelta(days=1)) == ["Mon 12", "Mon 16", "Tue 12", "Tue 16"]


def test_once_a_week_is_on_its_last_day(linden):
    choose(linden, "once a week")

    assert digests(linden, MONDAY + timedelta(days=13)) == ["Fri 16", "Fri 16"]


def test_a_free_friday_brings_the_weekly_digest_a_day_earlier(linden):
    choose(linden, "once a week")
    friday = MONDAY + timedelta(days=4)
    linden.house.terms.replace_holidays([Holiday(name="Free", first=friday, last=friday)])

    assert digests(linden, MONDAY + timedelta(days=6)) == ["Thu 16"]


def test_and_back_again(linden):
    choose(linden, "once a week")
    choose(linden, "twice a day")  # the same letter still has its other button

    assert linden.house.rhythms.chosen() == {"t-horn": DigestRhythm.TWICE}


def test_nobody_else_chooses_for_her(linden):
    choose(linden, "once a week", author=JON)

    assert linden.house.rhythms.chosen() == {}


def test_what_is_about_today_comes_at_once_all_the_same(linden):
    choose(linden, "once a week")

    outcome = linden.arrive(linden.reply(EVA, "Anna is sick today, she stays at home."))

    told = {held.recipient_id for held in linden.house.outbox.letters(f"urgent:{outcome.spool_id}")}
    assert told == {"t-horn", "office"}


def test_a_digest_offers_the_rhythms_she_has_not(linden):
    raw = linden.digest("t-horn", MONDAY)
    assert raw is not None
    assert {"twice a day", "once a week"} <= {held.label for held in buttons(raw)}
    assert "once a day" not in {held.label for held in buttons(raw)}


@pytest.mark.parametrize(("day", "last"), [(3, False), (4, True), (5, True), (6, True), (0, False)])
def test_the_last_day_of_a_week(day, last):
    assert is_last_of_week(MONDAY + timedelta(days=day), lambda one: one.weekday() < 5) is last
