"""An LMTP server behind Postfix that keeps what it gets."""

import time
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP

from tests.peers.loopback import HOST, free_port


class LmtpSink:
    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[tuple[str, tuple[str, ...], bytes]] = []  #: (sender, recipients, bytes)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the name aiosmtpd calls
        self.taken.append((envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.original_content or b""))
        return "250 2.0.0 kept"

    def to(self, address: str) -> list[bytes]:
        return [raw for _, recipients, raw in self.taken if address in recipients]

    def wait_for(self, address: str, seconds: float = 30) -> bytes:
        """The first mail to *address*."""
        end = time.monotonic() + seconds
        while not (found := self.to(address)):
            assert time.monotonic() < end, f"nothing came to {address}"
            time.sleep(0.02)
        return found[0]


class _Controller(Controller):
    def factory(self):
        return LMTP(self.handler, enable_SMTPUTF8=True)


@pytest.fixture(scope="session")
def lmtp_sink() -> Iterator[LmtpSink]:
    sink = LmtpSink()
    controller = _Controller(sink, hostname=HOST, port=sink.port)
    controller.start()
    yield sink
    controller.stop()
