"""The only SMTP client: one connection to the school's mail server, one letter at a time.

smtplib greets, encrypts and logs in; that waits for the server. The letters then go over its socket without waiting, as
`conversation.py` says, so one thread serves many connections: with a time limit for each step (RFC 5321 §4.5.3.2) and a
value for every ending. An ending before the final dot says for certain that nothing was sent.
"""

import contextlib
import select
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass, field

from mailer.conversation import ConnectionBroken, Conversation
from mailer.server_replies import ServerReply
from mailer.transport import ServerAway
from mailer.xoauth2 import TokenAway, TokenRefused, Tokens, xoauth2

SECURITIES = ("starttls", "tls", "none")
RECEIVE = 1 << 16  # more than one TLS record, so nothing is left behind in one
NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
SILENT = "the server closed the connection or fell silent"


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
    tokens: Tokens | None = None  #: None = the password
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
        self._line: socket.socket | None = None  #: the client's, once letters may go over it
        self._talk: Conversation | None = None
        self._unwritten: bytes | memoryview = b""
        self._pipelining = False  #: does the server take several commands at once (RFC 2920)?
        self.patience_ends = 0.0
        limits = settings.timeouts
        self._limits = {
            "mail": limits.command,
            "rcpt": limits.command,
            "data": limits.data,
            "body": limits.block,
            "dot": limits.dot,
            "rset": limits.goodbye,
        }

    @property
    def connected(self) -> bool:
        return self._line is not None

    @property
    def handle(self) -> int:
        return self._living().fileno()

    @property
    def writing(self) -> bool:
        return bool(self._unwritten)

    def connect(self) -> None:
        """Ready to take letters; ServerAway, with words for the office, otherwise."""
        settings = self._settings
        where = f"{settings.host}:{settings.port}"
        try:
            self._client = self._greeted()
            try:
                self._log_in(self._client)
            except smtplib.SMTPAuthenticationError:
                if settings.tokens is None:
                    raise
                # The token ended before its time: once more with a new one, on a connection as good as new.
                self._drop()
                self._client = self._greeted()
                self._log_in(self._client)
            assert self._client.sock is not None  # connected
            self._client.sock.setblocking(False)
            self._pipelining = self._client.has_extn("pipelining")
            self._line = self._client.sock
        except ServerAway:
            self._drop()
            raise
        except smtplib.SMTPAuthenticationError as exc:
            self._drop()
            raise ServerAway(f"{where} refused {_wrong(settings, exc)}") from None  # its text may hold what we sent
        except (TokenRefused, TokenAway) as exc:
            self._drop()
            raise ServerAway(str(exc)) from exc
        except ssl.SSLError as exc:
            self._drop()
            raise ServerAway(f"{where} has no certificate we can trust ({exc.reason or 'TLS failed'})") from exc
        except smtplib.SMTPResponseException as exc:
            self._drop()
            raise ServerAway(f"{where} does not take mail now ({exc.smtp_code})") from exc
        except (OSError, smtplib.SMTPException, ValueError) as exc:
            self._drop()
            raise ServerAway(f"{where} cannot be reached ({_short(exc)})") from exc

    def begin(self, talk: Conversation) -> None:
        """Offer a letter; ConnectionBroken without a connection."""
        self._living()
        self._talk = talk
        self._write(talk, talk.open(pipelining=self._pipelining))

    def advance(self) -> ServerReply | None:
        """Go on as far as the server's words allow, without waiting for it: the answer that decided, once there is one.

        ConnectionBroken when the connection ended without one.
        """
        talk = self._talking()
        if self._unwritten:
            self._write(talk, self._unwritten)
            return self._outcome(talk)
        try:
            data = self._living().recv(RECEIVE)
            if not data:
                raise ConnectionResetError
        except NOT_YET:
            return None
        except OSError as exc:
            return self._lose(talk, SILENT, exc)
        step = talk.phase
        try:
            answer = talk.hear(data)
        except ConnectionBroken:
            self._drop()
            raise
        if answer:
            self._write(talk, answer)
        elif talk.phase != step:
            self._begin_patience(talk)
        return self._outcome(talk)

    def give_up(self) -> ServerReply:
        """The server's time for this step is over: ConnectionBroken, or the refusal that was heard before."""
        return self._lose(self._talking(), SILENT, None)

    def send(self, envelope_from: str, address: str, raw: bytes) -> ServerReply:
        """The answer that decided: to the final dot, or the first refusal. ConnectionBroken without one. Waits."""
        self.begin(Conversation(envelope_from, address, raw))
        while True:
            reply = self.advance()
            if reply is not None:
                return reply
            waiting = select.poll()
            waiting.register(self.handle, select.POLLOUT if self.writing else select.POLLIN)
            if not waiting.poll(max(0.0, self.patience_ends - time.monotonic()) * 1000):
                return self.give_up()

    def close(self) -> None:
        """Say goodbye, or just leave; never raises."""
        if self.connected and self._talk is None:
            with contextlib.suppress(OSError):
                connection = self._living()
                connection.settimeout(self._settings.timeouts.goodbye)
                connection.sendall(b"QUIT\r\n")
                connection.recv(RECEIVE)
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
        if settings.tokens is not None:
            with settings.tokens.turn:
                _log_in_by_token(client, settings.user, settings.tokens)
        elif settings.user:
            client.login(settings.user, settings.password)

    # ---- one letter ----

    def _write(self, talk: Conversation, data: bytes | memoryview) -> None:
        """As much as goes without waiting; the rest stays for the next `advance`."""
        try:
            count = self._living().send(data)
        except NOT_YET:
            count = 0
        except OSError as exc:
            self._lose(talk, "the server closed the connection", exc)
            return
        self._unwritten = memoryview(data)[count:] if count < len(data) else b""
        if not self._unwritten:
            talk.written()
        self._begin_patience(talk)

    def _begin_patience(self, talk: Conversation) -> None:
        """Every step has a limit of its own."""
        self.patience_ends = time.monotonic() + self._limits[talk.phase]

    def _outcome(self, talk: Conversation) -> ServerReply | None:
        if talk.ending is not None:
            self._talk = None
            if talk.spent:
                self._drop()
        return talk.ending

    def _lose(self, talk: Conversation, words: str, cause: Exception | None) -> ServerReply:
        self._drop()
        talk.lost(words, cause)
        assert talk.ending is not None  # otherwise it raised
        return talk.ending

    def _talking(self) -> Conversation:
        if self._talk is None:
            raise ConnectionBroken("mail", "the connection is closed")
        return self._talk

    def _living(self) -> socket.socket:
        if self._line is None:
            raise ConnectionBroken("mail", "the connection is closed")
        return self._line

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._line = self._talk = None
        self._unwritten = b""


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


def _log_in_by_token(client: smtplib.SMTP, user: str, tokens: Tokens) -> None:
    token = tokens.token()
    try:
        # A refusal comes as a challenge, which wants an empty answer before the server says 535.
        client.auth("XOAUTH2", lambda challenge=None: xoauth2(user, token) if challenge is None else "")
    except smtplib.SMTPAuthenticationError:
        tokens.refused(token)
        raise


def _wrong(settings: SmtpSettings, exc: smtplib.SMTPAuthenticationError) -> str:
    if settings.tokens is not None:
        return f"our token ({exc.smtp_code}): correct smtp.user and [oauth], and let this client send for that user"
    return f"the name or password ({exc.smtp_code}): correct smtp.user and smtp.password"


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
