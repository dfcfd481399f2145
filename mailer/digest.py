"""A teacher's daily digest: every conversation that waits for her, each with its own reply address."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from mailer.compose import Draft
from mailer.parts import Enclosure
from mailer.postmark import Postmark, letter
from mailer.render import Choice, ChoiceKind, DigestEntry, DigestPage, DigestTurn, LetterPress, Rendered
from school.conversation import Conversation, Message
from school.letter import Dispatch, Letter, LetterKind
from school.people import CLASS_TEACHER, Child, ClassGroup, Guardian, Teacher
from school.reply_address import TokenKind
from school.rhythm import DigestRhythm

TIMES_SHOWN = 5
"""A message stands in the digests of one school week; after that `conversations list` still shows it waiting."""
TIMES_NEWS_SHOWN = 2  #: thanks and news wait for nobody; "5 later" still finds them once more


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnFiles:
    """What was attached to one message."""

    sent: tuple[Enclosure, ...] = ()  #: travels with the digest
    earlier: tuple[str, ...] = ()  #: names of what travelled with an earlier one
    kept: tuple[str, ...] = ()  #: names of what stays with the office: not on the list, or too large


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """One waiting conversation with the people it names, looked up for today."""

    conversation: Conversation
    child: Child
    guardian: Guardian
    class_group: ClassGroup | None
    relation: str = ""
    not_mine_id: int | None = None  #: of the button "this is not for me"; None = no button
    from_home: bool = False  #: thanks or news: it stands behind what waits for an answer
    files: Mapping[int, TurnFiles] = field(default_factory=dict)  #: by message id

    @property
    def unanswered(self) -> tuple[Message, ...]:
        """What the guardian wrote since the last answer."""
        turns: list[Message] = []
        for message in reversed(self.conversation.messages):
            if message.author != "guardian":
                break
            turns.append(message)
        return tuple(reversed(turns))


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenPick:
    """One child an open mail may be about, and her button's id."""

    child: Child
    role: str
    public_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenMail:
    """A mail whose teacher is certain and whose child is not: she picks; on no record before."""

    spool_id: int
    guardian: Guardian
    picks: tuple[OpenPick, ...]
    class_group: ClassGroup | None
    at: datetime
    words: str
    subject: str = ""
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DigestWriter:
    press: LetterPress
    postmark: Postmark
    bodies: bool = True  #: False: initials only; words and files stay with the school

    def letter(  # noqa: PLR0917 - what a digest is made of, in the order of the sentence
        self,
        teacher: Teacher,
        waiting: tuple[Waiting, ...],
        day: date,
        now: datetime,
        opened: tuple[OpenMail, ...] = (),
        urgent_run: str = "",
        seq: int = 0,
        *,
        run: str = "",
        rhythms: Mapping[DigestRhythm, int] | None = None,
    ) -> tuple[Letter, Dispatch]:
        """The teacher's digest and what routing keeps of it. The longest wait comes first, children together.

        *opened*: mails whose child she picks, numbered on after the conversations. *urgent_run*: sent at once.
        *rhythms*: public ids of the buttons that change how often it comes.
        """
        ordered = by_child(waiting)
        public_id = self.postmark.new_public_id()
        page = self._page(teacher, ordered, opened, day, urgent=bool(urgent_run), rhythms=rhythms or {})
        draft = self._draft(teacher, self.press.digest(page), public_id, now)
        draft = replace(draft, enclosures=tuple(_enclosures(ordered)) if self.bodies else ())
        finished = letter(
            run=urgent_run or run or f"digest:{day.isoformat()}",
            kind=LetterKind.DIGEST,
            recipient_id=teacher.id,
            draft=draft,
            raw=self.postmark.finish(draft, now),
            envelope_from=self.postmark.return_path(public_id),
            now=now,
            seq=seq,
        )
        dispatch = Dispatch(
            public_id=public_id,
            kind=LetterKind.DIGEST,
            run=finished.run,
            recipient_id=teacher.id,
            message_id=finished.message_id,
            created=now,
            conversation_ids=tuple(held.conversation.id for held in ordered),
            open_mail_ids=tuple(held.spool_id for held in opened),
        )
        return finished, dispatch

    def _page(
        self,
        teacher: Teacher,
        ordered: tuple[Waiting, ...],
        opened: tuple[OpenMail, ...],
        day: date,
        *,
        urgent: bool,
        rhythms: Mapping[DigestRhythm, int],
    ) -> DigestPage:
        entries = (
            *(self._entry(number, held) for number, held in enumerate(ordered, start=1)),
            *(self._open_entry(number, held) for number, held in enumerate(opened, start=len(ordered) + 1)),
        )
        return DigestPage(
            teacher=teacher.shown_name,
            day=day,
            entries=entries if self.bodies else tuple(map(_closed, entries)),
            urgent=urgent,
            rhythms=tuple(
                Choice(kind=ChoiceKind.RHYTHM, address=self._button(held), name=rhythm.value, tag=self._tag(held))
                for rhythm, held in rhythms.items()
            ),
        )

    def _draft(self, teacher: Teacher, rendered: Rendered, public_id: int, now: datetime) -> Draft:
        return Draft(
            kind=LetterKind.DIGEST,
            from_name=self.postmark.school_name,
            from_address=self.postmark.from_addresses[LetterKind.DIGEST],
            to_name=teacher.shown_name,
            to_address=teacher.address,
            reply_to=self.postmark.reply_address(TokenKind.STAFF, public_id),
            subject=self.postmark.tagged(rendered.subject, TokenKind.STAFF, public_id),
            date=now,
            message_id=self.postmark.message_id(TokenKind.STAFF, public_id),
            references=(self.postmark.anchor(TokenKind.STAFF, public_id),),
            text=rendered.text,
            html=rendered.html,
            language=rendered.language,
            list_id=f"digest.{self.postmark.from_addresses[LetterKind.DIGEST].rpartition('@')[2]}",
            boundary_seed=str(public_id),
        )

    def _entry(self, number: int, held: Waiting) -> DigestEntry:
        turns = held.unanswered
        return DigestEntry(
            number=number,
            child_id=held.child.id,
            child=held.child.full_name,
            class_title=held.class_group.title if held.class_group else "",
            guardian=held.guardian.full_name,
            relation=held.relation,
            role="" if held.conversation.role == CLASS_TEACHER else held.conversation.role,
            turns=tuple(_turn(turn, number, held.files.get(turn.id)) for turn in turns),
            subject=turns[-1].subject,
            reply_to=self.postmark.reply_address(TokenKind.STAFF, held.conversation.public_id),
            tag=self.postmark.tag(TokenKind.STAFF, held.conversation.public_id),
            not_mine=self._button(held.not_mine_id),
            not_mine_tag=self._tag(held.not_mine_id),
            from_home=held.from_home,
        )

    def _open_entry(self, number: int, held: OpenMail) -> DigestEntry:
        names = [pick.child.full_name for pick in held.picks]
        return DigestEntry(
            number=number,
            child_id=f"mail-{held.spool_id}",
            child=" / ".join(names),
            class_title=held.class_group.title if held.class_group else "",
            guardian=held.guardian.full_name,
            turns=(DigestTurn(at=held.at, words=held.words, attachments=held.attachments),),
            subject=held.subject,
            reply_to="",
            picks=tuple(
                Choice(
                    kind=ChoiceKind.CHILD,
                    address=self._button(pick.public_id),
                    name=pick.child.first_name,
                    tag=self._tag(pick.public_id),
                )
                for pick in held.picks
            ),
        )

    def _button(self, public_id: int | None) -> str:
        return "" if public_id is None else self.postmark.reply_address(TokenKind.COMMAND, public_id)

    def _tag(self, public_id: int | None) -> str:
        return "" if public_id is None else self.postmark.tag(TokenKind.COMMAND, public_id)


def _turn(turn: Message, number: int, files: TurnFiles | None) -> DigestTurn:
    held = files or TurnFiles(kept=turn.attachments)
    return DigestTurn(
        at=turn.at,
        words=turn.text,
        attachments=held.kept,
        files=tuple(_named(number, file).name for file in held.sent),
        earlier=held.earlier,
    )


def _enclosures(ordered: tuple[Waiting, ...]) -> Iterator[Enclosure]:
    for number, held in enumerate(ordered, start=1):
        for turn in held.unanswered:
            files = held.files.get(turn.id)
            yield from (_named(number, file) for file in (files.sent if files else ()))


def _named(number: int, file: Enclosure) -> Enclosure:
    """As in "3 hat.jpg": the number of its message stands before its name."""
    return replace(file, name=f"{number} {file.name}")


def _closed(entry: DigestEntry) -> DigestEntry:
    """The entry without a name or a word of the family: the school keeps them."""
    return replace(
        entry,
        child=initials(entry.child),
        guardian=initials(entry.guardian),
        subject="",
        turns=tuple(replace(turn, words="", attachments=(), files=(), earlier=()) for turn in entry.turns),
        picks=tuple(replace(pick, name=initials(pick.name)) for pick in entry.picks),
        closed=True,
    )


def initials(name: str) -> str:
    """As in "A. N."; a stroke between two children's names stays."""
    return " ".join(word if word == "/" else f"{word[0]}." for word in name.split())


def by_child(waiting: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
    """The longest wait first, a child's other conversations right behind it; then, alike, thanks and news from home."""
    oldest: dict[tuple[bool, str], int] = {}
    for place, held in enumerate(waiting):
        oldest.setdefault((held.from_home, held.child.id), place)
    return tuple(sorted(waiting, key=lambda held: (held.from_home, oldest[held.from_home, held.child.id])))


def still_shown(waiting: tuple[Waiting, ...], times: Callable[[list[int]], dict[int, int]]) -> tuple[Waiting, ...]:
    """Those whose last words stood in fewer than TIMES_SHOWN digests of this teacher; news from home in fewer yet."""
    counted = times([held.unanswered[-1].id for held in waiting])
    return tuple(
        held
        for held in waiting
        if counted.get(held.unanswered[-1].id, 0) < (TIMES_NEWS_SHOWN if held.from_home else TIMES_SHOWN)
    )
