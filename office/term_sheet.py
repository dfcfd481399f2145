"""Terms and holidays from a CSV sheet: `name, first, last` for holidays, `title, begins, ends` for terms.

Headers may have other names or languages, and a `kind` column may mix the two, as in a roster's academicSessions.csv.
"""

import csv
import io
import itertools
from collections.abc import Callable, Mapping
from datetime import date

from office.term_file import LAYERS, TermFile, reads_as_break, reads_as_term, stop_on, term
from school.errors import InputError
from school.roster.dates import DateError, order_shown, read_date
from school.term import Holiday, Term

HEADERS: dict[str, tuple[str, ...]] = {
    "id": ("id", "sourcedid", "key"),
    "kind": ("kind", "type", "category", "art", "tipo"),
    "title": ("title", "term", "termname", "session", "semester", "trimester", "trimestre", "semestre", "schuljahr"),
    "name": (
        *("name", "holiday", "event", "summary", "subject", "closure", "break", "bezeichnung", "ferien", "feiertag"),
        *("nom", "vacances", "nombre", "vacaciones", "festivo", "naam", "vakantie", "navn", "名称", "假期"),
    ),
    "first": (
        *("first", "begins", "begin", "start", "starts", "from", "date", "day", "startdate", "begindate", "firstday"),
        *("beginn", "von", "datum", "début", "debut", "du", "inicio", "desde", "fecha", "van", "开始", "日期"),
    ),
    "last": (
        *("last", "ends", "end", "to", "until", "till", "finish", "enddate", "lastday", "through"),
        *("ende", "bis", "fin", "au", "final", "hasta", "tot", "einde", "结束"),
    ),
}
HOLIDAY_KINDS = {"holiday", "holidays", "break", "closed", "closure", "vacation", "ferien", "feiertag", "vacances"}
TERM_KINDS = LAYERS | {"trimester": "term", "quarter": "gradingPeriod", "year": "schoolYear"}
REMOVED = "tobedeleted"

Cells = Mapping[str, str]


def read_sheet(text: str, name: str) -> TermFile:
    """The sheet's terms and holidays, in its order; InputError lists every line that cannot be read."""
    columns, rows = _table(text, name)
    order = order_shown(cells[key] for _, cells in rows for key in ("first", "last"))
    problems: list[str] = []
    terms: list[Term] = []
    holidays: list[Holiday] = []
    for line, cells in rows:
        try:
            one = _row(cells, "title" in columns, lambda written: read_date(written, order))
        except (DateError, InputError) as exc:
            problems.append(f"{name}:{line}: {exc}")
            continue
        (terms if isinstance(one, Term) else holidays).append(one)  # type: ignore[arg-type] # one list for each type
    problems += _same_ids(terms, name)
    stop_on(problems)
    return TermFile(terms=tuple(terms), holidays=tuple(holidays))


def _table(text: str, name: str) -> tuple[dict[str, int], list[tuple[int, Cells]]]:
    """(columns by their known name, rows with their line); blank rows are passed over."""
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    columns: dict[str, int] | None = None
    rows: list[tuple[int, Cells]] = []
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            raise InputError(f"{name}:{begins}: is no CSV line ({exc}): save the sheet as 'CSV UTF-8'") from exc
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _columns(cells, name, begins)
        else:
            found = {key: cells[at].strip() if at < len(cells) else "" for key, at in columns.items()}
            rows.append((begins, {key: found.get(key, "") for key in (*HEADERS, "status")}))
    if columns is None:
        raise InputError(f"{name}:1: is empty: write a header 'name,first,last' and a line for each holiday")
    return columns, [row for row in rows if row[1]["status"].lower() != REMOVED]


def _columns(headers: list[str], name: str, line: int) -> dict[str, int]:
    columns: dict[str, int] = {}
    for at, header in enumerate(headers):
        plain = "".join(sign for sign in header.casefold() if sign.isalnum())
        key = "status" if plain == "status" else next((key for key, words in HEADERS.items() if plain in words), None)
        if key:
            columns.setdefault(key, at)
    if "first" not in columns or not {"name", "title"} & columns.keys():
        raise InputError(
            f"{name}:{line}: the header has no column for a name and a first day: "
            "write 'name,first,last' for holidays or 'title,begins,ends' for terms"
        )
    return columns


def _row(cells: Cells, titled: bool, day: Callable[[str], date | None]) -> Term | Holiday:
    title = " ".join((cells["name"] or cells["title"]).split())
    if not title:
        raise InputError("has no name: say what the days are called")
    first = day(cells["first"])
    if first is None:
        raise InputError(f"'{title}' has no first day: write it as YYYY-MM-DD")
    last = day(cells["last"]) or first
    if last < first:
        raise InputError(f"'{title}' ends ({last}) before it begins ({first}): check both days")
    written = cells["kind"]
    if written:
        kind = _kind(written)
    elif titled:
        kind = None if reads_as_break(title) else ""
    else:
        kind = "" if reads_as_term(title, first, last) else None
    if kind is None:
        return Holiday(name=title, first=first, last=last)
    if first == last:
        raise InputError(f"the term '{title}' has no last day: write it as YYYY-MM-DD")
    return term(title, first, last, kind=kind, term_id=cells["id"])


def _kind(written: str) -> str | None:
    """The term's layer; None for a holiday."""
    plain = "".join(sign for sign in written.casefold() if sign.isalnum())
    if plain in HOLIDAY_KINDS:
        return None
    if plain not in TERM_KINDS:
        raise InputError(f"unknown kind '{written}': write holiday, {', '.join(LAYERS.values())}")
    return TERM_KINDS[plain]


def _same_ids(terms: list[Term], name: str) -> list[str]:
    ordered = sorted(terms, key=lambda one: one.id)
    return [
        f"{name}: two terms have the id '{one.id}' ({one.begins} and {other.begins}): give them different titles or ids"
        for one, other in itertools.pairwise(ordered)
        if one.id == other.id
    ]
