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

from isal.isal_zlib import compress

from school.issue import Skipped
from school.letter import Dispatch, Letter, LetterKind
from storage.database import Database
from storage.fields import Json, Moment
from storage.statement import Insert, Statement
from storage.wake import announce

CHUNK = 500
IN_MEMORY = 2_000_000  # bytes of letters that need no file: one answer, one notice
COMPRESSION = 2  # ISA-L's; a quarter of the time of zlib's fastest level for 2 % more bytes, in the same format
MOMENT, JSON = Moment(), Json()  # made once: a column is dear to make

NEW_RUN = Statement("""
    INSERT INTO run (id, kind, state, due, planned_at) VALUES (?, ?, 'planned', ?, ?) ON CONFLICT DO NOTHING
""")
NEW_LETTERS = Insert(
    "letter (run_id, kind, recipient_id, seq, message_id, envelope_from, address, domain, sha256, size, child_ids, "
    "priority, state, not_before, expires, planned_at, phase, uncertain, owner, epoch, attempts, code, reason)",
    columns=16,
    fixed=", '', false, '', 0, 0, '', ''",
    then="ON CONFLICT (run_id, kind, recipient_id, seq) DO NOTHING RETURNING kind, recipient_id, seq, id",
)
NEW_BODIES = Insert("letter_body (letter_id, packed)", columns=2)
NEW_DISPATCHES = Insert(
    "dispatch (public_id, kind, run_id, recipient_id, message_id, created, "
    "conversation_ids, open_mail_ids, revoked_at)",
    columns=9,
)
NEW_SECTIONS = Insert(
    "dispatch_section (dispatch_id, ordinal, child_id, class_id, role, fingerprints, visible_ref)", columns=7
)
NEW_SKIPPED = Insert("skipped_recipient (run_id, recipient_id, reason)", columns=3, then="ON CONFLICT DO NOTHING")
NOT_SKIPPED = Statement("""
    DELETE FROM skipped_recipient
    WHERE run_id = ? AND recipient_id IN (SELECT recipient_id FROM letter WHERE run_id = ?)
""")
RELEASE_RUN = Statement("UPDATE run SET state = 'ready' WHERE id = ? AND state = 'planned'")
RELEASE_LETTERS = Statement("""
    UPDATE letter
    SET state = CASE (SELECT state FROM run WHERE id = ?) WHEN 'cancelled' THEN 'cancelled' ELSE 'ready' END
    WHERE run_id = ? AND state = 'planned'
""")

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
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
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
    NEW_RUN.changed(database, run_id, kind.value, MOMENT.db_value(due), MOMENT.db_value(now))
    new = seen = 0
    while stored := _store_chunk(database, rows):
        seen += stored.planned + stored.existing
        new += stored.planned
    _store_skipped(database, run_id, skipped)
    RELEASE_RUN.changed(database, run_id)
    RELEASE_LETTERS.changed(database, run_id, run_id)
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
    NEW_BODIES.write(database, [(letter_id, packed) for letter_id, packed, _ in fresh])
    _insert_dispatches(database, [dispatch for _, _, dispatch in fresh if dispatch])
    return PlanResult(planned=len(inserted), existing=len(chunk) - len(inserted))


def _row(letter: Letter, now: datetime) -> Row:
    moment = MOMENT.db_value
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
    return {tuple(key): letter_id for *key, letter_id in NEW_LETTERS.rows(database, rows)}


def _insert_dispatches(database: Database, dispatches: list[Dispatch]) -> None:
    NEW_DISPATCHES.write(
        database,
        [
            (
                one.public_id,
                one.kind.value,
                one.run,
                one.recipient_id,
                one.message_id,
                MOMENT.db_value(one.created),
                JSON.db_value(list(one.conversation_ids)),
                JSON.db_value(list(one.open_mail_ids)),
                MOMENT.db_value(one.created if one.revoked else None),
            )
            for one in dispatches
        ],
    )
    NEW_SECTIONS.write(
        database,
        [
            (
                one.public_id,
                section.ordinal,
                section.child_id,
                section.class_id,
                section.role,
                JSON.db_value(list(section.fingerprints)),
                section.visible_ref,
            )
            for one in dispatches
            for section in one.sections
        ],
    )


def _store_skipped(database: Database, run_id: str, skipped: Iterable[Skipped]) -> None:
    """Who gets no letter, and why; but a letter stored earlier outweighs being skipped now."""
    rows = ((run_id, one.guardian_id, one.reason) for one in skipped)
    while chunk := list(islice(rows, CHUNK)):
        NEW_SKIPPED.write(database, chunk)
    NOT_SKIPPED.changed(database, run_id, run_id)
