"""The bytes of a letter of ours, for as long as they are kept."""

from isal.isal_zlib import decompress

from storage.database import Database
from storage.tables import Letter, LetterBody


class LetterBytes:
    def __init__(self, database: Database) -> None:
        self.database = database

    def raw(self, message_id: str) -> bytes | None:
        """The letter with this Message-ID as it was sent; None for another's, and once its bytes were pruned."""
        mine = (
            LetterBody.select().join(Letter, on=(LetterBody.letter == Letter.id)).where(Letter.message_id == message_id)
        )
        row = mine.first()
        return None if row is None else decompress(bytes(row.packed))
