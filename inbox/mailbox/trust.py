"""A connection that begins safely: encrypted to a server we can trust before anything secret is sent."""

import contextlib
import ssl
from collections.abc import Callable, Iterator

from imapclient import SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from inbox.mailbox.client import Client
from inbox.mailbox.dialogue import BROKEN, dialogue, response_code
from inbox.mailbox.settings import LoginRefused, MailboxSettings, Untrusted

# RFC 5530: a login that failed for these reasons may work later; any other is refused until somebody changes something.
LATER = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"})
SLACK_BYTES = 8_000_000  # sizes are announced roughly, and a batch has many mails


def open_safely(settings: MailboxSettings, tls_context: ssl.SSLContext | None) -> Client:
    """A connection that is as safe as the settings ask, not yet logged in. Raises Untrusted, MailboxAway."""
    context = tls_context or (None if settings.tls == "none" else ssl.create_default_context())
    with dialogue(settings.account), _trusting(settings.account):
        client = Client(
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
            shut(client, polite=False)
            raise
    return client


def log_in(client: Client, settings: MailboxSettings, token: Callable[[], str] | None) -> None:
    """Say who we are. Raises LoginRefused, Untrusted, MailboxAway."""
    name = f"mailbox {settings.account}"
    secret = token() if token else settings.password  # outside the dialogue: its errors are its own
    with dialogue(settings.account, client):
        if client._imap.state != "NONAUTH":  # noqa: SLF001 - PREAUTH: the server knows us already
            return
        if settings.tls == "none" and client.has_capability("LOGINDISABLED"):
            raise Untrusted(f"{name}: the server takes no password without TLS: set tls to 'tls' or 'starttls'")
        try:
            _present(client, settings, secret)
        except LoginError as exc:
            if isinstance(exc.__context__, IMAPClientAbortError):
                raise exc.__context__ from None
            code = response_code(exc)
            if code in LATER:
                raise
            raise LoginRefused(
                f"{name}: the server refused the login ({code or 'no reason given'}): check user and password"
            ) from None


def capabilities(client: Client, account: str) -> frozenset[str]:
    """What the server can do, asked once we are logged in."""
    with dialogue(account, client):
        # Some servers tell MOVE only now; what was said before the login does not count.
        client._cached_capabilities = None  # noqa: SLF001 - there is no public way to forget them
        return frozenset(name.decode("ascii", "replace") for name in client.capabilities())


def shut(client: Client, *, polite: bool) -> None:
    """Leave the server, saying so or not, whatever state it is in."""
    with contextlib.suppress(*BROKEN):
        if polite:
            client.socket().settimeout(2)
            client.logout()
    with contextlib.suppress(*BROKEN):
        client.shutdown()


class _PlainTextGreeting(Exception):  # noqa: N818 - an observation
    """The server wants to skip STARTTLS: PREAUTH on a plain connection is how a man in the middle would do it."""


@contextlib.contextmanager
def _trusting(account: str) -> Iterator[None]:
    """What makes a connection unsafe is not tried again every minute: somebody must look."""
    name = f"mailbox {account}"
    try:
        yield
    except ssl.SSLCertVerificationError as exc:
        reason = exc.verify_message or "not valid"
        raise Untrusted(f"{name}: the server's certificate is not trusted ({reason}): check the host name") from None
    except (CapabilityError, _PlainTextGreeting):
        raise Untrusted(f"{name}: the server does not begin TLS as STARTTLS asks: set tls to 'tls'") from None


def _start_tls(client: Client, context: ssl.SSLContext) -> None:
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


def _present(client: Client, settings: MailboxSettings, secret: str) -> None:
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
