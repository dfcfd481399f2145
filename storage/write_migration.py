"""Writes the next migration: what changed in `tables.py` since the last one. Run by `make migration NAME=…`."""

import sys

from peewee import SqliteDatabase
from playhouse.migrations import Runner, template
from playhouse.schema_diff import diff_models

from storage.database import MIGRATIONS
from storage.tables import TABLES


def main(name: str) -> int:
    """Compare the tables with a database made by all migrations so far; write the difference as a new file."""
    database = SqliteDatabase(":memory:")
    runner = Runner(database, str(MIGRATIONS))
    runner.up()
    difference = diff_models(database, TABLES)
    if not difference:
        sys.stdout.write("the tables and the migrations agree: nothing to write\n")
        return 0
    path = runner.create(name, body=template(difference))
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "change"))
