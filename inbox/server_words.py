"""What receiving servers wrote about a mail into its Authentication-Results fields (RFC 8601), the top-most first.

Whom to believe is decided elsewhere (inbox/authentication.py). Reading it is the dearest part of a mail's header, so it
belongs to parsing.
"""

import re
from dataclasses import dataclass

from authres import AuthenticationResultsHeader, AuthResError

from inbox.headers import Headers

# An authserv-id may be a quoted string (RFC 8601 §2.2), which the library does not read. Only what would be the same
# without its quotes is read here: a name, and nothing that a reader could take for more.
_QUOTED_ID = re.compile(r'\A\s*"((?:[\w.!#$%&\'*+/=?^`{|}~-]|\\[\w.-])+)"', re.ASCII)
MOST = 10  #: fields that are read; a server that we believe writes above all others


@dataclass(frozen=True, slots=True)
class DmarcWord:
    """One result of DMARC, and the From domains it is about."""

    result: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServerWord:
    """One field: who says so, in lower case, and what."""

    authserv_id: str
    dmarc: tuple[DmarcWord, ...]


def server_words(headers: Headers) -> tuple[ServerWord, ...]:
    """A field that cannot be read is nobody's."""
    read = (_read(field) for field in headers.all("Authentication-Results")[:MOST])
    return tuple(word for word in read if word is not None)


def _read(field: str) -> ServerWord | None:
    field = _QUOTED_ID.sub(lambda found: found[1].replace("\\", ""), field)
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {field}")
    except (AuthResError, ValueError, IndexError, RecursionError):
        return None
    said = (
        DmarcWord(result=result.result.lower(), domains=_domains(result))
        for result in header.results
        if _is_dmarc(result)
    )
    return ServerWord(authserv_id=(header.authserv_id or "").lower().rstrip("."), dmarc=tuple(said))


# authres ships no types.


def _is_dmarc(result: object) -> bool:
    return getattr(result, "method", "").lower() == "dmarc" and bool(getattr(result, "result", None))


def _domains(result: object) -> tuple[str, ...]:
    found = (
        str(held.value).lower()
        for held in getattr(result, "properties", ())
        if (held.type, held.name) == ("header", "from")
    )
    return tuple(dict.fromkeys(found))
