"""Did our own receiving server vouch for the From address? Only configured servers are believed (RFC 8601 §5, §7.1).

Of their Authentication-Results fields only the top-most counts: a sender can write any below it. ARC is advisory and
not read.
"""

from enum import Enum

from authres import AuthenticationResultsHeader, AuthResError

from inbox.parse import ParsedMail


class Vouched(Enum):
    """What a server we trust says of the author's domain."""

    OK = "ok"
    BAD = "bad"
    NONE = "none"


def vouched(mail: ParsedMail, trusted: frozenset[str]) -> Vouched:
    """DMARC's word by a trusted server on exactly the From domain; NONE when nobody we trust spoke."""
    if mail.author is None or not trusted:
        return Vouched.NONE
    header = _top_most(mail, trusted)
    if header is None:
        return Vouched.NONE
    domain = mail.author.rpartition("@")[2].lower()
    said = [(result.result.lower(), _domains(result)) for result in header.results if _is_dmarc(result)]
    # A failure without a domain can only be this author's: the mail has one From.
    if any(word == "fail" and domains <= {domain} for word, domains in said):
        return Vouched.BAD
    words = {word for word, domains in said if domains == {domain}}
    return Vouched.OK if words == {"pass"} else Vouched.NONE


# Any type below: authres ships none.


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
