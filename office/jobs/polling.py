"""Polling: one pass over the mailbox, everything stored, then everything stored read."""

from dataclasses import dataclass
from datetime import datetime

from inbox.mailbox import MailboxAway
from office.jobs.reading import read_waiting
from office.wiring import House
from school.filing import Outcome

LEASE_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    fetched: int
    outcomes: tuple[Outcome, ...]


def poll(house: House, now: datetime) -> Polled:
    """What came and what became of it. A mailbox that is away raises, after what was stored before has been read."""
    fetched, trouble = 0, None
    if house.mailbox is not None:
        try:
            fetched = house.mailbox.fetch_new(now).fetched
        except MailboxAway as exc:
            fetched, trouble = exc.report.fetched, exc
    outcomes = read_waiting(house, now)
    if trouble is not None:
        raise trouble
    if house.mailbox is not None and house.settings.imap.archive:
        house.mailbox.settle_finished()
    return Polled(fetched=fetched, outcomes=tuple(outcomes))
