"""What every letter of one school carries: its sender's addresses, its signed reply address, its ids and its way back.

Made once per process; randomness and keys come in here, so that everything built with a postmark is repeatable.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mailer.address import on_the_wire
from mailer.compose import Draft, compose
from mailer.retry import expires
from school import short_reference
from school.letter import Letter, LetterKind
from school.message_id import make
from school.reply_address import AddressShape, Keys, Token, TokenKind, sign

PRIORITY = {LetterKind.NOTICE: 1, LetterKind.ANSWER: 2, LetterKind.DIGEST: 3, LetterKind.NEWSLETTER: 5}


class Signer(Protocol):
    def sign(self, raw: bytes, now: datetime) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Postmark:
    school_name: str
    from_addresses: dict[LetterKind, str]
    shape: AddressShape
    keys: Keys
    random_bytes: Callable[[int], bytes]
    signer: Signer | None = None  #: None when the mail server signs
    unsubscribe_url: str = ""  #: with {token}; empty = by mail only

    def new_public_id(self) -> int:
        """48 random bits: the only thing of ours a reply address shows."""
        return int.from_bytes(self.random_bytes(6), "big")

    def reply_address(self, kind: TokenKind, public_id: int, ordinal: int = 0) -> str:
        return self.shape.address(sign(Token(kind=kind, public_id=public_id, ordinal=ordinal), self.keys))

    def message_id(self, kind: TokenKind, public_id: int, ordinal: int = 0) -> str:
        """A fresh Message-ID; its token says which letter or conversation an answer belongs to."""
        suffix = self.random_bytes(5).hex()
        return make(Token(kind=kind, public_id=public_id, ordinal=ordinal), suffix, self.keys)

    def anchor(self, kind: TokenKind, public_id: int, ordinal: int = 0) -> str:
        """The synthetic id that stands first in References: it survives services that rewrite the Message-ID."""
        return make(Token(kind=kind, public_id=public_id, ordinal=ordinal), "a", self.keys)

    def return_path(self, public_id: int) -> str:
        """Where a bounce of this one letter comes back (VERP)."""
        return self.reply_address(TokenKind.BOUNCE, public_id)

    def visible_ref(self, public_id: int, ordinal: int) -> str:
        """The small line at a section's end: "7k3m-9q2c". It survives quoting; it proves nothing by itself."""
        return short_reference.shown(short_reference.of_section(public_id, ordinal, self.keys))

    def tag(self, kind: TokenKind, public_id: int, ordinal: int = 0) -> str:
        """What stands for the token in a subject, "[#7k3m9q2c]", where the address carries none; else empty."""
        if not self.shape.fixed:
            return ""
        if kind is TokenKind.SECTION:
            return short_reference.tag(short_reference.of_section(public_id, ordinal, self.keys))
        if kind is TokenKind.THREAD and ordinal:
            return ""  # its tag was revoked with the addresses printed before; the signed ids lead home
        return short_reference.tag(short_reference.of_token(Token(kind=kind, public_id=public_id)))

    def tagged(self, subject: str, kind: TokenKind, public_id: int, ordinal: int = 0) -> str:
        """The letter's subject, with what a plain Reply has to bring back where its address cannot."""
        return f"{subject} {self.tag(kind, public_id, ordinal)}".strip()

    def unsubscribe_link(self, public_id: int) -> str:
        """The one-click address of one letter (RFC 8058); empty when the school has none."""
        if not self.unsubscribe_url:
            return ""
        return self.unsubscribe_url.replace(
            "{token}", sign(Token(kind=TokenKind.DISPATCH, public_id=public_id), self.keys)
        )

    def finish(self, draft: Draft, now: datetime) -> bytes:
        """The letter's final bytes, signed when we sign. HeaderRefused when a field cannot stand in a header."""
        raw = compose(draft)
        return self.signer.sign(raw, now) if self.signer else raw


def letter(
    *,
    run: str,
    kind: LetterKind,
    recipient_id: str,
    draft: Draft,
    raw: bytes,
    envelope_from: str,
    now: datetime,
    child_ids: tuple[str, ...] = (),
    seq: int = 0,
) -> Letter:
    """The finished letter for the outbox, with its kind's patience and urgency."""
    return Letter(
        run=run,
        kind=kind,
        recipient_id=recipient_id,
        seq=seq,
        message_id=draft.message_id,
        envelope_from=envelope_from,
        address=on_the_wire(draft.to_address),  # the envelope has no other form than the header
        raw=raw,
        not_before=now,
        expires=expires(kind, now),
        priority=PRIORITY[kind],
        child_ids=child_ids,
    )
