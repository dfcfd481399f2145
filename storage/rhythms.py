"""How often each teacher wants her digest; who never chose gets it daily."""

from datetime import datetime

from school.rhythm import DigestRhythm
from storage import tables
from storage.database import Database


class RhythmStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def choose(self, teacher_id: str, rhythm: DigestRhythm, asked_by: str, now: datetime) -> None:
        row = {"rhythm": rhythm.value, "chosen_at": now, "asked_by": asked_by}
        insert = tables.DigestChoice.insert(teacher_id=teacher_id, **row)
        with self.database.transaction():
            insert.on_conflict(conflict_target=[tables.DigestChoice.teacher_id], update=row).execute()

    def chosen(self) -> dict[str, DigestRhythm]:
        """{teacher: rhythm} of all who chose."""
        return {row.teacher_id: DigestRhythm(row.rhythm) for row in tables.DigestChoice.select()}
