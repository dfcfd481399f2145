"""One button of an automatic mail: what happens when the guardian it was sent to presses it and sends the mail.

Its public id stands in the button's signed address. It counts once, for that guardian's own address, for some days;
as soon as one button of a mail was pressed, or the office decided, the others count no more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFE = timedelta(days=14)


class Deed(StrEnum):
    FILE = "file"  #: the mail is about this child
    OFFICE = "office"  #: something else: a person reads it
    MINE = "mine"  #: yes, I wrote that mail
    NOT_MINE = "not-mine"  #: no, that was not me
    STOP = "stop"  #: send me no more weekly letters
    KEEP = "keep"  #: go on sending them


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    public_id: int  #: 48 random bits
    spool_id: int  #: the mail it decides about
    guardian_id: str  #: who may press it
    deed: Deed
    expires: datetime
    child_id: str = ""
    role: str = ""
    label: str = ""  #: the words on the button: its mail holds them, and they are nobody's news
    used_at: datetime | None = None
