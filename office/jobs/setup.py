"""Setting up: a configuration with fresh keys, and a database at its newest migration. Doing it again harms nothing."""

import secrets
from pathlib import Path

from office.chosen import database_url
from office.example_config import example
from storage.database import Database


def write_config(path: Path) -> bool:
    """True if *path* was written: the example with a signing key of its own, readable by its owner only."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    text = example().replace("keys = []", f'keys = ["0:{secrets.token_hex(32)}"]')
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
    return True


def migrate(url: str, folder: Path) -> tuple[str, ...]:
    """The migrations applied now."""
    address = database_url(url, folder)
    _for_its_owner_only(address)
    database = Database(address)
    try:
        return tuple(database.migrate())
    finally:
        database.close()


def _for_its_owner_only(address: str) -> None:
    """A new SQLite file holds children's names and parents' words; the files SQLite puts beside it take its mode."""
    file = Path(address.removeprefix("sqlite:"))
    if address.startswith("sqlite:") and not file.exists():
        file.touch(mode=0o600)
