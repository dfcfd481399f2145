"""A mailbox over IMAP: connect safely, fetch what is new, wait for more, move away what is decided.

Only these commands touch mails: UID FETCH with PEEK, UID SEARCH, and on mails of ours UID MOVE, COPY, STORE and
UID EXPUNGE. Never a bare EXPUNGE: it would remove what other people marked as deleted. Seen or unseen means nothing,
for other programs read the mailbox too.
"""

import contextlib
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from inbox.arrival import FetchReport, Trouble, after_failure, pause
from inbox.fetch import (
    Facts,
    Folder,
    LargerThanAnnounced,
    MailboxAway,
    Memory,
    Pass,
    Refused,
    SpoolKeeper,
    Wanted,
    numbered,
)
from school.errors import FridayFolderError, PermanentError

__all__ = ["LoginRefused", "Mailbox", "MailboxAway", "MailboxSettings", "Untrusted"]

log = logging.getLogger(__name__)
# Below INFO the library writes every line of the dialogue, mails and all.
logging.getLogger("imapclient").setLevel(logging.INFO)

# What a server that breaks the protocol makes the library raise, beside its own errors and the network's.
BROKEN = (
    IMAPClientError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    MemoryError,
)
# RFC 5530: a login that failed for these reasons may work later; any other is refused until somebody changes something.
LATER = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"})
RESPONSE_CODE = re.compile(r"\[([A-Z][A-Z0-9-]*)[ \]]")
REFUSAL = re.compile(r"\w+ failed: |\w+ command error: (BAD|NO)")  # how imaplib and imapclient word a NO or BAD

FACTS_AT_ONCE = 500
HEADERS_AT_ONCE = 50
SEARCH_WINDOW = 50_000  # an answer stays far below the megabyte of one line that imaplib reads
HEADER_BYTES = 256 * 1024
TEXT_BYTES = 64 * 1024
SLACK_BYTES = 8_000_000  # sizes are announced roughly, and a batch has many mails
SHORT_IDLE_SECONDS = 20  # an IDLE that fails sooner is no lost connection but a server that cannot do it
STOP_SECONDS = 1.0  # how soon a stop is noticed while waiting


class LoginRefused(PermanentError):  # noqa: N818 - says what happened, as its callers do
    """User name, password or token are wrong: somebody must change something."""


class Untrusted(PermanentError):  # noqa: N818 - as above
    """The connection cannot be made safe, so nothing secret was sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxSettings:
    """One mailbox."""

    host: str
    user: str
    password: str = field(default="", repr=False)
    account: str = "inbox"  #: how logs and the spool call it; never an address
    port: int | None = None  #: 993, or 143 where the connection does not begin with TLS
    tls: Literal["tls", "starttls", "none"] = "tls"
    login: Literal["password", "xoauth2", "oauthbearer"] = "password"
    folder: str = "INBOX"
    junk_folder: str = ""  #: searched once a day for mails with a valid token
    move_to: str = ""  #: where decided mails go; empty: they stay
    max_message_bytes: int = 30_000_000
    connect_seconds: float = 15
    read_seconds: float = 60  #: IMAPClient's own default waits for ever
    idle_seconds: float = 240  #: a dead connection must be noticed within 5 min; RFC 2177 would allow 29


class Mailbox:
    """One mailbox, one connection, used by one thread. Connects when needed, survives whatever the server does."""

    def __init__(
        self,
        settings: MailboxSettings,
        spool: SpoolKeeper,
        *,
        random: Callable[[], float],
        token: Callable[[], str] | None = None,
        has_our_token: Callable[[bytes], bool] = lambda _header: False,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """*random* gives numbers from 0 to 1 for the pauses; *token* a fresh OAuth token for each connection.

        *has_our_token* reads a header block and says whether it carries a valid reply token: such mail is fetched out
        of the junk folder. *tls_context* replaces the system's own list of trusted authorities.
        """
        self._settings = settings
        self._spool = spool
        self._random = random
        self._token = token
        self._tls_context = tls_context
        self._wanted = Wanted(
            account=settings.account,
            folder=settings.folder,
            junk_folder=settings.junk_folder,
            max_message_bytes=settings.max_message_bytes,
            has_our_token=has_our_token,
        )
        self._memory = Memory()
        self._connection: _Connection | None = None
        self._trouble: Trouble | None = None

    def fetch_new(self, now: datetime) -> FetchReport:
        """One pass: what was kept, was known before, or could not be had this time.

        Raises MailboxAway (its `report` says what had been kept), LoginRefused, Untrusted, or the spool's own
        TemporaryError. Call again when `pause(now)` is over.
        """
        one_pass = None
        try:
            one_pass = Pass(self._wanted, self._connected(), self._spool, self._memory, now)
            one_pass.run()
        except Refused as exc:
            away = MailboxAway(self._settings.account, exc.reason)
            self._failed(away, one_pass, now)
            raise away from None
        except FridayFolderError as exc:
            self._failed(exc, one_pass, now)
            raise
        self._trouble = None
        report = one_pass.report()
        if report.fetched or report.failed:
            counts = (report.fetched, report.already_known, report.failed)
            log.info("mailbox.fetched account=%s new=%d known=%d failed=%d", self._settings.account, *counts)
        return report

    def pause(self, now: datetime) -> timedelta:
        """How long to wait before the next pass; nothing after a good one."""
        return pause(self._trouble, now, self._random())

    def settle(self, uids: Collection[int], *, uidvalidity: int) -> set[int]:
        """The mails that were moved to `move_to`; the others stay in the folder, which harms nothing.

        Only for mails that are decided. Moves nothing if the folder was renumbered meanwhile.
        """
        if not uids or not self._settings.move_to:
            return set()
        with self._dropping():
            connection = self._connected()
            folder = connection.look_into(self._settings.folder, writing=True)
            if numbered(folder, self._settings.account, self._spool).uidvalidity != uidvalidity:
                return set()
            return connection.move(sorted(uids), self._settings.move_to)

    def settle_finished(self) -> set[int]:
        """The same for every mail of the folder that the spool knows as decided: nothing is forgotten by a crash."""
        if not self._settings.move_to:
            return set()
        with self._dropping():
            connection = self._connected()
            folder = numbered(connection.look_into(self._settings.folder), self._settings.account, self._spool)
            uids = connection.search(folder, ["ALL"])
        finished = self._spool.finished_uids(self._settings.account, folder.name, folder.uidvalidity, uids)
        return self.settle(finished, uidvalidity=folder.uidvalidity)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Did the server announce something before the time was over? A caller fetches in either case.

        Uses IDLE where the server has it and a connection stands; else it is a plain wait. A connection that died
        meanwhile is dropped, and the next pass makes a new one.
        """
        began = time.monotonic()
        try:
            if self._connection and self._connection.has("IDLE"):
                return self._arrived_meanwhile(self._connection) or self._connection.idle(began + seconds, stop)
        except (MailboxAway, Refused) as exc:
            log.info("mailbox.idle_ended account=%s reason=%s", self._settings.account, exc.reason)
            self.close(polite=False)
            if time.monotonic() - began > SHORT_IDLE_SECONDS:
                return not stop.is_set()  # look again at once: what came while we were deaf must not wait
            # A server that ends every IDLE at once is polled like one that has none.
        stop.wait(max(0.0, began + seconds - time.monotonic()))
        return False

    def _arrived_meanwhile(self, connection: "_Connection") -> bool:
        """Did mail come between the last search and now? IDLE will not tell what the server takes for told."""
        now, seen = connection.look_into(self._settings.folder), self._memory.seen
        return seen is None or (now.uidnext, now.exists) != (seen.uidnext, seen.exists)

    def close(self, *, polite: bool = True) -> None:
        """Leave the server, saying so or not; the next pass connects again."""
        if self._connection:
            self._connection.close(polite=polite)
        self._connection = None

    def _connected(self) -> "_Connection":
        if self._connection is None:
            self._connection = _Connection(self._settings, self._token, self._tls_context)
        return self._connection

    @contextlib.contextmanager
    def _dropping(self) -> Iterator[None]:
        """A connection on which something failed is not used again."""
        try:
            yield
        except Refused as exc:
            self.close(polite=False)
            raise MailboxAway(self._settings.account, exc.reason) from None
        except FridayFolderError:
            self.close(polite=False)
            raise

    def _failed(self, exc: FridayFolderError, one_pass: Pass | None, now: datetime) -> None:
        if isinstance(exc, MailboxAway) and one_pass:
            exc.report = one_pass.report()
        first = self._trouble is None
        self._trouble = after_failure(self._trouble, now, refused=isinstance(exc, PermanentError))
        reason = exc.reason if isinstance(exc, MailboxAway) else type(exc).__name__
        level = logging.WARNING if first else logging.INFO  # one alert, not one for every try
        log.log(
            level,
            "mailbox.failed account=%s failures=%d reason=%s",
            self._settings.account,
            self._trouble.failures,
            reason,
        )
        self.close(polite=False)


# ---- the connection: everything that knows imapclient ----


class _Guarded:
    """Keeps a server from filling our memory: imaplib believes every announced length. Mixed into both transports."""

    limit: int
    overflowed: bool = False
    _left: int = 1_000_000  # bytes until the end of the greeting

    def send(self, data: bytes) -> None:
        self._left = self.limit  # what may come in answer to one command
        super().send(data)  # type: ignore[misc]  # of the transport this is mixed into

    def read(self, size: int) -> bytes:
        self._spend(size)
        answer: bytes = super().read(size)  # type: ignore[misc]  # as above
        return answer

    def readline(self) -> bytes:
        line: bytes = super().readline()  # type: ignore[misc]  # as above
        self._spend(len(line))
        return line

    def _untagged_response(self, typ: str, data: list[Any], name: str) -> tuple[str, list[Any]]:
        """Some servers answer one SEARCH in several lines; the library takes that for an error."""
        typ, data = super()._untagged_response(typ, data, name)  # type: ignore[misc]  # as above
        if name == "SEARCH" and len(data) > 1:
            data = [b" ".join(part for part in data if isinstance(part, bytes))]
        return typ, data

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            self.overflowed = True  # imaplib turns any class of error into its own
            raise IMAPClientAbortError("more bytes than asked for")


class _Plain(_Guarded, IMAP4WithTimeout):  # type: ignore[misc]  # imapclient ships no types
    def __init__(self, limit: int, *arguments: Any) -> None:
        self.limit = limit
        super().__init__(*arguments)


class _Tls(_Guarded, IMAP4_TLS):  # type: ignore[misc]  # as above
    def __init__(self, limit: int, *arguments: Any) -> None:
        self.limit = limit
        super().__init__(*arguments)


class _Client(IMAPClient):  # type: ignore[misc]  # as above
    """IMAPClient with guarded transports and an IDLE that sees what was read together with the server's go-ahead."""

    def __init__(self, limit: int, **arguments: Any) -> None:
        self._limit = limit
        super().__init__(**arguments)
        self.normalise_times = False  # else: naive local times
        # The library sends a SEARCH in two pieces: Nagle's algorithm would hold the second one back for 40 ms.
        self.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # Any: an imaplib object.
    def _create_IMAP4(self) -> Any:  # noqa: N802 - the name the library calls
        if self.ssl:
            return _Tls(self._limit, self.host, self.port, self.ssl_context, self._timeout.connect)
        return _Plain(self._limit, self.host, self.port, self._timeout.connect)

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        """Bytes that are read but not yet looked at never wake a poll on the socket."""
        return self._read_ahead() or super()._poll_socket(sock, timeout)

    def _read_ahead(self) -> bool:
        if hasattr(self._imap, "_readbuf"):  # Python 3.14 keeps its own buffer
            return bool(self._imap._readbuf)  # noqa: SLF001 - there is no other way to ask
        try:
            return bool(self._imap.file.peek(1))  # the socket does not block here
        except OSError:
            return False

    @property
    def overflowed(self) -> bool:
        """Did the server send more than we asked for?"""
        return bool(self._imap.overflowed)

    def forget(self) -> None:
        """Drop answers nobody asked for, so that they cannot be taken for answers to the next command."""
        for name in ("FETCH", "SEARCH"):
            self._imap.untagged_responses.pop(name, None)


class _Connection:
    """A logged-in connection. Its methods raise MailboxAway once it is useless, Refused when the server said no."""

    def __init__(
        self, settings: MailboxSettings, token: Callable[[], str] | None, tls_context: ssl.SSLContext | None
    ) -> None:
        self._settings = settings
        self._client: Any = None  # Any: imapclient ships no types
        self._client = self._open(tls_context)
        try:
            self._log_in(token)
            with self._dialogue():
                # Some servers tell MOVE only now; what was said before the login does not count.
                self._client._cached_capabilities = None  # noqa: SLF001 - there is no public way to forget them
                self._capabilities = frozenset(name.decode("ascii", "replace") for name in self._client.capabilities())
        except BaseException:
            self.close(polite=False)
            raise

    def has(self, capability: str) -> bool:
        return capability in self._capabilities

    # ---- a safe beginning ----

    def _open(self, tls_context: ssl.SSLContext | None) -> _Client:
        settings = self._settings
        context = tls_context or (None if settings.tls == "none" else ssl.create_default_context())
        with self._dialogue(), self._trusting():
            client = _Client(
                settings.max_message_bytes + SLACK_BYTES,
                host=settings.host,
                port=settings.port,
                ssl=settings.tls == "tls",
                ssl_context=context,
                timeout=SocketTimeout(settings.connect_seconds, settings.read_seconds),
            )
            try:
                if settings.tls == "starttls" and context:
                    _start_tls(client, context)
            except BaseException:
                _shut(client, polite=False)
                raise
        return client

    @contextlib.contextmanager
    def _trusting(self) -> Iterator[None]:
        """What makes a connection unsafe is not tried again every minute: somebody must look."""
        name = f"mailbox {self._settings.account}"
        try:
            yield
        except ssl.SSLCertVerificationError as exc:
            reason = exc.verify_message or "not valid"
            raise Untrusted(
                f"{name}: the server's certificate is not trusted ({reason}): check the host name"
            ) from None
        except (CapabilityError, _PlainTextGreeting):
            raise Untrusted(f"{name}: the server does not begin TLS as STARTTLS asks: set tls to 'tls'") from None

    def _log_in(self, token: Callable[[], str] | None) -> None:
        settings, client = self._settings, self._client
        name = f"mailbox {settings.account}"
        secret = token() if token else settings.password  # outside the dialogue: its errors are its own
        with self._dialogue():
            if client._imap.state != "NONAUTH":  # noqa: SLF001 - PREAUTH: the server knows us already
                return
            if settings.tls == "none" and client.has_capability("LOGINDISABLED"):
                raise Untrusted(f"{name}: the server takes no password without TLS: set tls to 'tls' or 'starttls'")
            try:
                _present(client, settings, secret)
            except LoginError as exc:
                if isinstance(exc.__context__, IMAPClientAbortError):
                    raise exc.__context__ from None
                code = _code(exc)
                if code in LATER:
                    raise
                raise LoginRefused(
                    f"{name}: the server refused the login ({code or 'no reason given'}): check user and password"
                ) from None

    def close(self, *, polite: bool) -> None:
        _shut(self._client, polite=polite)

    # ---- reading ----

    def look_into(self, name: str, *, writing: bool = False) -> Folder:
        with self._dialogue():
            selected = self._client.select_folder(name, readonly=not writing)
            uidvalidity = selected.get(b"UIDVALIDITY")
            if not isinstance(uidvalidity, int):
                raise MailboxAway(self._settings.account, "no-uidvalidity")
            uidnext, exists = selected.get(b"UIDNEXT"), selected.get(b"EXISTS")
            return Folder(name=name, uidvalidity=uidvalidity, uidnext=uidnext, exists=exists)

    def search(self, folder: Folder, criteria: Sequence[object]) -> list[int]:
        if folder.exists == 0:
            return []  # some servers call any search of an empty folder wrong
        windows: list[list[object]] = [[]]
        if folder.exists and folder.exists > SEARCH_WINDOW:
            # From the top: when somebody removes a mail meanwhile, the others move into windows still to come.
            starts = range(1, folder.exists + 1, SEARCH_WINDOW)
            windows = [[f"{start}:{start + SEARCH_WINDOW - 1}"] for start in reversed(starts[:-1])]
            windows.insert(0, [f"{starts[-1]}:*"])
        found: set[int] = set()
        for window in windows:
            with self._dialogue():
                self._client.forget()
                found.update(self._client.search([*window, *criteria]))
        return sorted(found)

    def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        answers = self._fetch(uids, ["RFC822.SIZE", "INTERNALDATE"], FACTS_AT_ONCE)
        return {
            uid: Facts(size=_whole_number(data.get(b"RFC822.SIZE")), arrived=_aware(data.get(b"INTERNALDATE")))
            for uid, data in answers.items()
        }

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        return _texts(self._fetch(uids, ["BODY.PEEK[HEADER]"], HEADERS_AT_ONCE), b"BODY[HEADER]")

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        return _texts(self._fetch(uids, ["BODY.PEEK[]"], len(uids)), b"BODY[]")

    def beginning(self, uid: int) -> tuple[bytes, bytes] | None:
        parts = [f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>", f"BODY.PEEK[TEXT]<0.{TEXT_BYTES}>"]
        data = self._fetch([uid], parts, 1).get(uid, {})
        header, text = data.get(b"BODY[HEADER]<0>"), data.get(b"BODY[TEXT]<0>")
        if not isinstance(header, bytes) or not header:
            return None
        return header, text[:TEXT_BYTES] if isinstance(text, bytes) else b""

    def _fetch(self, uids: Sequence[int], parts: list[str], at_once: int) -> dict[int, dict[bytes, Any]]:
        """Answers in the order of *uids*. A list of numbers: imapclient 4 raises on a range after having asked."""
        found: dict[int, dict[bytes, Any]] = {}
        for start in range(0, len(uids), at_once):
            with self._dialogue():
                self._client.forget()
                found.update(self._client.fetch(list(uids[start : start + at_once]), parts))
        return found

    # ---- moving away ----

    def move(self, uids: Sequence[int], target: str) -> set[int]:
        """The mails that left; none where the server can neither MOVE nor expunge just these."""
        if not (self.has("MOVE") or self.has("UIDPLUS")):
            return set()
        with self._dialogue():
            try:
                self._away(uids, target)
            except IMAPClientError as exc:
                if _code(exc) != "TRYCREATE":
                    raise
                self._client.create_folder(target)
                self._away(uids, target)
        return set(uids)

    def _away(self, uids: Sequence[int], target: str) -> None:
        if self.has("MOVE"):
            self._client.move(uids, target)
            return
        self._client.copy(uids, target)
        self._client.add_flags(uids, [b"\\Deleted"], silent=True)
        self._client.uid_expunge(uids)

    # ---- waiting ----

    def idle(self, until: float, stop: threading.Event) -> bool:
        """Was anything announced? Leaves IDLE regularly, so that a dead connection shows within minutes."""
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            round_ends = time.monotonic() + min(left, self._settings.idle_seconds)
            with self._dialogue():
                self._client.idle()
                news = self._listen(round_ends, stop)
                _text, late = self._client.idle_done()
            if _announces([*news, *late]):
                return True
        return False

    def _listen(self, until: float, stop: threading.Event) -> list[Any]:
        """What the server said; returns early when it said anything, or when the connection may be dead."""
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            began = time.monotonic()
            wait = min(left, STOP_SECONDS)
            answers: list[Any] = self._client.idle_check(wait)
            # At the end of the connection the library answers [] at once, for ever; leaving IDLE will show it.
            if answers or time.monotonic() - began < wait / 2:
                return answers
        return []

    @contextlib.contextmanager
    def _dialogue(self) -> Iterator[None]:
        """Translate whatever the library raises. Without the cause: its text holds the server's words."""
        account = self._settings.account
        try:
            yield
        except (FridayFolderError, Refused):
            raise
        except BROKEN as exc:
            if self._client and self._client.overflowed:
                raise LargerThanAnnounced(account, "too-much") from None
            if (
                isinstance(exc, IMAPClientError)
                and not isinstance(exc, IMAPClientAbortError)
                and REFUSAL.match(str(exc))
            ):
                raise Refused(f"no-{_code(exc) or 'reason'}") from None
            raise MailboxAway(account, _reason(exc)) from None


class _PlainTextGreeting(Exception):  # noqa: N818 - an observation
    """The server wants to skip STARTTLS: PREAUTH on a plain connection is how a man in the middle would do it."""


def _start_tls(client: _Client, context: ssl.SSLContext) -> None:
    imap = client._imap  # noqa: SLF001 - the state of the dialogue is nowhere else
    if imap.state != "NONAUTH":
        raise _PlainTextGreeting
    try:
        client.starttls(context)
    except IMAPClientAbortError:
        raise
    except ssl.SSLError:
        raise
    except IMAPClientError as exc:
        raise _PlainTextGreeting from exc
    # Nothing said before TLS counts after it; imaplib reads on with a new, empty buffer.
    imap.untagged_responses.clear()


def _present(client: _Client, settings: MailboxSettings, secret: str) -> None:
    """Log in. OAuth as RFC 7628 and Google's XOAUTH2: after a refusal the server sends details and wants an answer."""
    user = settings.user
    if settings.login == "password":
        if (user + secret).isascii():
            client.login(user, secret)
        else:
            client.plain_login(user, secret)  # LOGIN carries ASCII only
        return
    if settings.login == "xoauth2":
        first, then = f"user={user}\x01auth=Bearer {secret}\x01\x01", b""
    else:
        name = user.replace("=", "=3D").replace(",", "=2C")
        first, then = f"n,a={name},\x01auth=Bearer {secret}\x01\x01", b"\x01"
    answers = iter([first.encode()])
    client.sasl_login(settings.login.upper(), lambda _challenge: next(answers, then))


def _shut(client: Any, *, polite: bool) -> None:
    with contextlib.suppress(*BROKEN):
        if polite:
            client.socket().settimeout(2)
            client.logout()
    with contextlib.suppress(*BROKEN):
        client.shutdown()


def _announces(answers: Sequence[Any]) -> bool:
    return any(
        isinstance(answer, tuple) and len(answer) > 1 and answer[1] in {b"EXISTS", b"RECENT"} for answer in answers
    )


def _texts(answers: dict[int, dict[bytes, Any]], key: bytes) -> dict[int, bytes]:
    """Those answers that hold text: NIL, a number or an entry that only tells flags is no mail."""
    return {uid: data[key] for uid, data in answers.items() if isinstance(data.get(key), bytes)}


def _whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _aware(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo else None


def _code(exc: BaseException) -> str:
    """The response code in brackets, RFC 5530; empty where there is none."""
    match = RESPONSE_CODE.search(str(exc).upper())
    return match[1] if match else ""


def _reason(exc: BaseException) -> str:
    """A short code of our own for what ended a connection."""
    text = str(exc)
    if isinstance(exc, TimeoutError):
        return "timeout"
    if isinstance(exc, ConnectionRefusedError):
        return "connection-refused"
    if isinstance(exc, ssl.SSLError):
        return "tls"
    if isinstance(exc, OSError):
        return f"network-{exc.errno}"
    if "EOF" in text or "socket error" in text:
        return "closed"
    return _code(exc).lower() or f"protocol-{type(exc).__name__}"
