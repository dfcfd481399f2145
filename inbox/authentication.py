"""Does anybody we trust vouch for the From address? Our own receiving server, or the author's domain by its signature.

Only configured servers are believed (RFC 8601 §5, §7.1). Of their Authentication-Results fields only the top-most
counts: a sender can write any below it. Where one of them spoke, its word holds; only where none did, and the school
wishes it, DKIM is verified here. ARC is advisory and not read.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from authres import AuthenticationResultsHeader, AuthResError

from inbox.dkim import KeyTexts, signed_by_author
from inbox.parse import ParsedMail


class Vouched(Enum):
    """What those we trust say of the author's domain."""

    OK = "ok"
    BAD = "bad"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """What was said, and who said it; empty when nobody did."""

    vouched: Vouched
    by: str = ""


SERVER, SIGNATURE = "authentication-results", "dkim"


def word_on(mail: ParsedMail, trusted: frozenset[str], at: datetime, keys: KeyTexts | None) -> Word:
    """A trusted server's word; where none spoke, a valid signature's of the author's domain (never against her).

    *keys* asks for the public keys; None = signatures are not looked at.
    """
    header = _top_most(mail, trusted) if trusted else None
    if header is not None:
        return Word(vouched=_said(header, mail.author), by=SERVER)
    if keys is not None and signed_by_author(mail, at, keys):
        return Word(vouched=Vouched.OK, by=SIGNATURE)
    return Word(vouched=Vouched.NONE)


def vouched(mail: ParsedMail, trusted: frozenset[str]) -> Vouched:
    """DMARC's word by a trusted server on exactly the From domain; NONE when nobody we trust spoke."""
    header = _top_most(mail, trusted) if trusted else None
    return Vouched.NONE if header is None else _said(header, mail.author)


# Any type below: authres ships none.


def _said(header: AuthenticationResultsHeader, author: str | None) -> Vouched:
    if author is None:
        return Vouched.NONE
    domain = author.rpartition("@")[2].lower()
    said = [(result.result.lower(), _domains(result)) for result in header.results if _is_dmarc(result)]
    # A failure without a domain can only be this author's: the mail has one From.
    if any(word == "fail" and domains <= {domain} for word, domains in said):
        return Vouched.BAD
    words = {word for word, domains in said if domains == {domain}}
    return Vouched.OK if words == {"pass"} else Vouched.NONE


def _top_most(mail: ParsedMail, trusted: frozenset[str]) -> AuthenticationResultsHeader | None:
    """The first field that one of *trusted* wrote; a field that cannot be read is nobody's."""
    for field in mail.headers.all("Authentication-Results"):
        try:
            header = AuthenticationResultsHeader.parse(f"Authentication-Results: {field}")
        except (AuthResError, ValueError, IndexError, RecursionError):
            continue
        if (header.authserv_id or "").lower().rstrip(".") in trusted:
            return header
    return None


def _is_dmarc(result: object) -> bool:
    return getattr(result, "method", "").lower() == "dmarc" and bool(getattr(result, "result", None))


def _domains(result: object) -> set[str]:
    return {
        str(found.value).lower()
        for found in getattr(result, "properties", ())
        if (found.type, found.name) == ("header", "from")
    }
