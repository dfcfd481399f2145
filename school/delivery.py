"""A delivery: one mail as it arrived at one of our doors, and what the spool knows of it."""

from dataclasses import dataclass
from datetime import datetime

#: Stands in the header of a mail that was too large to be kept whole: header, this line, the first 64 KB of its body.
TRUNCATED_HEADER = "X-Friday-Folder-Truncated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """The raw bytes and where they were found. (account, folder, uidvalidity, uid) names one mail for ever."""

    account: str  #: the mailbox's name in the configuration, never an address
    folder: str
    uidvalidity: int
    uid: int
    arrived: datetime
    raw: bytes
    envelope_to: tuple[str, ...] = ()  #: the true recipients, where the way in tells them (LMTP, SMTP)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spooled:
    """One row of the spool without its bytes."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: int
    arrived: datetime
    stored_at: datetime
    envelope_to: tuple[str, ...]
    size: int
    state: str  #: `received` until it has been decided
    kind: str
    reasons: tuple[str, ...]
    author_id: str
    content_key: str
    message_id: str
    copy_of: int | None
    attempts: int
    error: str  #: a code, never a text of the mail
