"""What became of one mail: read, decided, filed. Made by the inbox, kept by storage, shown by the office; ids only
but for the words themselves.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Filing:
    """These spans of one mail, on this child's record, for this role."""

    child_id: str
    class_id: str
    role: str
    spans: tuple[tuple[int, int], ...]  #: of the trimmed body
    text: str  #: the words of those spans: all a teacher sees
    teacher_ids: tuple[str, ...]  #: who held the role when it was decided; access is asked for anew at every reading
    conversation_id: int | None = None  #: set when the answer came within one


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggested:
    child_id: str
    role: str
    why: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One piece of evidence: which sign, where, how strong, for whom."""

    sign: str
    place: str
    strength: str
    child_id: str
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One mail's end: its kind, its state, why, and the filings. Exactly one per mail."""

    spool_id: int
    kind: str  #: human auto bounce system echo quarantine
    state: str  #: filed child_open asked held triage unmatched courtesy ignored poison
    reasons: tuple[str, ...]
    at: datetime  #: when the mail arrived
    message_id: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    content_key: str = ""
    author_id: str = ""  #: the verified guardian
    teacher_id: str = ""  #: the verified teacher, for an answer from the school's side
    filings: tuple[Filing, ...] = ()
    suggestions: tuple[Suggested, ...] = ()
    evidence: tuple[Seen, ...] = ()
    attachments: tuple[str, ...] = ()
    tell: str = ""  #: the automatic mail this asks for: receipt, ask, claim, preference
    claim_guardian_id: str = ""
