"""Who may hear about whom today: one guardian, her children, and the teachers who answer for each.

These values are made for one day from the roster's ties (storage/people.py streams them), so a leaver, a substitute or
a bar is in force the moment the roster says so.
"""

from dataclasses import dataclass

from school.people import CLASS_TEACHER, Child, ClassGroup, Guardian, Teacher


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Where mail about a child in one role goes today: a class, a role, and the teachers who hold it."""

    class_group: ClassGroup
    role: str
    teachers: tuple[Teacher, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaughtChild:
    child: Child
    barred: bool  #: this guardian may not hear about this child today
    desks: tuple[Desk, ...]  #: the class teacher's first

    @property
    def class_desk(self) -> Desk | None:
        """The class teacher's desk; the first one where a school has no homerooms; None for a child in no class."""
        return next((desk for desk in self.desks if desk.role == CLASS_TEACHER), self.desks[0] if self.desks else None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """One guardian with every child the roster ties to her, barred ones marked."""

    guardian: Guardian
    children: tuple[TaughtChild, ...]

    @property
    def hears_about(self) -> tuple[TaughtChild, ...]:
        return tuple(taught for taught in self.children if not taught.barred)
