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


def reasons(run_id: str) -> dict[str, dict[str, int]]:
    """State → reason → number of recipients, `skipped` included; states whose letters have no reason are left out."""
    rows = (
        LetterRow.select(LetterRow.state, LetterRow.reason, fn.COUNT(LetterRow.id))
        .where(LetterRow.run == run_id, LetterRow.reason != "")
        .group_by(LetterRow.state, LetterRow.reason)
    )
    skipped = (
        SkippedRecipient.select(SkippedRecipient.reason, fn.COUNT(SkippedRecipient.recipient_id))
        .where(SkippedRecipient.run == run_id)
        .group_by(SkippedRecipient.reason)
    )
    # peewee says tuples() gives models; it gives tuples.
    counted: list[tuple[str, str, int]] = list(rows.tuples())  # type: ignore[arg-type]
    kept_out: dict[str, int] = dict(skipped.tuples())  # type: ignore[arg-type]
    found: dict[str, dict[str, int]] = {"skipped": kept_out} if kept_out else {}
    for state, reason, count in counted:
        found.setdefault(state, {})[reason] = count
    return found


def newest_runs(limit: int) -> list[Progress]:
    """The runs planned last, newest first."""
    rows = Run.select(Run.id).order_by(Run.planned_at.desc(), Run.id.desc()).limit(limit)
    return [found for row in rows if (found := progress(row.id)) is not None]


def issue_before(run_id: str, due: datetime) -> str | None:
    """The run of the newsletter that was due last before *due*, whatever became of it; None for the first one."""
    row = (
        Run.select(Run.id)
        .where(Run.kind == LetterKind.NEWSLETTER.value, Run.id != run_id, Run.due < due, Run.state != "cancelled")
        .order_by(Run.due.desc())
        .first()
    )
    return None if row is None else str(row.id)


def recipients(run_id: str) -> frozenset[str]:
    """Who has a letter in the run."""
    rows = LetterRow.select(LetterRow.recipient_id).where(LetterRow.run == run_id)
    return frozenset(row.recipient_id for row in rows)


def recipients_at(address: str) -> list[str]:
    """Whose letters went to this address, as servers write it: a roster may have the domain in other letters."""
    rows = LetterRow.select(LetterRow.recipient_id).where(fn.LOWER(LetterRow.address) == address.lower()).distinct()
    return sorted(row.recipient_id for row in rows)


def waiting_for(recipient_id: str, kind: LetterKind) -> list[int]:
    """The ids of this person's letters of one kind that no server has yet."""
    waits = (LetterState.READY.value, LetterState.DEFERRED.value)
    rows = LetterRow.select(LetterRow.id).where(
        LetterRow.state.in_(waits), LetterRow.recipient_id == recipient_id, LetterRow.kind == kind.value
    )
    return [row.id for row in rows]


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
