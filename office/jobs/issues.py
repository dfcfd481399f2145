"""Which issue goes out when, with which items: the term's calendar and the items joined."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from office.chosen import WEEKDAYS
from office.wiring import House
from school.calendar import DueSlots, PlannedSend, all_sends, due_instant, due_slots
from school.issue import Issue, Item

SLOT = "newsletter"
DIGEST_SLOT = "digest"
NOON_SLOT = "digest-noon"
SERVICE_SLOT = "housekeeping"  # taken daily, from the first day on


def planned_sends(house: House) -> tuple[PlannedSend, ...]:
    """Every week's letter of every term known, worked out anew from today's terms and holidays."""
    return all_sends(house.terms.terms(), house.terms.holidays(), house.rhythm)


def due(house: House, now: datetime) -> DueSlots:
    """The issues due now and not yet taken, and those missed by more than the catch-up time."""
    catch_up = timedelta(hours=house.settings.newsletter.catch_up_hours)
    taken = house.slots.taken(SLOT)
    # What was due before this installation first ran is neither sent nor missed.
    since = min({*taken, *house.slots.taken(SERVICE_SLOT), now - catch_up})
    return due_slots(planned_sends(house), now, taken, catch_up, since=since)


def issue_of(house: House, day: date) -> Issue:
    """The issue of the week *day* is in; a day outside every term makes an issue of its own, due at the usual hour."""
    week = house.rhythm.week_of(day)
    for send in planned_sends(house):
        if send.goes_out and send.week == week:
            return Issue(date=send.local_date, due=send.due)
    return Issue(date=day, due=due_instant(day, house.rhythm.at, house.zone))


def items_of(house: House, issue: Issue) -> tuple[Item, ...]:
    """Every item dated in the issue's week: a letter that moved to Thursday still carries Friday's items."""
    week = house.rhythm.week_of(issue.date)
    days = [day for day in house.items.all_dates() if house.rhythm.week_of(day) == week]
    return tuple(item for day in days for item in house.items.for_issue(day))


def content_hash(items: Iterable[Item]) -> str:
    """What an approval signs: every word, audience and time of these items."""
    said = "\n".join(
        repr((item.id, item.kind.value, str(item.audience), sorted(item.texts.items()), item.event, item.role))
        for item in sorted(items, key=lambda item: item.id)
    )
    return hashlib.sha256(said.encode()).hexdigest()


def digests_go_out(house: House, day: date) -> bool:
    """Is it one of the digest's weekdays, and the school open?"""
    closed = any(holiday.covers(day) for holiday in house.terms.holidays())
    return WEEKDAYS[day.weekday()] in house.settings.digest.weekdays and not closed


def digest_due(house: House, now: datetime) -> list[tuple[date, datetime]]:
    """(day, due) of today's digest when its time has come, nobody has planned it, and the school is open."""
    return _due_today(house, now, house.settings.digest.at, DIGEST_SLOT)


def noon_digest_due(house: House, now: datetime) -> list[tuple[date, datetime]]:
    """The same for the digest of the teachers who want two a day."""
    return _due_today(house, now, house.settings.digest.noon_at, NOON_SLOT)


def _due_today(house: House, now: datetime, at: str, slot: str) -> list[tuple[date, datetime]]:
    today = now.astimezone(house.zone).date()
    due_at = due_instant(today, time.fromisoformat(at), house.zone)
    if not digests_go_out(house, today) or now < due_at or due_at in house.slots.taken(slot):
        return []
    return [(today, due_at)]
