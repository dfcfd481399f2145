"""A CSV file as rows of named, trimmed cells, read tolerantly, with every tolerance reported.

Only the columns a reader asks for are kept, so a password or a birth date never leaves this file's loop.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from school.roster.decode import text_of
from school.roster.headers import match_headers
from school.roster.notes import Notes

DELIMITERS = ",;\t"
LONGEST_HEADER = 100_000
SECRET_WORDS = ("password",)  #: columns left out on purpose; the note says so


class Row(dict[str, str]):
    """Column → cell without blanks around it; empty when the file has no such column.

    A dict and not a frozen value, for a district's export asks it ten million times.
    """

    __slots__ = ("line",)

    def __init__(self, cells: Iterable[tuple[str, str]], line: int) -> None:
        super().__init__(cells)
        self.line = line  #: where the row begins; a quoted cell may span lines

    def __missing__(self, column: str) -> str:
        return ""


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
    rows: Iterator[tuple[int, list[str]]]  #: (line, cells as written), read as they are asked for


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
    columns = tuple(places)
    rows: list[Row] = []
    padded = False
    for line, cells in sheet.rows:
        written = [cells[place] for place in places.values()]
        kept = [cell.strip() for cell in written]
        if not padded and kept != written:
            padded = True
            notes.note(sheet.file, line, "blanks around values were cut, here and wherever they stand")
        rows.append(Row(zip(columns, kept, strict=True), line))
    return tuple(rows)


def read_sheet(file: str, data: bytes, notes: Notes) -> Sheet | None:
    """Header and rows, each row as long as the header; None after an error note when the file cannot be read."""
    text = text_of(file, data, notes)
    if text is None:
        return None
    delimiter, skipped = _delimiter(text)
    if delimiter != ",":
        notes.note(file, 1, f"read with {'tabs' if delimiter == chr(9) else 'semicolons'} between the values")
    records = (
        (line, cells)
        for line, cells in _records(file, text, delimiter, notes)
        if line > skipped and any(map(str.strip, cells))
    )
    first = next(records, None)
    if first is None:
        notes.error(file, None, "is empty: not even a header row")
        return None
    headers = tuple(cell.strip() for cell in first[1])
    width = len(headers)
    return Sheet(
        file=file,
        headers=headers,
        rows=((line, cells) for line, cells in records if len(cells) == width or _fit(file, line, cells, width, notes)),
    )


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
    header = next((line for line in text[:LONGEST_HEADER].splitlines() if line.strip(" ,;\t")), "")
    best = max(DELIMITERS, key=header.count)
    return (best if header.count(best) else ","), 0
