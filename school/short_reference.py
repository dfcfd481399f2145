"""Short references: eight signs that look up a letter, its section, a conversation or a button, and prove nothing.

    [#7k3m9q2c]      in a subject, where an address can carry no token
    Ref 7k3m-9q2c    the small line at the end of a section, which survives quoting

40 bits. A section's are a MAC of its letter's id and number, stored with it; everybody else's are 40 of the 48 random
bits of its public id, so looking it up needs no column of its own, and no change of one sign leads to a neighbour.
"""

import hashlib
import hmac
import re

from school.reply_address import ALPHABET, LOOK_ALIKES, VALUE, Keys, Token, TokenKind

SIGNS = 8
_LOST_BITS = 8  #: of the 48 of a public id, those its reference does not show
_SPREAD = sum(1 << 5 * place for place in range(SIGNS))  # adds a kind to every sign
# What people and programs may do to it is what a token's normalisation undoes (inbound.md §9.1), and nothing more.
_WRITTEN = r"[0-9A-Za-z](?:[-_. ]?[0-9A-Za-z]){7}"
_TAG = re.compile(rf"\[\s?#\s?({_WRITTEN})\s?\]")
_LINE = re.compile(rf"(?<![\w#])Ref[.:]?[ \u00a0]({_WRITTEN})(?!\w)", re.IGNORECASE)


def of_section(public_id: int, ordinal: int, keys: Keys) -> str:
    """The eight signs of a letter's section, made once with the newest key and stored."""
    head = b"ref\0" + public_id.to_bytes(6, "big") + bytes([ordinal])
    return _signs(int.from_bytes(hmac.digest(keys.by_id[keys.newest], head, hashlib.sha256)[:5], "big"))


def of_token(token: Token) -> str:
    """The eight signs of what *token* names; two kinds of one public id have different ones."""
    if token.kind is TokenKind.SECTION:
        raise ValueError("a section's reference is stored with its letter")
    return _signs(token.public_id >> _LOST_BITS ^ _SPREAD * token.kind)


def public_ids(signs: str, kind: TokenKind) -> tuple[int, int]:
    """(first, last) of the public ids that these eight signs may mean, were they of that kind."""
    number = 0
    for sign in signs:
        number = number << 5 | VALUE[sign]
    first = (number ^ _SPREAD * kind) << _LOST_BITS
    return first, first | (1 << _LOST_BITS) - 1


def shown(signs: str) -> str:
    """As in "7k3m-9q2c"."""
    return f"{signs[:4]}-{signs[4:]}"


def tag(signs: str) -> str:
    """As in "[#7k3m9q2c]", for a subject."""
    return f"[#{signs}]"


def tags_in(subject: str) -> tuple[str, ...]:
    """The eight signs of every tag in a subject, each once."""
    return _found(_TAG, subject)


def lines_in(text: str) -> tuple[str, ...]:
    """The eight signs of every "Ref 7k3m-9q2c" in a text, each once."""
    return _found(_LINE, text)


def without_tags(subject: str) -> str:
    """The subject as people read it."""
    return " ".join(_TAG.sub(" ", subject).split()) if "#" in subject else subject


def _found(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    written = (found[1].lower().translate(LOOK_ALIKES) for found in pattern.finditer(text) if found[1].isascii())
    return tuple(dict.fromkeys(signs for signs in written if set(signs) <= VALUE.keys()))


def _signs(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(SIGNS - 1, -1, -1))
