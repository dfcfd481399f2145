"""Planning a run: letters set aside while they are rendered, then stored all at once, once."""

import hashlib
import json
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, Any
from zlib import compress

from school.issue import Skipped
from school.letter import Dispatch, Letter, LetterKind
from storage.database import Database
from storage.fields import Moment
from storage.tables import Dispatch as DispatchRow
from storage.tables import DispatchSection as SectionRow
from storage.tables import Letter as LetterRow
from storage.tables import LetterBody as BodyRow
from storage.tables import Run, SkippedRecipient
from storage.wake import announce

CHUNK = 500
COMPRESSION = 1  # half the time of zlib's usual level for a tenth more bytes, which are pruned after two weeks anyway
COLUMNS = (
    "run_id", "kind", "recipient_id", "seq", "message_id", "envelope_from", "address", "domain", "sha256",
    "size", "child_ids", "priority", "state", "not_before", "expires", "planned_at", "phase", "uncertain", "owner",
    "epoch", "attempts", "code", "reason",
)  # fmt: skip
BODY_FIELDS = (BodyRow.letter, BodyRow.packed)
PARAMETERS = 16  # the rest begins the same for every letter
BEGINNING = "'', {false}, '', 0, 0, '', ''"

# What one letter's row begins with, in the order of COLUMNS; Any: one column's value each.
Row = tuple[Any, ...]
Planned = tuple[Row, bytes, Dispatch | None]  # the bytes packed


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanResult:
    planned: int  #: letters that are new
    existing: int  #: letters that stood there before; they stay as they are


@contextmanager
def set_aside(letters: Iterable[tuple[Letter, Dispatch | None]], now: datetime) -> Iterator[Iterator[Planned]]:
    """The letters as rows, kept in a nameless file while the caller's iterator renders them one by one."""
    with tempfile.TemporaryFile() as file:
        count = 0
        for letter, dispatch in letters:
            pickle.dump((_row(letter, now), compress(letter.raw, COMPRESSION), dispatch), file, pickle.HIGHEST_PROTOCOL)
            count += 1
        file.seek(0)
        yield _read_back(file, count)


def store(  # noqa: PLR0917 - as Outbox.plan
    database: Database,
    run_id: str,
    kind: LetterKind,
    due: datetime,
    rows: Iterator[Planned],
    skipped: Iterable[Skipped],
    now: datetime,
) -> PlanResult:
    """Insert what is new, then make the run ready. The caller holds the transaction."""
    Run.insert(id=run_id, kind=kind.value, state="planned", due=due, planned_at=now).on_conflict_ignore().execute()
    new = seen = 0
    while stored := _store_chunk(database, rows):
        seen += stored.planned + stored.existing
        new += stored.planned
    _store_skipped(run_id, skipped)
    _release(run_id)
    if new:
        announce(database)
    return PlanResult(planned=new, existing=seen - new)


def _store_chunk(database: Database, rows: Iterator[Planned]) -> PlanResult | None:
    """What became of the next letters; None when there are none. They leave memory with this call."""
    chunk = list(islice(rows, CHUNK))
    if not chunk:
        return None
    inserted = _insert(database, [row for row, _, _ in chunk])
    fresh = [(inserted[row[1:4]], packed, dispatch) for row, packed, dispatch in chunk if row[1:4] in inserted]
    if fresh:
        BodyRow.insert_many([(letter_id, packed) for letter_id, packed, _ in fresh], BODY_FIELDS).execute()
    _insert_dispatches([dispatch for _, _, dispatch in fresh if dispatch])
    return PlanResult(planned=len(inserted), existing=len(chunk) - len(inserted))


def _row(letter: Letter, now: datetime) -> Row:
    moment = Moment().db_value
    return (
        letter.run,
        letter.kind.value,
        letter.recipient_id,
        letter.seq,
        letter.message_id,
        letter.envelope_from,
        letter.address,
        letter.address.rpartition("@")[2].lower(),
        hashlib.sha256(letter.raw).hexdigest(),
        len(letter.raw),
        json.dumps(letter.child_ids),
        letter.priority,
        "planned",
        moment(letter.not_before),
        moment(letter.expires),
        moment(now),
    )


def _read_back(file: IO[bytes], count: int) -> Iterator[Planned]:
    for _ in range(count):
        planned: Planned = pickle.load(file)  # noqa: S301 - written by set_aside a moment ago, in a file without a name
        yield planned


def _insert(database: Database, rows: list[Row]) -> dict[tuple[str, str, int], int]:
    """(kind, recipient, seq) → id of the rows that are new. Two letters with one Message-ID are an error."""
    place = "%s" if database.postgres else "?"
    one = f"({', '.join([place] * PARAMETERS)}, {BEGINNING.format(false='false' if database.postgres else '0')})"
    statement = (
        f"INSERT INTO letter ({', '.join(COLUMNS)}) VALUES {', '.join([one] * len(rows))} "  # noqa: S608 - no value in it
        "ON CONFLICT (run_id, kind, recipient_id, seq) DO NOTHING RETURNING kind, recipient_id, seq, id"
    )
    cursor = database.engine.execute_sql(statement, [value for row in rows for value in row])
    return {tuple(key): letter_id for *key, letter_id in cursor.fetchall()}


def _insert_dispatches(dispatches: list[Dispatch]) -> None:
    if not dispatches:
        return
    DispatchRow.insert_many(
        [
            {
                "public_id": one.public_id,
                "kind": one.kind.value,
                "run": one.run,
                "recipient_id": one.recipient_id,
                "message_id": one.message_id,
                "created": one.created,
                "conversation_ids": list(one.conversation_ids),
                "open_mail_ids": list(one.open_mail_ids),
                "revoked_at": one.created if one.revoked else None,
            }
            for one in dispatches
        ]
    ).execute()
    sections = [
        {
            "dispatch": one.public_id,
            "ordinal": section.ordinal,
            "child_id": section.child_id,
            "class_id": section.class_id,
            "role": section.role,
            "fingerprints": list(section.fingerprints),
            "visible_ref": section.visible_ref,
        }
        for one in dispatches
        for section in one.sections
    ]
    for start in range(0, len(sections), CHUNK):
        SectionRow.insert_many(sections[start : start + CHUNK]).execute()


def _store_skipped(run_id: str, skipped: Iterable[Skipped]) -> None:
    """Who gets no letter, and why; but a letter stored earlier outweighs being skipped now."""
    rows = ({"run": run_id, "recipient_id": one.guardian_id, "reason": one.reason} for one in skipped)
    while chunk := list(islice(rows, CHUNK)):
        SkippedRecipient.insert_many(chunk).on_conflict_ignore().execute()
    has_letter = LetterRow.select(LetterRow.recipient_id).where(LetterRow.run == run_id)
    SkippedRecipient.delete().where(
        SkippedRecipient.run == run_id, SkippedRecipient.recipient_id.in_(has_letter)
    ).execute()


def _release(run_id: str) -> None:
    """The whole run becomes ready at once; a paused run stays paused, a cancelled one cancelled."""
    Run.update(state="ready").where(Run.id == run_id, Run.state == "planned").execute()
    cancelled = Run.select().where(Run.id == run_id, Run.state == "cancelled").exists()
    planned = (LetterRow.run == run_id) & (LetterRow.state == "planned")
    LetterRow.update(state="cancelled" if cancelled else "ready").where(planned).execute()
