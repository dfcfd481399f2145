"""The door: an LMTP or SMTP listener that says 250 only when the mail is committed.

It tells the true recipients, which IMAP loses. Whoever hands a mail over keeps it until we said 250, so a crash before
that costs nothing, and a crash after it finds the mail in the spool.
"""

import asyncio
import functools
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, AnyStr, Literal, Protocol

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope

from school.errors import PermanentError, TemporaryError

log = logging.getLogger(__name__)
# aiosmtpd writes every line of the dialogue, addresses and all, below this level.
logging.getLogger("mail.log").setLevel(logging.WARNING)

# RFC 5321 §4.5.3.1.6 allows 1,000 octets a line, real mail is longer; the text is kept as it is.
MAX_LINE_BYTES = 64 * 1024
# RFC 5321 §4.5.3.1.8: at least 100 recipients.
MAX_RECIPIENTS = 100

KEPT = "250 2.6.0 kept"
NOT_OURS = "550 5.1.1 no such address here"
TOO_MANY = "452 4.5.3 too many recipients, send the rest apart"
BARE_LINE_END = "550 5.6.0 a line ends in a bare CR or LF, RFC 5321 2.3.8"
TRY_LATER = "451 4.3.0 cannot keep the mail now, try again later"


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorSettings:
    """Where to listen, and what is too much."""

    protocol: Literal["lmtp", "smtp"] = "lmtp"
    host: str = "127.0.0.1"
    port: int = 8024
    hostname: str = "localhost"  #: how the door names itself
    max_message_bytes: int = 40_000_000
    tls: ssl.SSLContext | None = None  #: offers STARTTLS where given


class DoorSpool(Protocol):
    """What the door needs of the spool."""

    def keep_at_door(self, raw: bytes, envelope_to: tuple[str, ...], now: datetime) -> int:
        """The row's id, once it is committed."""

    def close(self) -> None:
        """The calling thread needs its connection no longer."""


class Door:
    """The listener: `start()` returns when it accepts connections, `stop()` when the last mail is kept or refused."""

    def __init__(
        self,
        settings: DoorSettings,
        spool: DoorSpool,
        is_ours: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        """*is_ours* says whether an address can be ours at all: anything else is refused before the mail is sent."""
        self._settings = settings
        self._spool = spool
        # One thread, hence one database connection: commits queue up here instead of in the database.
        self._keeper = ThreadPoolExecutor(1, thread_name_prefix="door")
        self._steps = _Steps(spool, self._keeper, is_ours, now)
        self._listener: _Listener | None = None

    def start(self) -> int:
        """The port it listens on: the configured one, or a free one where that is 0."""
        settings = self._settings
        try:
            listening = socket.create_server((settings.host, settings.port))
        except OSError as exc:
            raise PermanentError(
                f"door.port: cannot listen on {settings.host}:{settings.port} ({exc.strerror}): choose another"
            ) from exc
        self._listener = _Listener(settings, self._steps, listening)
        self._listener.start()
        log.info("door.open protocol=%s port=%s", settings.protocol, self._listener.port)
        return self._listener.port

    def stop(self) -> None:
        if self._listener:
            self._listener.stop()
        self._keeper.submit(self._spool.close)
        self._keeper.shutdown()
        log.info("door.closed")


class _Steps:
    """What we say to each step of the dialogue; aiosmtpd knows the rest. Names and arguments are aiosmtpd's."""

    def __init__(
        self,
        spool: DoorSpool,
        keeper: ThreadPoolExecutor,
        is_ours: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._spool = spool
        self._keeper = keeper
        self._is_ours = is_ours
        self._now = now

    # Any: aiosmtpd's own objects, not looked at.
    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        if not self._is_ours(address):
            log.info("door.refused reason=not-ours")
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ours"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - as above
        content = envelope.original_content or b""
        if has_bare_line_end(content):
            log.info("door.refused reason=bare-line-end")
            return BARE_LINE_END
        # RFC 5321 §4.4: who makes the final delivery writes down where failures would go; bounces say <>.
        sender = (envelope.mail_from or "").strip("<>")
        raw = f"Return-Path: <{sender}>\r\n".encode() + content
        keep = functools.partial(self._spool.keep_at_door, raw, tuple(envelope.rcpt_tos), self._now())
        try:
            spool_id = await asyncio.get_running_loop().run_in_executor(self._keeper, keep)
        except TemporaryError as exc:
            log.warning("door.not_kept reason=%s", exc)
            return TRY_LATER
        log.info("door.kept spool=%s", spool_id)
        return KEPT

    async def handle_exception(self, error: Exception) -> str:
        """Whatever we did not think of is ours to mend: the sender keeps the mail and tries again."""
        log.error("door.not_kept reason=%s", type(error).__name__)
        return TRY_LATER


def has_bare_line_end(content: bytes) -> bool:
    """Is there a CR or an LF that is not half of a CRLF? RFC 5321 §2.3.8 forbids it; smuggling lives from it."""
    pairs = content.count(b"\r\n")
    return content.count(b"\r") != pairs or content.count(b"\n") != pairs


class _Smtp(SMTP):
    line_length_limit = MAX_LINE_BYTES


class _Lmtp(LMTP):
    """aiosmtpd's LMTP, with one answer for each recipient after the final dot. RFC 2033 §4.2."""

    line_length_limit = MAX_LINE_BYTES
    _answers = 1

    async def push(self, status: AnyStr) -> None:
        text = status if isinstance(status, str) else status.decode()
        for _ in range(self._answers):
            await super().push(text)
        begins = text.startswith("354") and self.envelope is not None
        self._answers = len(self.envelope.rcpt_tos) if begins and self.envelope else 1


class _Listener(Controller):
    """Runs the dialogue in a thread of its own."""

    def __init__(self, settings: DoorSettings, steps: _Steps, listening: socket.socket) -> None:
        super().__init__(steps, hostname=settings.host, port=listening.getsockname()[1])
        self._settings = settings
        self._listening = listening

    def _create_server(self) -> Coroutine[Any, Any, asyncio.AbstractServer]:
        # Bound beforehand: aiosmtpd would tell a taken port only after five seconds.
        return self.loop.create_server(self._factory_invoker, sock=self._listening)

    def factory(self) -> SMTP:
        settings = self._settings
        kind = _Lmtp if settings.protocol == "lmtp" else _Smtp
        return kind(
            self.handler,
            data_size_limit=settings.max_message_bytes,
            enable_SMTPUTF8=True,
            hostname=settings.hostname,
            ident="Friday Folder",
            tls_context=settings.tls,
        )
