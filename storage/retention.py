"""What goes after its time: raw mail. The row, its hashes and its filed words stay, so a late copy is still known."""

from datetime import datetime

from storage.database import Database
from storage.tables import InvalidToken, ProviderId, Spool, SpoolRaw

UNDECIDED = ("received", "child_open", "asked", "held", "triage", "unmatched", "poison")


class Retention:
    def __init__(self, database: Database) -> None:
        self.database = database

    def prune_raw(self, before: datetime) -> int:
        """How many mails decided before *before* gave up their bytes; what waits for a person keeps them."""
        done = Spool.select(Spool.id).where(Spool.finished_at < before, Spool.state.not_in(UNDECIDED))
        with self.database.transaction():
            pruned: int = SpoolRaw.delete().where(SpoolRaw.spool.in_(done)).execute()
        return pruned

    def prune_names(self, letters_before: datetime, guesses_before: datetime) -> int:
        """How many names of things went: providers' ids of letters nobody answers any more, tokens once tried."""
        with self.database.transaction():
            ids: int = ProviderId.delete().where(ProviderId.noted_at < letters_before).execute()
            tried: int = InvalidToken.delete().where(InvalidToken.at < guesses_before).execute()
        return ids + tried
