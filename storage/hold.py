"""The hold: while it stands nobody sends anything. It stands in the database, so a copy of the database holds as well.

It is a lease that no process has: only a person gives it back.
"""

from peewee import InterfaceError, OperationalError

from school.errors import TemporaryError
from storage.clock import database_now
from storage.database import Database
from storage.tables import Lease

NAME = "sending-held"
FOREVER_SECONDS = 100 * 365 * 86_400.0


def begin(database: Database, why: str) -> None:
    """Nothing is sent from now on; *why* is told to whoever tries. An earlier hold keeps its own reason."""
    until = database_now(database, plus_seconds=FOREVER_SECONDS)
    with database.transaction():
        Lease.insert(name=NAME, owner=why, until=until).on_conflict_ignore().execute()


def end(database: Database) -> bool:
    """True if there was a hold: what waits may go out again."""
    with database.transaction():
        return Lease.delete().where(Lease.name == NAME).execute() == 1


def reason(database: Database) -> str:
    """Why nothing is sent; empty when it may be. A plain read, which waits for no writer. TemporaryError."""
    try:
        row = Lease.get_or_none(Lease.name == NAME)
    except (OperationalError, InterfaceError) as exc:
        if database.postgres and database.engine.transaction_depth() == 0:
            database.close()  # the connection is dead; the next call makes a new one
        raise TemporaryError(f"the database cannot be read now ({type(exc).__name__}): trying again") from exc
    return "" if row is None else str(row.owner)
