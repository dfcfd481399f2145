"""Office hours: a parent who writes at night is told once when her message is read; answers wait only if asked to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from office.demo.clients import reply, teacher_reply
from office.demo.machines import vacation_notice
from office.jobs.digests import plan_digests
from office.settings import Hours
from office.wiring import House
from school.term import Holiday
from storage.tables import Guardian, Letter
from tests.office.linden import EVA, HORN, JON, MIA, Linden, copy_of, open_school

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
    house.__dict__.update({key: linden.house.__dict__[key] for key in ("press", "database")})
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


def test_a_teachers_answer_goes_when_she_sends_it(linden):
    assert an_answer(linden).not_before <= linden.now


def test_with_hold_answers_it_waits_for_monday_morning(published, tmp_path):
    linden = with_hours(published, tmp_path, hold_answers=True)
    row = an_answer(linden)

    assert row.not_before == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    assert row.expires - row.not_before == timedelta(days=5)
    linden.house.database.close()
