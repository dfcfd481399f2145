"""What a teacher's mail asks for: an answer to one guardian, a digest answered part by part, or a word of command.

Nothing is guessed and nothing is sent here: the office carries the tasks out, as far as today's roster lets it.
"""

from dataclasses import dataclass
from typing import Protocol

from inbox.digest_answer import Deed, DigestAnswer, command, read_digest_answer, takes_back
from inbox.digest_items import Digest, DigestItem
from inbox.names import fold
from inbox.trim.spans import Trimmed
from inbox.words import WordLists
from school.conversation import Conversation
from school.letter import Dispatch
from school.people import Teacher


class StaffLead(Protocol):
    """What one of her tokens means."""

    @property
    def conversation(self) -> Conversation | None: ...

    @property
    def dispatch(self) -> Dispatch | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOver:
    """A first line that says whose the message is: not hers, the office's, also another child's, a colleague's.

    Or that what she wrote there before is to be taken back.
    """

    conversation: Conversation
    deed: Deed  #: NOT_MINE, OFFICE, ALSO_FOR, PASS_ON or STOP
    name: str = ""  #: the child's, or the colleague's family name
    below: str = ""  #: words under that line: nobody's but the office's


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What one item of a digest gets."""

    item: DigestItem
    deed: Deed
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestReply:
    """A whole digest's answer."""

    dispatch: Dispatch
    tasks: tuple[Task, ...]
    unplaced: str = ""
    why: tuple[str, ...] = ()
    places: tuple[Conversation, ...] = ()  #: whom the unplaced words may be for; none where they are not one whole


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffWords:
    """Exactly one of the three is set."""

    answers: Conversation | None = None  #: all new words go to this conversation's guardian
    handed: HandOver | None = None
    digest: DigestReply | None = None


#: First lines of an answer to one message, with a name after them.
NAMED = {
    Deed.ALSO_FOR: (
        "also for",
        "also about",
        "también para",
        "auch für",
        "aussi pour",
        "أيضا عن",
        "也关于",
        "也是关于",
    ),
    Deed.PASS_ON: ("pass on to", "pass to", "forward to", "pasar a", "weiter an", "à transmettre à", "حول الى", "转给"),
}
TITLES = frozenset({"ms", "mr", "mrs", "miss", "dr", "frau", "herr", "sra", "sr", "señora", "señor", "mme", "m"})


def only_digest(held: tuple[StaffLead, ...]) -> Dispatch | None:
    """The one digest she answers as a whole; None when a conversation is named, or several digests are."""
    if any(lead.conversation for lead in held):
        return None
    digests = {lead.dispatch.public_id: lead.dispatch for lead in held if lead.dispatch}
    return next(iter(digests.values())) if len(digests) == 1 else None


def only_conversation(held: tuple[StaffLead, ...]) -> Conversation | None:
    talks = {lead.conversation.id: lead.conversation for lead in held if lead.conversation}
    return next(iter(talks.values())) if len(talks) == 1 else None


def of_conversation(talk: Conversation, text: str, words: WordLists, teacher: Teacher) -> StaffWords:
    """An answer to one message: its words, or a first line of command."""
    if takes_back(text, words, full_name(teacher)):
        return StaffWords(handed=HandOver(conversation=talk, deed=Deed.STOP))
    first, _, rest = text.strip().partition("\n")
    deed, name = _hand_over(first, words)
    if deed is None:
        return StaffWords(answers=talk)
    return StaffWords(handed=HandOver(conversation=talk, deed=deed, name=name, below=rest.strip()))


def of_digest(dispatch: Dispatch, digest: Digest, trimmed: Trimmed, words: WordLists, teacher: Teacher) -> StaffWords:
    """An answer to a digest: its parts; a digest of one item is answered like that item when no number is written."""
    read = read_digest_answer(trimmed, len(digest.items), words, digest=digest, author=full_name(teacher))
    only = digest.items[0].conversation if len(digest.items) == 1 else None
    if only is not None and not any(part.raw[:1].isdigit() or part.deed is Deed.STOP for part in read.parts):
        return of_conversation(only, trimmed.new_text, words, teacher)
    return StaffWords(digest=_reply(dispatch, digest, read))


def full_name(teacher: Teacher) -> str:
    """Every word of her name, which is no news below a command."""
    return f"{teacher.given_name} {teacher.family_name} {teacher.title}"


def _reply(dispatch: Dispatch, digest: Digest, read: DigestAnswer) -> DigestReply:
    tasks = tuple(
        Task(item=item, deed=part.deed, text=part.text)
        for part in read.parts
        for number in part.numbers
        if (item := digest.item(number)) is not None
    )
    talks = {item.conversation.id: item.conversation for item in digest.items if item.conversation is not None}
    places = tuple(talks.values()) if read.whole else ()
    return DigestReply(dispatch=dispatch, tasks=tasks, unplaced=read.unplaced, why=read.why, places=places)


def _hand_over(line: str, words: WordLists) -> tuple[Deed | None, str]:
    if words.hands_back(line):
        return Deed.NOT_MINE, ""
    if command(line) in {Deed.NOT_MINE, Deed.OFFICE}:
        return command(line), ""
    said = " ".join(line.split()).strip(" .!→->")
    for deed, beginnings in NAMED.items():
        for beginning in beginnings:
            if fold(said).startswith(fold(beginning)) and (name := _name(said[len(beginning) :])):
                return deed, name
    return None, ""


def _name(rest: str) -> str:
    """The name after the words of command: at most three words, a title left out; "" for a sentence."""
    words = [word.strip(" .,!:") for word in rest.split()]
    named = [word for word in words if word and fold(word) not in TITLES]
    return " ".join(named) if 1 <= len(named) <= 3 and len(words) <= 4 else ""
