"""The outbox's statements: one dialect's words differ from the other's in four places, named here.

Written as SQL because the claim is one statement on purpose: whether a letter may go is decided by the very statement
that claims it, so nothing can change in between.
"""

import json
import re
from collections.abc import Sequence

# Longer than the ten minutes a server may take after the final dot (RFC 5321 §4.5.3.2.6).
LEASE_MICROSECONDS = 15 * 60 * 1_000_000

# Who may still be told, asked at the last moment. Empty = yes; otherwise the reason the letter is blocked.
VERDICT = """
    CASE
    WHEN EXISTS (SELECT 1 FROM address_health AS health
                 WHERE health.address = lower(letter.address) AND health.suppressed_at IS NOT NULL)
        THEN 'suppressed'
    WHEN letter.kind = 'digest'
         OR letter.kind = 'notice' AND NOT EXISTS (SELECT 1 FROM guardian WHERE guardian.id = letter.recipient_id)
        THEN CASE WHEN EXISTS (SELECT 1 FROM teacher
                               WHERE teacher.id = letter.recipient_id AND teacher.left_on <= ?)
             THEN 'left' ELSE '' END
    WHEN EXISTS (SELECT 1 FROM guardian WHERE guardian.id = letter.recipient_id AND guardian.left_on <= ?)
        THEN 'left'
    WHEN EXISTS (SELECT 1 FROM {children} AS child
                 WHERE NOT EXISTS (SELECT 1 FROM guardianship AS tie
                                   WHERE tie.guardian_id = letter.recipient_id AND tie.child_id = child.value))
        THEN 'not-a-guardian'
    WHEN EXISTS (SELECT 1 FROM {children} AS child
                 JOIN guardianship AS tie ON tie.guardian_id = letter.recipient_id AND tie.child_id = child.value
                 WHERE tie.barred AND (tie.barred_until IS NULL OR tie.barred_until >= ?))
        THEN 'barred'
    ELSE '' END
"""

CLAIM = """
    WITH due AS (
        SELECT letter.id FROM letter JOIN run ON run.id = letter.run_id
        WHERE letter.state = 'ready' AND letter.not_before <= ? AND letter.expires > ? AND run.state = 'ready'
              AND letter.domain NOT IN (SELECT avoided.value FROM {avoided} AS avoided)
        ORDER BY letter.priority, letter.id LIMIT ? {lock}
    ), judged AS MATERIALIZED (
        SELECT letter.id, {verdict} AS verdict FROM letter JOIN due ON due.id = letter.id
    )
    UPDATE letter SET
        state = CASE WHEN judged.verdict = '' THEN 'claimed' ELSE 'blocked' END,
        reason = judged.verdict,
        owner = ?, epoch = epoch + 1, phase = 'pre_dot', lease_until = {lease},
        finished_at = CASE WHEN judged.verdict = '' THEN NULL ELSE CAST(? AS BIGINT) END
    FROM judged WHERE judged.id = letter.id
    RETURNING letter.id, letter.state, letter.priority, letter.epoch, letter.run_id, letter.kind, letter.message_id,
              letter.envelope_from, letter.address, letter.domain,
              (SELECT packed FROM letter_body WHERE letter_body.letter_id = letter.id), letter.attempts,
              letter.expires, letter.uncertain, letter.code
""".replace("{verdict}", VERDICT)

# Claimed and not offered to a server. Its run may have been cancelled meanwhile: then so is the letter.
BACK = """
    state = CASE WHEN {cancelled} THEN 'cancelled' ELSE 'ready' END,
    finished_at = CASE WHEN {cancelled} THEN CAST(? AS BIGINT) ELSE NULL END,
    phase = '', lease_until = NULL
""".replace("{cancelled}", "EXISTS (SELECT 1 FROM run WHERE run.id = letter.run_id AND run.state = 'cancelled')")

STATEMENTS = {
    "claim": CLAIM,
    # Epoch is the fence: a sender that lost its claim meets no row.
    "finish": """
        UPDATE letter SET state = ?, code = ?, reason = ?, not_before = COALESCE(?, not_before),
               attempts = attempts + ?, uncertain = (? = {true} OR uncertain), finished_at = ?, phase = '',
               lease_until = NULL
        WHERE id = ? AND epoch = ? AND state IN ('claimed', 'sent?') AND phase <> ''""",
    "note_provider_id": """
        INSERT INTO provider_id (id, message_id, noted_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING""",
    "read_state": "SELECT state FROM letter WHERE id = ? AND epoch = ?",
    "mark_phase": """
        UPDATE letter SET phase = ?, state = CASE WHEN kind = 'notice' AND 'dot' = ? THEN 'sent?' ELSE state END
        WHERE id = ? AND epoch = ? AND state = 'claimed'""",
    "heartbeat": "UPDATE letter SET lease_until = {lease} WHERE id = ? AND epoch = ? AND state = 'claimed'",
    # A sender frozen in a transaction holds its rows: whoever looks for lapsed leases passes them by.
    "recover": """
        UPDATE letter SET state = 'ready', uncertain = {true}, phase = '', lease_until = NULL
        WHERE id IN (SELECT letter.id FROM letter WHERE letter.state = 'claimed' AND {gone} {lock})""",
    "release": """
        UPDATE letter SET {back} WHERE state = 'claimed' AND owner = ?
               AND CAST(id AS TEXT) NOT IN (SELECT held.value FROM {avoided} AS held)""".replace("{back}", BACK),
    "give_back": "UPDATE letter SET {back} WHERE id = ? AND epoch = ? AND state = 'claimed'".replace("{back}", BACK),
    "wake": "UPDATE letter SET state = 'ready' WHERE state = 'deferred' AND not_before <= ?",
    "hold_domain": """
        UPDATE letter SET state = 'deferred', not_before = ?, reason = ? WHERE state = 'ready' AND domain = ?""",
    "expire": """
        UPDATE letter SET state = 'expired', finished_at = ?,
               reason = CASE WHEN reason = '' THEN 'could not be sent in time' ELSE reason END
        WHERE state IN ('ready', 'deferred') AND expires <= ?""",
    "waiting": """
        SELECT COUNT(*) FROM (
            SELECT letter.id FROM letter JOIN run ON run.id = letter.run_id
            WHERE letter.state = 'ready' AND letter.not_before <= ? AND letter.expires > ? AND run.state = 'ready'
            LIMIT ?) AS due""",
    "next_due": """
        SELECT MIN(letter.not_before) FROM letter JOIN run ON run.id = letter.run_id
        WHERE letter.state IN ('ready', 'deferred') AND run.state = 'ready'""",
    "set_run": "UPDATE run SET state = ? WHERE id = ? AND state = ?",
    "cancel_run": "UPDATE run SET state = 'cancelled' WHERE id = ?",
    "cancel_letters": """
        UPDATE letter SET state = 'cancelled', finished_at = ?
        WHERE run_id = ? AND state IN ('planned', 'ready', 'deferred')""",
    "cancel_letter": """
        UPDATE letter SET state = 'cancelled', finished_at = ?
        WHERE id = ? AND state IN ('planned', 'ready', 'deferred')""",
    "prune_bodies": """
        DELETE FROM letter_body WHERE letter_id IN (SELECT id FROM letter WHERE finished_at < ?)""",
}

SQLITE = {
    "children": "json_each(letter.child_ids)",
    "avoided": "json_each(?)",
    "lock": "",
    "lease": f"CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + {LEASE_MICROSECONDS}",
    # One sender process holds the lock, so every other owner is gone.
    "gone": "letter.owner <> ?",
    "true": "1",
}
POSTGRES = {
    "children": "json_array_elements_text(letter.child_ids::json)",
    "avoided": "json_array_elements_text(?::json)",
    "lock": "FOR UPDATE OF letter SKIP LOCKED",
    "lease": f"(extract(epoch FROM clock_timestamp()) * 1000000)::bigint + {LEASE_MICROSECONDS}",
    "gone": "letter.lease_until < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
    "true": "true",
}


def statements(*, postgres: bool) -> dict[str, str]:
    """Every statement in the words of one engine."""
    made = {name: text.format(**(POSTGRES if postgres else SQLITE)) for name, text in STATEMENTS.items()}
    if not postgres:
        return made
    # psycopg writes %s for a parameter; the question mark of the state 'sent?' stays.
    return {name: re.sub(r"\?(?!')", "%s", text) for name, text in made.items()}


def json_list(values: Sequence[str]) -> str:
    return json.dumps(list(values)) if values else "[]"
