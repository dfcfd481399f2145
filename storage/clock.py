"""The database's own clock: what leases on several machines are measured with, for their clocks differ."""

from peewee import SQL

from storage.database import Database

SQLITE_NOW = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
POSTGRES_NOW = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"


def database_now(database: Database, *, plus_seconds: float = 0) -> SQL:
    """Now as the database sees it, in the microseconds of a `Moment` column, some seconds later if asked."""
    now = POSTGRES_NOW if database.postgres else SQLITE_NOW
    return SQL(f"({now} + {round(plus_seconds * 1_000_000)})")
