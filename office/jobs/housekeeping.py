"""Housekeeping: bytes that are no longer needed go, once a day; rows, hashes and conversations stay."""

from datetime import datetime, timedelta

from office.jobs.issues import SERVICE_SLOT
from office.logs import log
from office.wiring import House


def clean_up(house: House, now: datetime) -> None:
    """Drop the bytes of long finished letters and of raw mail past its time; does nothing a second time on one day."""
    day = now.astimezone(house.zone).date()
    midnight = datetime.combine(day, datetime.min.time(), house.zone)
    if not house.slots.take(SERVICE_SLOT, day, house.zone, midnight, now):
        return
    keep = house.settings.keep
    letters = house.outbox.prune_bodies(now - timedelta(days=keep.sent_bytes_days))
    mails = house.retention.prune_raw(now - timedelta(days=keep.raw_mail_days))
    accepted = timedelta(days=house.settings.replies.accept_days)
    names = house.retention.prune_names(now - accepted, now - timedelta(days=1))
    troubles = house.health.forget(now)
    log("housekeeping.done", letters=letters, mails=mails, names=names, troubles=troubles)
