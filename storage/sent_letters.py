"""What the outbox can tell: who was sent what, and how far a run is."""

from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from school.letter import LetterKind, LetterState
from storage.tables import Letter as LetterRow
from storage.tables import Run, SkippedRecipient

UNFINISHED = {LetterState.PLANNED.value, LetterState.READY.value, LetterState.CLAIMED.value, LetterState.DEFERRED.value}


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterRecord:
    """One letter as the office sees it: no bytes."""

    id: int
    run: str
    kind: LetterKind
    recipient_id: str
    seq: int
    message_id: str
    address: str
    state: LetterState
    uncertain: bool
    attempts: int
    not_before: datetime
    expires: datetime
    finished_at: datetime | None
    code: str
    reason: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    run: str
    state: str  #: planned, ready, paused, cancelled
    due: datetime
    total: int  #: letters, without those skipped
    finished: int
    sent: int
    skipped: int


def ledger(run_id: str) -> dict[str, int]:
    rows = LetterRow.select(LetterRow.state, fn.COUNT(LetterRow.id)).where(LetterRow.run == run_id)
    # peewee says tuples() gives models; it gives tuples.
    counts: dict[str, int] = dict(rows.group_by(LetterRow.state).tuples())  # type: ignore[arg-type]
    skipped = SkippedRecipient.select().where(SkippedRecipient.run == run_id).count()
    return counts | ({"skipped": skipped} if skipped else {})


def progress(run_id: str) -> Progress | None:
    run = Run.get_or_none(Run.id == run_id)
    if run is None:
        return None
    counts = ledger(run_id)
    skipped = counts.pop("skipped", 0)
    total = sum(counts.values())
    return Progress(
        run=run_id,
        state=run.state,
        due=run.due,
        total=total,
        finished=total - sum(counts.get(state, 0) for state in UNFINISHED),
        sent=counts.get(LetterState.SENT.value, 0),
        skipped=skipped,
    )


def letters(run_id: str) -> list[LetterRecord]:
    return [_record(row) for row in LetterRow.select().where(LetterRow.run == run_id).order_by(LetterRow.id)]


def letter_by_message_id(message_id: str) -> LetterRecord | None:
    row = LetterRow.get_or_none(LetterRow.message_id == message_id)
    return None if row is None else _record(row)


def _record(row: LetterRow) -> LetterRecord:
    return LetterRecord(
        id=row.id,
        run=row.run_id,
        kind=LetterKind(row.kind),
        recipient_id=row.recipient_id,
        seq=row.seq,
        message_id=row.message_id,
        address=row.address,
        state=LetterState(row.state),
        uncertain=row.uncertain,
        attempts=row.attempts,
        not_before=row.not_before,
        expires=row.expires,
        finished_at=row.finished_at,
        code=row.code,
        reason=row.reason,
        sha256=row.sha256,
        size=row.size,
    )
