"""A statement that never changes, written once for both engines: what every mail asks is not built anew for each mail.

The object mapper takes ten times as long to write such a question as the database takes to answer it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from storage.database import Database

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


def day_of(kept: date | str | None) -> date | None:
    """A day as it was kept: SQLite keeps it as text."""
    return date.fromisoformat(kept) if isinstance(kept, str) else kept
