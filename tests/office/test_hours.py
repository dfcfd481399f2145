"""Office hours: a parent who writes at night is told once when her message is read; answers wait only if asked to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from mailer.phrases import Library
from mailer.render import template_folder
from office.demo.clients import reply, teacher_reply, write_new
from office.demo.machines import vacation_notice
from office.jobs.digests import plan_digests
from office.jobs.hours import leaves_at
from office.settings import Hours
from office.wiring import House
from school.term import Holiday
from storage.tables import Guardian, Letter
from tests.office.linden import EVA, HORN, JON, MIA, Linden, copy_of, open_school, stamped

WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-16:00")
MONDAY_NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


def with_hours(published: Linden, folder, **hours: object) -> Linden:
    """Friday evening, 19:30, with these hours."""
    linden = copy_of(published, folder)
    settings = msgspec.structs.replace(linden.house.settings, hours=Hours(**{**WEEK, **hours}))
    house = House(settings, folder)
    house.__dict__.update({key: linden.house.__dict__[key] for key in ("press", "database", "opener")})
    return replace(linden, house=house)


@pytest.fixture
def linden(published, tmp_path):
    linden = with_hours(published, tmp_path)
    yield linden
    linden.house.database.close()


def texts(linden: Linden) -> list[str]:
    return [" ".join(mail.get_body(("plain",)).get_content().split()) for mail in linden.notices()]


def test_a_parent_who_writes_on_friday_evening_is_told_monday_once(linden):
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))
    linden.arrive(linden.reply(EVA, "And the doctor on Tuesday."))
    linden.now += timedelta(days=1, hours=2)
    linden.arrive(linden.reply(EVA, "And a friend on Wednesday."))

    (text,) = texts(linden)
    assert "Your message reached us" in text
    assert "We read messages again from Mon, Nov 30, 8:00" in text
    (notice,) = linden.notices()
    assert (notice["Auto-Submitted"], notice["To"].addresses[0].addr_spec) == ("auto-replied", "eva@example.org")


def test_the_next_quiet_period_is_another_one(linden):
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))
    linden.now = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    linden.arrive(linden.reply(EVA, "She is fine."))

    assert len(texts(linden)) == 2


def test_within_hours_nobody_is_told(linden):
    linden.now = MONDAY_NOON
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))

    assert texts(linden) == []


def test_a_holiday_is_quiet_too(linden):
    linden.house.terms.replace_holidays([Holiday(name="Fog", first=date(2026, 11, 30), last=date(2026, 11, 30))])
    linden.now = MONDAY_NOON
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))

    assert "We read messages again from Tue, Dec 1, 8:00" in texts(linden)[0]


def test_without_hours_nobody_is_told(published, tmp_path):
    linden = copy_of(published, tmp_path)
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))

    assert texts(linden) == []
    linden.house.database.close()


def test_it_can_be_switched_off(published, tmp_path):
    linden = with_hours(published, tmp_path, acknowledge=False)
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))

    assert texts(linden) == []
    linden.house.database.close()


def test_a_mail_that_gets_a_receipt_gets_no_second_automatic_mail(linden):
    linden.arrive(linden.reply(MIA, "Leo is ill"))

    assert len(texts(linden)) == 1
    assert "Leo went to" in texts(linden)[0]


def test_a_machine_is_not_told(linden):
    linden.arrive(vacation_notice(linden.letters["g-eva"], EVA, linden.now))

    assert texts(linden) == []


def test_an_answer_to_it_comes_home_and_causes_no_other(linden):
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))
    linden.now += timedelta(days=4)
    outcome = linden.arrive(reply(linden.raw_notices()[0], "iphone", "Thank you, see you then.", EVA, linden.now))

    assert outcome.state == "filed"
    assert len(texts(linden)) == 1


@pytest.mark.parametrize(
    ("language", "said"), [("es", "Recibimos su mensaje"), ("ar", "وصلتنا رسالتكم"), ("zh-Hans", "您的消息已收到")]
)
def test_in_her_language(linden, language, said):
    Guardian.update(language=language).where(Guardian.id == "g-eva").execute()
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))

    assert said in texts(linden)[0]


# ---- answers ----


def an_answer(linden: Linden) -> Letter:
    linden.arrive(linden.reply(JON, "He forgot his boots.", via_section_of="Leo"))
    plan_digests(linden.house, linden.today, linden.now)
    digest = linden.digest("t-horn", linden.today)
    linden.arrive(teacher_reply(digest, 1, "We have boots.", client="iphone", author=HORN, at=linden.now))
    return Letter.get(Letter.kind == "answer")


def test_where_the_school_says_so_a_teachers_answer_goes_when_she_sends_it(published, tmp_path):
    linden = with_hours(published, tmp_path, hold_answers=False)
    assert an_answer(linden).not_before <= linden.now
    linden.house.database.close()


def test_it_waits_for_monday_morning_and_she_hears_when_it_leaves(linden):
    row = an_answer(linden)

    assert row.not_before == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    assert row.expires - row.not_before == timedelta(days=5)
    assert "Jon Berg · Leo Berg: your answer Answers leave at Mon, Nov 30, 8:00" in texts(linden)[-1]


def test_she_can_take_it_back_until_then_with_one_word(linden):
    row = an_answer(linden)
    receipt = linden.raw_notices()[-1]

    linden.arrive(reply(receipt, "iphone", "Stop", HORN, linden.now))

    assert Letter.get_by_id(row.id).state == "cancelled"
    assert "Jon Berg · Leo Berg: taken back, not sent" in texts(linden)[-1]


# ---- a fortnight with a holiday and the end of summer time ----

FORTNIGHTS = {
    "Europe/Dublin": datetime(2026, 10, 19, 5, tzinfo=UTC),  # clocks go back on the 25th
    "America/New_York": datetime(2026, 10, 26, 5, tzinfo=UTC),  # … on 1 November
    "Pacific/Auckland": datetime(2026, 9, 21, 5, tzinfo=UTC),  # forward on the 27th
}


def is_open(local: datetime, holiday: date) -> bool:
    return local.weekday() < 5 and local.date() != holiday and 8 <= local.hour < 16


def next_open(at: datetime, zone: ZoneInfo, holiday: date) -> datetime:
    """Minute by minute, by the clock on the wall."""
    while not is_open(at.astimezone(zone), holiday):
        at += timedelta(minutes=1)
    return at


@pytest.mark.parametrize("zone", FORTNIGHTS)
def test_a_fortnight_of_mails_is_acknowledged_once_a_quiet_period_and_answers_wait_for_its_end(
    published, tmp_path, zone
):
    linden = with_hours(published, tmp_path, hold_answers=True)
    settings = linden.house.settings
    school = msgspec.structs.replace(settings.school, zone=zone)
    house = House(msgspec.structs.replace(settings, school=school), tmp_path)
    house.__dict__.update({key: linden.house.__dict__[key] for key in ("database", "opener")})
    linden, begins, wall = replace(linden, house=house), FORTNIGHTS[zone], ZoneInfo(zone)
    holiday = (begins + timedelta(days=9)).date()
    house.terms.replace_holidays([Holiday(name="Fog", first=holiday, last=holiday)])
    told: list[tuple[datetime, datetime]] = []
    for step in range(0, 14 * 24, 11):
        linden.now = begins + timedelta(hours=step)
        before = len(linden.notices())
        words = write_new(f"Number {step} of many.", client="iphone", author=EVA, at=linden.now,
                          to="reply@school.test", subject="News")  # fmt: skip
        assert linden.arrive(stamped(words, "pass")).state == "filed"
        opens = next_open(linden.now, wall, holiday)
        quiet = opens > linden.now
        new_period = opens not in {until for _, until in told}
        a_day_later = not told or linden.now - told[-1][0] >= timedelta(days=1)
        assert len(linden.notices()) - before == int(quiet and new_period and a_day_later), linden.now
        if len(linden.notices()) > before:
            said = " ".join(Library([template_folder() / "locale"], "en").phrases("en").moment(opens, wall).split())
            assert f"We read messages again from {said}." in texts(linden)[-1]
            told.append((linden.now, opens))
        assert leaves_at(house, linden.now) == (opens if quiet else linden.now)
    assert 4 <= len(told) <= 11
    linden.house.database.close()
