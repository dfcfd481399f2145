"""What a mail is: a person's words, or one of the kinds that no teacher is asked to read."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Who speaks in the mail."""

    HUMAN = "human"
    AUTO = "auto"  #: an automatic answer: vacation, ticket system
    BOUNCE = "bounce"  #: a mail server says that a letter did not arrive
    COMPLAINT = "complaint"  #: a provider says that its user called a letter spam
    SYSTEM = "system"  #: a read receipt, a calendar answer
    ECHO = "echo"  #: our own mail, come back
    QUARANTINE = "quarantine"  #: spam, or bulk mail from nobody we know


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind, the rule's reason code, and what it saw."""

    kind: Kind
    reason: str
    details: dict[str, str] = field(default_factory=dict)
