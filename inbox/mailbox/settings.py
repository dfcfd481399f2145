"""What a school says of its mailbox, and the two answers that only a person can mend."""

from dataclasses import dataclass, field
from typing import Literal

from school.errors import PermanentError


class LoginRefused(PermanentError):  # noqa: N818 - says what happened, as its callers do
    """User name, password or token are wrong: somebody must change something."""


class Untrusted(PermanentError):  # noqa: N818 - as above
    """The connection cannot be made safe, so nothing secret was sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxSettings:
    """One mailbox."""

    host: str
    user: str
    password: str = field(default="", repr=False)
    account: str = "inbox"  #: how logs and the spool call it; never an address
    port: int | None = None  #: 993, or 143 where the connection does not begin with TLS
    tls: Literal["tls", "starttls", "none"] = "tls"
    login: Literal["password", "xoauth2", "oauthbearer"] = "password"
    folder: str = "INBOX"
    junk_folder: str = ""  #: searched once a day for mails with a valid token
    move_to: str = ""  #: where decided mails go; empty: they stay
    max_message_bytes: int = 30_000_000
    connect_seconds: float = 15
    read_seconds: float = 60  #: IMAPClient's own default waits for ever
    poll_seconds: float = 60  #: between looks where the server cannot push
    idle_seconds: float = 240  #: a dead connection must be noticed within 5 min; RFC 2177 would allow 29
