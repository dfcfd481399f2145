"""What the inbox asks while it matches a mail: people, letters, conversations, buttons, and whether one may be told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from inbox.digest_items import Digest, DigestItem, Pick
from inbox.parse import parse
from inbox.trim.familiar import Familiar
from inbox.trim.html import to_lines
from inbox.trim.letter_words import PART_END
from mailer.postmark import Postmark
from mailer.render import LetterPress
from school.audience import Addressee
from school.choice import Choice
from school.command import Command
from school.conversation import Conversation
from school.filing import Suggested
from school.letter import Dispatch
from school.people import Guardian, Teacher
from school.reply_address import Token, TokenKind
from storage import provider_ids, short_references
from storage.address_health import AddressHealth
from storage.choices import ChoiceStore
from storage.commands import CommandStore
from storage.conversations import ConversationStore
from storage.guesses import GuessStore
from storage.letter_bytes import LetterBytes
from storage.outbox import Outbox
from storage.people import PeopleStore

DAY = timedelta(hours=24)
T = TypeVar("T")
MOST_QUOTED = 12  #: so many letters a reply may quote, beginning with the nearest


@dataclass(frozen=True, kw_only=True)
class Directory:
    people: PeopleStore
    outbox: Outbox
    conversations: ConversationStore
    choices: ChoiceStore
    commands: CommandStore
    letter_bytes: LetterBytes
    postmark: Postmark
    press: LetterPress
    health: AddressHealth
    tried: GuessStore
    automatic_per_day: int  #: automatic mails to one address in 24 hours, all kinds together
    familiar: Familiar = field(default_factory=Familiar)  #: what the latest letters say to every family
    #: What was asked about people while one mail is read; None: it is asked anew each time. Any: one answer each.
    asked: dict[tuple[object, ...], Any] | None = None

    def for_one_mail(self) -> "Directory":
        """The same, which asks each question about people once. Whoever reads the next mail takes another one."""
        return replace(self, asked={})

    def guardians_at(self, address: str) -> tuple[Guardian, ...]:
        return self._once(self.people.guardians_at, address)

    def teachers_at(self, address: str) -> tuple[Teacher, ...]:
        return self._once(self.people.teachers_at, address)

    def addressee(self, guardian_id: str, today: date) -> Addressee | None:
        return self._once(self.people.addressee, guardian_id, today)

    def teachers_of(self, child_id: str, role: str, today: date) -> tuple[Teacher, ...]:
        return self.people.teachers_of(child_id, role, today)

    def dispatch(self, public_id: int) -> Dispatch | None:
        return self.outbox.dispatch(public_id)

    def conversation(self, public_id: int) -> Conversation | None:
        return self.conversations.by_public_id(public_id)

    def choice(self, public_id: int) -> Choice | None:
        return self.choices.by_public_id(public_id)

    def command(self, public_id: int) -> Command | None:
        return self.commands.by_public_id(public_id)

    def meaning(self, signs: str) -> Token | None:
        return short_references.meaning(self.people.database, signs)

    def section(self, signs: str) -> Token | None:
        return short_references.section(self.people.database, signs)

    def our_id(self, provider_id: str) -> str | None:
        return provider_ids.our_id(self.people.database, provider_id)

    def guesses(self, address: str, tokens: frozenset[str], at: datetime) -> int:
        return self.tried.different(address, tokens, at)

    def digest(self, dispatch: Dispatch, quoted: tuple[str, ...] = ()) -> Digest:
        """The items of a teacher's digest as they were printed; one that is gone is an empty one, so numbers stay.

        Its lines are those of every letter of ours her reply may quote: its receipts hold the numbers too.
        """
        talks = self.conversations.of_digest(dispatch.conversation_ids)
        count = len(dispatch.conversation_ids)
        items = [
            self._item(number, talks.get(talk_id)) for number, talk_id in enumerate(dispatch.conversation_ids, start=1)
        ]
        for number, spool_id in enumerate(dispatch.open_mail_ids, start=count + 1):
            author, held = self.conversations.outcome_of(spool_id) or ("", ())
            items.append(self._open_item(number, spool_id, author, held))
        return Digest(
            items=tuple(items),
            foot=self.press.digest_foot(),
            breaks=self.press.digest_breaks(),
            lines=self._all_lines((dispatch.message_id, *quoted)),
        )

    def letter_lines(self, dispatch: Dispatch, quoted: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
        """Every line of a letter as it was sent; none where *quoted* holds nothing that this week's letters do not say.

        Asked for each reply whose program quotes without marks, so the letter is unpacked only where it can tell more.
        """
        alike = f"{dispatch.run} {len(dispatch.sections)}"  # a letter of two sections says more of its lines twice
        if self.familiar.explains(alike, quoted, names):
            return ()
        lines = self._lines(dispatch.message_id)
        self.familiar.learn(alike, lines, names)
        return lines

    def _all_lines(self, message_ids: tuple[str, ...]) -> tuple[str, ...]:
        """None once the first one's bytes are pruned: without the digest nothing in a quote can be told from it."""
        first, *others = (self._lines(held) for held in dict.fromkeys(message_ids[:MOST_QUOTED]))
        return (*first, *(line for lines in others for line in (PART_END, *lines))) if first else ()

    def _lines(self, message_id: str) -> tuple[str, ...]:
        """Every line of a letter of ours; none once its bytes are pruned."""
        raw = self.letter_bytes.raw(message_id)
        return () if raw is None else lines_of(raw)

    def _item(self, number: int, talk: Conversation | None) -> DigestItem:
        guardian = self.people.guardian(talk.guardian_id) if talk else None
        child = self.people.child(talk.child_id) if talk else None
        if talk is None or guardian is None or child is None:
            return DigestItem(number=number, conversation=None)
        group = self.people.class_group(talk.class_id)
        said = (turn.text for turn in talk.messages if turn.author == "guardian")
        return DigestItem(
            number=number,
            conversation=talk,
            guardian=guardian.full_name,
            child=child.full_name,
            class_title=group.title if group else "",
            lines=tuple(line for text in said for line in text.split("\n") if line.strip()),
            marks=self._marks(talk),
        )

    def _marks(self, talk: Conversation) -> tuple[str, ...]:
        """What is printed under this item alone: its address, or in a school of one address its tag."""
        tag = self.postmark.tag(TokenKind.STAFF, talk.public_id)
        return (tag,) if tag else (self.postmark.reply_address(TokenKind.STAFF, talk.public_id),)

    def _open_item(self, number: int, spool_id: int, author: str, held: tuple[Suggested, ...]) -> DigestItem:
        """A mail whose child is, or was, open: its heading is known, its words are not kept."""
        guardian = self.people.guardian(author) if author else None
        children = [(one, child) for one in held if (child := self.people.child(one.child_id))]
        return DigestItem(
            number=number,
            conversation=None,
            guardian=guardian.full_name if guardian else "",
            child=" / ".join(child.full_name for _, child in children),
            spool_id=spool_id,
            picks=tuple(Pick(child_id=child.id, role=one.role, name=child.first_name) for one, child in children),
        )

    def may_tell(self, guardian: Guardian, now: datetime) -> bool:
        """Has she an address that works, and got fewer automatic mails than the cap in the last 24 hours?

        The cap is the address's: guardians who share one share the cap.
        """
        sharing = {guardian.id, *(held.id for held in self.guardians_at(guardian.address))}
        return self._room(guardian.address, sharing, now)

    def may_tell_teacher(self, teacher: Teacher, now: datetime) -> bool:
        """The same for a teacher: her receipts are automatic mails too."""
        return self._room(teacher.address, {teacher.id}, now)

    def _once(self, ask: Callable[..., T], *question: object) -> T:
        if self.asked is None:
            return ask(*question)
        key = (ask.__name__, *question)
        if key not in self.asked:
            self.asked[key] = ask(*question)
        answer: T = self.asked[key]
        return answer

    def _room(self, address: str, sharing: set[str], now: datetime) -> bool:
        if not address or self.health.suppressed(address):
            return False
        return self.choices.automatic_mails(sharing, now - DAY) < self.automatic_per_day


def lines_of(letter: bytes) -> tuple[str, ...]:
    """Every line of a letter as it was sent: its text's, then its HTML's."""
    mail = parse(letter)
    body, lines = to_lines(mail.html)
    shown = [*mail.text.split("\n"), PART_END, *(body[line.start : line.end] for line in lines)]
    return tuple(line if line == PART_END else line.strip() for line in shown if line.strip() or line == PART_END)
