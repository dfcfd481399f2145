"""The mailboxes of an address field, read strictly: what could be read in two ways is not read.

`email.utils.parseaddr` gives `alice@example.org` for `alice@example.org)bob@example.com` on Python 3.11.7
(CVE-2023-27043), so nothing here builds on it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inbox.headers import decode_words

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_LOOSE = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,128}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
# RFC 5322 §3.2: quoted string, comment (one level is all that mail shows), angle brackets, specials, anything else.
_PIECE = re.compile(r'"(?:[^"\\]|\\.){0,300}"|[<>()\[\],;:"\\]|[^<>()\[\],;:"\\\s]+|\s+')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address and the name shown with it."""

    address: str
    name: str = ""


class AmbiguousError(ValueError):
    """The field can be read in more than one way."""


def addr_spec(text: str) -> str | None:
    """The address with its domain in lower case; None unless the text is exactly one plain addr-spec."""
    local, at, domain = text.partition("@")
    labels = domain.split(".")
    if not at or len(domain) > 253 or not _LOCAL.fullmatch(local):
        return None
    return f"{local}@{domain.lower()}" if all(_LABEL.fullmatch(label) for label in labels) else None


def strict_mailboxes(field: str) -> tuple[Mailbox, ...] | None:
    """Every mailbox of the field; None when any part of it is not plainly an address."""
    try:
        return tuple(_mailboxes(field))
    except AmbiguousError:
        return None


def loose_addresses(field: str) -> tuple[str, ...]:
    """Whatever looks like an address: good enough to look for our own signed tokens, never to trust a sender."""
    found = strict_mailboxes(field)
    if found is not None:
        return tuple(mailbox.address for mailbox in found)
    loose = (addr_spec(match) for match in _LOOSE.findall(field))
    return tuple(dict.fromkeys(address for address in loose if address))


def _mailboxes(field: str) -> Iterator[Mailbox]:
    phrase: list[str] = []
    comment: list[str] = []
    address: str | None = None
    pieces = iter(_PIECE.findall(field))
    for piece in pieces:
        if piece == "(":
            comment.append(_comment(pieces))
            phrase.append(" ")  # so that no address can be put together from both sides of a comment
        elif piece == "<":
            if address is not None:
                raise AmbiguousError(piece)
            address = _angle(pieces)
        elif piece == "," and address is None and _is_part_of_a_name(phrase):
            phrase.append(piece)  # Novak, Eva <eva@example.org>: no mailbox without an at sign, so there is but one
        elif piece == ",":
            yield from _one(phrase, address, comment)
            phrase, comment, address = [], [], None
        elif piece in ")>[]:;\\" or piece == '"':
            raise AmbiguousError(piece)
        elif address is not None and piece.strip():
            raise AmbiguousError(piece)  # words after the address: which of the two would it be?
        else:
            phrase.append(piece)
    yield from _one(phrase, address, comment)


def _is_part_of_a_name(phrase: list[str]) -> bool:
    words = "".join(phrase).strip()
    return bool(words) and "@" not in words


def _one(phrase: list[str], address: str | None, comment: list[str]) -> Iterator[Mailbox]:
    words = "".join(phrase).strip()
    if address is None and not words:
        return
    bare = addr_spec(words if address is None else address)
    if bare is None:
        raise AmbiguousError(words)
    shown = words if address is not None else " ".join(comment)
    if shown.startswith('"') and shown.endswith('"') and len(shown) > 1:
        shown = re.sub(r"\\(.)", r"\1", shown[1:-1])
    yield Mailbox(bare, decode_words(shown).strip())


def _comment(pieces: Iterator[str]) -> str:
    depth = 1
    words: list[str] = []
    for piece in pieces:
        depth += (piece == "(") - (piece == ")")
        if not depth:
            return "".join(words)
        words.append(piece)
    raise AmbiguousError("(")


def _angle(pieces: Iterator[str]) -> str:
    inside: list[str] = []
    for piece in pieces:
        if piece == ">":
            return "".join(inside).strip()
        if piece in "<()," or piece.startswith('"'):
            raise AmbiguousError(piece)
        inside.append(piece)
    raise AmbiguousError("<")
