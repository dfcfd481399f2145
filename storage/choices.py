"""The buttons of automatic mails, each used at most once; and how many such mails a guardian got."""

from collections.abc import Iterable
from datetime import datetime

from school.choice import Choice, Deed
from school.letter import LetterKind
from storage import tables
from storage.database import Database
from storage.fields import Moment
from storage.statement import Insert, Statement

MOMENT = Moment()  # made once: a column is dear to make
NEW_CHOICES = Insert("choice (public_id, spool_id, guardian_id, deed, child_id, role, label, expires)", columns=8)
SENT_SINCE = Statement("SELECT COUNT(*) FROM dispatch WHERE recipient_id = ? AND kind = ? AND created > ?")


class ChoiceStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, choices: Iterable[Choice]) -> None:
        NEW_CHOICES.write(
            self.database,
            [
                (
                    choice.public_id,
                    choice.spool_id,
                    choice.guardian_id,
                    choice.deed.value,
                    choice.child_id,
                    choice.role,
                    choice.label,
                    MOMENT.db_value(choice.expires),
                )
                for choice in choices
            ],
        )

    def by_public_id(self, public_id: int) -> Choice | None:
        row = tables.Choice.get_or_none(tables.Choice.public_id == public_id)
        return None if row is None else _choice(row)

    def use(self, public_id: int, now: datetime) -> bool:
        """True for the first press while the button lives; the mail's other buttons end with it."""
        with self.database.transaction():
            alive = (tables.Choice.expires > now) & tables.Choice.used_at.is_null()
            pressed = tables.Choice.update(used_at=now).where(tables.Choice.public_id == public_id, alive).execute()
            if pressed:
                end(tables.Choice.get_by_id(public_id).spool_id, now)
        return bool(pressed)

    def automatic_mails(self, guardian_ids: Iterable[str], since: datetime) -> int:
        """How many automatic mails were planned for these guardians since then.

        Inside a transaction two readers count one after the other, so that a cap holds between them.
        """
        ids = sorted(guardian_ids)
        if self.database.postgres and self.database.engine.in_transaction():
            # SQLite's writers queue up anyway.
            for guardian_id in ids:
                self.database.engine.execute_sql(
                    "SELECT pg_advisory_xact_lock(hashtext(%s))", (f"notice:{guardian_id}",)
                )
        kind, after = LetterKind.NOTICE.value, MOMENT.db_value(since)
        rows = (SENT_SINCE.first(self.database, guardian_id, kind, after) for guardian_id in ids)
        return sum(row[0] for row in rows if row is not None)


def end(spool_id: int, now: datetime) -> None:
    """No unused button decides about this mail any longer. The caller holds the transaction."""
    tables.Choice.update(expires=now).where(
        tables.Choice.spool == spool_id, tables.Choice.used_at.is_null(), tables.Choice.expires > now
    ).execute()
    tables.Command.update(expires=now).where(
        tables.Command.spool == spool_id, tables.Command.used_at.is_null(), tables.Command.expires > now
    ).execute()


def _choice(row: tables.Choice) -> Choice:
    return Choice(
        public_id=row.public_id,
        spool_id=row.spool_id,
        guardian_id=row.guardian_id,
        deed=Deed(row.deed),
        expires=row.expires,
        child_id=row.child_id,
        role=row.role,
        label=row.label,
        used_at=row.used_at,
    )
