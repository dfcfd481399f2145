"""Polling: one pass over the mailbox, everything stored, then everything stored read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from inbox.mailbox import MailboxAway
from office.jobs.reading import read_waiting
from office.wiring import House
from school.errors import FridayFolderError
from school.filing import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    fetched: int
    outcomes: tuple[Outcome, ...]


def poll(house: House, now: datetime, stopped: Callable[[], bool] = lambda: False) -> Polled:
    """What came and what became of it.

    A mailbox that is away or refuses us raises, after what was stored before has been read.
    """
    fetched, trouble = 0, None
    if house.mailbox is not None:
        try:
            fetched = house.mailbox.fetch_new(now).fetched
        except FridayFolderError as exc:
            fetched, trouble = exc.report.fetched if isinstance(exc, MailboxAway) else 0, exc
    outcomes = read_waiting(house, now, stopped)
    if trouble is not None:
        raise trouble
    if house.mailbox is not None and house.settings.imap.archive and not stopped():
        house.mailbox.settle_finished()
    return Polled(fetched=fetched, outcomes=tuple(outcomes))
