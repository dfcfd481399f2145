"""A file of an export as a table whose ids are there and unique, with its dates read in the order the file shows."""

from collections.abc import Callable, Sequence
from datetime import date

from school.roster.bundle import Bundle
from school.roster.dates import DateError, DateOrder, order_shown, read_date
from school.roster.notes import Notes
from school.roster.tables import Row, Table, read_table

REMOVED_WORDS = frozenset({"tobedeleted", "inactive", "deleted", "withdrawn"})
ReadDate = Callable[[Row, str], date | None]


def table_of(
    files: Bundle, name: str, columns: Sequence[str], required: Sequence[str], notes: Notes, *, key: str = ""
) -> Table:
    """The file's table; empty when the file is not there. With *key*, rows without it or with it twice are errors."""
    if name not in files:
        return Table(file=name)
    table = read_table(files.shown(name), files.data(name), columns, required, notes)
    if not key or key not in table.columns:
        return table
    return Table(file=table.file, columns=table.columns, rows=_unique(table, key, notes))


def _unique(table: Table, key: str, notes: Notes) -> tuple[Row, ...]:
    first: dict[str, Row] = {}
    for row in table.rows:
        known = first.setdefault(row[key], row)
        if not row[key]:
            notes.error(table.file, row.line, f"the value of '{key}' is missing", kind="missing ids")
        elif known is not row and known != row:
            notes.error(
                table.file, row.line, f"{row[key]} is already another row (line {known.line})", kind="doubled ids"
            )
        elif known is not row:
            notes.note(table.file, row.line, f"is the same as line {known.line}: read once", kind="doubled rows")
    return tuple(row for key_, row in first.items() if key_)


def is_removed(table: Table, row: Row, *, bulk: bool, notes: Notes) -> bool:
    """Does the row say that its subject is gone? A snapshot should not, and some do."""
    if not row["status"] or row["status"].casefold() not in REMOVED_WORDS:
        return False
    if bulk:
        notes.note(
            table.file, row.line, f"status is {row['status']} in a full file: taken as removed", kind="removed rows"
        )
    return True


def date_reader(table: Table, columns: Sequence[str], elsewhere: DateOrder, notes: Notes) -> ReadDate:
    """How this table's dates are read. *elsewhere*: the order the other files of the export show."""
    own = order_shown(row[column] for row in table.rows for column in columns)
    order = elsewhere if own is DateOrder.UNKNOWN else own
    if own in (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST):
        notes.note(table.file, None, f"dates were read {own.value}, as they show; write YYYY-MM-DD to be sure")
    seen: dict[str, date | None] = {}

    def read(row: Row, column: str) -> date | None:
        text = row[column]
        if text in seen:
            return seen[text]
        try:
            seen[text] = read_date(text, order)
        except DateError as problem:
            notes.error(table.file, row.line, f"{column} {problem}", kind="dates")
            return None
        return seen[text]

    return read


def order_in(tables: Sequence[tuple[Table, Sequence[str]]]) -> DateOrder:
    """The order of day and month that the files of an export show together."""
    order = order_shown(row[column] for table, columns in tables for row in table.rows for column in columns)
    return DateOrder.UNKNOWN if order is DateOrder.MIXED else order
