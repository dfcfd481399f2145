"""A school's mail servers on loopback: an SMTP server that keeps what it is given, and an IMAP mailbox to read from.

Both are real servers (aiosmtpd, pymap), need no root, take a free port, and stop with their `with` block.
"""

import asyncio
import contextlib
import imaplib
import socket
import threading
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
START_SECONDS = 10.0
MAX_LETTER_BYTES = 26_214_400  # 25 MB, what the big providers take


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """One letter as a receiving server got it."""

    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(slots=True)
class _Postman:
    """What aiosmtpd asks at each step of a delivery."""

    refused: frozenset[str]
    kept: list[Delivered] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower() in self.refused:
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        content = envelope.original_content or b""
        letter = Delivered(
            envelope_from=envelope.mail_from or "", recipients=tuple(envelope.rcpt_tos), raw=bytes(content)
        )
        with self.lock:
            self.kept.append(letter)
        return "250 2.0.0 kept"


class DemoSmtp:
    """An SMTP server that keeps every letter; *refuse* names addresses it answers with 550 5.1.1."""

    def __init__(self, refuse: Iterable[str] = ()) -> None:
        self._postman = _Postman(frozenset(address.lower() for address in refuse))
        self._controller = Controller(
            self._postman,
            hostname=LOOPBACK,
            port=free_port(),
            ready_timeout=START_SECONDS,
            data_size_limit=MAX_LETTER_BYTES,
        )
        self.host = LOOPBACK
        self.port: int = self._controller.port

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def kept(self) -> tuple[Delivered, ...]:
        """Every letter so far, in the order of arrival."""
        with self._postman.lock:
            return tuple(self._postman.kept)

    def take(self) -> tuple[Delivered, ...]:
        """The letters that came since the last take."""
        with self._postman.lock:
            letters = tuple(self._postman.kept)
            self._postman.kept.clear()
            return letters


class DemoImap:
    """An IMAP server with a mailbox per user, all in memory. *users* maps login names to passwords."""

    def __init__(self, users: dict[str, str] | None = None) -> None:
        self.users = users or {"replies@school.test": "demo"}
        self.user, self.password = next(iter(self.users.items()))
        self.host = LOOPBACK
        self.port = free_port()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-imap", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(START_SECONDS)
        if self._failure or self._loop is None:
            raise RuntimeError("the demo's IMAP server did not start") from self._failure
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._loop and self._stop:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_SECONDS)

    def append(self, raw: bytes, arrived: datetime, user: str = "") -> None:
        """One mail into the user's INBOX, with its time of arrival."""
        self.append_all([(raw, arrived)], user)

    def append_all(self, mails: Iterable[tuple[bytes, datetime]], user: str = "") -> None:
        """Mails into the user's INBOX (default: the first user's), over the protocol itself."""
        name = user or self.user
        with imaplib.IMAP4(self.host, self.port, timeout=START_SECONDS) as client:
            # APPEND ends with a line break of its own, which would wait 40 ms for the packet before it (RFC 896).
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.login(name, self.users[name])
            for raw, arrived in mails:
                status, answer = client.append("INBOX", "", imaplib.Time2Internaldate(arrived), raw)
                if status != "OK":
                    raise RuntimeError(f"the demo's IMAP server refused a mail: {answer!r}")

    def _run(self) -> None:
        try:
            # Leaving the stack cancels the server's own task, and this one with it.
            with contextlib.suppress(asyncio.CancelledError):
                asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - told in __enter__, where somebody listens
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        # pymap is an optional extra: only a demo needs it.
        from pymap.backend.dict import DictBackend  # noqa: PLC0415
        from pymap.imap import IMAPService  # noqa: PLC0415
        from pymap.user import Passwords, UserMetadata  # noqa: PLC0415

        backend, config = await DictBackend.init(self._options())
        config.apply_context()
        for name, password in self.users.items():
            secret = await Passwords(config).hash_password(password)
            backend.login.users_dict[name] = UserMetadata(config, name, password=secret)
        service = IMAPService(backend, config)
        async with contextlib.AsyncExitStack() as stack:
            await backend.start(stack)
            await service.start(stack)
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._ready.set()
            await self._stop.wait()

    def _options(self) -> Namespace:
        """Every option of pymap's own command line, for it asks for all of them."""
        settings: dict[str, Any] = {  # Any: the options have no common type
            "host": self.host,
            "port": self.port,
            "demo_user": self.user,
            "demo_password": self.password,
            "demo_data": False,
            "debug": False,
            "tls": False,
            "proxy_protocol": None,
            "inherited_sockets": None,
            "passlib_cfg": None,
            "cert": None,
            "key": None,
        }
        return Namespace(**settings)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
