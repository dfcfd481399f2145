"""Tokens that nobody signed, and who tried them: counted over an hour of arrivals, kept for a day. Hashes only."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from storage.database import Database
from storage.fields import Moment
from storage.statement import Statement

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COUNT = Statement("SELECT token_hash FROM invalid_token WHERE address_hash = ? AND at > ?")
NOTE = Statement("""
    INSERT INTO invalid_token (address_hash, token_hash, at) VALUES (?, ?, ?)
    ON CONFLICT (address_hash, token_hash) DO UPDATE SET at = excluded.at
""")
FORGET = Statement("DELETE FROM invalid_token WHERE at <= ?")
MOMENT = Moment()  # made once: a column is dear to make


class GuessStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def different(self, address: str, tokens: Iterable[str], at: datetime) -> int:
        """How many different invalid tokens this address tried in the hour before *at*, these ones included."""
        rows = COUNT.rows(self.database, _hash(address), MOMENT.db_value(at - HOUR))
        return len({row[0] for row in rows} | {_hash(token) for token in tokens})

    def note(self, address: str, tokens: Iterable[str], at: datetime, now: datetime) -> None:
        """Keep that it tried them at that time; what is older than a day goes. The caller holds the transaction."""
        FORGET.changed(self.database, MOMENT.db_value(now - DAY))
        for token in sorted(tokens):
            NOTE.changed(self.database, _hash(address), _hash(token), MOMENT.db_value(at))


def _hash(text: str) -> str:
    return hashlib.sha256(text.lower().encode("utf-8", "replace")).hexdigest()
