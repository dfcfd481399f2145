"""`family_extras.csv`: what no roster standard holds — language, household, title, and who may not hear about whom.

The file may lie in the folder or zip of any roster. Two kinds of rows, in one file or with the other columns blank:

    person,language,household,title
    g-7,es,home-12,             a guardian's language and the key of the home she lives in
    t-3,,,Ms                    how families read a teacher's name

    person,child,barred,barredUntil,source
    g-9,c-4,yes,2027-06-30,court order 12/345     g-9 hears nothing about c-4, up to and including that day
    g-9,c-5,yes,,court order 12/345               … about c-5 without an end

`guardian` and `teacher` are read as `person`; ids are the roster's own. Guardians with the same household key are one
household whatever their names; guardians with different keys are apart. `barred` is yes or no; an end without `barred`
means yes.
"""

from school.roster.dates import DateError, DateOrder, order_shown, read_date
from school.roster.export import ExtraRow, Where
from school.roster.languages import language_tag
from school.roster.notes import Notes
from school.roster.tables import Row, Table, read_table
from school.roster.values import tidy, truth

FILE = "family_extras.csv"
PERSON_COLUMNS = ("person", "guardian", "teacher", "sourcedId")
COLUMNS = (*PERSON_COLUMNS, "language", "household", "title", "child", "barred", "barredUntil", "source")


def read_extras(file: str, data: bytes, notes: Notes) -> tuple[ExtraRow, ...]:
    """The rows of a companion file; a bar that cannot be read is an error, for it protects somebody."""
    table = read_table(file, data, COLUMNS, (), notes)
    if table.rows and not any(column in table.columns for column in PERSON_COLUMNS):
        notes.error(file, 1, "the column 'person' (the roster's id of a guardian or teacher) is missing")
    order = order_shown(row["barredUntil"] for row in table.rows)
    rows = (_extra(table, row, order, notes) for row in table.rows)
    return tuple(row for row in rows if row is not None)


def _extra(table: Table, row: Row, order: DateOrder, notes: Notes) -> ExtraRow | None:
    where = Where(table.file, row.line)
    person_id = next((row[column] for column in PERSON_COLUMNS if row[column]), "")
    if not person_id:
        notes.error(*where, "names no person: put the roster's id into the first column")
        return None
    try:
        until = read_date(row["barredUntil"], order)
    except DateError as problem:
        notes.error(*where, f"barredUntil {problem}")
        return None
    barred = truth(row["barred"]) if row["barred"] else (True if until else None)
    if row["barred"] and barred is None:
        notes.error(*where, f"barred is '{row['barred']}': write yes or no")
    if barred is not None and not row["child"]:
        notes.error(*where, "a bar needs the column 'child': the id of the child this guardian may not hear about")
    language = language_tag(row["language"])
    if language is None:
        notes.warning(*where, f"the language '{row['language']}' is unknown: write a code such as es or zh-Hans")
    return ExtraRow(
        person_id=person_id,
        where=where,
        language=language or "",
        home_key=row["household"],
        title=tidy(row["title"]),
        child_id=row["child"],
        barred=barred,
        barred_until=until,
        source=row["source"],
    )
