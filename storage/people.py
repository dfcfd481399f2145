"""The roster as it is kept, and the questions mail asks of it: who may hear what, who teaches whom, today.

Nobody is deleted by an import: who left is marked, for conversations and audit name them. Ties are replaced whole.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from peewee import EXCLUDED, chunked

from school.audience import Addressee, Desk, TaughtChild
from school.people import (
    Assignment,
    Child,
    ClassGroup,
    Enrolment,
    Guardian,
    Guardianship,
    School,
    Teacher,
)
from school.roster.roster import Roster
from school.term import Holiday, Term
from storage import one_family, one_person, tables
from storage.database import Database
from storage.one_family import Roles, by_name, desks_of, in_order

ROWS_AT_ONCE = 500  # SQLite allows 32,766 variables a statement; a row has at most ten


class PeopleStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    # ---- the roster as one value ----

    def save(self, roster: Roster, today: date) -> None:
        """Keep *roster* as the truth from *today* on, in one transaction: all of it or nothing."""
        with self.database.transaction():
            _upsert(tables.School, [_columns(school, "id", "name") for school in roster.schools])
            _upsert(tables.Term, [_columns(term, "id", "title", "kind", "begins", "ends") for term in roster.terms])
            _mark_left(tables.Child, {child.id for child in roster.children}, today)
            _mark_left(tables.Guardian, {guardian.id for guardian in roster.guardians}, today)
            _mark_left(tables.Teacher, {teacher.id for teacher in roster.teachers}, today)
            _mark_left(tables.ClassGroup, {group.id for group in roster.classes}, today)
            _upsert(tables.Child, [_child_row(child) for child in roster.children])
            _upsert(tables.Guardian, [_guardian_row(guardian) for guardian in roster.guardians])
            _upsert(tables.Teacher, [_teacher_row(teacher) for teacher in roster.teachers])
            _upsert(tables.ClassGroup, [_class_row(group) for group in roster.classes])
            _replace(tables.Enrolment, [_enrolment_row(tie) for tie in roster.enrolments])
            _replace(tables.Assignment, [_assignment_row(tie) for tie in roster.assignments])
            _replace(tables.Guardianship, [_guardianship_row(tie) for tie in roster.guardianships])
            _replace(tables.HomeKey, [{"guardian": guardian, "key": key} for guardian, key in roster.home_keys])

    def roster(self) -> Roster:
        """The roster as it stands, without those who left: what an import is compared with."""
        return Roster(
            schools=tuple(School(id=row.id, name=row.name) for row in _sorted(tables.School)),
            terms=tuple(_term(row) for row in _sorted(tables.Term)),
            holidays=tuple(
                Holiday(name=row.name, first=row.first, last=row.last)
                for row in tables.Holiday.select().order_by(tables.Holiday.first, tables.Holiday.name)
            ),
            classes=tuple(_class(row) for row in _staying(tables.ClassGroup)),
            children=tuple(_child(row) for row in _staying(tables.Child)),
            guardians=tuple(_guardian(row) for row in _staying(tables.Guardian)),
            teachers=tuple(_teacher(row) for row in _staying(tables.Teacher)),
            enrolments=tuple(
                Enrolment(child_id=row.child_id, class_id=row.class_group_id, begins=row.begins, ends=row.ends)
                for row in tables.Enrolment.select().order_by(tables.Enrolment.id)
            ),
            assignments=tuple(
                Assignment(
                    teacher_id=row.teacher_id,
                    class_id=row.class_group_id,
                    role=row.role,
                    begins=row.begins,
                    ends=row.ends,
                )
                for row in tables.Assignment.select().order_by(tables.Assignment.id)
            ),
            guardianships=tuple(
                _guardianship(row)
                for row in tables.Guardianship.select().order_by(
                    tables.Guardianship.guardian, tables.Guardianship.child
                )
            ),
            home_keys=tuple(
                (row.guardian_id, row.key) for row in tables.HomeKey.select().order_by(tables.HomeKey.guardian)
            ),
        )

    # ---- one person ----

    def guardian(self, guardian_id: str) -> Guardian | None:
        return one_person.guardian(self.database, guardian_id)

    def teacher(self, teacher_id: str) -> Teacher | None:
        return one_person.teacher(self.database, teacher_id)

    def child(self, child_id: str) -> Child | None:
        return one_person.child(self.database, child_id)

    def class_group(self, class_id: str) -> ClassGroup | None:
        return one_person.class_group(self.database, class_id)

    def guardians_at(self, address: str) -> tuple[Guardian, ...]:
        """Every guardian with this registered address; homes share addresses, so there may be several."""
        return one_person.guardians_at(self.database, address)

    def teachers_at(self, address: str) -> tuple[Teacher, ...]:
        return one_person.teachers_at(self.database, address)

    # ---- who may hear about whom, today ----

    def addressee(self, guardian_id: str, today: date) -> Addressee | None:
        """The guardian with her children today; None for one who left or was never here."""
        return one_family.addressee(self.database, guardian_id, today)

    def addressees(self, today: date) -> Iterator[Addressee]:
        """Every guardian with her children today, by id; streamed, so a large town fits in little memory."""
        desks = _desks_by_class(today)
        last = ""
        while True:
            batch = _staying(tables.Guardian).where(tables.Guardian.id > last).limit(ROWS_AT_ONCE)
            guardians = [_guardian(row) for row in batch]
            if not guardians:
                return
            yield from _with_children(guardians, desks, today)
            last = guardians[-1].id

    def desks(self, child_id: str, today: date) -> tuple[Desk, ...]:
        """Who answers for this child today, the class teacher first; empty for a child who left."""
        return one_family.desks(self.database, child_id, today)

    def teachers_of(self, child_id: str, role: str, today: date) -> tuple[Teacher, ...]:
        """The audience of a child's conversation in *role*: who holds that role today, and nobody else."""
        teachers = {
            teacher.id: teacher
            for desk in self.desks(child_id, today)
            if desk.role == role
            for teacher in desk.teachers
        }
        return tuple(teachers[key] for key in sorted(teachers))

    def taught_by(self, teacher_id: str, today: date) -> frozenset[tuple[str, str]]:
        """(child id, role) of everything this teacher may read today."""
        if self.teacher_left(teacher_id):
            return frozenset()
        held = list(_dated(tables.Assignment, today).where(tables.Assignment.teacher == teacher_id))
        sitting = _dated(tables.Enrolment, today).where(
            tables.Enrolment.class_group.in_([row.class_group_id for row in held])
        )
        children: dict[str, list[str]] = {}
        staying = tables.Child.select(tables.Child.id).where(tables.Child.left_on.is_null())
        for row in sitting.where(tables.Enrolment.child.in_(staying)):
            children.setdefault(row.class_group_id, []).append(row.child_id)
        return frozenset((child, row.role) for row in held for child in children.get(row.class_group_id, ()))

    def teacher_left(self, teacher_id: str) -> bool:
        row = tables.Teacher.get_or_none(tables.Teacher.id == teacher_id)
        return row is None or row.left_on is not None


def _with_children(guardians: list[Guardian], desks: dict[str, tuple[Desk, ...]], today: date) -> Iterator[Addressee]:
    ties = _ties_of([guardian.id for guardian in guardians])
    child_ids = sorted({tie.child_id for held in ties.values() for tie in held})
    children = {
        row.id: _child(row)
        for ids in chunked(child_ids, ROWS_AT_ONCE)
        for row in _staying(tables.Child).where(tables.Child.id.in_(ids))
    }
    classes = _classes_of(child_ids, today)
    for guardian in guardians:
        taught = (
            TaughtChild(
                child=children[tie.child_id],
                barred=not tie.may_hear(today),
                desks=in_order(desk for group in classes.get(tie.child_id, ()) for desk in desks.get(group, ())),
            )
            for tie in ties.get(guardian.id, ())
            if tie.child_id in children
        )
        yield Addressee(guardian=guardian, children=tuple(sorted(taught, key=by_name)))


def _desks_by_class(today: date) -> dict[str, tuple[Desk, ...]]:
    teachers = {row.id: _teacher(row) for row in _staying(tables.Teacher)}
    roles: dict[str, Roles] = {}
    for row in _dated(tables.Assignment, today):
        if row.teacher_id in teachers:
            held = roles.setdefault(row.class_group_id, {}).setdefault(row.role, {})
            held[row.teacher_id] = teachers[row.teacher_id]
    return {row.id: desks_of(_class(row), roles.get(row.id, {})) for row in _staying(tables.ClassGroup)}


def _ties_of(guardian_ids: list[str]) -> dict[str, list[Guardianship]]:
    ties: dict[str, list[Guardianship]] = {}
    for row in tables.Guardianship.select().where(tables.Guardianship.guardian.in_(guardian_ids)):
        ties.setdefault(row.guardian_id, []).append(_guardianship(row))
    return ties


def _classes_of(child_ids: list[str], today: date) -> dict[str, list[str]]:
    classes: dict[str, list[str]] = {}
    for ids in chunked(child_ids, ROWS_AT_ONCE):
        for row in _dated(tables.Enrolment, today).where(tables.Enrolment.child.in_(ids)):
            groups = classes.setdefault(row.child_id, [])
            if row.class_group_id not in groups:
                groups.append(row.class_group_id)
    return classes


# Any in these: peewee's untyped rows and queries.


def _dated(table: Any, today: date) -> Any:
    begun = table.begins.is_null() | (table.begins <= today)
    return table.select().where(begun, table.ends.is_null() | (table.ends >= today))


def _staying(table: Any) -> Any:
    return table.select().where(table.left_on.is_null()).order_by(table.id)


def _sorted(table: Any) -> Any:
    return table.select().order_by(table.id)


def _upsert(table: Any, rows: list[dict[str, Any]]) -> None:
    for some in chunked(rows, ROWS_AT_ONCE):
        update = {name: getattr(EXCLUDED, name) for name in some[0] if name != "id"}
        table.insert_many(some).on_conflict(conflict_target=[table.id], update=update).execute()


def _replace(table: Any, rows: list[dict[str, Any]]) -> None:
    table.delete().execute()
    for some in chunked(rows, ROWS_AT_ONCE):
        table.insert_many(some).execute()


def _mark_left(table: Any, staying: set[str], today: date) -> None:
    here = [row.id for row in table.select(table.id).where(table.left_on.is_null())]
    for gone in chunked([key for key in here if key not in staying], ROWS_AT_ONCE):
        table.update(left_on=today).where(table.id.in_(gone)).execute()


def _columns(value: object, *names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _child_row(child: Child) -> dict[str, Any]:
    return {**_columns(child, "id", "given_name", "family_name", "called", "grade"), "left_on": None}


def _guardian_row(guardian: Guardian) -> dict[str, Any]:
    row = _columns(guardian, "id", "given_name", "family_name", "address", "language", "phone")
    return {**row, "address_key": guardian.address.strip().lower(), "left_on": None}


def _teacher_row(teacher: Teacher) -> dict[str, Any]:
    row = _columns(teacher, "id", "given_name", "family_name", "address", "title")
    return {**row, "address_key": teacher.address.strip().lower(), "left_on": None}


def _class_row(group: ClassGroup) -> dict[str, Any]:
    row = _columns(group, "id", "title", "homeroom", "subject", "school_id")
    return {**row, "term_ids": list(group.term_ids), "left_on": None}


def _enrolment_row(tie: Enrolment) -> dict[str, Any]:
    return {"child": tie.child_id, "class_group": tie.class_id, "begins": tie.begins, "ends": tie.ends}


def _assignment_row(tie: Assignment) -> dict[str, Any]:
    row = _columns(tie, "role", "begins", "ends")
    return {**row, "teacher": tie.teacher_id, "class_group": tie.class_id}


def _guardianship_row(tie: Guardianship) -> dict[str, Any]:
    row = _columns(tie, "relation", "barred", "barred_until", "bar_source")
    return {**row, "guardian": tie.guardian_id, "child": tie.child_id}


def _term(row: Any) -> Term:
    return Term(id=row.id, title=row.title, kind=row.kind, begins=row.begins, ends=row.ends)


def _child(row: Any) -> Child:
    return Child(**_columns(row, "id", "given_name", "family_name", "called", "grade"))


def _guardian(row: Any) -> Guardian:
    return Guardian(**_columns(row, "id", "given_name", "family_name", "address", "language", "phone"))


def _teacher(row: Any) -> Teacher:
    return Teacher(**_columns(row, "id", "given_name", "family_name", "address", "title"))


def _class(row: Any) -> ClassGroup:
    return ClassGroup(**_columns(row, "id", "title", "homeroom", "subject", "school_id"), term_ids=tuple(row.term_ids))


def _guardianship(row: Any) -> Guardianship:
    return Guardianship(
        guardian_id=row.guardian_id,
        child_id=row.child_id,
        **_columns(row, "relation", "barred", "barred_until", "bar_source"),
    )
