"""Which due runs were taken: whoever inserts a slot's row plans that run, and nobody else ever does."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from storage import tables
from storage.database import Database


class SlotStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, name: str, local_date: date, zone: ZoneInfo | str, due: datetime, now: datetime) -> bool:
        """Did this call win the slot? False = somebody already has it.

        Inside a transaction of the caller's the slot is taken with the plan or not at all: a crash between the two
        gives it back, and on PostgreSQL another process waits for that answer.
        """
        row = {
            "name": name,
            "local_date": local_date,
            "zone": str(zone),
            "due": due.astimezone(UTC),
            "taken_at": now.astimezone(UTC),
        }
        with self.database.transaction():
            insert = tables.Slot.insert(row).on_conflict(
                action="nothing", conflict_target=[tables.Slot.name, tables.Slot.due]
            )
            inserted: int = insert.as_rowcount().execute()
        return inserted == 1

    def taken(self, name: str) -> set[datetime]:
        """The due instants (UTC) of every slot taken under *name*."""
        rows = tables.Slot.select(tables.Slot.due).where(tables.Slot.name == name)
        return {row.due for row in rows}

    def note(self, name: str, due: datetime, outcome: str) -> None:
        """Keep what became of a slot: `planned`, `missed`, …"""
        with self.database.transaction():
            tables.Slot.update(outcome=outcome).where(
                tables.Slot.name == name, tables.Slot.due == due.astimezone(UTC)
            ).execute()

    def outcomes(self, name: str) -> dict[datetime, str]:
        """{due instant (UTC): outcome} of every slot taken under *name*, in order."""
        rows = tables.Slot.select().where(tables.Slot.name == name).order_by(tables.Slot.due)
        return {row.due: row.outcome for row in rows}
