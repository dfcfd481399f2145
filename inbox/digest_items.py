"""The numbered items of one digest, as a reply quotes them: where each begins, and which words are whose.

An answer typed under a quoted item counts only when two things agree: the quoted line right above it is that item's,
and the last heading above it is that item's. A child's name over the next items and the letter's foot end an item.
"""

import re
from dataclasses import dataclass, replace

from inbox.trim.lines import fold, plain_text
from inbox.trim.spans import OurMarks
from school.conversation import Conversation

_QUOTE_MARKS = re.compile(r"^[\s>|]*")
_SIGNS = re.compile(r"[\[\]*_·|\s]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """One child a mail may be about: the teacher names her."""

    child_id: str
    role: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestItem:
    """One item: a conversation, or a mail whose child the teacher picks."""

    number: int
    conversation: Conversation | None  #: None for a mail whose child is open, and for one that is gone
    guardian: str = ""  #: full name, as printed
    child: str = ""  #: full name, as printed over her items
    class_title: str = ""
    lines: tuple[str, ...] = ()  #: of the guardian's words
    marks: tuple[str, ...] = ()  #: lines nobody else's item has: its reply address
    spool_id: int | None = None  #: the mail whose child is open
    picks: tuple[Pick, ...] = ()

    @property
    def printed(self) -> bool:
        """Do we still know how its heading looked?"""
        return bool(self.guardian)


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """One digest that a teacher answers."""

    items: tuple[DigestItem, ...]
    foot: str = ""  #: how the letter's foot begins
    breaks: tuple[str, ...] = ()  #: headings between items that are no child's name
    lines: tuple[str, ...] = ()  #: every line of it, where its bytes are still held: what else a quote holds is typed

    @property
    def quotable(self) -> bool:
        """May an answer be placed by what stands above it? Not when one item's look is lost: a neighbour's is near."""
        return bool(self.items) and all(item.printed for item in self.items)

    def item(self, number: int) -> DigestItem | None:
        return self.items[number - 1] if 1 <= number <= len(self.items) else None


def with_items(marks: OurMarks, digest: Digest) -> OurMarks:
    """The school's marks with the lines of each item, so that trimming says under which one a new word stands."""
    if not digest.quotable:
        return marks
    return replace(
        marks,
        section_lines={item.number: item.lines for item in digest.items},
        visible_refs={item.number: (*_headings(item), *item.marks) for item in digest.items},
        letter_lines=digest.lines,
    )


def item_above(body: str, digest: Digest) -> int | None:
    """The item whose heading is the last one in *body*; None when a child's name, or the foot, stands below it."""
    last: int | None = None
    headings = {_even(heading): item.number for item in digest.items for heading in _headings(item)}
    ends = {_even(f"{item.child} {title}") for item in digest.items for title in ("", item.class_title)}
    ends |= {_even(heading) for heading in digest.breaks}
    foot = _even(digest.foot)
    for line in body.split("\n"):
        said = _even(_QUOTE_MARKS.sub("", line, count=1))
        if not said:
            continue
        number = next((held for heading, held in headings.items() if _begins(said, heading)), None)
        if number is not None:
            last = number
        elif said in ends or (foot and said.startswith(foot)):
            last = None
    return last


def _headings(item: DigestItem) -> tuple[str, ...]:
    """As the text part prints it, and as the HTML part reads: "[3] Mia Berg", "3 Mia Berg"."""
    return f"[{item.number}] {item.guardian}", f"{item.number} {item.guardian}"


def _begins(said: str, heading: str) -> bool:
    return said == heading or said.startswith(f"{heading} ")


def _even(line: str) -> str:
    """The line without the signs that mail programs add or drop."""
    return _SIGNS.sub(" ", fold(plain_text(line))).strip()
