"""A statement that never changes, written once for both engines: what every mail asks is not built anew for each mail.

The object mapper takes ten times as long to write such a question as the database takes to answer it.
"""

from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Any

from storage.database import Database

FEW = 16
AT_ONCE = 500  # SQLite allows 32,766 variables a statement
Row = Sequence[Any]  # Any: one column's value each


class Statement:
    """SQL with `?` for each value, and no other question mark."""

    def __init__(self, text: str) -> None:
        self._sqlite = text
        self._postgres = text.replace("?", "%s")

    def rows(self, database: Database, *values: object) -> list[Row]:
        """What it finds, or what a RETURNING gives back."""
        return list(self._run(database, values).fetchall())

    def first(self, database: Database, *values: object) -> Row | None:
        return next(iter(self.rows(database, *values)), None)

    def changed(self, database: Database, *values: object) -> int:
        """How many rows it wrote."""
        return int(self._run(database, values).rowcount)

    def _run(self, database: Database, values: tuple[object, ...]) -> Any:  # the driver's cursor
        return database.engine.execute_sql(self._postgres if database.postgres else self._sqlite, values)


class Insert:
    """An INSERT of however many rows, each with the same columns, in one statement."""

    def __init__(self, into: str, columns: int, fixed: str = "", then: str = "") -> None:
        """*into*: `table (column, …)`; *fixed*: what every row ends with, as SQL; *then*: what follows the values."""
        self._into, self._then, self.columns = into, then, columns
        self._row = f"({', '.join(['?'] * columns)}{fixed})"
        self._made: dict[int, Statement] = {}

    def rows(self, database: Database, rows: Sequence[Row]) -> list[Row]:
        """What its RETURNING gives back."""
        return self._of(len(rows)).rows(database, *chain.from_iterable(rows)) if rows else []

    def write(self, database: Database, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            self._of(len(some)).changed(database, *chain.from_iterable(some))

    def _of(self, count: int) -> Statement:
        """Built once for small counts, which are most, and for full chunks."""
        if count in self._made:
            return self._made[count]
        rows = ", ".join([self._row] * count)
        statement = Statement(f"INSERT INTO {self._into} VALUES {rows} {self._then}")  # noqa: S608 - no value in it
        if count <= FEW or count == AT_ONCE:
            self._made[count] = statement
        return statement


def day_of(kept: date | str | None) -> date | None:
    """A day as it was kept: SQLite keeps it as text."""
    return date.fromisoformat(kept) if isinstance(kept, str) else kept
