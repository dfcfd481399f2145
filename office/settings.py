"""Every setting, with its unit, its default and its reason. `config.example.toml` is written from this file.

A key that must be given has no default; a secret may stand in the environment instead (see `office/config.py`).
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Security = Literal["tls", "starttls", "none"]
Login = Literal["password", "xoauth2"]
HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"
SPAN = r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$"
COLOUR = r"^#[0-9a-fA-F]{6}$"
ACCOUNT = r"^[a-z][a-z0-9-]{0,30}$"
FORMS = {
    HOUR: "write a time such as 15:10",
    SPAN: "write two times such as 08:00-16:00",
    COLOUR: "write a colour such as #1f5f5b",
    ACCOUNT: "write a short name of small letters and digits, such as office",
}
Hour = Annotated[str, Meta(pattern=HOUR)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Positive = Annotated[int, Meta(ge=1)]
HOURS = Meta(
    pattern=SPAN,
    description="From and until; empty = nobody works.",
    examples=["08:00-16:00"],
)


class Section(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A table of config.toml."""


class School(Section, frozen=True, kw_only=True):
    """Who writes: the name and face families know."""

    name: Annotated[str, Meta(description="The school's name, as families know it.", examples=["Hillside School"])]
    contact: Annotated[
        str,
        Meta(
            description="A person's address at the school, printed in every letter: help is never a form.",
            examples=["office@school.example"],
        ),
    ]
    language: Annotated[str, Meta(description="The school's own language (BCP 47). Families without one get this.")] = (
        "en"
    )
    zone: Annotated[str, Meta(description="IANA time zone of all school times.", examples=["Europe/Dublin"])] = "UTC"
    postal: Annotated[str, Meta(description="Postal address for the letter's foot; many laws ask for it.")] = ""
    website: Annotated[str, Meta(description="https address for the letter's foot; empty = none.")] = ""
    colour: Annotated[
        str, Meta(pattern=COLOUR, description="The masthead's colour. White text must be readable on it.")
    ] = "#1f5f5b"


class Database(Section, frozen=True, kw_only=True):
    """Where everything is kept."""

    url: Annotated[
        str,
        Meta(
            description="sqlite:FILE (one machine, nothing to install) or postgresql://user:password@host/name "
            "(several machines). A file is looked for beside config.toml."
        ),
    ] = "sqlite:fridayfolder.db"


class Mail(Section, frozen=True, kw_only=True):
    """The addresses letters come from. The mail server must be allowed to send for their domain (SPF, DKIM, DMARC)."""

    news: Annotated[str, Meta(description="From of the weekly letter.", examples=["news@school.example"])]
    answers: Annotated[
        str,
        Meta(description="From of a teacher's relayed answer; her own address is never shown. Empty = mail.news."),
    ] = ""
    digest: Annotated[str, Meta(description="From of the teachers' digest. Empty = mail.news.")] = ""
    office: Annotated[str, Meta(description="Who gets mail that needs a person. Empty = school.contact.")] = ""


class Replies(Section, frozen=True, kw_only=True):
    """How answers come back. `fridayfolder doctor` finds out which shape your mail server keeps."""

    domain: Annotated[str, Meta(description="Domain of the reply addresses.", examples=["school.example"])]
    shape: Annotated[
        Literal["catch-all", "plus", "fixed"],
        Meta(
            description='"catch-all": {token}@domain, best, needs a domain of its own; "plus": mailbox+{token}@domain; '
            '"fixed": mailbox@domain, when the server keeps no detail (Message-IDs and subject tags lead home; set '
            "routing.trusted_authserv_ids, or buttons cannot count)."
        ),
    ] = "plus"
    mailbox: Annotated[str, Meta(description="The part before the plus sign (shapes plus and fixed).")] = "reply"
    keys: Annotated[
        list[str],
        Meta(
            description='Secret. Signing keys as "id:64 hexadecimal digits", id 0–31. New addresses use the highest; '
            "all listed ones are accepted. `fridayfolder init` makes the first. Rotate yearly: add, never reuse an id."
        ),
    ]
    retired_keys: Annotated[
        list[int],
        Meta(
            description="Ids of keys that count no more from now on, because somebody else may know them. Answers to "
            "letters signed with them are then known by who wrote, or wait for a person."
        ),
    ] = msgspec.field(default_factory=list)
    accept_days: Annotated[
        Positive, Meta(description="Days a letter's reply address is accepted: one school year and a summer.")
    ] = 400


class Smtp(Section, frozen=True, kw_only=True):
    """The mail server letters go out through."""

    host: Annotated[str, Meta(description="Name of the server.", examples=["smtp.school.example"])]
    port: Annotated[int, Meta(ge=1, le=65535, description="587 for starttls, 465 for tls.")] = 587
    security: Annotated[
        Security, Meta(description='"starttls" or "tls" check the certificate; "none" only for this very machine.')
    ] = "starttls"
    user: Annotated[str, Meta(description="Login name; empty = no login.")] = ""
    password: Annotated[str, Meta(description="Secret.")] = ""
    login: Annotated[
        Login, Meta(description='"xoauth2": smtp.user and a token from [oauth] instead of a password.')
    ] = "password"
    connections: Annotated[
        Positive,
        Meta(description="Connections at once. 4 suits most servers; each crash may repeat one letter on each."),
    ] = 4
    provider_id_domain: Annotated[
        str,
        Meta(
            description="Only for a provider that puts a Message-ID of its own in place of ours and names it in its "
            "250 reply: the part after the at sign, so that answers to it are known. Amazon SES: "
            "eu-west-1.amazonses.com (your region); in us-east-1 email.amazonses.com. Empty = ours is kept."
        ),
    ] = ""
    letters_per_connection: Annotated[
        Positive, Meta(description="Letters before a connection is renewed; big receivers ask for at most 20.")
    ] = 20
    domain_concurrency: Annotated[
        int, Meta(ge=0, description="Letters to one receiving domain at the same time. 0 = as many as connections.")
    ] = 0
    domain_per_minute: Annotated[
        int, Meta(ge=0, description="Letters to one receiving domain a minute. 0 = no limit.")
    ] = 0
    timeout: Annotated[
        Positive,
        Meta(
            description="Seconds to wait for a connection and each reply; the final one gets 600 (RFC 5321 §4.5.3.2.6)."
        ),
    ] = 300


class ImapLogin(Section, frozen=True, kw_only=True):
    """One mailbox."""

    host: Annotated[str, Meta(description="Name of the server; empty = no mailbox (use [door]).")] = ""
    port: Annotated[int, Meta(ge=1, le=65535, description="993 for tls, 143 for starttls.")] = 993
    security: Annotated[
        Security, Meta(description='"tls" or "starttls" check the certificate; "none" only for this very machine.')
    ] = "tls"
    user: Annotated[str, Meta(description="Login name.")] = ""
    password: Annotated[str, Meta(description="Secret.")] = ""
    login: Annotated[
        Login, Meta(description='"xoauth2": imap.user and a token from [oauth] instead of a password.')
    ] = "password"
    folder: Annotated[str, Meta(description="The folder replies arrive in.")] = "INBOX"
    archive: Annotated[
        str, Meta(description="Where stored mail is moved. Empty = it stays; nothing else in the mailbox is touched.")
    ] = ""
    junk: Annotated[
        str, Meta(description="Junk folder, looked through daily for replies with a valid address. Empty = not.")
    ] = ""
    poll_seconds: Annotated[
        Positive, Meta(description="Seconds between looks where the server cannot push (IDLE).")
    ] = 60
    max_megabytes: Annotated[
        Positive, Meta(description="Of a larger mail the headers and the first 64 KB of text are kept.")
    ] = 25


class FurtherMailbox(ImapLogin, frozen=True, kw_only=True):
    """A mailbox beside the first; every key of [imap] can stand here."""

    account: Annotated[
        str,
        Meta(
            pattern=ACCOUNT,
            description="Its name in logs and in the database, never an address; keep it once chosen.",
            examples=["office"],
        ),
    ]
    host: Annotated[str, Meta(min_length=1, description="Name of the server.", examples=["imap.school.example"])]


class Imap(ImapLogin, frozen=True, kw_only=True):
    """The mailbox replies arrive in."""

    more: Annotated[
        list[FurtherMailbox],
        Meta(
            description="Further mailboxes, one [[imap.more]] each, with the keys of [imap]. Each is read for itself: "
            "one that is away never stops the others. Their secrets: FRIDAYFOLDER_IMAP_<ACCOUNT>_PASSWORD."
        ),
    ] = msgspec.field(default_factory=list)


class OAuth(Section, frozen=True, kw_only=True):
    """Where tokens come from, for smtp.login and imap.login = "xoauth2". Register a client with the provider first."""

    token_url: Annotated[
        str,
        Meta(
            description="https://oauth2.googleapis.com/token, or "
            "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token."
        ),
    ] = ""
    client_id: Annotated[str, Meta(description="The client's id.")] = ""
    client_secret: Annotated[str, Meta(description="Secret.")] = ""
    refresh_token: Annotated[str, Meta(description="Secret. Empty = client credentials: the app asks for itself.")] = ""
    scope: Annotated[
        str,
        Meta(
            description="Empty for Google. Microsoft: https://outlook.office365.com/.default for client credentials; "
            "with a refresh token https://outlook.office.com/SMTP.Send and .../IMAP.AccessAsUser.All, with a space."
        ),
    ] = ""


class Door(Section, frozen=True, kw_only=True):
    """A way in for mail servers that can hand mail over by LMTP or SMTP. Off unless a port is set."""

    protocol: Annotated[Literal["lmtp", "smtp"], Meta(description="LMTP suits a server on the same machine.")] = "lmtp"
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="0 = closed.")] = 0
    max_megabytes: Annotated[Positive, Meta(description="Larger mail is refused with 552.")] = 25


class Console(Section, frozen=True, kw_only=True):
    """The web page behind newsletter.unsubscribe_url. Off unless a port is set; put a TLS proxy before it."""

    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="0 = closed.")] = 0


class Newsletter(Section, frozen=True, kw_only=True):
    """The weekly letter."""

    weekday: Annotated[Weekday, Meta(description="The day it goes out; earlier when that day is a holiday.")] = "friday"
    at: Annotated[
        Hour, Meta(description="School time. Off the full hour: the whole world's newsletters leave at :00.")
    ] = "15:10"
    spread_minutes: Annotated[
        int,
        Meta(
            ge=0,
            le=55,
            description="A letter due on the full hour starts up to this many minutes later, always the same number at "
            "one school; `fridayfolder plan` shows it. 0 = on the hour.",
        ),
    ] = 12
    audience_change: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Share by which the number of letters may differ from the last issue's without being asked; "
            "differences below 20 letters never matter. 1 = never asked.",
        ),
    ] = 0.2
    catch_up_hours: Annotated[
        Positive, Meta(description="If the service was down, send at most this late; later it only tells the office.")
    ] = 36
    approval: Annotated[bool, Meta(description="true: an issue goes out only after `fridayfolder approve DATE`.")] = (
        False
    )
    templates: Annotated[
        str, Meta(description="A folder with your own letters in the layout of templates/. Empty = the built-in ones.")
    ] = ""
    unsubscribe_url: Annotated[
        str,
        Meta(
            description="https address for one-click stop (RFC 8058) like https://news.school.example/stop/{token}; "
            "it leads to [console]. At most 76 characters with the token's 29. Empty = by mail only."
        ),
    ] = ""


class Digest(Section, frozen=True, kw_only=True):
    """The teachers' daily digest."""

    at: Annotated[Hour, Meta(description="School time, every day that is no holiday.")] = "15:40"
    noon_at: Annotated[
        Hour, Meta(description="The first of two a day, for teachers who choose that in their digest.")
    ] = "12:00"
    weekdays: Annotated[
        list[Weekday], Meta(description="The days it is sent; the last of a week for teachers who chose weekly.")
    ] = msgspec.field(default_factory=lambda: ["monday", "tuesday", "wednesday", "thursday", "friday"])
    bodies: Annotated[bool, Meta(description="false: initials only, the words stay in the office.")] = True
    hold_minutes: Annotated[
        int,
        Meta(
            ge=0,
            le=1440,
            description="Minutes the answers of a whole digest's reply wait, so that 'stop 3' can take one back. "
            "An answer sent with the button under one message goes at once.",
        ),
    ] = 5


class Hours(Section, frozen=True, kw_only=True):
    """Office hours, in school time. Holidays are free. Without any, nothing waits and nobody is told about hours."""

    monday: Annotated[str, HOURS] = ""
    tuesday: Annotated[str, HOURS] = ""
    wednesday: Annotated[str, HOURS] = ""
    thursday: Annotated[str, HOURS] = ""
    friday: Annotated[str, HOURS] = ""
    saturday: Annotated[str, HOURS] = ""
    sunday: Annotated[str, HOURS] = ""
    hold_answers: Annotated[
        bool,
        Meta(
            description="true: a teacher's answer waits until the next working time, and she is told when it leaves. "
            "false: it goes when she sends it; families then may expect answers at night."
        ),
    ] = True
    acknowledge: Annotated[
        bool,
        Meta(
            description="Tell a parent who writes outside these hours, once a conversation and quiet period, when her "
            "message is read. Only where hours are set."
        ),
    ] = True


class Routing(Section, frozen=True, kw_only=True):
    """Where an answer goes."""

    single_strong: Annotated[
        Literal["file", "ask"],
        Meta(
            description="One child's name is the only sign which of several children is meant. "
            '"file" files it and tells the parent where it went; "ask" asks her first.'
        ),
    ] = "file"
    courtesy_characters: Annotated[
        Positive, Meta(description="A thank-you up to this length needs no teacher to be found.")
    ] = 40
    ask_hours: Annotated[Positive, Meta(description="Hours until an unanswered question goes to the office.")] = 48
    automatic_per_day: Annotated[
        Positive, Meta(description="Automatic mails to one address in 24 hours, all kinds together.")
    ] = 3
    words: Annotated[
        str,
        Meta(
            description="A folder with your own word lists in the layout of inbox/words/, such as urgent.toml or "
            "safeguarding.toml; a file there takes the place of the built-in one. Empty = the built-in ones."
        ),
    ] = ""
    trusted_authserv_ids: Annotated[
        list[str],
        Meta(
            description="authserv-id of your own receiving server: its Authentication-Results count (RFC 8601 §5). "
            "Empty = none: mail without a signed address then waits for a person."
        ),
    ] = msgspec.field(default_factory=list)
    verify_dkim: Annotated[
        bool,
        Meta(
            description="true: where no trusted server says anything, a valid DKIM signature of the author's own "
            "domain vouches for her. Name servers are asked for the keys, at most five seconds a minute."
        ),
    ] = False


class Roster(Section, frozen=True, kw_only=True):
    """Importing the roster."""

    removal_limit: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Share of children, guardians or teachers one import may remove without being asked.",
        ),
    ] = 0.1


class Dkim(Section, frozen=True, kw_only=True):
    """Signing letters here. Leave it empty when your mail server signs, as most do."""

    domain: Annotated[str, Meta(description="Signing domain, the one of mail.news.")] = ""
    selector: Annotated[str, Meta(description="The key's name in DNS: selector._domainkey.domain.")] = ""
    key: Annotated[str, Meta(description="Secret. The private key in PEM, RSA 2048 or Ed25519.")] = ""


class Keep(Section, frozen=True, kw_only=True):
    """How long things are kept."""

    sent_bytes_days: Annotated[
        Positive, Meta(description="Days a finished letter's bytes stay, for retries and questions.")
    ] = 14
    raw_mail_days: Annotated[
        Positive, Meta(description="Days the raw mail stays; the filed words stay with the conversation.")
    ] = 90


class Settings(Section, frozen=True, kw_only=True):
    school: School
    mail: Mail
    replies: Replies
    smtp: Smtp
    database: Database = Database()
    imap: Imap = Imap()
    oauth: OAuth = OAuth()
    door: Door = Door()
    console: Console = Console()
    newsletter: Newsletter = Newsletter()
    digest: Digest = Digest()
    hours: Hours = Hours()
    routing: Routing = Routing()
    roster: Roster = Roster()
    dkim: Dkim = Dkim()
    keep: Keep = Keep()
