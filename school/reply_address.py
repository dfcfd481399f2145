"""Signed reply addresses: which letter, section or conversation a reply belongs to, readable only with our key.

A token is 18 bytes written as 29 characters of lower-case Crockford base32:

    [version 3 bits | key id 5 bits] [kind 3 bits | ordinal 5 bits] [public id 48 bits] [HMAC-SHA256, first 10 bytes]

A token routes; it is not identity. It holds no name and no row number; the database says what a public id means and
whether it still holds. 80 bits of MAC is the floor RFC 2104 §5 names; local part `reply+` + 29 = 35 ≤ 64 octets
(RFC 5321 §4.5.3.1.1).
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

VERSION = 1
MAC_BYTES = 10
TOKEN_CHARACTERS = 29
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
VALUE = {sign: number for number, sign in enumerate(ALPHABET)}
DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # as Python reads a number of base 32
SIGNS = re.compile(f"[{ALPHABET}]{{{TOKEN_CHARACTERS}}}")
LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, "_": None, ".": None, " ": None})


class TokenKind(IntEnum):
    DISPATCH = 0  #: plain Reply to a letter
    SECTION = 1  #: a child's own button; the ordinal names the section
    THREAD = 2  #: a guardian answers a teacher's answer
    STAFF = 3  #: a teacher answers a conversation
    COMMAND = 4  #: a teacher's or the office's command: "not mine", "also for"
    CONFIRM = 5  #: a parent's button: "it was about Leo"
    BOUNCE = 6  #: the return path of one letter


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    kind: TokenKind
    public_id: int
    ordinal: int = 0  #: of a section: which one; of a thread: its generation


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """Signing keys by id 0–31. New tokens use the newest; every one that is not retired still verifies."""

    by_id: Mapping[int, bytes]
    domain: str  #: part of the signed text, so one key may serve several schools

    @property
    def newest(self) -> int:
        return max(self.by_id)


def sign(token: Token, keys: Keys) -> str:
    """The 29 characters that carry *token*, signed with the newest key."""
    key_id = keys.newest
    head = bytes([VERSION << 5 | key_id, token.kind << 5 | token.ordinal]) + token.public_id.to_bytes(6, "big")
    return _encode(head + _mac(head, keys.by_id[key_id], keys.domain))


def read(text: str, keys: Keys) -> Token | None:
    """The token written in *text*; None for anything we did not sign.

    Tolerates case and the look-alikes O/0, I/L/1. The MAC is checked before anything else is believed, in constant
    time, so a mutation never reaches a neighbour.
    """
    raw = _decode(text)
    if raw is None or raw[0] >> 5 != VERSION:
        return None
    key = keys.by_id.get(raw[0] & 31)
    if key is None or not hmac.compare_digest(raw[8:], _mac(raw[:8], key, keys.domain)):
        return None
    try:
        kind = TokenKind(raw[1] >> 5)
    except ValueError:
        return None
    return Token(kind=kind, ordinal=raw[1] & 31, public_id=int.from_bytes(raw[2:8], "big"))


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressShape:
    """How tokens stand in addresses.

    `{token}@reply.school.example` (a catch-all), `reply+{token}@school.example`, or one fixed address.
    """

    domain: str
    mailbox: str = ""  #: the part before the plus sign; empty = a catch-all domain of its own
    separator: str = "+"
    fixed: bool = False  #: the server keeps no detail: one address, tokens in Message-IDs and short references

    def address(self, token: str) -> str:
        if self.fixed:
            return f"{self.mailbox}@{self.domain}"
        return f"{self.mailbox}{self.separator}{token}@{self.domain}" if self.mailbox else f"{token}@{self.domain}"


def token_in_address(address: str, shape: AddressShape, keys: Keys) -> Token | None:
    """The token an address of ours carries, whatever a mail program did to its plus sign; else None."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    if domain.strip().lower() != shape.domain.lower():
        return None
    local = local.strip().strip('"').lower()
    # Some programs write the plus as %2b, or as the blank it means in a form (inbound.md §9.1).
    detail = re.sub(r"%2b|[+ ]", "+", local).rpartition("+")[2]
    if shape.separator != "+":
        detail = detail.removeprefix(f"{shape.mailbox}{shape.separator}".lower())
    return read(detail, keys)


@lru_cache(maxsize=1024)  # a mail carries its token in several places, and is looked at more than once
def _mac(head: bytes, key: bytes, domain: str) -> bytes:
    return hmac.digest(key, b"reply/v1\0" + domain.lower().encode() + b"\0" + head, "sha256")[:MAC_BYTES]


def _encode(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(TOKEN_CHARACTERS - 1, -1, -1))


def _decode(text: str) -> bytes | None:
    if not text.isascii():
        return None  # lower() turns some other scripts' signs into ours: the Kelvin sign into k
    signs = text.lower().translate(LOOK_ALIKES)
    if SIGNS.fullmatch(signs) is None:
        return None
    number = int(signs.translate(DIGITS), 32)
    return number.to_bytes(18, "big") if number < 1 << 144 else None
