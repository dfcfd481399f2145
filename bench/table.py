"""One table and one file of everything measured; what could not be measured says why, and nothing is guessed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

# Any: a figure is a number, a word, or a list of either; the fields are in docs/measures.md.
Row = Mapping[str, Any]

MISSING = "missing"
FAILED = "failed"


class MalformedFigureError(ValueError):
    """A measure gave something that is no row of figures."""


def rows_of(name: str, measured: Mapping[str, Any]) -> dict[str, Row]:
    """The rows of one measure by key; a measure of one key may give the row itself."""
    if not measured:
        raise MalformedFigureError(f"{name} measured nothing")
    rows = {name: measured} if "value" in measured or MISSING in measured else dict(measured)
    for key, row in rows.items():
        if not isinstance(row, Mapping) or not {"value", "unit"} <= row.keys():
            raise MalformedFigureError(f"{key} has no value and unit")
        json.dumps(row)
    return rows


def table(rows: Mapping[str, Row]) -> Table:
    """The rows as a person reads them, one line each."""
    shown = Table(title="Friday Folder, measured", title_justify="left", caption="How to read it: docs/measures.md")
    for heading, justify in (("measure", "left"), ("ours", "right"), ("unit", "left"), ("peer", "left"),
                             ("peer's", "right"), ("ratio", "right"), ("aim", "right")):  # fmt: skip
        shown.add_column(heading, justify=justify, no_wrap=heading == "measure")  # type: ignore[arg-type]  # rich names five words; these are two
    for key, row in rows.items():
        shown.add_row(key, *_cells(row))
    return shown


def save(rows: Mapping[str, Row], path: Path, *, keep_others: bool) -> None:
    """Write the figures; with *keep_others* those of an earlier run stay beside them, each with its own date."""
    kept = json.loads(path.read_text("utf-8")) if keep_others and path.exists() else {}
    path.write_text(json.dumps({**kept, **rows}, indent=1, sort_keys=True) + "\n", "utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    if FAILED in row:
        return ("failed", "", str(row[FAILED]), "", "", "")
    peer = str(row.get("peer") or "")
    if MISSING in row:
        peer = f"missing peer: {peer} ({row[MISSING]})" if peer else f"missing peer: {row[MISSING]}"
    return (
        _number(row["value"]),
        str(row["unit"]),
        peer,
        _number(row.get("peer_value")),
        _number(row.get("ratio")),
        _aim(row),
    )


def _number(value: object) -> str:
    if value is None:
        return "–"
    if not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def _aim(row: Row) -> str:
    """What we want, and a word where this run did not reach it."""
    aim = str(row.get("aim", ""))
    return aim if row.get("met", True) else f"{aim}: not met"
