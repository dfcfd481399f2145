"""Microsoft School Data Sync v2.1, with guardians, and v2, without. (`sds_v1.py` reads the older one.)

SDS v2.1 guardians have no row in `roles.csv`; `relationships.csv` names them, the student first.
"""

from collections import defaultdict

from school.roster.bundle import Bundle
from school.roster.checked_table import date_reader, order_in, table_of
from school.roster.export import ClassRow, Export, PersonRow, SchoolRow, SeatRow, TermRow, Where
from school.roster.notes import Notes
from school.roster.oneroster import relationships, seat_of, subject_of, term_of
from school.roster.person_rows import COLUMNS as PERSON_COLUMNS
from school.roster.person_rows import Parts, person_of
from school.roster.tables import Row, Table
from school.roster.values import listed, tidy

ORGS = ("sourcedId", "name", "type", "parentSourcedId")
SESSIONS = ("sourcedId", "title", "type", "startDate", "endDate")
COURSES = ("sourcedId", "title", "subject")
CLASSES = ("sourcedId", "orgSourcedId", "title", "sessionSourcedIds", "courseSourcedId")
USERS = (*PERSON_COLUMNS, "grade")
ROLES = ("userSourcedId", "orgSourcedId", "role", "grade", "isPrimary")
ENROLLMENTS = ("classSourcedId", "userSourcedId", "role")
NO_SCHOOL = frozenset({"department", "ministryofeducation", "district", "local", "state", "national", "region"})


def read_sds(files: Bundle, notes: Notes) -> Export:
    """SDS v2.1 and v2: always full snapshots."""
    is_21 = "roles.csv" in files
    sessions = table_of(files, "academicSessions.csv", SESSIONS, SESSIONS, notes, key="sourcedId")
    read_date = date_reader(sessions, SESSIONS[3:], order_in([(sessions, SESSIONS[3:])]), notes)
    links = relationships(files, notes)
    if not links:
        notes.warning("relationships.csv", None, "is missing or empty: no guardians were read, so nobody gets letters")
    return Export(
        format="SDS v2.1" if is_21 else "SDS v2",
        schools=_schools(files, notes),
        terms=tuple(
            TermRow(
                id=row["sourcedId"],
                where=Where(sessions.file, row.line),
                term=term_of(sessions, row, read_date, notes),
            )
            for row in sessions.rows
        ),
        people=_people(files, notes),
        classes=_classes(files, notes),
        seats=_seats(files, notes),
        links=links,
    )


def _schools(files: Bundle, notes: Notes) -> tuple[SchoolRow, ...]:
    table = table_of(files, "orgs.csv", ORGS, ("sourcedId", "name"), notes, key="sourcedId")
    return tuple(
        SchoolRow(
            id=row["sourcedId"],
            where=Where(table.file, row.line),
            name=tidy(row["name"]),
            parent_id=row["parentSourcedId"],
            is_school=row["type"].casefold() not in NO_SCHOOL,
        )
        for row in table.rows
    )


def _people(files: Bundle, notes: Notes) -> tuple[PersonRow, ...]:
    table = table_of(files, "users.csv", USERS, ("sourcedId", "givenName", "familyName"), notes, key="sourcedId")
    roles: dict[str, list[Row]] = defaultdict(list)
    for row in table_of(files, "roles.csv", ROLES, ("userSourcedId", "role"), notes).rows:
        roles[row["userSourcedId"]].append(row)
    return tuple(person_of(table, row, _parts(row, roles.get(row["sourcedId"], [])), notes) for row in table.rows)


def _parts(user: Row, roles: list[Row]) -> Parts:
    """The user's own role and grade (v2) and those of their role rows (v2.1)."""
    words = dict.fromkeys(word for word in (user["role"], *(row["role"] for row in roles)) if word)
    return Parts(roles=tuple(words), grade=next((row["grade"] for row in (user, *roles) if row["grade"]), ""))


def _classes(files: Bundle, notes: Notes) -> tuple[ClassRow, ...]:
    courses = table_of(files, "courses.csv", COURSES, ("sourcedId",), notes, key="sourcedId")
    course_of = {row["sourcedId"]: row for row in courses.rows}
    table = table_of(files, "classes.csv", CLASSES, ("sourcedId", "title"), notes, key="sourcedId")
    return tuple(_class(table, row, course_of.get(row["courseSourcedId"])) for row in table.rows)


def _class(table: Table, row: Row, course: Row | None) -> ClassRow:
    homeroom = row["title"].casefold().startswith("homeroom")
    return ClassRow(
        id=row["sourcedId"],
        where=Where(table.file, row.line),
        title=tidy(row["title"]),
        homeroom=homeroom,  # SDS has no class types; roles.py finds a class teacher for children in one class
        subject="" if homeroom else subject_of("", course["subject"] if course else "", course),
        school_id=row["orgSourcedId"],
        term_ids=listed(row["sessionSourcedIds"]),
    )


def _seats(files: Bundle, notes: Notes) -> tuple[SeatRow, ...]:
    table = table_of(files, "enrollments.csv", ENROLLMENTS, ENROLLMENTS, notes)
    seats = (seat_of(row, Where(table.file, row.line), None, None, notes) for row in table.rows)
    return tuple(seat for seat in seats if seat is not None)
