"""Leases: something one process at a time may hold, until it gives it back or its time runs out."""

from peewee import EXCLUDED

from storage.clock import database_now
from storage.database import Database
from storage.tables import Lease


def take(database: Database, name: str, owner: str, seconds: float) -> bool:
    """Does *owner* hold the lease now? Taking it again prolongs it; another's lease can be taken when it ran out."""
    with database.transaction():
        row = Lease.insert(name=name, owner=owner, until=database_now(database, plus_seconds=seconds)).on_conflict(
            conflict_target=[Lease.name],
            update={Lease.owner: EXCLUDED.owner, Lease.until: EXCLUDED.until},
            where=(Lease.owner == EXCLUDED.owner) | (Lease.until < database_now(database)),
        )
        return bool(list(row.returning(Lease.name)))


def release(database: Database, name: str, owner: str) -> None:
    """Give the lease back; another's lease stays as it is."""
    with database.transaction():
        Lease.delete().where((Lease.name == name) & (Lease.owner == owner)).execute()
