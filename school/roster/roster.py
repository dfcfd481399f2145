"""The roster as one value: everything an import reads, and all that storage keeps of it."""

from dataclasses import dataclass

from school.people import Assignment, Child, ClassGroup, Enrolment, Guardian, Guardianship, School, Teacher
from school.term import Holiday, Term


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """One school's people and ties. Tuples are sorted by id, so equal rosters compare equal."""

    schools: tuple[School, ...] = ()
    terms: tuple[Term, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    classes: tuple[ClassGroup, ...] = ()
    children: tuple[Child, ...] = ()
    guardians: tuple[Guardian, ...] = ()
    teachers: tuple[Teacher, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    guardianships: tuple[Guardianship, ...] = ()
    home_keys: tuple[tuple[str, str], ...] = ()  #: (guardian id, household key) where the roster names a home
