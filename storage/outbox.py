"""The outbox: letters planned once, claimed by one sender at a time, and finished with what the server said.

The states and their order are in docs/delivery.md. Every method is one transaction. A claim is committed before the
letter is offered to a server; a finish counts only for the claim it belongs to (its epoch), so a sender that was
stopped and comes back changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from peewee import InterfaceError, OperationalError

from school.errors import TemporaryError
from school.issue import Skipped
from school.letter import Dispatch, Letter, LetterKind
from school.sending import Claimed, SendResult
from storage import dispatches, outbox_sql, planned, sent_letters
from storage.database import Database
from storage.exchange import Exchange, Exchanger, SqliteLine, WholeLine, moment, time, unpacked
from storage.planned import PlanResult
from storage.sent_letters import LetterRecord, Progress

__all__ = ["Claimed", "Exchange", "LetterRecord", "Outbox", "PlanResult", "Progress", "SendResult"]


class Outbox:
    """The letters of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = outbox_sql.statements(postgres=database.postgres)
        self._exchanger = Exchanger(self._run, postgres=database.postgres)

    # ---- planning ----

    def plan(  # noqa: PLR0917 - what a run is, in the order of the sentence
        self,
        run_id: str,
        kind: LetterKind,
        due: datetime,
        letters: Iterable[tuple[Letter, Dispatch | None]],
        skipped: Iterable[Skipped],
        now: datetime,
    ) -> PlanResult:
        """How many letters of the run are new, and how many stood there before: what was stored first wins.

        All of the run or nothing of it. *letters* is read to its end before the transaction begins (into a file, not
        into memory), so rendering a large school keeps nobody else from writing. *skipped* is read after it.
        """
        with planned.set_aside(letters, now) as rows, self._transaction():
            return planned.store(self._database, run_id, kind, due, rows, skipped, now)

    # ---- sending ----

    def claim(self, owner: str, limit: int, now: datetime, avoid: Sequence[str] = ()) -> list[Claimed]:
        """Up to *limit* letters that are now *owner*'s to send, most urgent first; committed.

        Whoever may no longer be told (barred, left, no tie) or whose address is suppressed is marked blocked by the
        same statement, with the reason. Days count by the date of *now*: give it in the school's zone. Letters to the
        domains in *avoid* stay.
        """
        return list(self.exchange((), owner, limit, now, avoid).claimed)

    def finish(self, claimed: Claimed, result: SendResult, now: datetime) -> bool:
        """True if the letter was still ours; False if another sender took it over meanwhile: then nothing changed."""
        return self.exchange(((claimed, result),), "", 0, now).kept[0]

    def exchange(
        self,
        results: Sequence[tuple[Claimed, SendResult]],
        owner: str,
        limit: int,
        now: datetime,
        avoid: Sequence[str] = (),
    ) -> Exchange:
        """Finish what was sent and claim what comes next, in one transaction: one sync to disk for both."""
        with self._transaction():
            exchanged = self._exchanger.exchange(results, owner, limit, now, avoid)
        return unpacked(exchanged)

    def line(self) -> SqliteLine | WholeLine:
        """For one sender, which closes it: exchanges that are begun here and settled while it listens to servers."""
        if self._database.postgres:
            return WholeLine(self.exchange)
        return SqliteLine(self._database.engine.database)

    def mark_phase(self, letter_id: int, epoch: int, phase: str) -> bool:
        """False if the letter is no longer ours. At-most-once kinds stand as `sent?` from the phase "dot" on."""
        with self._transaction():
            return self._run("mark_phase", (phase, phase, letter_id, epoch)).rowcount == 1

    def heartbeat(self, held: Iterable[Claimed]) -> int:
        """How many of the held letters are still ours; their leases begin anew, by the database's clock."""
        with self._transaction():
            return sum(self._run("heartbeat", (letter.id, letter.epoch)).rowcount for letter in held)

    def release(self, owner: str, held: Iterable[Claimed], now: datetime) -> int:
        """How many letters *owner* gives back: claimed ahead, or without hearing so (a commit whose answer was lost).

        Those in *held* stay its own. None of the others was offered to a server: the claim's answer comes first.
        """
        ids = outbox_sql.json_list([str(letter.id) for letter in held])
        with self._transaction():
            return self._run("release", (moment(now), owner, ids)).rowcount

    def recover(self, owner: str) -> int:
        """How many letters came back from senders that are gone.

        SQLite: from everyone but *owner*, at once; call it only while holding the sender lock. PostgreSQL: those whose
        lease ran out. They are marked uncertain: the sender may have died after the final dot.
        """
        with self._transaction():
            return self._run("recover", () if self._database.postgres else (owner,)).rowcount

    def hold_domain(self, domain: str, until: datetime, reason: str) -> int:
        """How many waiting letters to *domain* are put off until *until*."""
        with self._transaction():
            return self._run("hold_domain", (moment(until), reason, domain)).rowcount

    def expire(self, now: datetime) -> int:
        """How many letters were given up because their time is over."""
        with self._transaction():
            return self._run("expire", (moment(now), moment(now))).rowcount

    def waiting(self, now: datetime, limit: int) -> int:
        """How many letters could be tried now, counted no further than *limit*."""
        with self._transaction():
            self._exchanger.wake(now)
            count: int = self._run("waiting", (moment(now), moment(now), limit)).fetchone()[0]
        return count

    def next_due(self) -> datetime | None:
        """When the next waiting letter may be tried; None when none waits."""
        earliest = self._run("next_due", ()).fetchone()[0]
        return None if earliest is None else time(earliest)

    # ---- runs ----

    def pause(self, run_id: str) -> bool:
        """True if the run was sending: no letter of it is claimed from now on."""
        with self._transaction():
            return self._run("set_run", ("paused", run_id, "ready")).rowcount == 1

    def resume(self, run_id: str) -> bool:
        """True if the run was paused: exactly the letters not yet finished go on."""
        with self._transaction():
            return self._run("set_run", ("ready", run_id, "paused")).rowcount == 1

    def cancel(self, run_id: str, now: datetime) -> int:
        """How many waiting letters were cancelled; what a server has, or is just being given, stays as it is.

        What a sender has claimed and not offered yet is cancelled when it gives it back, a moment later.
        """
        with self._transaction():
            self._run("cancel_run", (run_id,))
            return self._run("cancel_letters", (moment(now), run_id)).rowcount

    def cancel_letter(self, letter_id: int, now: datetime) -> bool:
        """True if the letter still waited, and now never goes."""
        with self._transaction():
            return self._run("cancel_letter", (moment(now), letter_id)).rowcount == 1

    # ---- reading ----

    def ledger(self, run_id: str) -> dict[str, int]:
        """State → number of recipients, `skipped` included: the sum is the audience."""
        return sent_letters.ledger(run_id)

    def progress(self, run_id: str) -> Progress | None:
        return sent_letters.progress(run_id)

    def letters(self, run_id: str) -> list[LetterRecord]:
        """Every letter of the run, in the order of planning."""
        return sent_letters.letters(run_id)

    def letter_by_message_id(self, message_id: str) -> LetterRecord | None:
        return sent_letters.letter_by_message_id(message_id)

    def dispatch(self, public_id: int) -> Dispatch | None:
        return dispatches.dispatch(self._database, public_id)

    def dispatch_by_message_id(self, message_id: str) -> Dispatch | None:
        return dispatches.dispatch_by_message_id(self._database, message_id)

    def prune_bodies(self, before: datetime) -> int:
        """How many letters finished before *before* gave up their bytes; the row and its hash stay."""
        with self._transaction():
            return self._run("prune_bodies", (moment(before),)).rowcount

    # ---- inside a transaction ----

    # Any: the driver's cursor; the two drivers share no type.
    def _run(self, name: str, values: tuple[Any, ...]) -> Any:
        return self._database.engine.execute_sql(self._sql[name], values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing; TemporaryError while the database is locked, full or away, and then nothing was changed.

        After a COMMIT whose answer was lost the caller repeats the call: a finish then finds its own epoch.
        """
        try:
            with self._database.transaction():
                yield
        except (OperationalError, InterfaceError) as exc:
            # A dead connection is given up; the next call makes a new one.
            if self._database.postgres and self._database.engine.transaction_depth() == 0:
                self._database.close()
            raise TemporaryError(f"the database cannot be written now ({type(exc).__name__}): trying again") from exc
