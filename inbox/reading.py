"""What reading a mail takes and gives: the mail as it came, how this school reads, and the result."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from inbox.delivery_report import DeliveryReport
from inbox.dkim import KeyTexts
from inbox.evidence import Candidate
from inbox.match import Lead
from inbox.opening import HERE, Opener
from inbox.parse import ParsedMail
from inbox.route import Policy
from inbox.staff import DigestReply, HandOver
from inbox.words import WordLists
from school.choice import Choice
from school.command import Command
from school.conversation import Conversation
from school.filing import Outcome
from school.people import Teacher
from school.reply_address import AddressShape, Keys, Token


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """One stored mail, as the spool hands it over."""

    spool_id: int
    raw: bytes
    arrived: datetime  #: aware
    envelope_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How this school reads its mail: its keys, its addresses, its choices, its words."""

    keys: Keys
    shape: AddressShape
    zone: ZoneInfo
    our_addresses: frozenset[str]  #: lower case; mail from these is our own echo
    trusted_authserv_ids: frozenset[str]
    accept: timedelta  #: how long a letter's address is accepted
    policy: Policy
    words: WordLists
    school_name: str = ""
    provider_domain: str = ""  #: the right side of the ids a mail provider gives our letters; empty = it keeps ours
    dkim_keys: KeyTexts | None = None  #: asks for other domains' public keys; None = their signatures do not count
    opener: Opener = HERE  #: who reads the bytes that anybody may send


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A teacher's words for one guardian, in one conversation."""

    conversation: Conversation
    teacher: Teacher
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The outcome, and what follows from it outside: an answer to relay, a button pressed, a bounce to note."""

    outcome: Outcome
    mail: ParsedMail
    leads: tuple[Lead, ...] = ()  #: what its valid tokens mean
    places: tuple[Candidate, ...] = ()  #: where it could go: the buttons of a question to the parent
    answer: Answer | None = None
    choice: Choice | None = None  #: a button of an automatic mail, to be carried out
    command: Command | None = None  #: a button of a teacher's digest, to be carried out
    handed: HandOver | None = None  #: a teacher says whose this is
    digest: DigestReply | None = None  #: a teacher's answer to a whole digest
    report: DeliveryReport | None = None
    reported: Token | None = None  #: the letter the report is about; None when it names none of ours
    invalid_tokens: frozenset[str] = frozenset()  #: what it carried that nobody signed: counted against guessing
    about_today: bool = False  #: it waits for a person, and its words are about today
