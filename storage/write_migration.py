"""Writes the next migration: what changed in `tables.py` since the last one. Run by `make migration NAME=…`.

`NAME=initial` writes the first one anew, for as long as no release has gone out.
"""

import sys

from peewee import SqliteDatabase, sort_models
from playhouse.migrations import Runner, template
from playhouse.schema_diff import SchemaDiff, diff_models

from storage.database import MIGRATIONS
from storage.tables import TABLES

INITIAL = "0001_initial.py"


def main(name: str) -> int:
    """Compare the tables with a database made by all migrations so far; write the difference as a new file."""
    if name == "initial":
        first = MIGRATIONS / INITIAL
        first.write_text(template(SchemaDiff(sort_models(TABLES), [], [], [], [])), "utf-8")
        sys.stdout.write(f"{first}\n")
        return 0
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
