"""What an export says, in our words, before anybody checks who refers to whom.

Every format is read into these rows; `build.py` makes a roster of them. So a trap in references is handled once.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from school.term import Term


class Where(NamedTuple):
    file: str
    line: int | None


class Kind(StrEnum):
    CHILD = "child"
    GUARDIAN = "guardian"
    TEACHER = "teacher"
    OTHER = "other"  #: administrators, aides, proctors, staff: in the roster, without a part in the letters


class Part(StrEnum):
    """A table of an export that may be a full snapshot or only what changed."""

    SCHOOLS = "schools"
    TERMS = "terms"
    PEOPLE = "people"
    CLASSES = "classes"
    SEATS = "seats"
    LINKS = "links"


EVERYTHING = frozenset(Part)

#: What roster words mean. Professor and lecturer teach; faculty, staff and aides are in classes they do not teach.
KIND_WORDS = {
    "student": Kind.CHILD,
    "guardian": Kind.GUARDIAN,
    "parent": Kind.GUARDIAN,
    "relative": Kind.GUARDIAN,
    "teacher": Kind.TEACHER,
    "professor": Kind.TEACHER,
    "lecturer": Kind.TEACHER,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolRow:
    id: str
    where: Where
    name: str = ""
    parent_id: str = ""
    is_school: bool = True
    removed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TermRow:
    id: str
    where: Where
    term: Term | None  #: None when removed


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRow:
    id: str
    where: Where
    given_name: str = ""
    family_name: str = ""
    called: str = ""
    address: str = ""
    phone: str = ""
    language: str = ""
    home_language: str = ""  #: on a child: the family's; guardians without a language of their own take it
    title: str = ""
    grade: str = ""
    kinds: frozenset[Kind] = frozenset()  #: empty when the export names no role for this person
    relation: str = ""  #: guardian, parent, relative: as the roster says
    linked_ids: tuple[str, ...] = ()  #: OneRoster's agentSourcedIds
    school_ids: tuple[str, ...] = ()
    enabled: bool = True
    removed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRow:
    id: str
    where: Where
    title: str = ""
    homeroom: bool = True
    subject: str = ""
    school_id: str = ""
    term_ids: tuple[str, ...] = ()
    removed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatRow:
    """Somebody's place in a class: a child sits, a teacher teaches."""

    person_id: str
    class_id: str
    kind: Kind
    where: Where
    begins: date | None = None
    ends: date | None = None
    role: str = ""  #: the teacher's role where the export names it; else it follows from the class
    removed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkRow:
    """A row of a relationships file: a student first, then a contact, and what the contact is to the student."""

    child_id: str
    guardian_id: str
    relation: str
    where: Where
    removed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtraRow:
    """What no roster standard holds: language, household, title, and bars. See `extras.py`."""

    person_id: str
    where: Where
    language: str = ""
    home_key: str = ""
    title: str = ""
    child_id: str = ""  #: with a bar: the child this guardian may not hear about
    barred: bool | None = None
    barred_until: date | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    format: str  #: in words: "OneRoster 1.1"
    full: frozenset[Part] = EVERYTHING  #: tables that are snapshots: who is missing there has left
    schools: tuple[SchoolRow, ...] = ()
    terms: tuple[TermRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    classes: tuple[ClassRow, ...] = ()
    seats: tuple[SeatRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
    extras: tuple[ExtraRow, ...] = ()
