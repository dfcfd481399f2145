"""One sheet that a small school keeps by hand: a row for each child and class.

    student;class;teacher;teacher email;guardian 1;email 1;language 1;guardian 2;email 2;language 2
    Anna Novak;3B;Ms Horn;horn@school.test;Eva Novak;eva@example.org;;;;

Optional columns: `student id`, `class id`, `teacher id`, `guardian 1 id`, `phone 1`, `household 1`, `called`, `grade`,
`barred 1` (yes, no or the last day of the bar), `barred 1 until`, and `subject` (or `role`): with a subject the teacher
of that row teaches it, without one she is the class teacher. A child with music too has a second row. Headers may come
in other languages (see `sheet_columns.py`) and in any order; comma, semicolon or tab may stand between the values.

There are no ids in such a sheet, so they are made from words: an address, or a child's name and class.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from school.people import CLASS_TEACHER
from school.roster.bundle import Bundle
from school.roster.dates import DateError, DateOrder, order_shown, read_date
from school.roster.export import ClassRow, Export, ExtraRow, Kind, LinkRow, PersonRow, SeatRow, Where
from school.roster.extras import FILE as EXTRAS_FILE
from school.roster.languages import language_tag
from school.roster.notes import Notes
from school.roster.same_people import Adult, SheetRow, adult_ids, group_children
from school.roster.sheet_columns import Column, SheetColumns, sheet_columns
from school.roster.tables import read_sheet
from school.roster.values import address_in, plain, slug, split_name, tidy, truth, words

SUBJECT_WORDS = words(
    "music musik musique musica art kunst arts sport sports pe swimming turnen maths math mathematics mathematik "
    "english englisch anglais ingles german deutsch french francais spanish espanol religion ethik ethics science "
    "sciences history geography drama theatre choir chor orchestra library ict computing"
)
CLASS_WORDS = frozenset(
    {"", "class", "class teacher", "homeroom", "klasse", "klassenlehrer", "klassenlehrerin", "tutor"}
)

Cell = Callable[[Column], str]


def read_one_sheet(files: Bundle, notes: Notes) -> Export:
    """The sheet as an export. Every guess about a column is a note."""
    ((file, data),) = [entry for name, entry in files.files.items() if name != EXTRAS_FILE]
    sheet = read_sheet(file, data, notes)
    if sheet is None:
        return Export(format="one sheet")
    columns = sheet_columns(sheet.headers)
    _say_columns(file, columns, notes)
    rows = [row for line, cells in sheet.rows if (row := _row(file, line, cells, columns, notes)) is not None]
    rows = _with_roles(file, rows, notes)
    return _export(file, rows, notes)


def _say_columns(file: str, columns: SheetColumns, notes: Notes) -> None:
    for written, read_as in columns.guesses:
        notes.note(file, 1, f"read '{written}' as '{read_as}'")
    for written in columns.unread:
        notes.note(file, 1, f"not read: '{written}'")
    for written in columns.doubled:
        notes.error(file, 1, f"'{written}' means a column that is there already: rename or delete one")
    known = {(column.whom, column.what) for column in columns.places}
    if not known & {("student", "name"), ("student", "given"), ("student", "family")}:
        notes.error(file, 1, "no column names the student: call it 'student'")
    if ("class", "name") not in known and ("class", "id") not in known:
        notes.error(file, 1, "no column names the class: call it 'class'")
    if ("guardian", "email") not in known:
        notes.warning(file, 1, "no column holds guardians' addresses: call them 'email 1', 'email 2'")


# ---- one row ----


def _row(file: str, line: int, cells: Sequence[str], columns: SheetColumns, notes: Notes) -> SheetRow | None:
    def cell(column: Column) -> str:
        place = columns.places.get(column)
        return "" if place is None else cells[place].strip()

    _, given, family = _name(cell, "student")
    class_title = tidy(cell(Column(whom="class", what="name"))) or cell(Column(whom="class", what="id"))
    if not given and not family:
        notes.error(file, line, "names no student")
        return None
    if not class_title:
        notes.warning(file, line, f"{given} {family} has no class", kind="no class")
    guardians = (_adult(file, line, cell, "guardian", slot=slot, notes=notes) for slot in columns.slots)
    return SheetRow(
        line=line,
        given_name=given,
        family_name=family,
        class_title=class_title,
        called=tidy(cell(Column(whom="student", what="called"))),
        grade=cell(Column(whom="student", what="grade")),
        student_id=cell(Column(whom="student", what="id")),
        class_id=cell(Column(whom="class", what="id")),
        role=_role(cell(Column(whom="teacher", what="role"))),
        teacher=_adult(file, line, cell, "teacher", slot="", notes=notes),
        guardians=tuple(adult for adult in guardians if adult is not None),
    )


def _role(written: str) -> str:
    role = tidy(written).lower()
    return "" if plain(role) in CLASS_WORDS else role


def _name(cell: Cell, whom: str, slot: str = "") -> tuple[str, str, str]:
    """(title, given name, family name), from one column or two.

    'Name' beside 'Vorname' is the family name; 'Nombre' alone is the whole name.
    """
    whole, given, family = (tidy(cell(Column(whom=whom, what=what, slot=slot))) for what in ("name", "given", "family"))
    if given and family:
        return "", given, family
    if whole and (given or family):
        return "", given or whole, family or whole
    return split_name(whole or given or family)


def _adult(file: str, line: int, cell: Cell, whom: str, *, slot: str, notes: Notes) -> Adult | None:
    """The teacher or one guardian of a row; None when all the cells are blank."""

    def own(what: str) -> str:
        return cell(Column(whom=whom, what=what, slot=slot))

    title, given, family = _name(cell, whom, slot)
    address, problem = address_in(own("email"))
    if problem:
        notes.warning(file, line, f"the address of {whom} {slot or given} {problem}", kind="addresses")
    if not (given or family or address or own("id")):
        return None
    written = own("language") or (cell(Column(whom=whom, what="language")) if whom == "guardian" else "")
    language = language_tag(written)
    if language is None:
        notes.warning(file, line, f"the language '{written}' is unknown: left empty", kind="languages")
    return Adult(
        given_name=given,
        family_name=family,
        title=title,
        address=address,
        written_id=own("id"),
        slot=slot,
        language=language or "",
        phone=own("phone"),
        household=own("household") or cell(Column(whom=whom, what="household")),
        barred=own("barred"),
        barred_until=own("barred until"),
    )


# ---- subjects ----


def _with_roles(file: str, rows: list[SheetRow], notes: Notes) -> list[SheetRow]:
    """The rows with a subject where a sheet without that column shows one: by a subject's name as a class."""
    if any(row.role for row in rows):
        return rows
    subjects = {row.class_title for row in rows if set(plain(row.class_title).split()) & SUBJECT_WORDS}
    for title in sorted(subjects):
        notes.note(file, None, f"the class '{title}' was read as a subject: a 'subject' column would decide")
    return [replace(row, role=row.class_title.lower()) if row.class_title in subjects else row for row in rows]


# ---- the export ----


def _export(file: str, rows: list[SheetRow], notes: Notes) -> Export:
    children = group_children(file, rows, notes)
    child_of = {row.line: child_id for child_id, group in children.items() for row in group}
    guardians = [(row, adult, child_of[row.line]) for row in rows for adult in row.guardians]
    guardian_ids = adult_ids(file, guardians, notes)
    teachers = [(row, row.teacher, "") for row in rows if row.teacher]
    teacher_ids = adult_ids(file, teachers, notes)
    people: dict[tuple[str, bool], PersonRow] = {}
    for row, adult, _ in teachers:
        _meet(people, _person(file, row, adult, teacher_ids[row.line, adult.slot], Kind.TEACHER), notes)
    for row, adult, _ in guardians:
        _meet(people, _person(file, row, adult, guardian_ids[row.line, adult.slot], Kind.GUARDIAN), notes)
    for child_id, group in children.items():
        _meet(people, _child(file, child_id, group), notes)
    return Export(
        format="one sheet",
        people=tuple(people.values()),
        classes=_classes(file, rows),
        seats=tuple(_seats(file, rows, child_of, teacher_ids)),
        links=tuple(
            LinkRow(
                child_id=child_id,
                guardian_id=guardian_ids[row.line, adult.slot],
                relation="guardian",
                where=Where(file, row.line),
            )
            for row, adult, child_id in guardians
        ),
        extras=tuple(_extras(file, guardians, guardian_ids, notes)),
    )


def _person(file: str, row: SheetRow, adult: Adult, person_id: str, kind: Kind) -> PersonRow:
    return PersonRow(
        id=person_id,
        where=Where(file, row.line),
        given_name=adult.given_name,
        family_name=adult.family_name,
        address=adult.address,
        phone=adult.phone,
        language=adult.language,
        title=adult.title if kind is Kind.TEACHER else "",
        kinds=frozenset({kind}),
    )


def _child(file: str, child_id: str, rows: Sequence[SheetRow]) -> PersonRow:
    return PersonRow(
        id=child_id,
        where=Where(file, rows[0].line),
        given_name=rows[0].given_name,
        family_name=rows[0].family_name,
        called=next((row.called for row in rows if row.called), ""),
        grade=next((row.grade for row in rows if row.grade), ""),
        kinds=frozenset({Kind.CHILD}),
    )


def _meet(people: dict[tuple[str, bool], PersonRow], row: PersonRow, notes: Notes) -> None:
    """Add what another row tells about a person: the first word on each point stands.

    A child and an adult of one id stay two rows, for `kinds.py` to report.
    """
    key = row.id, Kind.CHILD in row.kinds
    known = people.get(key)
    if known is None:
        people[key] = row
        return
    if not row.kinds <= known.kinds and not _may_be_one(known, row):
        notes.error(*row.where, f"the id {row.id} is another person's in line {known.where.line}: ids must differ")
    fields = ("given_name", "family_name", "address", "phone", "language", "title", "called", "grade")
    merged = {name: getattr(known, name) or getattr(row, name) for name in fields}
    people[key] = replace(known, kinds=known.kinds | row.kinds, **merged)


def _may_be_one(known: PersonRow, row: PersonRow) -> bool:
    """Can a teacher and a guardian of one id be one person? By address, or by family name."""
    same_address = known.address.casefold() == row.address.casefold() != ""
    return same_address or plain(known.family_name) == plain(row.family_name)


def _class_id(row: SheetRow) -> str:
    return row.class_id or slug(row.class_title)


def _classes(file: str, rows: Sequence[SheetRow]) -> tuple[ClassRow, ...]:
    """A class is a homeroom when any of its rows has no subject."""
    classes: dict[str, ClassRow] = {}
    for row in rows:
        if not row.class_title:
            continue
        known = classes.get(_class_id(row))
        homeroom = not row.role or (known is not None and known.homeroom)
        classes[_class_id(row)] = ClassRow(
            id=_class_id(row),
            where=known.where if known else Where(file, row.line),
            title=known.title if known else row.class_title,
            homeroom=homeroom,
            subject="" if homeroom else (known.subject if known else row.role),
        )
    return tuple(classes.values())


def _seats(
    file: str, rows: Sequence[SheetRow], child_of: Mapping[int, str], teacher_ids: Mapping[tuple[int, str], str]
) -> list[SeatRow]:
    """Children's and teachers' places. A teacher's role is the row's, for one class may have several teachers."""
    homerooms = {_class_id(row) for row in rows if not row.role}
    seats: list[SeatRow] = []
    for row in rows:
        if not row.class_title:
            continue
        where, class_id = Where(file, row.line), _class_id(row)
        seats.append(SeatRow(person_id=child_of[row.line], class_id=class_id, kind=Kind.CHILD, where=where))
        if row.teacher:
            # Of a class that only is a subject, roles.py decides: it may be the only class of its children.
            role = (row.role or CLASS_TEACHER) if class_id in homerooms else ""
            teacher_id = teacher_ids[row.line, row.teacher.slot]
            seats.append(SeatRow(person_id=teacher_id, class_id=class_id, kind=Kind.TEACHER, where=where, role=role))
    return seats


def _extras(
    file: str,
    guardians: Sequence[tuple[SheetRow, Adult, str]],
    ids: Mapping[tuple[int, str], str],
    notes: Notes,
) -> list[ExtraRow]:
    """Households and bars. A bar that cannot be read is an error, for it protects somebody."""
    order = order_shown(text for _, adult, _ in guardians for text in (adult.barred, adult.barred_until))
    extras: list[ExtraRow] = []
    for row, adult, child_id in guardians:
        where, guardian_id = Where(file, row.line), ids[row.line, adult.slot]
        if adult.household:
            extras.append(ExtraRow(person_id=guardian_id, where=where, home_key=adult.household))
        if not adult.barred and not adult.barred_until:
            continue
        try:
            barred, until = _bar(adult, order)
        except DateError as problem:
            notes.error(*where, f"barred {problem}, or yes or no")
            continue
        extras.append(
            ExtraRow(person_id=guardian_id, where=where, child_id=child_id, barred=barred, barred_until=until)
        )
    return extras


def _bar(adult: Adult, order: DateOrder) -> tuple[bool, date | None]:
    """(barred, last day): the cell says yes, no, or the last day itself."""
    said = truth(adult.barred)
    until = read_date(adult.barred_until, order)
    if said is None and adult.barred:
        return True, read_date(adult.barred, order)
    return said if said is not None else True, until
