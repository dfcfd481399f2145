"""The signed tokens a mail carries, and where: recipient addresses first, then the Message-IDs it answers.

Every valid token is kept with its place; what is damaged, foreign or truncated is no evidence at all. Nothing is
decided here, so nothing can be decided by whichever token happened to be looked at first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from inbox.parse import ParsedMail
from school.message_id import token_of
from school.reply_address import AddressShape, Keys, Token, token_in_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrier:
    token: Token
    place: str  #: `envelope`, a recipient header's name, or `references`

    @property
    def by_address(self) -> bool:
        return self.place != REFERENCES


REFERENCES = "references"
ENVELOPE = "envelope"


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
