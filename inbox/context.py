"""What a rule must be told about the world outside the mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


def _no(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Facts the caller looked up; the defaults say that nothing is known."""

    our_addresses: frozenset[str] = frozenset()  #: addresses we send from, in lower case
    is_ours: Callable[[str], bool] = _no  #: whether a Message-ID carries our signature
    is_bounce_address: Callable[[str], bool] = _no  #: whether an address is one of our signed return paths
    new_text: str | None = None  #: the author's new words; None when the body was not trimmed yet
    since_sending: timedelta | None = None  #: from the letter that is answered to this mail
    has_token: bool = False  #: one of our reply tokens was found valid
    guesses: int = 0  #: different tokens nobody signed, tried by this author within the hour; 0 = this mail has none
    sender_known: bool = True  #: the author is a guardian or staff
