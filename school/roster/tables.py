"""A CSV file as rows of named, trimmed cells, read tolerantly, with every tolerance reported.

Only the columns a reader asks for are kept, so a password or a birth date never leaves this file's loop.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from school.roster.decode import text_of
from school.roster.headers import match_headers
from school.roster.notes import Notes

DELIMITERS = ",;\t"
SECRET_WORDS = ("password",)  #: columns left out on purpose; the note says so


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    line: int  #: where the row begins; a quoted cell may span lines
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell without blanks around it; empty when the file has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    file: str
    columns: tuple[str, ...] = ()  #: those of the wanted columns that the file has
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A CSV file before anybody knows its columns."""

    file: str
    headers: tuple[str, ...]
    rows: tuple[tuple[int, list[str]], ...]  #: (line, cells as written)


def read_table(file: str, data: bytes, columns: Sequence[str], required: Sequence[str], notes: Notes) -> Table:
    """The wanted columns of a file. What cannot be read is an error note, and the table is empty."""
    sheet = read_sheet(file, data, notes)
    if sheet is None:
        return Table(file=file)
    headers = match_headers(sheet.headers, columns)
    for written, read_as in headers.guesses:
        notes.note(file, 1, f"read '{written}' as '{read_as}'")
    for column in headers.doubled:
        notes.error(file, 1, f"the column '{column}' is there twice: delete one of them")
    for column in required:
        if column not in headers.places:
            notes.error(file, 1, f"the column '{column}' is missing")
    _say_secrets(file, headers.unread, notes)
    return Table(file=file, columns=tuple(headers.places), rows=_rows(sheet, headers.places, notes))


def _say_secrets(file: str, unread: Sequence[str], notes: Notes) -> None:
    for header in unread:
        if any(word in header.casefold() for word in SECRET_WORDS):
            notes.note(file, 1, f"the column '{header}' was not read, on purpose")


def _rows(sheet: Sheet, places: Mapping[str, int], notes: Notes) -> tuple[Row, ...]:
    wanted = tuple(places.items())
    rows: list[Row] = []
    padded = False
    for line, cells in sheet.rows:
        kept = {column: cells[place].strip() for column, place in wanted}
        if not padded and any(len(kept[column]) != len(cells[place]) for column, place in wanted):
            padded = True
            notes.note(sheet.file, line, "blanks around values were cut, here and wherever they stand")
        rows.append(Row(line=line, cells=kept))
    return tuple(rows)


def read_sheet(file: str, data: bytes, notes: Notes) -> Sheet | None:
    """Header and rows, each row as long as the header; None after an error note when the file cannot be read."""
    text = text_of(file, data, notes)
    if text is None:
        return None
    delimiter, skipped = _delimiter(text)
    if delimiter != ",":
        notes.note(file, 1, f"read with {'tabs' if delimiter == chr(9) else 'semicolons'} between the values")
    records = _records(file, text, delimiter, notes)
    headers: tuple[str, ...] | None = None
    rows: list[tuple[int, list[str]]] = []
    for line, cells in records:
        if line <= skipped or not any(cells):
            continue
        if headers is None:
            headers = tuple(cell.strip() for cell in cells)
            continue
        if len(cells) != len(headers) and not _fit(file, line, cells, len(headers), notes):
            continue
        rows.append((line, cells))
    if headers is None:
        notes.error(file, None, "is empty: not even a header row")
        return None
    return Sheet(file=file, headers=headers, rows=tuple(rows))


def _records(file: str, text: str, delimiter: str, notes: Notes) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each record. Strict, for a quote left open would swallow the rest of the file unseen."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as problem:
        notes.error(file, line, f"the quotes of this row do not close or a value is too long ({problem})")


def _fit(file: str, line: int, cells: list[str], width: int, notes: Notes) -> bool:
    """Make the row as long as the header. False after an error note when values would be lost or shifted."""
    if len(cells) < width:
        missing = width - len(cells)
        if missing > 1 or width <= 2:
            notes.warning(
                file,
                line,
                f"has {len(cells)} values for {width} columns; the rest was read as blank",
                kind="short rows",
            )
        cells.extend([""] * missing)
        return True
    if any(cell.strip() for cell in cells[width:]):
        notes.error(
            file,
            line,
            f"has {len(cells)} values for {width} columns: a list inside one cell needs quotes around it",
            kind="long rows",
        )
        return False
    del cells[width:]
    return True


def _delimiter(text: str) -> tuple[str, int]:
    """What stands between the values, by the header line; and how many lines to skip before it (Excel's 'sep=;')."""
    first = text[: text.find("\n") + 1 or len(text)].strip("\r\n")
    if first.lower().startswith("sep=") and len(first) == 5 and first[4] in DELIMITERS:
        return first[4], 1
    header = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    best = max(DELIMITERS, key=header.count)
    return (best if header.count(best) else ","), 0
