"""The Message-IDs a mail provider gave our letters in place of ours: which letter is behind one."""

from storage.database import Database
from storage.statement import Statement

BEHIND = Statement("SELECT message_id FROM provider_id WHERE id = ?")


def our_id(database: Database, provider_id: str) -> str | None:
    """The Message-ID we gave that letter."""
    row = BEHIND.first(database, provider_id.lower())
    return None if row is None else str(row[0])
