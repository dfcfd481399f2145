"""What became of one mail, written down by statements that never change: outcome, evidence, filings and their words.

The callers hold the transaction.
"""

from collections.abc import Callable
from datetime import datetime

from school.filing import Filing, Outcome
from storage.database import Database
from storage.fields import Json, Moment
from storage.statement import Insert, Statement

TRAY_STATES = ("child_open", "asked", "held", "triage", "unmatched", "poison")
REOPENED_STATES = ("filed", "courtesy", "ignored", "dismissed")  #: decided once, and a person may decide again

FINISH = """
    UPDATE spool SET kind = ?, state = ?, reasons = ?, message_id = ?, content_key = ?, author_id = ?, teacher_id = ?,
           suggestions = ?, finished_at = ?
    WHERE id = ? AND state IN ({states})
"""
FIRST_TIME = Statement(FINISH.format(states="'received'"))
AGAIN = Statement(FINISH.format(states=", ".join(f"'{state}'" for state in (*TRAY_STATES, *REOPENED_STATES))))
EVIDENCE = Insert("evidence (spool_id, sign, place, strength, child_id, role)", columns=6)
CONVERSATION = Statement("SELECT id FROM conversation WHERE guardian_id = ? AND child_id = ? AND role = ?")
NEW_CONVERSATION = Statement("""
    INSERT INTO conversation (guardian_id, child_id, role, class_id, public_id, generation, created)
    VALUES (?, ?, ?, ?, ?, 0, ?)
    ON CONFLICT DO NOTHING RETURNING id
""")
FILING = Statement("""
    INSERT INTO filing (spool_id, conversation_id, spans, decided_by, reasons, active, created)
    VALUES (?, ?, ?, ?, ?, true, ?) RETURNING id
""")
MESSAGE = Statement("""
    INSERT INTO message (conversation_id, author, author_id, at, text, subject, message_id, "references", attachments,
                         spool_id, filing_id, active)
    VALUES (?, 'guardian', ?, ?, ?, ?, ?, ?, ?, ?, ?, true)
    ON CONFLICT (conversation_id, spool_id, author)
    DO UPDATE SET text = excluded.text, filing_id = excluded.filing_id, active = true
""")
MOMENT, JSON = Moment(), Json()  # made once: a column is dear to make


def finish(database: Database, outcome: Outcome, now: datetime, *, again: bool = False) -> bool:
    """Did the mail wait for this outcome? *again*: a person decides about one in the tray, or decided before."""
    suggestions = [{"child": held.child_id, "role": held.role, "why": list(held.why)} for held in outcome.suggestions]
    changed = (AGAIN if again else FIRST_TIME).changed(
        database,
        outcome.kind,
        outcome.state,
        JSON.db_value(list(outcome.reasons)),
        outcome.message_id,
        outcome.content_key,
        outcome.author_id,
        outcome.teacher_id,
        JSON.db_value(suggestions),
        MOMENT.db_value(now),
        outcome.spool_id,
    )
    return changed > 0


def keep_evidence(database: Database, outcome: Outcome) -> None:
    EVIDENCE.write(
        database,
        [
            (outcome.spool_id, seen.sign, seen.place, seen.strength, seen.child_id, seen.role)
            for seen in outcome.evidence
        ],
    )


def file(
    database: Database, outcome: Outcome, now: datetime, *, decided_by: str, new_public_id: Callable[[], int]
) -> None:
    """Each filing with its words, in its conversation; one mail says one thing in one conversation."""
    if not outcome.author_id:
        return  # a teacher's answer is kept as the next turn; the rest has nobody to file for
    for filing in outcome.filings:
        talk = filing.conversation_id or _conversation(database, outcome.author_id, filing, now, new_public_id)
        kept = FILING.first(
            database,
            outcome.spool_id,
            talk,
            JSON.db_value([list(span) for span in filing.spans]),
            decided_by,
            JSON.db_value(list(outcome.reasons)),
            MOMENT.db_value(now),
        )
        assert kept is not None  # it returns the row it wrote
        MESSAGE.changed(
            database,
            talk,
            outcome.author_id,
            MOMENT.db_value(outcome.at),
            filing.text,
            outcome.subject,
            outcome.message_id,
            JSON.db_value(list(outcome.references)),
            JSON.db_value(list(outcome.attachments)),
            outcome.spool_id,
            kept[0],
        )


def _conversation(
    database: Database, guardian_id: str, filing: Filing, now: datetime, new_public_id: Callable[[], int]
) -> int:
    """The conversation of this guardian, child and role, begun now if there is none; two writers begin the same one."""
    key = (guardian_id, filing.child_id, filing.role)
    found = CONVERSATION.first(database, *key)
    if found is None:
        new = (*key, filing.class_id, new_public_id(), MOMENT.db_value(now))
        found = NEW_CONVERSATION.first(database, *new) or CONVERSATION.first(database, *key)
    if found is None:
        raise LookupError("conversation: another one has the same public id")
    return int(found[0])
