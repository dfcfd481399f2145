"""An outbox, a scripted server and a clock for the delivery tests."""

import functools
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import trustme

from mailer.deliver import DeliveryPolicy, DeliveryReport, deliver_due
from mailer.smtp import SmtpSettings, SmtpTransport, Timeouts
from school.letter import LetterKind
from storage.address_health import AddressHealth
from storage.database import Database
from storage.outbox import Outbox
from tests.faultpeer.smtp import FaultPeer
from tests.storage.outbox_letters import NOON, RUN, letter, message, plan

__all__ = ["NOON", "RUN", "Office", "letter", "message", "open_office"]

# A server that answers is waited for, however busy the machine; one that is silent on purpose is not.
PATIENT = Timeouts(connect=30, banner=30, command=30, data=30, block=30, dot=30, goodbye=30)
SHORT = Timeouts(connect=30, banner=0.7, command=0.7, data=0.7, block=0.7, dot=0.7, goodbye=0.7)


@functools.cache
def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(the server's, the client's)."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


class Office:
    """One school that sends: its time stands still until somebody moves it."""

    def __init__(self, database: Database, peer: FaultPeer, *, tls: bool = False) -> None:
        self.database, self.peer = database, peer
        self.outbox, self.addresses = Outbox(database), AddressHealth(database)
        self.now = NOON
        self.settings = SmtpSettings(
            host="localhost",
            port=peer.port,
            security="starttls" if tls else "none",
            user="office" if tls else "",
            password="secret" if tls else "",
            hello="school.test",
            tls=certificates()[1] if tls else None,
            timeouts=PATIENT,
        )

    def plan(
        self, count: int, kind: LetterKind = LetterKind.NEWSLETTER, size: int = 300, run: str = RUN, **changes
    ) -> None:
        letters = [
            letter(number, run=run, kind=kind, raw=message(number, size, run), **changes)
            for number in range(1, count + 1)
        ]
        plan(self.outbox, *letters, run=run, kind=kind)

    def deliver(self, **policy) -> DeliveryReport:
        stop, progress = policy.pop("stop", None), policy.pop("progress", None)
        return deliver_due(
            self.outbox,
            lambda: SmtpTransport(self.settings),
            DeliveryPolicy(**({"owner": "boot", "connections": 1} | policy)),
            lambda: self.now,
            stop,
            progress,
            self.addresses,
        )

    def impatient(self) -> None:
        self.settings = replace(self.settings, timeouts=SHORT)

    def patient(self) -> None:
        self.settings = replace(self.settings, timeouts=PATIENT)

    def wait(self, span: timedelta) -> None:
        self.now += span

    def record(self, number: int = 1, run: str = RUN):
        return next(one for one in self.outbox.letters(run) if one.recipient_id == f"g{number}")


@contextmanager
def open_office(path, *, tls: bool = False) -> Iterator[Office]:
    database = Database(f"sqlite:{path}/outbox.db")
    database.migrate()
    with FaultPeer(certificates()[0] if tls else None) as peer:
        yield Office(database, peer, tls=tls)
    database.close()


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 27, hour, minute, tzinfo=UTC)
