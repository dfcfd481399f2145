"""Does anybody we trust vouch for the From address? Our own receiving server, or the author's domain by its signature.

Only configured servers are believed (RFC 8601 §5, §7.1). Of their Authentication-Results fields only the top-most
counts: a sender can write any below it. Where one of them spoke, its word holds; only where none did, and the school
wishes it, DKIM is verified here. ARC is advisory and not read.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from inbox.dkim import KeyTexts, signed_by_author
from inbox.parse import ParsedMail
from inbox.server_words import ServerWord


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
    said = _top_most(mail, trusted)
    if said is not None:
        return Word(vouched=_judged(said, mail.author), by=SERVER)
    if keys is not None and signed_by_author(mail, at, keys):
        return Word(vouched=Vouched.OK, by=SIGNATURE)
    return Word(vouched=Vouched.NONE)


def vouched(mail: ParsedMail, trusted: frozenset[str]) -> Vouched:
    """DMARC's word by a trusted server on exactly the From domain; NONE when nobody we trust spoke."""
    said = _top_most(mail, trusted)
    return Vouched.NONE if said is None else _judged(said, mail.author)


def _top_most(mail: ParsedMail, trusted: frozenset[str]) -> ServerWord | None:
    """The first field that one of *trusted* wrote."""
    return next((word for word in mail.server_words if word.authserv_id in trusted), None)


def _judged(said: ServerWord, author: str | None) -> Vouched:
    if author is None:
        return Vouched.NONE
    domain = author.rpartition("@")[2].lower()
    # A failure without a domain can only be this author's: the mail has one From.
    if any(word.result == "fail" and set(word.domains) <= {domain} for word in said.dmarc):
        return Vouched.BAD
    results = {word.result for word in said.dmarc if word.domains == (domain,)}
    return Vouched.OK if results == {"pass"} else Vouched.NONE
