"""Logging in with a token instead of a password: XOAUTH2, as Google and Microsoft 365 read it.

A token comes from the provider's token endpoint, for a refresh token (RFC 6749 §6) or for the client itself (§4.4).
It is kept until shortly before its end; a server that refuses it earlier costs one failed login, then there is a new
one. Nothing here is ever logged, and no error repeats a token or a secret.
"""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPResponse
from urllib.parse import urlencode, urlsplit

from school.errors import PermanentError, TemporaryError

MARGIN_SECONDS = 300  # a token may be used a while after it was asked for, and clocks differ
DEFAULT_LIFE = 3600  # RFC 6749 §5.1: expires_in is only recommended; both providers say about an hour
TIMEOUT_SECONDS = 30
MAX_ANSWER = 64 * 1024
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ERROR_CODES = {  # RFC 6749 §5.2
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}


class TokenRefused(PermanentError):  # noqa: N818 - it says what happened; somebody must change something
    """The provider gives us no token."""


class TokenAway(TemporaryError):  # noqa: N818 - it names a state of the provider, not an error of ours
    """The provider cannot be asked now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthClient:
    """What the provider knows us by."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)  #: empty = we ask for ourselves (client credentials)
    scope: str = ""


class Tokens:
    """The token of now. One for all connections and threads; made anew when it ends or is refused."""

    def __init__(self, client: OAuthClient, seconds: Callable[[], float]) -> None:
        """*seconds*: a clock that never goes back."""
        parts = urlsplit(client.token_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise TokenRefused("oauth.token_url must begin with https://: a secret goes there")
        self._client, self._seconds = client, seconds
        self._refresh_token = client.refresh_token
        self._token, self._ends = "", 0.0
        self._lock = threading.Lock()
        self.turn = threading.Lock()  #: held while logging in, so a token that has ended fails once, not on every line

    def token(self) -> str:
        """A token that is good for some minutes. TokenRefused, TokenAway."""
        with self._lock:
            if not self._token or self._seconds() >= self._ends:
                self._renew()
            return self._token

    def new(self) -> str:
        """A token nobody has used yet, for a server that is logged in to seldom."""
        with self._lock:
            self._renew()
            return self._token

    def refused(self, token: str) -> None:
        """A server did not take *token*: whoever asks next gets another."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _renew(self) -> None:
        asked_at = self._seconds()
        answer = _ask(self._client.token_url, self._form())
        token, life = answer.get("access_token"), answer.get("expires_in", DEFAULT_LIFE)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise TokenAway("the token endpoint's answer holds no token")
        self._token = token
        seconds = float(str(life)) if str(life).isdecimal() else DEFAULT_LIFE
        self._ends = asked_at + max(seconds - MARGIN_SECONDS, seconds / 2)
        rotated = answer.get("refresh_token")  # RFC 6749 §6: then it replaces the old one
        if self._refresh_token and isinstance(rotated, str) and rotated:
            self._refresh_token = rotated

    def _form(self) -> dict[str, str]:
        client = self._client
        grant = (
            {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
            if self._refresh_token
            else {"grant_type": "client_credentials"}
        )
        chosen = {"client_id": client.client_id, "client_secret": client.client_secret, "scope": client.scope}
        return grant | {name: value for name, value in chosen.items() if value}


def xoauth2(user: str, token: str) -> str:
    """The initial response, before base64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def _ask(url: str, form: dict[str, str]) -> dict[str, object]:
    """The endpoint's JSON object."""
    request = urllib.request.Request(  # noqa: S310 - Tokens lets only https and loopback in
        url,
        urlencode(form).encode(),
        {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
    )
    host = urlsplit(url).hostname
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as response:
            answer = _object(response)
    except urllib.error.HTTPError as exc:
        with exc:
            code = _object(exc).get("error")
        if exc.code == 429 or exc.code >= 500:
            raise TokenAway(f"{host} gives no token now ({exc.code})") from None
        # Its description may name the account; the code is enough to look up.
        words = code if code in ERROR_CODES else str(exc.code)
        raise TokenRefused(f"{host} gives us no token ({words}): correct the settings in [oauth]") from None
    except OSError as exc:
        reason = getattr(exc, "reason", exc)
        raise TokenAway(f"{host} cannot be asked for a token ({type(reason).__name__})") from None
    return answer


def _object(response: HTTPResponse | urllib.error.HTTPError) -> dict[str, object]:
    try:
        answer = json.loads(response.read(MAX_ANSWER))
    except (ValueError, OSError):
        return {}
    return answer if isinstance(answer, dict) else {}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A secret goes to the address it was meant for, and to no other."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
