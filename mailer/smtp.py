"""The only SMTP client: one connection to the school's mail server, one letter at a time.

smtplib greets, encrypts and logs in. The letters themselves go over its socket by hand, command by command: with a time
limit for each step (RFC 5321 §4.5.3.2), a value for every ending, and half the processor time. An ending before the
final dot says for certain that nothing was sent. Commands are never pipelined.
"""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from mailer.reply_reader import NoReply, ReplyReader
from mailer.server_replies import ServerReply
from mailer.transport import ConnectionBroken, ServerAway
from mailer.xoauth2 import xoauth2

SECURITIES = ("starttls", "tls", "none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """Seconds to wait at each step: RFC 5321 §4.5.3.2. Too short a wait after the dot makes copies."""

    connect: float = 60
    banner: float = 300
    command: float = 300  #: EHLO, STARTTLS, AUTH, MAIL, RCPT
    data: float = 120
    block: float = 180
    dot: float = 600
    goodbye: float = 5  #: RSET after a refusal and QUIT: nothing hangs on them


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpSettings:
    host: str
    port: int = 587
    security: str = "starttls"  #: `starttls`, `tls` (from the first byte), or `none` (loopback, tests)
    user: str = ""
    password: str = field(default="", repr=False)
    #: Makes an OAuth bearer token at each login; None = the password.
    bearer: Callable[[], str] | None = field(default=None, repr=False)
    hello: str = ""  #: the name we greet with; empty = our address in brackets (RFC 5321 §4.1.3)
    tls: ssl.SSLContext | None = None  #: None = verified against the system's authorities
    timeouts: Timeouts = Timeouts()


class SmtpTransport:
    """A connection made by `connect`, used by `send`, and gone after the first thing that goes wrong with it."""

    def __init__(self, settings: SmtpSettings) -> None:
        if settings.security not in SECURITIES:
            raise ValueError(f"security is one of {', '.join(SECURITIES)}")
        self._settings = settings
        self._client: smtplib.SMTP | None = None

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.sock is not None

    def connect(self) -> None:
        """Ready to take letters; ServerAway, with words for the office, otherwise."""
        settings = self._settings
        where = f"{settings.host}:{settings.port}"
        try:
            self._client = self._greeted()
            self._log_in(self._client)
        except ServerAway:
            self._drop()
            raise
        except smtplib.SMTPAuthenticationError as exc:
            self._drop()
            words = f"{where} refused the name or password ({exc.smtp_code}): correct smtp.user and smtp.password"
            raise ServerAway(words) from exc
        except ssl.SSLError as exc:
            self._drop()
            raise ServerAway(f"{where} has no certificate we can trust ({exc.reason or 'TLS failed'})") from exc
        except smtplib.SMTPResponseException as exc:
            self._drop()
            raise ServerAway(f"{where} does not take mail now ({exc.smtp_code})") from exc
        except (OSError, smtplib.SMTPException, ValueError) as exc:
            self._drop()
            raise ServerAway(f"{where} cannot be reached ({_short(exc)})") from exc

    def send(self, envelope_from: str, address: str, raw: bytes) -> ServerReply:
        """The answer that decided: to the final dot, or the first refusal. ConnectionBroken without one.

        *raw* has CRLF line ends only; anything else is refused here, before a server could read an end of message
        into it (RFC 5321 §4.1.1.4).
        """
        if not raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n") or not raw.endswith(b"\r\n"):
            raise ValueError("a letter has CRLF line ends only")
        limits = self._settings.timeouts
        for phase, command, seconds in (
            ("mail", f"MAIL FROM:<{envelope_from}>", limits.command),
            ("rcpt", f"RCPT TO:<{address}>", limits.command),
            ("data", "DATA", limits.data),
        ):
            reply = self._ask(phase, command, seconds)
            if reply.code // 100 not in {2, 3}:
                self._start_again(reply)
                return reply
        self._give(raw)
        reply = self._answer("dot", limits.dot)
        if reply.code == 421:
            self._drop()
        return reply

    def close(self) -> None:
        """Say goodbye, or just leave; never raises."""
        if self.connected:
            with contextlib.suppress(ConnectionBroken):
                self._ask("quit", "QUIT", self._settings.timeouts.goodbye)
        self._drop()

    # ---- connecting ----

    def _greeted(self) -> smtplib.SMTP:
        settings, limits = self._settings, self._settings.timeouts
        client = _Client(settings, limits)
        self._client = client
        code, text = client.connect(settings.host, settings.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        assert client.sock is not None  # connected
        client.sock.settimeout(limits.command)
        client.local_hostname = settings.hello or _literal(client.sock)
        _ehlo(client)
        if settings.security == "starttls":
            if not client.has_extn("starttls"):
                raise ServerAway(f"{settings.host} offers no encryption: nothing is sent in the clear")
            client.starttls(context=_context(settings))
            _ehlo(client)
        return client

    def _log_in(self, client: smtplib.SMTP) -> None:
        settings = self._settings
        if settings.bearer is not None:
            token = settings.bearer()
            client.auth("XOAUTH2", lambda challenge=None: xoauth2(settings.user, token) if challenge is None else "")
        elif settings.user:
            client.login(settings.user, settings.password)

    # ---- one letter ----

    def _ask(self, phase: str, command: str, seconds: float) -> ServerReply:
        self._write(phase, command.encode("ascii") + b"\r\n", seconds)
        return self._answer(phase, seconds)

    def _write(self, phase: str, data: bytes, seconds: float) -> None:
        connection = self._living(phase)
        try:
            _limit(connection, seconds)
            connection.sendall(data)
        except OSError as exc:
            self._drop()
            raise ConnectionBroken(phase, "the server closed the connection") from exc

    def _answer(self, phase: str, seconds: float) -> ServerReply:
        """The server's reply, without its text: that names addresses."""
        connection = self._living(phase)
        reader, reply = ReplyReader(), None
        try:
            _limit(connection, seconds)
            while reply is None:
                data = connection.recv(4096)
                if not data:
                    raise ConnectionResetError
                reply = reader.feed(data)
        except NoReply as exc:
            self._drop()
            raise ConnectionBroken(phase, "the server's answer made no sense") from exc
        except OSError as exc:
            self._drop()
            raise ConnectionBroken(phase, "the server closed the connection or fell silent") from exc
        return ServerReply(code=reply[0], enhanced=reply[1], phase=phase)

    def _give(self, raw: bytes) -> None:
        """The letter and the final dot in one piece. When this fails the dot was not sent."""
        stuffed = raw.replace(b"\r\n.", b"\r\n..")  # RFC 5321 §4.5.2; every line end is CRLF
        start = b"." if raw.startswith(b".") else b""
        self._write("body", start + stuffed + b".\r\n", self._settings.timeouts.block)

    def _start_again(self, reply: ServerReply) -> None:
        """RSET, so the next letter finds a clean connection; a connection that cannot even do that is dropped."""
        if reply.code == 421:
            self._drop()
            return
        try:
            if self._ask("rset", "RSET", self._settings.timeouts.goodbye).code != 250:
                self._drop()
        except ConnectionBroken:
            return

    def _living(self, phase: str) -> socket.socket:
        if self._client is None or self._client.sock is None:
            raise ConnectionBroken(phase, "the connection is closed")
        return self._client.sock

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


class _Client(smtplib.SMTP):
    """smtplib, with limits of its own for the connection and for the banner, and TLS from the first byte if asked."""

    def __init__(self, settings: SmtpSettings, limits: Timeouts) -> None:
        # An empty local name keeps smtplib from asking the DNS for one; it is set once connected.
        super().__init__(local_hostname="", timeout=limits.connect)
        self._settings, self._limits = settings, limits
        self._host = settings.host  # what the certificate must name; smtplib sets it only when it connects by itself

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._settings.security == "tls":
            made = _context(self._settings).wrap_socket(made, server_hostname=host)
        made.settimeout(self._limits.banner)
        return made


def _limit(connection: socket.socket, seconds: float) -> None:
    """Setting a limit costs a system call, asking for it none."""
    if connection.gettimeout() != seconds:
        connection.settimeout(seconds)


def _ehlo(client: smtplib.SMTP) -> None:
    code, text = client.ehlo()
    if code in {500, 502}:
        code, text = client.helo()
    if code != 250:
        raise smtplib.SMTPResponseException(code, text)


def _context(settings: SmtpSettings) -> ssl.SSLContext:
    return settings.tls or ssl.create_default_context()


def _literal(connection: socket.socket) -> str:
    address = connection.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _short(exc: Exception) -> str:
    return getattr(exc, "strerror", None) or ("no answer in time" if isinstance(exc, TimeoutError) else str(exc)[:120])
