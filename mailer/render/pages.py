"""What goes into a letter and what comes out: plain values, written by the flows and read by the press."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from mailer.parts import Enclosure as Enclosure  # noqa: PLC0414 - a page holds it, so whoever has pages has it


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolFace:
    """The school as its letters show it."""

    name: str
    language: str  #: the language of last resort, BCP 47
    zone: ZoneInfo
    contact_address: str  #: a person reads it
    postal_line: str = ""  #: "1 Linden Road, 12345 Springfield": who sends, on paper too
    website: str = ""  #: https, or empty
    colour: str = "#1f5f74"  #: masthead and buttons; lightened or darkened until it can be read


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsletterLinks:
    """Every address of one guardian's letter; the keys are the sections' ordinals."""

    reply_to: str
    section_reply: Mapping[int, str]
    section_ref: Mapping[int, str] = field(default_factory=dict)  #: the whole visible line: "Ref 7k3m-9q2c"
    section_tag: Mapping[int, str] = field(default_factory=dict)  #: for the subject, where addresses carry no token
    tag: str = ""  #: the letter's own
    unsubscribe_mail: str
    unsubscribe_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """One letter's words: both bodies, and what a reply may quote of each section."""

    subject: str  #: always one line
    preheader: str  #: what an inbox shows beside the subject
    html: str
    text: str
    language: str  #: BCP 47, for Content-Language
    direction: str  #: "ltr" or "rtl"
    attachments: tuple[Enclosure, ...] = ()
    fingerprints: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  #: by ordinal


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestTurn:
    """One message in a digest: the guardian's new words only."""

    at: datetime
    words: str  #: plain text
    attachments: tuple[str, ...] = ()  #: names of files that stay with the office
    files: tuple[str, ...] = ()  #: names of files that travel along
    earlier: tuple[str, ...] = ()  #: names of files that travelled along an earlier digest


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestEntry:
    """One waiting conversation. Its number is its place in the digest's Dispatch, from 1."""

    number: int
    child_id: str  #: entries of one child that follow one another stand under one heading
    child: str
    class_title: str
    guardian: str
    relation: str = ""  #: as the roster says: "parent"
    role: str = ""  #: a subject; empty for the class teacher's desk
    turns: tuple[DigestTurn, ...]
    subject: str = ""  #: of the guardian's mail, decoded
    reply_to: str  #: this conversation's own address; empty while the child is open
    tag: str = ""  #: for the subject, where the address carries no token
    not_mine: str = ""  #: a command address: "this is not for me"
    not_mine_tag: str = ""
    picks: tuple["Choice", ...] = ()  #: the child is open: one button per child, and no answer before
    from_home: bool = False  #: thanks or news: these entries come last, under a heading of their own
    closed: bool = False  #: the words stay with the school; names are initials


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestPage:
    teacher: str
    day: date
    entries: tuple[DigestEntry, ...]
    language: str = ""  #: empty = the school's
    rhythms: tuple["Choice", ...] = ()  #: buttons that change how often it comes; `name` is daily, twice or weekly
    urgent: bool = False  #: sent at once, about today


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerPage:
    """A teacher's words to one guardian, under the school's name."""

    guardian: str
    language: str
    teacher: str
    child: str  #: first name
    words: str  #: plain text, hers only
    subject: str  #: of the mail it answers, decoded, with or without "Re:"
    reply_to: str
    class_title: str = ""
    tag: str = ""  #: for the subject, where the address carries no token
    visible_ref: str = ""
    attachments: tuple[str, ...] = ()  #: names of files that the teacher attached and that do not travel


class NoticeKind(Enum):
    RECEIPT = "receipt"  #: your message went to …; it was about <sibling>
    ASK = "ask"  #: who was it about?
    CLAIM = "claim"  #: to the registered guardian: was this you?
    PREFERENCE = "preference"  #: no more weekly letters?
    UNDELIVERED = "undelivered"  #: to a teacher: this text could not be placed
    STAFF_RECEIPT = "staff-receipt"  #: to a teacher: what became of each part of her answer
    HOURS = "hours"  #: your message reached us outside hours; it is read from then on
    URGENT = "urgent"  #: to the office: a family writes about today
    ALERT = "alert"  #: to the office: a mail only it may read
    OFFICE = "office"  #: to the office: what waits for a person


class ChoiceKind(Enum):
    CHILD = "child"
    OFFICE = "office"
    YES = "yes"
    NO = "no"
    STOP = "stop"  #: no more weekly letters
    KEEP = "keep"
    CONVERSATION = "conversation"  #: for a teacher: "it was for Ida's mother"
    RHYTHM = "rhythm"  #: for a teacher: how often her digest comes


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One mailto button of a notice; a tap and Send is the answer."""

    kind: ChoiceKind
    address: str
    name: str = ""  #: the child's first name, or whom a conversation is with
    tag: str = ""  #: for the subject, where the address carries no token


@dataclass(frozen=True, kw_only=True, slots=True)
class DoneLine:
    """What became of one item of a digest that was answered."""

    number: int
    child: str
    guardian: str
    what: str  #: a code of ours: answer, thanks, office, later, not-mine, stopped, not-yours-now, …


@dataclass(frozen=True, kw_only=True, slots=True)
class TrayLine:
    """One mail that waits for a person, or one thing the office should know."""

    mail: int  #: its number in the tray; 0 where there is none
    state: str
    reasons: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()  #: "Leo Berg (3B)": the office may see names
    words: str = ""  #: in plain words, where there is no state


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticePage:
    kind: NoticeKind
    person: str  #: who reads it
    language: str = ""
    subject: str = ""  #: of the mail it answers, decoded
    at: datetime | None = None  #: when that mail came
    child: str = ""  #: receipt: whose record it is on now
    teachers: tuple[str, ...] = ()  #: receipt: whom it went to
    words: str = ""  #: undelivered: the teacher's own text, so that nothing is lost
    done: tuple[DoneLine, ...] = ()  #: staff receipt: what became of each part
    until: datetime | None = None  #: staff receipt: when the answers leave; hours: when somebody reads it
    files: tuple[str, ...] = ()  #: staff receipt: what she attached, and nobody got
    tray: tuple[TrayLine, ...] = ()  #: office: what waits
    untold: tuple[TrayLine, ...] = ()  #: office: parents who were not told
    bounced: tuple[TrayLine, ...] = ()  #: office: addresses that do not work
    #: a code of ours: for undelivered `no-item`, `withdrawn`, `ambiguous`; for claim `author-not-verified`
    reason: str = ""
    choices: tuple[Choice, ...] = ()
