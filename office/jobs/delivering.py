"""Delivering: what is due in the outbox goes to the mail server, by one sender at a time on SQLite."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from mailer.deliver import DeliveryPolicy, DeliveryReport, deliver_due
from mailer.sender_lock import SenderLock
from mailer.smtp import SmtpTransport
from office.wiring import House
from school.errors import PermanentError, TemporaryError
from storage import hold

LOCK = "sender.lock"
LOOK_SECONDS = 1.0
HELD = (
    "nothing is sent from this database: {why}; see 'fridayfolder sending list', cancel what must not go out (again), "
    "then run 'fridayfolder sending confirm'"
)


def deliver(
    house: House,
    owner: str,
    clock: Callable[[], datetime],
    stop: threading.Event | None = None,
    progress: Callable[[DeliveryReport], None] | None = None,
) -> DeliveryReport:
    """What became of every letter that is due. SenderBusy when another process sends from the same SQLite file.

    Each pass claims under a name of its own, so one that died in a living process leaves nothing behind either.
    """
    if why := hold.reason(house.database):
        return DeliveryReport(trouble=HELD.format(why=why))
    smtp = house.settings.smtp
    policy = DeliveryPolicy(
        owner=f"{owner}.{secrets.token_hex(4)}",
        connections=smtp.connections,
        letters_per_connection=smtp.letters_per_connection,
        domain_concurrency=smtp.domain_concurrency,
        domain_per_minute=smtp.domain_per_minute,
        provider_id_domain=smtp.provider_id_domain,
    )
    watch = _HoldWatch(house, stop, progress)
    with ExitStack() as held:
        if not house.database.postgres:
            held.enter_context(lock_beside_database(house, LOCK))
        house.outbox.recover(policy.owner)
        return deliver_due(
            house.outbox,
            lambda: SmtpTransport(house.smtp),
            policy,
            lambda: clock().astimezone(house.zone),  # who is barred today is decided by the school's date
            watch,
            watch.look,
            house.health,
        )


class _HoldWatch(threading.Event):
    """Set when the caller's own event is, or when somebody holds all sending: looked up every second."""

    def __init__(
        self, house: House, stop: threading.Event | None, progress: Callable[[DeliveryReport], None] | None
    ) -> None:
        super().__init__()
        self._house, self._outer, self._progress = house, stop, progress
        self._next = time.monotonic() + LOOK_SECONDS

    def is_set(self) -> bool:
        return super().is_set() or (self._outer is not None and self._outer.is_set())

    def look(self, report: DeliveryReport) -> None:
        if self._progress is not None:
            self._progress(report)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LOOK_SECONDS
            with suppress(TemporaryError):  # busy: the next look will tell
                if hold.reason(self._house.database):
                    self.set()


@contextmanager
def lock_beside_database(house: House, name: str) -> Iterator[None]:
    """Held by one process at a time for one SQLite file, whichever configuration names it. SenderBusy at once."""
    path = Path(house.database.url.removeprefix("sqlite:")).parent / name
    with ExitStack() as held:
        try:
            held.enter_context(SenderLock(path))
        except OSError as exc:
            raise PermanentError(f"{path}: cannot be written ({exc.strerror}): let this user write there") from exc
        yield
