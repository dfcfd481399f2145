"""Cancelling a run: how many letters never go, counted once whoever sends has given back what no server has."""

import time
from dataclasses import dataclass
from datetime import datetime

from office.wiring import House

PATIENCE_SECONDS = 2.0  #: a sender notices within one letter, or half a second
LOOK_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    cancelled: int  #: letters that never go
    in_hand: int  #: with a server, or about to be: their end is not known yet


def cancel_run(house: House, run: str, now: datetime) -> Cancelled:
    """The numbers are final unless a letter is still in hand after two seconds."""
    before = house.outbox.ledger(run).get("cancelled", 0)
    house.outbox.cancel(run, now)
    end = time.monotonic() + PATIENCE_SECONDS
    while (ledger := house.outbox.ledger(run)).get("claimed", 0) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    return Cancelled(cancelled=ledger.get("cancelled", 0) - before, in_hand=ledger.get("claimed", 0))
