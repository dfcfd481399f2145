"""A roster while it is being put together: tables by id, who is what, and who was left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from school.people import Assignment, Child, ClassGroup, Enrolment, Guardian, Guardianship, School, Teacher
from school.roster.export import Export, Kind, Part
from school.roster.notes import Notes
from school.roster.roster import Roster
from school.term import Term

Dates = tuple[date | None, date | None]
Tie = tuple[str, str]
Kept = TypeVar("Kept")


@dataclass(slots=True, kw_only=True)
class Draft:
    """Begun from the roster as it stood for tables the export does not hold in full, else empty."""

    export: Export
    base: Roster
    notes: Notes
    kinds: dict[str, set[Kind]] = field(default_factory=dict)  #: of everybody the export or the base knows
    left_out: set[str] = field(default_factory=set)  #: removed or disabled people: known, and not in the roster
    schools: dict[str, School] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    classes: dict[str, ClassGroup] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    guardians: dict[str, Guardian] = field(default_factory=dict)
    teachers: dict[str, Teacher] = field(default_factory=dict)
    enrolments: dict[Tie, set[Dates]] = field(default_factory=dict)  #: (child, class)
    assignments: dict[Tie, set[tuple[date | None, date | None, str]]] = field(default_factory=dict)  #: (teacher, class)
    guardianships: dict[Tie, Guardianship] = field(default_factory=dict)  #: (guardian, child)
    home_keys: dict[str, str] = field(default_factory=dict)

    def keeps(self, part: Part) -> bool:
        """Does what the base holds of this table stay, unless the export says otherwise?"""
        return part not in self.export.full


def begin(export: Export, base: Roster, notes: Notes) -> Draft:
    draft = Draft(export=export, base=base, notes=notes)
    if draft.keeps(Part.SCHOOLS):
        draft.schools = {school.id: school for school in base.schools}
    if draft.keeps(Part.TERMS):
        draft.terms = {term.id: term for term in base.terms}
    if draft.keeps(Part.CLASSES):
        draft.classes = {group.id: group for group in base.classes}
    if draft.keeps(Part.PEOPLE):
        draft.children = {child.id: child for child in base.children}
        draft.guardians = {guardian.id: guardian for guardian in base.guardians}
        draft.teachers = {teacher.id: teacher for teacher in base.teachers}
    if draft.keeps(Part.SEATS):
        _begin_seats(draft, base)
    if draft.keeps(Part.LINKS):
        draft.guardianships = {(tie.guardian_id, tie.child_id): tie for tie in base.guardianships}
        draft.home_keys = dict(base.home_keys)
    return draft


def _begin_seats(draft: Draft, base: Roster) -> None:
    for seat in base.enrolments:
        draft.enrolments.setdefault((seat.child_id, seat.class_id), set()).add((seat.begins, seat.ends))
    for post in base.assignments:
        # Roles are worked out anew from the classes: a delta may have changed them.
        draft.assignments.setdefault((post.teacher_id, post.class_id), set()).add((post.begins, post.ends, ""))


def finish(draft: Draft, roles: Mapping[str, str]) -> Roster:
    """The roster, sorted by id, without ties whose ends are not there. *roles*: what a teacher of each class is."""
    return Roster(
        schools=_sorted(draft.schools),
        terms=_sorted(draft.terms),
        holidays=draft.base.holidays,
        classes=_sorted(draft.classes),
        children=_sorted(draft.children),
        guardians=_sorted(draft.guardians),
        teachers=_sorted(draft.teachers),
        enrolments=tuple(_enrolments(draft)),
        assignments=tuple(_assignments(draft, roles)),
        guardianships=tuple(
            tie
            for (guardian_id, child_id), tie in sorted(draft.guardianships.items())
            if guardian_id in draft.guardians and child_id in draft.children
        ),
        home_keys=tuple(sorted(item for item in draft.home_keys.items() if item[0] in draft.guardians)),
    )


def _sorted(by_id: Mapping[str, Kept]) -> tuple[Kept, ...]:
    return tuple(value for _, value in sorted(by_id.items(), key=lambda item: item[0]))


def _by_dates(dates: tuple[date | None, date | None, str] | Dates) -> tuple[date, date]:
    return dates[0] or date.min, dates[1] or date.max


def _enrolments(draft: Draft) -> Iterable[Enrolment]:
    for (child_id, class_id), seats in sorted(draft.enrolments.items()):
        if child_id in draft.children and class_id in draft.classes:
            for begins, ends in sorted(seats, key=_by_dates):
                yield Enrolment(child_id=child_id, class_id=class_id, begins=begins, ends=ends)


def _assignments(draft: Draft, roles: Mapping[str, str]) -> Iterable[Assignment]:
    for (teacher_id, class_id), posts in sorted(draft.assignments.items()):
        if teacher_id in draft.teachers and class_id in draft.classes:
            named = {(begins, ends, role or roles[class_id]) for begins, ends, role in posts}
            for begins, ends, role in sorted(named, key=lambda post: (post[2], *_by_dates(post))):
                yield Assignment(teacher_id=teacher_id, class_id=class_id, role=role, begins=begins, ends=ends)
