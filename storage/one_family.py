"""One guardian's family, or one child's desks, as they stand today: one statement each, asked for every mail.

Entitlement is in the statement: who left, what has not begun or is over, is not found.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from school.audience import Addressee, Desk, TaughtChild
from school.people import CLASS_TEACHER, Child, ClassGroup, Guardianship, Teacher
from storage import one_person
from storage.database import Database
from storage.one_person import child_of, class_of, guardian_of, teacher_of
from storage.statement import Row, Statement, day_of


def _columns(letter: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{letter}.{name}" for name in names)


TIE_COLUMNS = ("relation", "barred", "barred_until", "bar_source")
CLASSES = f"{_columns('k', one_person.CLASS)}, a.role, {_columns('t', one_person.TEACHER)}"
# Each `?` is the same day.
TAUGHT = """
    LEFT JOIN enrolment e ON e.child_id = c.id
        AND (e.begins IS NULL OR e.begins <= ?) AND (e.ends IS NULL OR e.ends >= ?)
    LEFT JOIN class_group k ON k.id = e.class_group_id AND k.left_on IS NULL
    LEFT JOIN assignment a ON a.class_group_id = k.id
        AND (a.begins IS NULL OR a.begins <= ?) AND (a.ends IS NULL OR a.ends >= ?)
    LEFT JOIN teacher t ON t.id = a.teacher_id AND t.left_on IS NULL
"""
FAMILY = Statement(
    f"""
    SELECT {CLASSES}, {_columns("c", one_person.CHILD)}, {_columns("s", TIE_COLUMNS)},
           {_columns("g", one_person.GUARDIAN)}
    FROM guardian g
    LEFT JOIN guardianship s ON s.guardian_id = g.id
    LEFT JOIN child c ON c.id = s.child_id AND c.left_on IS NULL
    {TAUGHT} WHERE g.id = ? AND g.left_on IS NULL
    """  # noqa: S608 - all of it is written here
)
CHILD = Statement(f"SELECT {CLASSES} FROM child c {TAUGHT} WHERE c.id = ? AND c.left_on IS NULL")  # noqa: S608 - as above
# Where each value's columns lie in a row.
CLASS_AT, ROLE_AT, TEACHER_AT = slice(0, 6), 6, slice(7, 12)
CHILD_AT, TIE_AT, GUARDIAN_AT = slice(12, 17), slice(17, 21), slice(21, 27)

Roles = dict[str, dict[str, Teacher]]  #: role → teacher's id → teacher


@dataclass(slots=True)
class _Classes:
    """What the rows of one child add up to."""

    held: dict[str, tuple[ClassGroup, Roles]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        group, role, teacher = row[CLASS_AT], row[ROLE_AT], row[TEACHER_AT]
        if group[0] is None:
            return
        if group[0] not in self.held:
            self.held[group[0]] = (class_of(group), {})
        if teacher[0] is not None:
            self.held[group[0]][1].setdefault(role, {})[teacher[0]] = teacher_of(teacher)

    def desks(self) -> tuple[Desk, ...]:
        return in_order(desk for group, roles in self.held.values() for desk in desks_of(group, roles))


@dataclass(slots=True)
class _Child:
    child: Child
    tie: Guardianship
    classes: _Classes = field(default_factory=_Classes)


def addressee(database: Database, guardian_id: str, today: date) -> Addressee | None:
    """The guardian with her children today; None for one who left or was never here."""
    rows = FAMILY.rows(database, *[today.isoformat()] * 4, guardian_id)
    if not rows:
        return None
    children: dict[str, _Child] = {}
    for row in rows:
        child_id = row[CHILD_AT.start]
        if child_id is None:
            continue
        if child_id not in children:
            children[child_id] = _Child(child_of(row[CHILD_AT]), _tie(guardian_id, child_id, row[TIE_AT]))
        children[child_id].classes.add(row)
    taught = (
        TaughtChild(child=held.child, barred=not held.tie.may_hear(today), desks=held.classes.desks())
        for held in children.values()
    )
    return Addressee(guardian=guardian_of(rows[0][GUARDIAN_AT]), children=tuple(sorted(taught, key=by_name)))


def desks(database: Database, child_id: str, today: date) -> tuple[Desk, ...]:
    """Who answers for this child today, the class teacher first; empty for a child who left."""
    classes = _Classes()
    for row in CHILD.rows(database, *[today.isoformat()] * 4, child_id):
        classes.add(row)
    return classes.desks()


def desks_of(group: ClassGroup, roles: Roles) -> tuple[Desk, ...]:
    """A homeroom without a teacher keeps its desk, so families still have somewhere to write: the office reads it."""
    if group.homeroom and CLASS_TEACHER not in roles:
        roles = {**roles, CLASS_TEACHER: {}}
    return tuple(
        Desk(class_group=group, role=role, teachers=tuple(held[key] for key in sorted(held)))
        for role, held in sorted(roles.items())
    )


def in_order(desks: Iterable[Desk]) -> tuple[Desk, ...]:
    """The class teacher's first."""
    return tuple(sorted(desks, key=lambda desk: (desk.role != CLASS_TEACHER, desk.role, desk.class_group.id)))


def by_name(taught: TaughtChild) -> tuple[str, str, str]:
    return taught.child.family_name, taught.child.first_name, taught.child.id


def _tie(guardian_id: str, child_id: str, row: Row) -> Guardianship:
    return Guardianship(
        guardian_id=guardian_id,
        child_id=child_id,
        relation=row[0],
        barred=bool(row[1]),
        barred_until=day_of(row[2]),
        bar_source=row[3],
    )
