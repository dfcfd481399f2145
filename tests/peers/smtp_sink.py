"""A real SMTP server in a thread that keeps what it gets, and refuses what a test asks it to refuse."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller

from tests.peers.loopback import HOST, free_port


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    peer: tuple[str, int]


@dataclass
class SmtpSink:
    """Refuses bounce@… for good, busy@… for now and `refuse[address]` as told; keeps the rest."""

    host: str = HOST
    port: int = 0
    messages: list[Received] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the name aiosmtpd calls
        if address in self.refuse:
            return self.refuse[address]
        if address.startswith("bounce@"):
            return "550 5.1.1 no such user"
        if address.startswith("busy@"):
            return "451 4.3.0 try later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
        message = Received(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=envelope.original_content or b"",
            peer=session.peer,
        )
        self.messages.append(message)
        return f"250 2.0.0 kept as {len(self.messages)}"


@contextlib.contextmanager
def running_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink(port=free_port())
    controller = Controller(sink, hostname=sink.host, port=sink.port)
    controller.start()
    yield sink
    controller.stop()


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    with running_sink() as sink:
        yield sink
