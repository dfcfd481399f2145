"""What the office should hear about besides its tray: parents who were not told, and since when it has not heard."""

from datetime import datetime, timedelta

from peewee import fn

from school.letter import LetterKind, LetterState
from storage import tables
from storage.database import Database

NOT_TOLD = tuple(
    state.value for state in (LetterState.SENT_UNSURE, LetterState.FAILED, LetterState.EXPIRED, LetterState.BLOCKED)
)


TRIED = timedelta(hours=48)  #: how long a receipt is tried; what nobody knows of may be told twice, never not at all


class OfficeView:
    def __init__(self, database: Database) -> None:
        self.database = database

    def last_told(self) -> datetime | None:
        """When the office's last daily letter was planned; None before the first."""
        last: datetime | None = (
            tables.Run.select(fn.MAX(tables.Run.planned_at)).where(tables.Run.id.startswith("office:")).scalar()
        )
        return last

    def alerts(self, since: datetime) -> int:
        """How many mails the office was told about at once since then."""
        told = tables.Run.id.startswith("alert:") & (tables.Run.planned_at > since)
        return int(tables.Run.select().where(told).count())

    def untold(self, since: datetime) -> tuple[tuple[int, str, str], ...]:
        """(mail, state, reason) of every filed mail whose receipt ended since then without surely reaching the parent.

        The filing stands; the receipt was part of its safeguard.
        """
        rows = (
            tables.Letter.select()
            .where(
                tables.Letter.kind == LetterKind.NOTICE.value,
                tables.Letter.state.in_(NOT_TOLD),
                tables.Letter.run.startswith("notice:"),
                (tables.Letter.finished_at.is_null()) | (tables.Letter.finished_at > since),
                tables.Letter.planned_at > since - TRIED,
            )
            .order_by(tables.Letter.id)
        )
        found = []
        for row in rows:
            spool = tables.Spool.get_or_none(tables.Spool.id == int(row.run_id.partition(":")[2]))
            if spool is not None and spool.state == "filed" and "single-strong" in spool.reasons:
                found.append((spool.id, row.state, row.reason))
        return tuple(found)
