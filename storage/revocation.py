"""All tokens of one guardian taken back at once: her letters, conversations and buttons. Audit keeps who did it.

A conversation goes on under its next generation, so the very next answer carries an address that counts.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from storage.database import Database
from storage.statement import Statement
from storage.tables import Audit, Choice, Dispatch

# A token has five bits for it. The thirty-third revocation meets the first generation again, long expired.
FOLLOWING = Statement("""
    UPDATE conversation SET generation = CASE WHEN generation < 31 THEN generation + 1 ELSE 0 END WHERE guardian_id = ?
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Revoked:
    """How many there were."""

    letters: int
    conversations: int
    buttons: int


class RevocationStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def revoke(self, guardian_id: str, now: datetime, *, actor: str) -> Revoked:
        """What counts no more from now on; an answer to any of it waits for the office."""
        unused = Choice.used_at.is_null() & (Choice.expires > now)
        mine = (Dispatch.recipient_id == guardian_id) & Dispatch.revoked_at.is_null()
        with self.database.transaction():
            revoked = Revoked(
                letters=Dispatch.update(revoked_at=now).where(mine).execute(),
                conversations=FOLLOWING.changed(self.database, guardian_id),
                buttons=Choice.update(expires=now).where(Choice.guardian == guardian_id, unused).execute(),
            )
            Audit.create(
                at=now, actor=actor, action="revoked", subject=f"guardian:{guardian_id}", detail=asdict(revoked)
            )
        return revoked
