"""One button of a teacher's digest: what happens when she presses it and sends the mail.

As with a guardian's button (school/choice.py) its public id stands in the signed address; it counts once, from that
teacher's own address, for some days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFE = timedelta(days=14)


class StaffDeed(StrEnum):
    NOT_MINE = "not-mine"  #: this conversation is not hers
    CHILD = "child"  #: the mail is about this child
    PLACE = "place"  #: her words that named no message are for this conversation
    RHYTHM = "rhythm"  #: how often she wants her digest: `role` holds the rhythm


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    public_id: int  #: 48 random bits
    teacher_id: str  #: who may press it
    deed: StaffDeed
    expires: datetime
    conversation_id: int | None = None
    spool_id: int | None = None  #: the mail whose child she picks
    child_id: str = ""
    role: str = ""
    used_at: datetime | None = None
