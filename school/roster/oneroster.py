"""OneRoster 1.1 and 1.2 CSV, bulk and delta, as an export.

In 1.1 a user's row holds role and organisations; in 1.2 `roles.csv` does. A 1.2 user may have several roles: a teacher
who is a parent is both. The dates of role rows are not read: a person's place in a class has dates of its own.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from school.roster.bundle import Bundle
from school.roster.checked_table import ReadDate, date_reader, is_removed, order_in, table_of
from school.roster.export import (
    EVERYTHING,
    ClassRow,
    Export,
    Kind,
    LinkRow,
    Part,
    PersonRow,
    SchoolRow,
    SeatRow,
    TermRow,
    Where,
)
from school.roster.manifest import Manifest, read_manifest
from school.roster.notes import Notes
from school.roster.person_rows import COLUMNS as PERSON_COLUMNS
from school.roster.person_rows import Parts, kind_of, person_of
from school.roster.tables import Row, Table
from school.roster.values import listed, tidy
from school.term import Term

COMMON = ("sourcedId", "status", "dateLastModified")
ORGS = (*COMMON, "name", "type", "parentSourcedId")
SESSIONS = (*COMMON, "title", "type", "startDate", "endDate")
COURSES = (*COMMON, "title", "subjects")
CLASSES = (*COMMON, "title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds", "subjects")
USERS = (*PERSON_COLUMNS, "grades", "dateLastModified")
ROLES = (*COMMON, "userSourcedId", "role", "orgSourcedId")
ENROLLMENTS = (*COMMON, "classSourcedId", "userSourcedId", "role", "beginDate", "endDate")
RELATIONSHIPS = ("userSourcedId", "relationshipUserSourcedId", "relationshipRole")

PART_FILES = {
    Part.SCHOOLS: "orgs.csv",
    Part.TERMS: "academicSessions.csv",
    Part.CLASSES: "classes.csv",
    Part.PEOPLE: "users.csv",
    Part.SEATS: "enrollments.csv",
    Part.LINKS: "users.csv",  # the links stand in agentSourcedIds
}
SESSION_KINDS = {kind.lower(): kind for kind in ("gradingPeriod", "semester", "schoolYear", "term")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One OneRoster export while it is read."""

    files: Bundle
    manifest: Manifest
    notes: Notes

    def table(self, name: str, columns: tuple[str, ...], required: tuple[str, ...], key: str = "sourcedId") -> Table:
        if self.manifest.mode(name) == "absent":
            return Table(file=name)
        return table_of(self.files, name, columns, required, self.notes, key=key)

    def removed(self, table: Table, row: Row, name: str) -> bool:
        return bool(row["status"]) and is_removed(table, row, bulk=self.manifest.mode(name) == "bulk", notes=self.notes)


def read_oneroster(files: Bundle, notes: Notes) -> Export:
    """What the export says. A delta is full in no part, except where the manifest calls a file bulk."""
    reading = Reading(files=files, manifest=read_manifest(files, notes), notes=notes)
    delta = "delta" in reading.manifest.modes.values()
    is_12 = reading.manifest.version == "1.2" or (reading.manifest.version != "1.1" and "roles.csv" in files)
    if not delta:
        _say_missing_files(files, reading.manifest, is_12, notes)
    sessions = reading.table("academicSessions.csv", SESSIONS, ("sourcedId", "title", "startDate", "endDate"))
    enrolments = reading.table(
        "enrollments.csv", ENROLLMENTS, ("classSourcedId", "userSourcedId", "role"), key="sourcedId"
    )
    order = order_in([(sessions, ("startDate", "endDate")), (enrolments, ("beginDate", "endDate"))])
    return Export(
        format=f"OneRoster {'1.2' if is_12 else '1.1'}{' delta' if delta else ''}",
        full=_full_parts(files, reading.manifest) if delta else EVERYTHING,
        schools=_schools(reading),
        terms=_terms(reading, sessions, date_reader(sessions, ("startDate", "endDate"), order, notes)),
        people=_people(reading, is_12=is_12),
        classes=_classes(reading),
        seats=_seats(reading, enrolments, date_reader(enrolments, ("beginDate", "endDate"), order, notes)),
        links=relationships(files, notes),
    )


def _say_missing_files(files: Bundle, manifest: Manifest, is_12: bool, notes: Notes) -> None:
    needed = ["users.csv", "classes.csv", "enrollments.csv", *(["roles.csv"] if is_12 else [])]
    for name in needed:
        if name not in files or manifest.mode(name) == "absent":
            notes.error(name, None, "is missing from a full export: export it too, or everybody in it would vanish")
    for name in ("orgs.csv", "academicSessions.csv"):
        if name not in files:
            notes.warning(name, None, "is missing: no schools or terms were read from it")


def _full_parts(files: Bundle, manifest: Manifest) -> frozenset[Part]:
    """The parts that come as a snapshot inside a delta."""
    return frozenset(
        part for part, name in PART_FILES.items() if name in files and manifest.modes.get(name.lower()) == "bulk"
    )


def _schools(reading: Reading) -> tuple[SchoolRow, ...]:
    table = reading.table("orgs.csv", ORGS, ("sourcedId", "name"))
    return tuple(
        SchoolRow(
            id=row["sourcedId"],
            where=Where(table.file, row.line),
            name=tidy(row["name"]),
            parent_id=row["parentSourcedId"],
            is_school=row["type"].casefold() in ("school", "college", ""),
            removed=reading.removed(table, row, "orgs.csv"),
        )
        for row in table.rows
    )


def _terms(reading: Reading, table: Table, read_date: ReadDate) -> tuple[TermRow, ...]:
    return tuple(
        TermRow(
            id=row["sourcedId"],
            where=Where(table.file, row.line),
            term=None
            if reading.removed(table, row, "academicSessions.csv")
            else term_of(table, row, read_date, reading.notes),
        )
        for row in table.rows
    )


def term_of(table: Table, row: Row, read_date: ReadDate, notes: Notes) -> Term | None:
    """A session as a term; None after an error note."""
    begins, ends = read_date(row, "startDate"), read_date(row, "endDate")
    if not row["startDate"] or not row["endDate"]:
        notes.error(table.file, row.line, f"the term {row['sourcedId']} needs a startDate and an endDate")
    if begins is None or ends is None:
        return None
    if ends < begins:
        notes.error(table.file, row.line, f"the term {row['sourcedId']} ends ({ends}) before it begins ({begins})")
    kind = SESSION_KINDS.get(row["type"].lower(), row["type"] or "term")
    return Term(id=row["sourcedId"], title=tidy(row["title"]), begins=begins, ends=ends, kind=kind)


def _people(reading: Reading, *, is_12: bool) -> tuple[PersonRow, ...]:
    required = ("sourcedId", "givenName", "familyName") if is_12 else ("sourcedId", "role", "givenName", "familyName")
    table = reading.table("users.csv", USERS, required)
    roles = _roles(reading) if is_12 else {}
    return tuple(
        person_of(
            table,
            row,
            Parts(
                roles=tuple(roles.get(row["sourcedId"], ())) if is_12 else (row["role"],),
                grade=next(iter(listed(row["grades"])), ""),
                removed=reading.removed(table, row, "users.csv"),
            ),
            reading.notes,
        )
        for row in table.rows
    )


def _roles(reading: Reading) -> dict[str, list[str]]:
    """The role words of each user (1.2)."""
    table = reading.table("roles.csv", ROLES, ("userSourcedId", "role"))
    roles: dict[str, list[str]] = defaultdict(list)
    for row in table.rows:
        if not reading.removed(table, row, "roles.csv"):
            roles[row["userSourcedId"]].append(row["role"])
        elif reading.manifest.mode("roles.csv") == "delta":
            reading.notes.warning(
                table.file,
                row.line,
                f"the end of a role alone is not taken: remove the enrolments or the user {row['userSourcedId']} too",
                kind="ended roles",
            )
    return roles


def _classes(reading: Reading) -> tuple[ClassRow, ...]:
    courses = reading.table("courses.csv", COURSES, ("sourcedId", "title"))
    course_of = {row["sourcedId"]: row for row in courses.rows}
    table = reading.table("classes.csv", CLASSES, ("sourcedId", "title"))
    return tuple(_class(reading, table, row, course_of.get(row["courseSourcedId"])) for row in table.rows)


def _class(reading: Reading, table: Table, row: Row, course: Row | None) -> ClassRow:
    homeroom = is_homeroom(table, row, reading.notes)
    return ClassRow(
        id=row["sourcedId"],
        where=Where(table.file, row.line),
        title=tidy(row["title"]),
        homeroom=homeroom,
        subject="" if homeroom else subject_of(row["subjects"], course["subjects"] if course else "", course),
        school_id=row["schoolSourcedId"],
        term_ids=listed(row["termSourcedIds"]),
        removed=reading.removed(table, row, "classes.csv"),
    )


def is_homeroom(table: Table, row: Row, notes: Notes) -> bool:
    """By classType, whatever its capitals; without one by the title."""
    written = row["classType"].casefold()
    if written in ("homeroom", "scheduled"):
        return written == "homeroom"
    guess = row["title"].casefold().startswith("homeroom")
    notes.note(
        table.file,
        row.line,
        f"the class type '{row['classType']}' was read as {'homeroom' if guess else 'scheduled'}",
        kind="class types",
    )
    return guess


def subject_of(own: str, of_course: str, course: Row | None) -> str:
    """The subject's word, else the course's title. Subject codes ("14") are no words."""
    words = [word for word in (*listed(own), *listed(of_course)) if not word.isdigit()]
    return tidy(words[0]) if words else tidy(course["title"]) if course else ""


def _seats(reading: Reading, table: Table, read_date: ReadDate) -> tuple[SeatRow, ...]:
    return tuple(seat for row in table.rows if (seat := _seat(reading, table, row, read_date)) is not None)


def _seat(reading: Reading, table: Table, row: Row, read_date: ReadDate) -> SeatRow | None:
    """A place in a class; None for those who neither learn nor teach there."""
    where = Where(table.file, row.line)
    removed = reading.removed(table, row, "enrollments.csv")
    if not row["classSourcedId"] or not row["userSourcedId"]:
        reading.notes.error(
            *where, "needs classSourcedId and userSourcedId, also to end an enrolment", kind="enrolments"
        )
        return None
    seat = seat_of(row, where, read_date(row, "beginDate"), read_date(row, "endDate"), reading.notes)
    if seat is None or not removed:
        return seat
    return SeatRow(person_id=seat.person_id, class_id=seat.class_id, kind=seat.kind, where=where, removed=True)


def seat_of(row: Row, where: Where, begins: date | None, ends: date | None, notes: Notes) -> SeatRow | None:
    kind = kind_of(row["role"], where, notes)
    if kind is None:
        notes.error(*where, "has no role: write student or teacher", kind="enrolments without a role")
        return None
    if kind in (Kind.OTHER, Kind.GUARDIAN):
        notes.note(
            *where,
            f"{row['userSourcedId']} is {row['role']}, which does not teach: left out",
            kind="who does not teach",
        )
        return None
    return SeatRow(
        person_id=row["userSourcedId"], class_id=row["classSourcedId"], kind=kind, where=where, begins=begins, ends=ends
    )


def relationships(files: Bundle, notes: Notes) -> tuple[LinkRow, ...]:
    """`relationships.csv`: SDS's own, and a companion that OneRoster exports may bring."""
    table = table_of(files, "relationships.csv", RELATIONSHIPS, RELATIONSHIPS[:2], notes)
    return tuple(
        LinkRow(
            child_id=row["userSourcedId"],
            guardian_id=row["relationshipUserSourcedId"],
            relation=row["relationshipRole"],
            where=Where(table.file, row.line),
        )
        for row in table.rows
    )
