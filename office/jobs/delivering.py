"""Delivering: what is due in the outbox goes to the mail server, by one sender at a time on SQLite."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from mailer.deliver import DeliveryPolicy, DeliveryReport, deliver_due
from mailer.sender_lock import SenderLock
from mailer.smtp import SmtpTransport
from office.wiring import House

LOCK = "sender.lock"


def deliver(
    house: House,
    owner: str,
    clock: Callable[[], datetime],
    stop: threading.Event | None = None,
    progress: Callable[[DeliveryReport], None] | None = None,
) -> DeliveryReport:
    """What became of every letter that is due. SenderBusy when another process sends from the same SQLite file."""
    smtp = house.settings.smtp
    policy = DeliveryPolicy(
        owner=owner, connections=smtp.connections, letters_per_connection=smtp.letters_per_connection
    )
    with ExitStack() as held:
        if not house.database.postgres:
            held.enter_context(SenderLock(house.folder / LOCK))
        house.outbox.recover(owner)
        return deliver_due(
            house.outbox,
            lambda: SmtpTransport(house.smtp),
            policy,
            clock,
            stop,
            progress,
            house.health,
        )
