"""Polling: one pass over each mailbox, everything stored, then everything stored read."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from inbox.mailbox import Mailbox, MailboxAway
from office.jobs.reading import read_waiting
from office.wiring import House
from school.errors import FridayFolderError
from school.filing import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    fetched: int
    outcomes: tuple[Outcome, ...]


def poll(
    house: House,
    now: datetime,
    stopped: Callable[[], bool] = lambda: False,
    mailboxes: Sequence[Mailbox] | None = None,
    *,
    reading: AbstractContextManager[object] | None = None,
) -> Polled:
    """What came and what became of it; of all mailboxes, or of *mailboxes*. Reading is done within *reading*.

    One that is away or refuses us stops neither the others nor the reading of what is stored; the first such trouble is
    raised after all is done.
    """
    fetched, troubles = 0, []
    mailboxes = house.mailboxes if mailboxes is None else mailboxes
    reached = []
    for mailbox in mailboxes:
        if stopped():
            break
        try:
            fetched += mailbox.fetch_new(now).fetched
            reached.append(mailbox)
        except FridayFolderError as exc:
            fetched += exc.report.fetched if isinstance(exc, MailboxAway) else 0
            troubles.append(exc)
    with reading or nullcontext():
        outcomes = read_waiting(house, now, stopped)
    for mailbox in reached:
        if stopped():
            break
        try:
            mailbox.settle_finished()
        except FridayFolderError as exc:
            troubles.append(exc)
    if troubles:
        raise troubles[0]
    return Polled(fetched=fetched, outcomes=tuple(outcomes))
