"""Whatever goes wrong while we talk to a server, told in two words of ours: it said no, or it is away."""

import contextlib
import re
import ssl
from collections.abc import Iterator

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from inbox.fetch import LargerThanAnnounced, MailboxAway, Refused
from inbox.mailbox.client import Client
from school.errors import FridayFolderError

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
RESPONSE_CODE = re.compile(r"\[([A-Z][A-Z0-9-]*)[ \]]")
REFUSAL = re.compile(r"\w+ failed: |\w+ command error: (BAD|NO)")  # how imaplib and imapclient word a NO or BAD


@contextlib.contextmanager
def dialogue(account: str, client: Client | None = None) -> Iterator[None]:
    """Translate whatever the library raises. Without the cause: its text holds the server's words."""
    try:
        yield
    except (FridayFolderError, Refused):
        raise
    except BROKEN as exc:
        if client and client.overflowed:
            raise LargerThanAnnounced(account, "too-much") from None
        if isinstance(exc, IMAPClientError) and not isinstance(exc, IMAPClientAbortError) and REFUSAL.match(str(exc)):
            raise Refused(f"no-{response_code(exc) or 'reason'}") from None
        raise MailboxAway(account, _reason(exc)) from None


def response_code(exc: BaseException) -> str:
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
    return response_code(exc).lower() or f"protocol-{type(exc).__name__}"
