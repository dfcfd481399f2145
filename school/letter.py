"""Letters: one finished message to one address, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class LetterKind(Enum):
    NEWSLETTER = "newsletter"
    DIGEST = "digest"
    ANSWER = "answer"  #: a teacher's answer, relayed to one guardian
    NOTICE = "notice"  #: automatic: acknowledgement, receipt, question to the parent, confirmation

    @property
    def at_most_once(self) -> bool:
        """An automatic mail is never sent twice; every other letter is sent at least once (outbox rules)."""
        return self is LetterKind.NOTICE


class LetterState(Enum):
    PLANNED = "planned"
    READY = "ready"
    CLAIMED = "claimed"
    SENT = "sent"
    SENT_UNSURE = "sent?"  #: at-most-once kinds whose answer after the final dot was lost
    DEFERRED = "deferred"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One finished message. Its bytes never change: a retry sends the very same ones.

    Unique per run × recipient × kind × seq; *run* is `issue:2026-11-27`, `digest:2026-11-27`, `answer:42`, `notice:42`.
    """

    run: str
    kind: LetterKind
    recipient_id: str  #: guardian or teacher, the roster's id
    seq: int = 0
    message_id: str  #: without angle brackets
    envelope_from: str  #: the VERP return path; empty = the null sender
    address: str
    raw: bytes
    not_before: datetime
    expires: datetime
    priority: int = 5  #: 1 goes first
    child_ids: tuple[str, ...] = ()  #: the children it speaks about: the claim checks again that the guardian may hear


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchSection:
    """What a reply needs to know of one section of a sent letter. Teachers are looked up when it is read."""

    ordinal: int
    child_id: str
    class_id: str
    role: str
    fingerprints: tuple[str, ...] = ()  #: lines of the section's text, to recognise it in a quote
    visible_ref: str = ""  #: "7k3m-9q2c", printed at its end


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatch:
    """One letter as routing knows it: who got it and what its public id means."""

    public_id: int  #: 48 random bits, the part of a reply address that is looked up
    kind: LetterKind
    run: str
    recipient_id: str
    message_id: str
    created: datetime
    sections: tuple[DispatchSection, ...] = ()
    conversation_ids: tuple[int, ...] = ()  #: a digest's items, first = number 1
    open_mail_ids: tuple[int, ...] = ()  #: its mails whose child the teacher picks, numbered on after the conversations
    revoked: bool = False
