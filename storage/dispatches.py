"""What a letter's public id meant: to whom it went, and what its sections were. One statement, asked for every mail."""

from functools import lru_cache

from school.letter import Dispatch, DispatchSection, LetterKind
from storage.database import Database
from storage.fields import Json, Moment
from storage.statement import Row, Statement

SELECT = """
    SELECT dispatch.public_id, dispatch.kind, dispatch.run_id, dispatch.recipient_id, dispatch.message_id,
           dispatch.created, dispatch.conversation_ids, dispatch.open_mail_ids, dispatch.revoked_at,
           section.ordinal, section.child_id, section.class_id, section.role, section.fingerprints, section.visible_ref
    FROM dispatch LEFT JOIN dispatch_section AS section ON section.dispatch_id = dispatch.public_id
    WHERE {key} = ? ORDER BY dispatch.public_id, section.ordinal
"""
BY_ID = Statement(SELECT.format(key="dispatch.public_id"))
BY_MESSAGE_ID = Statement(SELECT.format(key="dispatch.message_id"))
SECTION_AT = 9  # where the section's columns begin
MOMENT, JSON = Moment(), Json()  # made once: a column is dear to make


def dispatch(database: Database, public_id: int) -> Dispatch | None:
    return _value(BY_ID.rows(database, public_id))


def dispatch_by_message_id(database: Database, message_id: str) -> Dispatch | None:
    """With or without its angle brackets."""
    return _value(BY_MESSAGE_ID.rows(database, message_id.strip("<> ")))


def _value(rows: list[Row]) -> Dispatch | None:
    if not rows:
        return None
    public_id, kind, run, recipient_id, message_id, created, talks, mails, revoked = rows[0][:SECTION_AT]
    moment = MOMENT.python_value(created)
    assert moment is not None  # the column is never null
    return Dispatch(
        public_id=public_id,
        kind=LetterKind(kind),
        run=run,
        recipient_id=recipient_id,
        message_id=message_id,
        created=moment,
        sections=tuple(
            _section(row[SECTION_AT:]) for row in rows if row[0] == public_id and row[SECTION_AT] is not None
        ),
        conversation_ids=tuple(JSON.python_value(talks)),
        open_mail_ids=tuple(JSON.python_value(mails)),
        revoked=revoked is not None,
    )


def _section(row: Row) -> DispatchSection:
    ordinal, child_id, class_id, role, fingerprints, visible_ref = row
    return DispatchSection(
        ordinal=ordinal,
        child_id=child_id,
        class_id=class_id,
        role=role,
        fingerprints=_lines(fingerprints),
        visible_ref=visible_ref,
    )


@lru_cache(maxsize=512)  # of a class's section in this week's letters, which every family answers
def _lines(kept: str) -> tuple[str, ...]:
    return tuple(JSON.python_value(kept))
