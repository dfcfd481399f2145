"""What guardians asked for themselves: for now, whether the weekly letter comes."""

from datetime import datetime

from storage.database import Database
from storage.tables import Preference


class PreferenceStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def stop_letters(self, guardian_id: str, asked_by: str, now: datetime) -> None:
        """No weekly letter from the next issue on; answers of teachers still come. Twice is as good as once."""
        row = {"letters_stopped_at": now, "asked_by": asked_by}
        insert = Preference.insert(guardian=guardian_id, **row)
        with self.database.transaction():
            insert.on_conflict(conflict_target=[Preference.guardian], update=row).execute()

    def resume_letters(self, guardian_id: str) -> bool:
        """True if she had stopped them."""
        waiting = (Preference.guardian == guardian_id) & Preference.letters_stopped_at.is_null(False)
        with self.database.transaction():
            resumed: int = Preference.update(letters_stopped_at=None).where(waiting).execute()
        return resumed == 1

    def stopped(self) -> frozenset[str]:
        """Ids of the guardians who asked for no weekly letter."""
        rows = Preference.select(Preference.guardian).where(Preference.letters_stopped_at.is_null(False))
        return frozenset(row.guardian_id for row in rows)
