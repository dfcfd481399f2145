"""One person or class by id, and who is known at an address; nobody who left."""

from functools import lru_cache

from school.people import Child, ClassGroup, Guardian, Teacher
from storage.database import Database
from storage.fields import Json
from storage.statement import Row, Statement

# The columns of each value, in the order its function below reads them.
GUARDIAN = ("id", "given_name", "family_name", "address", "language", "phone")
TEACHER = ("id", "given_name", "family_name", "address", "title")
CHILD = ("id", "given_name", "family_name", "called", "grade")
CLASS = ("id", "title", "homeroom", "subject", "school_id", "term_ids")
JSON = Json()  # made once: a column is dear to make


def _select(columns: tuple[str, ...], table: str, where: str) -> Statement:
    names = ", ".join(columns)
    return Statement(f"SELECT {names} FROM {table} WHERE {where} = ? AND left_on IS NULL ORDER BY id")  # noqa: S608 - all written here


GUARDIAN_BY_ID = _select(GUARDIAN, "guardian", "id")
TEACHER_BY_ID = _select(TEACHER, "teacher", "id")
CHILD_BY_ID = _select(CHILD, "child", "id")
CLASS_BY_ID = _select(CLASS, "class_group", "id")
GUARDIANS_AT = _select(GUARDIAN, "guardian", "address_key")
TEACHERS_AT = _select(TEACHER, "teacher", "address_key")


def guardian(database: Database, guardian_id: str) -> Guardian | None:
    row = GUARDIAN_BY_ID.first(database, guardian_id)
    return None if row is None else guardian_of(row)


def teacher(database: Database, teacher_id: str) -> Teacher | None:
    row = TEACHER_BY_ID.first(database, teacher_id)
    return None if row is None else teacher_of(row)


def child(database: Database, child_id: str) -> Child | None:
    row = CHILD_BY_ID.first(database, child_id)
    return None if row is None else child_of(row)


def class_group(database: Database, class_id: str) -> ClassGroup | None:
    row = CLASS_BY_ID.first(database, class_id)
    return None if row is None else class_of(row)


def guardians_at(database: Database, address: str) -> tuple[Guardian, ...]:
    """By id. An empty address is nobody's."""
    key = address.strip().lower()
    return tuple(guardian_of(row) for row in GUARDIANS_AT.rows(database, key)) if key else ()


def teachers_at(database: Database, address: str) -> tuple[Teacher, ...]:
    key = address.strip().lower()
    return tuple(teacher_of(row) for row in TEACHERS_AT.rows(database, key)) if key else ()


# ---- a row's columns as a value ----


def guardian_of(row: Row) -> Guardian:
    return Guardian(id=row[0], given_name=row[1], family_name=row[2], address=row[3], language=row[4], phone=row[5])


# A class and its teachers stand in the rows of many families; who asks has read these very columns a moment ago.


@lru_cache(maxsize=1024)
def teacher_of(row: Row) -> Teacher:
    return Teacher(id=row[0], given_name=row[1], family_name=row[2], address=row[3], title=row[4])


def child_of(row: Row) -> Child:
    return Child(id=row[0], given_name=row[1], family_name=row[2], called=row[3], grade=row[4])


@lru_cache(maxsize=1024)
def class_of(row: Row) -> ClassGroup:
    terms = tuple(JSON.python_value(row[5]))
    return ClassGroup(id=row[0], title=row[1], homeroom=bool(row[2]), subject=row[3], school_id=row[4], term_ids=terms)
