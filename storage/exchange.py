"""What a sender gives the outbox and takes from it at once: results of letters, and the letters to offer next.

A `Line` is a sender's own: the exchange is made by one thread and committed by another, so that the servers are heard
while the disk works. What is claimed may be offered only after `settle`.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from isal.isal_zlib import decompress

from school.errors import TemporaryError
from school.letter import LetterKind, LetterState
from school.sending import Claimed, SendResult
from storage import outbox_sql
from storage.database import SQLITE_PRAGMAS
from storage.fields import Moment

MOMENT = Moment()  # made once: a column is dear to make
KINDS = {kind.value: kind for kind in LetterKind}
UNPACKED = 1 << 16  #: most letters fit, so their bytes are not copied while they grow
FINAL = {
    LetterState.SENT,
    LetterState.SENT_UNSURE,
    LetterState.FAILED,
    LetterState.EXPIRED,
    LetterState.CANCELLED,
    LetterState.BLOCKED,
}

Results = Sequence[tuple[Claimed, SendResult]]
# Any: one column's value each.
Exchanged = tuple[tuple[bool, ...], list[tuple[Any, ...]], int]
# Any: the driver's cursor; the two drivers share no type.
Run = Callable[[str, tuple[Any, ...]], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """The answer to one exchange: which results still counted, what is ours now, and how many were blocked instead."""

    kept: tuple[bool, ...]
    claimed: tuple[Claimed, ...]
    blocked: int
    asked: int  #: how many letters it would have taken
    lapsed: bool = False  #: the letters claimed ahead were given back first


class Exchanger:
    """The statements of an exchange, in their order; whoever holds it holds the transaction."""

    def __init__(self, run: Run, *, postgres: bool) -> None:
        self._run, self._postgres = run, postgres

    def exchange(self, results: Results, owner: str, limit: int, now: datetime, avoid: Sequence[str]) -> Exchanged:
        """What was kept, and the rows claimed or blocked: `unpacked` makes an Exchange of them."""
        at = moment(now)
        kept = tuple([self._finish(claimed, result, at) for claimed, result in results])
        return kept, self._claim(owner, limit, now, avoid) if limit else [], limit

    def wake(self, now: datetime) -> int:
        """How many letters' time has come again."""
        woken: int = self._run("wake", (moment(now),)).rowcount
        return woken + (self._run("recover", ()).rowcount if self._postgres else 0)

    def _claim(self, owner: str, limit: int, now: datetime, avoid: Sequence[str]) -> list[tuple[Any, ...]]:
        rows = self._claim_ready(owner, limit, now, avoid)
        if len(rows) < limit and self.wake(now):
            rows += self._claim_ready(owner, limit - len(rows), now, avoid)
        return sorted(rows, key=lambda row: (row[2], row[0]))

    def _claim_ready(self, owner: str, limit: int, now: datetime, avoid: Sequence[str]) -> list[tuple[Any, ...]]:
        day = now.date() if self._postgres else now.date().isoformat()
        at = moment(now)
        avoided = outbox_sql.json_list(avoid)
        rows: list[tuple[Any, ...]] = self._run("claim", (at, at, avoided, limit, day, day, day, owner, at)).fetchall()
        return rows

    def _finish(self, claimed: Claimed, result: SendResult, at: int) -> bool:
        values = (
            result.state.value,
            result.code,
            result.reason,
            moment(result.until) if result.until else None,
            int(result.tried),
            result.uncertain,
            at if result.state in FINAL else None,
            claimed.id,
            claimed.epoch,
        )
        if result.provider_id:
            self._run("note_provider_id", (result.provider_id, claimed.message_id, at))
        if self._run("finish", values).rowcount == 1:
            return True
        # A commit whose answer was lost has happened: the same finish a second time is still ours.
        row = self._run("read_state", (claimed.id, claimed.epoch)).fetchone()
        return row is not None and row[0] == result.state.value


class SqliteLine:
    """A sender's connection of its own, as durable as every other: WAL and `synchronous=FULL`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._sql = outbox_sql.statements(postgres=False)
        self._connection: sqlite3.Connection | None = None
        self._exchanger = Exchanger(self._run, postgres=False)
        self._exchanged: Exchanged = ((), [], 0)
        self._lapsed = False
        self._seen: tuple[int, date] | None = None  #: the database's version and the day the last exchange saw

    @property
    def looks_ahead(self) -> bool:
        return True

    def begin(
        self,
        results: Results,
        owner: str,
        limit: int,
        now: datetime,
        avoid: Sequence[str] = (),
        *,
        ahead: Sequence[Claimed] = (),
    ) -> None:
        """Store *results* and claim up to *limit* letters, not yet on disk. TemporaryError: nothing was changed.

        The letters in *ahead* stay ours as long as the claim would say the same again: nobody else wrote to the
        database, the day is the same, and none has expired. Otherwise they are given back and asked for anew.
        """
        try:
            self._open().execute("BEGIN IMMEDIATE")
            self._lapsed = self._changed(now) or any(letter.expires <= now for letter in ahead)
            if self._lapsed and ahead:
                limit += len(ahead)
                for letter in ahead:
                    self._run("give_back", (moment(now), letter.id, letter.epoch))
            self._exchanged = self._exchanger.exchange(results, owner, limit, now, avoid)
        except BaseException as exc:
            self.close()
            if isinstance(exc, sqlite3.OperationalError):
                raise TemporaryError(f"the database cannot be written now ({exc}): trying again") from exc
            raise

    def settle(self) -> None:
        """What was begun is on disk; any thread may wait for that. TemporaryError: undone, begin again."""
        try:
            self._open().execute("COMMIT")
        except sqlite3.OperationalError as exc:
            self.close()
            raise TemporaryError(f"the database cannot be written now ({exc}): trying again") from exc

    def taken(self) -> Exchange:
        """What was begun; its letters may be offered once it is settled."""
        return unpacked(self._exchanged, lapsed=self._lapsed)

    def _changed(self, now: datetime) -> bool:
        """Whether anybody else wrote to the database since the last exchange, or it was on another day."""
        version = self._open().execute("PRAGMA data_version").fetchone()[0]
        before, self._seen = self._seen, (version, now.date())
        return before != self._seen

    def close(self) -> None:
        """What was not settled is undone."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._seen = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            # Used by one thread at a time: whoever begins waits for whoever settles.
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            for name, value in SQLITE_PRAGMAS.items():
                self._connection.execute(f"PRAGMA {name} = {value}")
        return self._connection

    def _run(self, name: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        return self._open().execute(self._sql[name], values)


class WholeLine:
    """A sender's line where beginning and settling are one: PostgreSQL, where other workers send meanwhile."""

    def __init__(self, exchange: Callable[[Results, str, int, datetime, Sequence[str]], Exchange]) -> None:
        self._exchange = exchange
        self._exchanged = Exchange(kept=(), claimed=(), blocked=0, asked=0)

    @property
    def looks_ahead(self) -> bool:
        """Other workers send as well: what one holds without need, another waits for."""
        return False

    def begin(
        self,
        results: Results,
        owner: str,
        limit: int,
        now: datetime,
        avoid: Sequence[str] = (),
        *,
        ahead: Sequence[Claimed] = (),
    ) -> None:
        assert not ahead  # it does not look ahead
        self._exchanged = self._exchange(results, owner, limit, now, avoid)

    def settle(self) -> None:
        """Settled as soon as it was begun."""

    def taken(self) -> Exchange:
        return self._exchanged

    def close(self) -> None:
        """Nothing of its own is open."""


def unpacked(exchanged: Exchanged, *, lapsed: bool = False) -> Exchange:
    kept, rows, asked = exchanged
    mine = tuple([_claimed(row) for row in rows if row[1] == "claimed"])
    return Exchange(kept=kept, claimed=mine, blocked=len(rows) - len(mine), asked=asked, lapsed=lapsed)


def moment(value: datetime) -> int:
    made = MOMENT.db_value(value)
    assert made is not None  # only None becomes None
    return made


def time(value: int) -> datetime:
    made = MOMENT.python_value(value)
    assert made is not None  # as above
    return made


def _claimed(row: tuple[Any, ...]) -> Claimed:
    letter_id, _, _, epoch, run, kind, message_id, envelope, address, domain, body, attempts = row[:12]
    expires, uncertain, code = row[12:]
    return Claimed(
        id=letter_id,
        epoch=epoch,
        run=run,
        kind=KINDS[kind],
        message_id=message_id,
        envelope_from=envelope,
        address=address,
        domain=domain,
        raw=decompress(body, bufsize=UNPACKED),
        attempts=attempts,
        expires=time(expires),
        uncertain=bool(uncertain),
        code=code,
    )
