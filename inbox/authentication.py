"""Did our own receiving server vouch for the From address? Only configured servers are believed (RFC 8601 §5, §7.1).

Only the top-most Authentication-Results field counts: a sender can write any below it. ARC is advisory and not read.
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
    fields = mail.headers.all("Authentication-Results")
    if not fields or mail.author is None:
        return Vouched.NONE
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {fields[0]}")
    except AuthResError:
        return Vouched.NONE
    if (header.authserv_id or "").lower() not in trusted:
        return Vouched.NONE
    domain = mail.author.rpartition("@")[2].lower()
    spoken = {result.result.lower() for result in header.results if _is_dmarc_of(result, domain)}
    if spoken == {"pass"}:
        return Vouched.OK
    return Vouched.BAD if "fail" in spoken else Vouched.NONE


def _is_dmarc_of(result: object, domain: str) -> bool:
    if getattr(result, "method", "").lower() != "dmarc" or not getattr(result, "result", None):
        return False
    said = {
        str(found.value).lower()
        for found in getattr(result, "properties", ())
        if (found.type, found.name) == ("header", "from")
    }
    return said == {domain}
