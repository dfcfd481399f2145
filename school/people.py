"""Who belongs to a school: children, guardians, teachers, classes, and the ties between them.

Every `id` is the roster's own id (OneRoster `sourcedId`), never a number of ours. A tie carries its dates; whether it
holds is asked for one day: `tie.holds(today)`.
"""

from dataclasses import dataclass
from datetime import date

CLASS_TEACHER = "class"
"""The role of the teacher a family turns to first; every other role is a subject: "music", "mathematics"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class School:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    id: str
    given_name: str
    family_name: str
    called: str = ""  #: the name used every day, when it differs from the given name
    grade: str = ""

    @property
    def first_name(self) -> str:
        return self.called or self.given_name

    @property
    def full_name(self) -> str:
        return in_order(self.first_name, self.family_name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Guardian:
    id: str
    given_name: str
    family_name: str
    address: str = ""  #: the registered e-mail address; empty when the school has none
    language: str = ""  #: BCP 47, e.g. "es", "zh-Hans"; empty means the school's own
    phone: str = ""  #: only to tell households apart; never shown

    @property
    def full_name(self) -> str:
        return in_order(self.given_name, self.family_name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Teacher:
    id: str
    given_name: str
    family_name: str
    address: str = ""
    title: str = ""  #: "Ms", "Herr Dr."; rosters rarely have one

    @property
    def shown_name(self) -> str:
        """What families read: "Ms Horn" with a title, else "Petra Horn"."""
        return f"{self.title or self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassGroup:
    id: str
    title: str
    homeroom: bool = True
    subject: str = ""  #: as the roster writes it: "Music"
    school_id: str = ""
    term_ids: tuple[str, ...] = ()


def in_order(given: str, family: str) -> str:
    """Both names as their own language writes them: "Eva Novak", but "林晓云"."""
    if any("\u3400" <= sign <= "\u9fff" for sign in family):
        return f"{family}{given}".strip() if not given.isascii() else f"{given} {family}".strip()
    return f"{given} {family}".strip()


def holds(begins: date | None, ends: date | None, today: date) -> bool:
    """Is *today* within the dates, both ends included? A missing end is open."""
    return (begins is None or begins <= today) and (ends is None or today <= ends)


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """A child sits in a class."""

    child_id: str
    class_id: str
    begins: date | None = None
    ends: date | None = None

    def holds(self, today: date) -> bool:
        return holds(self.begins, self.ends, today)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """A teacher teaches a class in a role."""

    teacher_id: str
    class_id: str
    role: str = CLASS_TEACHER
    begins: date | None = None
    ends: date | None = None

    def holds(self, today: date) -> bool:
        return holds(self.begins, self.ends, today)


@dataclass(frozen=True, kw_only=True, slots=True)
class Guardianship:
    """A guardian may hear about a child, unless barred.

    The law's default is both parents (FERPA 34 CFR 99.4); a bar is explicit, dated and has a source,
    such as a court order.
    """

    guardian_id: str
    child_id: str
    relation: str = "guardian"  #: guardian, parent, relative, …: as the roster says
    barred: bool = False
    barred_until: date | None = None  #: last day of the bar; None while barred = no end
    bar_source: str = ""  #: e.g. the court order's number; shown to the office only

    def may_hear(self, today: date) -> bool:
        return not self.barred or (self.barred_until is not None and today > self.barred_until)
