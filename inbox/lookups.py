"""What a mail carries that nobody signed: a provider's own id, a tag in the subject, the small line under a section.

Each is looked up and proves nothing: it says which letter is meant, and counts only for an author whom our receiving
server vouches for (inbox/match.py). The small lines are looked for only where nothing else leads home.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from inbox.carriers import PROVIDER_ID, QUOTED_LINE, SUBJECT, Carrier, carriers, invalid_tokens
from inbox.parse import ParsedMail
from school import short_reference
from school.message_id import token_of
from school.reply_address import AddressShape, Keys, Token

MOST = 40  #: a letter has at most 31 sections; nobody is asked about more lines than that, whatever a mail holds


class LookUp(Protocol):
    """What is kept of our letters' names."""

    def meaning(self, signs: str) -> Token | None:
        """What the eight signs of a tag stand for; None when nothing does."""
        ...

    def section(self, signs: str) -> Token | None:
        """The section that this line was printed under."""
        ...

    def our_id(self, provider_id: str) -> str | None:
        """The Message-ID of ours that a provider replaced by this one."""
        ...


class Ways(Protocol):
    """How this school's mail is addressed."""

    @property
    def shape(self) -> AddressShape: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def provider_domain(self) -> str:
        """The right side of the ids that the school's mail provider gives; empty when it keeps ours."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """Everything of ours on one mail."""

    found: tuple[Carrier, ...]  #: what leads home, what is signed first
    invalid: frozenset[str]  #: what looks like ours and is none: damaged, or guessed


def carried(mail: ParsedMail, envelope_to: tuple[str, ...], ways: Ways, known: LookUp) -> Carried:
    """What the mail carries; of one letter the signed token is enough."""
    signed = carriers(mail, envelope_to, ways.shape, ways.keys)
    tags = {signs: known.meaning(signs) for signs in short_reference.tags_in(mail.subject)[:MOST]}
    tagged = (Carrier(token=token, place=SUBJECT) for token in tags.values() if token is not None)
    found = (*signed, *_by_provider(mail, ways, known), *tagged)
    invalid = invalid_tokens(mail, envelope_to, ways.shape, ways.keys)
    if ways.shape.fixed:  # elsewhere we print no tags, and other people's ticket systems do
        invalid |= {signs for signs, token in tags.items() if token is None}
    return Carried(found=found or tuple(_quoted(mail, known)), invalid=invalid)


def _by_provider(mail: ParsedMail, ways: Ways, known: LookUp) -> Iterator[Carrier]:
    """The ids of a provider that puts its own in place of ours (scenario 18)."""
    for message_id in mail.referenced_ids if ways.provider_domain else ():
        if message_id.rpartition("@")[2].lower() == ways.provider_domain.lower():
            ours = known.our_id(message_id)
            token = token_of(ours, ways.keys) if ours else None
            if token is not None:
                yield Carrier(token=token, place=PROVIDER_ID)


def _quoted(mail: ParsedMail, known: LookUp) -> Iterator[Carrier]:
    for signs in short_reference.lines_in(mail.text or mail.html)[:MOST]:
        token = known.section(signs)
        if token is not None:
            yield Carrier(token=token, place=QUOTED_LINE)
