"""One week's newsletter: the issue, its items, and what one guardian receives of it (her edition)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from school.people import Child, ClassGroup, Guardian, Teacher


class ItemKind(Enum):
    NEWS = "news"
    EVENT = "event"  #: has a time and a place; travels with an .ics file
    QUESTION = "question"  #: a question for home, answered with Reply
    TRY_AT_HOME = "try"  #: one thing to try at home


class AudienceKind(Enum):
    SCHOOL = "school"
    CLASS = "class"
    CHILD = "child"


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """Who an item is for. Written `school`, `class:3B` or `child:s-17`; the id is the roster's."""

    kind: AudienceKind
    id: str = ""

    def __str__(self) -> str:
        return self.kind.value if self.kind is AudienceKind.SCHOOL else f"{self.kind.value}:{self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    begins: datetime  #: aware
    ends: datetime  #: aware
    place: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemText:
    title: str
    body: str  #: Markdown


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A piece of content. `texts` holds at least the school's language; a guardian gets hers where it was written."""

    id: str
    issue_date: date  #: the Friday (or other day) it goes out with
    kind: ItemKind
    audience: Audience
    texts: Mapping[str, ItemText]  #: by language
    event: Event | None = None
    role: str = ""  #: for a class item by a subject teacher: "music"; empty = the class teacher

    def text_for(self, language: str, fallback: str) -> tuple[str, ItemText]:
        """(language, text): *language* where it exists, its base ("zh" for "zh-Hans"), *fallback*, else the first."""
        for tag in (language, language.split("-", maxsplit=1)[0], fallback):
            if tag in self.texts:
                return tag, self.texts[tag]
        tag = min(self.texts)
        return tag, self.texts[tag]


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One week's newsletter. Its id is its date: `2026-11-27`."""

    date: date
    due: datetime  #: aware: when it goes out

    @property
    def id(self) -> str:
        return self.date.isoformat()


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One child × class × role inside an edition; its own reply button leads to those teachers."""

    ordinal: int  #: 1–31, carried in the section's reply address
    child: Child
    class_group: ClassGroup
    role: str
    teachers: tuple[Teacher, ...]
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """What one guardian receives of an issue: shared items once, then a section per child and class."""

    issue: Issue
    guardian: Guardian
    language: str
    shared: tuple[Item, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A guardian who gets no letter this week, and why.

    Reasons: `no-address`, `suppressed`, `stopped`, `no-child`, `barred`, `nothing-to-say`, `address-unusable`,
    `too-long`.
    """

    guardian_id: str
    reason: str
    detail: str = field(default="", repr=False)
