"""Letters and rosters for the outbox tests."""

from datetime import UTC, date, datetime, timedelta

from school.letter import Dispatch, DispatchSection, Letter, LetterKind
from storage.database import Database
from storage.outbox import Outbox
from storage.tables import Child, Guardian, Guardianship, Teacher

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
RUN = "issue:2026-11-27"


def letter(number: int = 1, **changes) -> Letter:
    values = {
        "run": RUN,
        "kind": LetterKind.NEWSLETTER,
        "recipient_id": f"g{number}",
        "message_id": f"m{number}.{changes.get('run', RUN).replace(':', '.')}@school.test",
        "envelope_from": "bounce@school.test",
        "address": f"parent{number}@example.org",
        "raw": f"To: parent{number}\r\n\r\nNews {number}\r\n".encode(),
        "not_before": NOON,
        "expires": NOON + timedelta(hours=72),
    }
    return Letter(**(values | changes))


def message(number: int, size: int = 300, run: str = RUN) -> bytes:
    head = (
        f"From: School <news@school.test>\r\nTo: parent{number}@example.org\r\n"
        f"Date: Fri, 27 Nov 2026 12:00:00 +0000\r\nMessage-ID: <m{number}.{run.replace(':', '.')}@school.test>\r\n\r\n"
    )
    return head.encode() + b".a line that begins with a dot\r\n" * (size // 32 + 1)


def dispatch(public_id: int, of: Letter, child_id: str = "c1") -> Dispatch:
    section = DispatchSection(
        ordinal=1, child_id=child_id, class_id="3b", role="class", fingerprints=("line",), visible_ref="7k3m-9q2c"
    )
    return Dispatch(
        public_id=public_id,
        kind=of.kind,
        run=of.run,
        recipient_id=of.recipient_id,
        message_id=of.message_id,
        created=NOON,
        sections=(section,),
    )


def plan(outbox: Outbox, *letters: Letter, run: str = RUN, kind=LetterKind.NEWSLETTER, skipped=()):
    return outbox.plan(run, kind, NOON, [(one, None) for one in letters], skipped, NOON)


def states(outbox: Outbox, run: str = RUN) -> dict[str, str]:
    return {one.recipient_id: one.state.value for one in outbox.letters(run)}


def guardian(
    database: Database, guardian_id: str = "g1", child_id: str = "c1", left_on: date | None = None, **tie
) -> None:
    Guardian.insert(id=guardian_id, given_name="A", family_name="B", left_on=left_on).on_conflict_ignore().execute()
    Child.insert(id=child_id, given_name="A", family_name="B").on_conflict_ignore().execute()
    Guardianship.create(guardian=guardian_id, child=child_id, relation="parent", **tie)


def teacher(database: Database, teacher_id: str = "t1", left_on: date | None = None) -> None:
    Teacher.create(id=teacher_id, given_name="A", family_name="B", left_on=left_on)
