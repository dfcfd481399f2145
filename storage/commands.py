"""The buttons of teachers' digests, each used at most once."""

from collections.abc import Iterable
from datetime import datetime

from school.command import Command, StaffDeed
from storage import tables
from storage.database import Database


class CommandStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, commands: Iterable[Command]) -> None:
        rows = [
            {
                "public_id": command.public_id,
                "teacher_id": command.teacher_id,
                "deed": command.deed.value,
                "conversation": command.conversation_id,
                "spool": command.spool_id,
                "child_id": command.child_id,
                "role": command.role,
                "expires": command.expires,
            }
            for command in commands
        ]
        if rows:
            tables.Command.insert_many(rows).execute()

    def by_public_id(self, public_id: int) -> Command | None:
        row = tables.Command.get_or_none(tables.Command.public_id == public_id)
        return None if row is None else _command(row)

    def use(self, public_id: int, now: datetime) -> bool:
        """True for the first press while the button lives."""
        alive = (tables.Command.expires > now) & tables.Command.used_at.is_null()
        with self.database.transaction():
            pressed = tables.Command.update(used_at=now).where(tables.Command.public_id == public_id, alive).execute()
        return bool(pressed)


def _command(row: tables.Command) -> Command:
    return Command(
        public_id=row.public_id,
        teacher_id=row.teacher_id,
        deed=StaffDeed(row.deed),
        expires=row.expires,
        conversation_id=row.conversation_id,
        spool_id=row.spool_id,
        child_id=row.child_id,
        role=row.role,
        used_at=row.used_at,
    )
