"""Who plans and reads the mailbox: one service at a time, proven by a lock on SQLite and by a lease on PostgreSQL.

Two that plan or read would do no harm, for slots and spool keys are unique; they would do everything twice, and a mail
server sees two clients in one mailbox. Sending is not led: on PostgreSQL every service and worker claims letters.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from office.jobs.delivering import lock_beside_database
from office.logs import log
from office.wiring import House

LEASE = "leader"
LEASE_SECONDS = 30.0
RENEW_SECONDS = 5.0  #: several renewals may fail before the lease is over
SERVICE_LOCK = "service.lock"


@contextmanager
def only_service(house: House) -> Iterator[None]:
    """SQLite has one service: a second one raises SenderBusy at once. PostgreSQL has as many as wanted."""
    if house.database.postgres:
        yield
        return
    with lock_beside_database(house, SERVICE_LOCK):
        yield


class Leadership:
    """Asked before each thing that one service does for all; renewed by a loop of its own."""

    def __init__(self, house: House, owner: str) -> None:
        self._house = house
        self._owner = owner
        self._until = 0.0  #: monotonic

    @property
    def mine(self) -> bool:
        return not self._house.database.postgres or time.monotonic() < self._until

    def renew(self) -> None:
        """Take the lease, or keep it; when the database cannot be asked it runs out by our own clock."""
        was, asked = self.mine, time.monotonic()
        if self._house.spool.take_lease(LEASE, self._owner, LEASE_SECONDS):
            self._until = asked + LEASE_SECONDS
        else:
            self._until = 0.0
        if self.mine != was:
            log("service.leads" if self.mine else "service.follows", owner=self._owner)

    def give_back(self) -> None:
        """Another service may lead at once."""
        if self._house.database.postgres and self.mine:
            self._until = 0.0
            self._house.spool.release_lease(LEASE, self._owner)
