"""A letter on its way: what a sender holds, and what came of trying."""

from dataclasses import dataclass
from datetime import datetime

from school.letter import LetterKind, LetterState


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A letter that is ours to send until its lease ends. A finish counts only with the same *epoch*."""

    id: int
    epoch: int
    run: str
    kind: LetterKind
    message_id: str
    envelope_from: str
    address: str
    domain: str
    raw: bytes
    attempts: int  #: how often it was tried before
    expires: datetime
    uncertain: bool  #: an earlier try may have arrived
    code: str = ""  #: what the server said the last time


@dataclass(frozen=True, kw_only=True, slots=True)
class SendResult:
    """What becomes of a claimed letter: `sent`, `failed`, `deferred` until a time, `sent?`, or `ready` untouched."""

    state: LetterState
    code: str = ""  #: the server's codes: "250 2.0.0"; ours begin with "local."
    reason: str = ""  #: in plain words, never an address or a name
    until: datetime | None = None  #: for `deferred`
    tried: bool = True  #: False when the letter was not offered to a server: the attempt is not counted
    provider_id: str = ""  #: the Message-ID the provider put in place of ours
    uncertain: bool = False  #: no answer after the final dot: it may have arrived
