"""Microsoft School Data Sync v1: headers for people ("SIS ID", "Section SIS ID"), and the UK's variant of them.

The id column has the same name in every file. Sections carry their term. Guardians come only with `user.csv` and
`guardianrelationship.csv`, which few schools export: a contact there is known by e-mail address.
"""

from school.roster.bundle import Bundle
from school.roster.checked_table import ReadDate, date_reader, is_removed, order_in, table_of
from school.roster.export import ClassRow, Export, Kind, LinkRow, PersonRow, SchoolRow, SeatRow, TermRow, Where
from school.roster.notes import Notes
from school.roster.tables import Row, Table
from school.roster.values import TITLES, address_in, slug, tidy
from school.term import Term

ID = "SIS ID"
SCHOOLS = (ID, "Name")
SECTIONS = (
    ID,
    "School SIS ID",
    "Section SIS ID",  # the UK's variant writes the section's own id so
    "Section Name",
    "Term SIS ID",
    "Term Name",
    "Term StartDate",
    "Term EndDate",
    "Course Name",
    "Course Subject",
    "Status",
)
TERM_DATES = ("Term StartDate", "Term EndDate")
PEOPLE = (ID, "School SIS ID", "First Name", "Last Name", "Username", "Secondary Email", "Grade", "Status", "Title")
SEATS = ("Section SIS ID", ID)
CONTACTS = (ID, "Email", "First Name", "Last Name", "Phone")
RELATIONS = (ID, "Email", "Role")


def read_sds_v1(files: Bundle, notes: Notes) -> Export:
    sections = table_of(files, "Section.csv", SECTIONS, ("Section Name",), notes)
    read_date = date_reader(sections, TERM_DATES, order_in([(sections, TERM_DATES)]), notes)
    links = _links(files, notes)
    if not links:
        notes.warning("guardianrelationship.csv", None, "is missing or empty: no guardians, so nobody gets letters")
    return Export(
        format="SDS v1",
        schools=_schools(files, notes),
        terms=_terms(sections, read_date, notes),
        people=(
            *_people(files, "Student.csv", Kind.CHILD, notes),
            *_people(files, "Teacher.csv", Kind.TEACHER, notes),
            *_contacts(files, notes),
        ),
        classes=tuple(_class(sections, row, notes) for row in sections.rows),
        seats=(
            *_seats(files, "StudentEnrollment.csv", Kind.CHILD, notes),
            *_seats(files, "TeacherRoster.csv", Kind.TEACHER, notes),
        ),
        links=links,
    )


def _schools(files: Bundle, notes: Notes) -> tuple[SchoolRow, ...]:
    # The principal's id is not read: public exports hold ids there that belong to other people.
    table = table_of(files, "School.csv", SCHOOLS, SCHOOLS, notes, key=ID)
    return tuple(SchoolRow(id=row[ID], where=Where(table.file, row.line), name=tidy(row["Name"])) for row in table.rows)


def _terms(sections: Table, read_date: ReadDate, notes: Notes) -> tuple[TermRow, ...]:
    terms: dict[str, TermRow] = {}
    for row in sections.rows:
        term_id = row["Term SIS ID"] or slug(row["Term Name"])
        begins, ends = read_date(row, TERM_DATES[0]), read_date(row, TERM_DATES[1])
        if not term_id or term_id in terms or begins is None or ends is None:
            continue
        where = Where(sections.file, row.line)
        if ends < begins:
            notes.error(*where, f"the term {term_id} ends ({ends}) before it begins ({begins})")
        term = Term(id=term_id, title=tidy(row["Term Name"]) or term_id, begins=begins, ends=ends)
        terms[term_id] = TermRow(id=term_id, where=where, term=term)
    return tuple(terms.values())


def _people(files: Bundle, name: str, kind: Kind, notes: Notes) -> list[PersonRow]:
    table = table_of(files, name, PEOPLE, (ID, "First Name", "Last Name"), notes, key=ID)
    return [_person(table, row, kind, notes) for row in table.rows]


def _person(table: Table, row: Row, kind: Kind, notes: Notes) -> PersonRow:
    written = row["Secondary Email"] or (row["Username"] if "@" in row["Username"] else "")
    title = row["Title"].rstrip(".").casefold()
    return PersonRow(
        id=row[ID],
        where=Where(table.file, row.line),
        given_name=tidy(row["First Name"]),
        family_name=tidy(row["Last Name"]),
        address=address_in(written)[0] if kind is Kind.TEACHER else "",
        title=row["Title"] if title in TITLES else "",  # often a post: "Head of Mathematics"
        grade=row["Grade"] if kind is Kind.CHILD else "",
        kinds=frozenset({kind}),
        school_ids=(row["School SIS ID"],) if row["School SIS ID"] else (),
        removed=is_removed(table, row, bulk=True, notes=notes),
    )


def _class(table: Table, row: Row, notes: Notes) -> ClassRow:
    term_id = row["Term SIS ID"] or slug(row["Term Name"])
    where = Where(table.file, row.line)
    class_id = row[ID] or row["Section SIS ID"]
    if not class_id:
        notes.error(*where, "the section has no id")
    homeroom = row["Section Name"].casefold().startswith("homeroom")
    return ClassRow(
        id=class_id,
        where=where,
        title=tidy(row["Section Name"]),
        homeroom=homeroom,
        subject="" if homeroom else tidy(row["Course Subject"] or row["Course Name"]),
        school_id=row["School SIS ID"],
        term_ids=(term_id,) if term_id else (),
        removed=is_removed(table, row, bulk=True, notes=notes),
    )


def _seats(files: Bundle, name: str, kind: Kind, notes: Notes) -> list[SeatRow]:
    table = table_of(files, name, SEATS, SEATS, notes)
    return [
        SeatRow(person_id=row[ID], class_id=row["Section SIS ID"], kind=kind, where=Where(table.file, row.line))
        for row in table.rows
    ]


def _contacts(files: Bundle, notes: Notes) -> list[PersonRow]:
    table = table_of(files, "user.csv", CONTACTS, ("Email", "First Name", "Last Name"), notes)
    return [
        PersonRow(
            id=slug(row["Email"]),
            where=Where(table.file, row.line),
            given_name=tidy(row["First Name"]),
            family_name=tidy(row["Last Name"]),
            address=address_in(row["Email"])[0],
            phone=row["Phone"],
            kinds=frozenset({Kind.GUARDIAN}),
        )
        for row in table.rows
        if row["Email"]
    ]


def _links(files: Bundle, notes: Notes) -> tuple[LinkRow, ...]:
    table = table_of(files, "guardianrelationship.csv", RELATIONS, RELATIONS, notes)
    return tuple(
        LinkRow(
            child_id=row[ID], guardian_id=slug(row["Email"]), relation=row["Role"], where=Where(table.file, row.line)
        )
        for row in table.rows
    )
