"""The signed tokens a mail carries, and where: recipient addresses first, then the Message-IDs it answers.

Every valid token is kept with its place; what is damaged, foreign or truncated is no evidence at all. Nothing is
decided here, so nothing can be decided by whichever token happened to be looked at first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inbox.parse import ParsedMail
from school.message_id import token_of
from school.reply_address import TOKEN_CHARACTERS, AddressShape, Keys, Token, read, token_in_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrier:
    token: Token
    place: str  #: `envelope`, a recipient header's name, `references`, or one of LOOKED_UP

    @property
    def signed(self) -> bool:
        """Is it ours by our own key? What was only looked up proves nothing."""
        return self.place not in LOOKED_UP

    @property
    def by_address(self) -> bool:
        return self.signed and self.place != REFERENCES

    @property
    def presses(self) -> bool:
        """Can a button have brought it? In the ids it is only the mark of our automatic mail."""
        return self.by_address or self.place == SUBJECT


REFERENCES = "references"
ENVELOPE = "envelope"
PROVIDER_ID, SUBJECT, QUOTED_LINE = "provider-id", "subject", "quoted-line"
LOOKED_UP = frozenset({PROVIDER_ID, SUBJECT, QUOTED_LINE})  #: inbox/lookups.py


def carriers(mail: ParsedMail, envelope_to: tuple[str, ...], shape: AddressShape, keys: Keys) -> tuple[Carrier, ...]:
    """Every valid token of the mail, each once, the most trusted place first."""
    found: dict[Token, Carrier] = {}
    for token, place in _places(mail, envelope_to, shape, keys):
        if token is not None:
            found.setdefault(token, Carrier(token=token, place=place))
    return tuple(found.values())


def _places(
    mail: ParsedMail, envelope_to: tuple[str, ...], shape: AddressShape, keys: Keys
) -> Iterator[tuple[Token | None, str]]:
    for address in envelope_to:
        yield token_in_address(address, shape, keys), ENVELOPE
    for recipient in mail.recipients:
        yield token_in_address(recipient.address, shape, keys), recipient.header.lower()
    for message_id in mail.referenced_ids:
        yield token_of(message_id, keys), REFERENCES


def invalid_tokens(mail: ParsedMail, envelope_to: tuple[str, ...], shape: AddressShape, keys: Keys) -> frozenset[str]:
    """What stands where a token of ours would, and is none: damaged, or guessed. Each once, as it was written."""
    local_parts = (_local(address, shape.domain) for address in _addresses(mail, envelope_to))
    tried = {_detail(local, shape) for local in local_parts if local}
    ids = (_local(message_id, keys.domain).partition(".")[0] for message_id in mail.referenced_ids)
    tried |= {local for local in ids if len(local) == TOKEN_CHARACTERS}
    return frozenset(text for text in tried - {""} if read(text, keys) is None)


def _addresses(mail: ParsedMail, envelope_to: tuple[str, ...]) -> Iterator[str]:
    yield from envelope_to
    yield from (recipient.address for recipient in mail.recipients)


def _local(address: str, domain: str) -> str:
    """The part before the at sign, where the rest is ours; else empty."""
    local, _, right = address.strip().strip("<>").rpartition("@")
    return local.strip().strip('"').lower() if right.strip().lower() == domain.lower() else ""


def _detail(local: str, shape: AddressShape) -> str:
    """Where a token would stand. On a domain of its own any name could be one, so there it is as long as a token."""
    if shape.fixed:
        return ""
    if not shape.mailbox:
        return local if _NEARLY <= len(local) <= 2 * TOKEN_CHARACTERS else ""
    head, separator, detail = re.sub(r"%2b|[+ ]", "+", local).partition(shape.separator)
    return detail if separator and head == shape.mailbox.lower() else ""


_NEARLY = TOKEN_CHARACTERS // 2
