"""A conversation: one guardian and the teachers of one child in one role, message by message."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn. `author` is `guardian` or `teacher`; the text is the new words only, never a quote."""

    id: int
    author: str
    author_id: str
    at: datetime
    text: str
    message_id: str = ""  #: of the mail it came in, without angle brackets
    references: tuple[str, ...] = ()  #: the mail's own chain, oldest first: an answer continues it
    subject: str = ""
    attachments: tuple[str, ...] = ()  #: safe names only; the bytes stay with the office
    spool_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """Guardian × child × role. Who may see it is asked at reading time from today's assignments, never stored."""

    id: int
    public_id: int  #: 48 random bits: the thread's own reply address
    guardian_id: str
    child_id: str
    class_id: str  #: where it began; the audience follows the child's class of today in this role
    role: str
    messages: tuple[Message, ...] = ()
    generation: int = 0  #: in the thread's tokens: those of an earlier one were revoked
    last_at: datetime | None = None  #: of its last message, also where the messages were not asked for

    @property
    def waiting(self) -> bool:
        """Does the guardian's last word still wait for an answer?"""
        return bool(self.messages) and self.messages[-1].author == "guardian"
