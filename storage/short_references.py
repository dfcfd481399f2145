"""What eight signs may stand for: a section by what is stored with it, all else by its public id's first bits."""

from school import short_reference
from school.letter import LetterKind
from school.reply_address import Token, TokenKind
from storage.database import Database
from storage.statement import Statement

_SECTION, _LETTER, _THREAD = TokenKind.SECTION.value, TokenKind.DISPATCH.value, TokenKind.THREAD.value
_STAFF, _COMMAND, _CONFIRM = TokenKind.STAFF.value, TokenKind.COMMAND.value, TokenKind.CONFIRM.value
FOUND = Statement(f"""
    SELECT {_SECTION}, dispatch_id, ordinal FROM dispatch_section WHERE visible_ref = ?
    UNION ALL SELECT {_LETTER}, public_id, 0 FROM dispatch
              WHERE public_id BETWEEN ? AND ? AND kind <> '{LetterKind.DIGEST.value}'
    UNION ALL SELECT {_STAFF}, public_id, 0 FROM dispatch
              WHERE public_id BETWEEN ? AND ? AND kind = '{LetterKind.DIGEST.value}'
    UNION ALL SELECT {_STAFF}, public_id, 0 FROM conversation WHERE public_id BETWEEN ? AND ?
    UNION ALL SELECT {_THREAD}, public_id, 0 FROM conversation WHERE public_id BETWEEN ? AND ?
    UNION ALL SELECT {_COMMAND}, public_id, 0 FROM command WHERE public_id BETWEEN ? AND ?
    UNION ALL SELECT {_CONFIRM}, public_id, 0 FROM choice WHERE public_id BETWEEN ? AND ?
""")  # noqa: S608 - no value in it
RANGES = (
    TokenKind.DISPATCH,
    TokenKind.STAFF,
    TokenKind.STAFF,
    TokenKind.THREAD,
    TokenKind.COMMAND,
    TokenKind.CONFIRM,
)


def meaning(database: Database, signs: str) -> Token | None:
    """What these eight signs stand for; None when nothing does, or, once in a trillion letters, two things do."""
    bounds = (bound for kind in RANGES for bound in short_reference.public_ids(signs, kind))
    rows = FOUND.rows(database, short_reference.shown(signs), *bounds)
    if len(rows) != 1:
        return None
    kind, public_id, ordinal = rows[0]
    return Token(kind=TokenKind(kind), public_id=public_id, ordinal=ordinal)


SECTIONS = Statement("SELECT dispatch_id, ordinal FROM dispatch_section WHERE visible_ref = ? LIMIT 2")


def section(database: Database, signs: str) -> Token | None:
    """The section with this printed reference; None when there is none, or two have it."""
    rows = SECTIONS.rows(database, short_reference.shown(signs))
    if len(rows) != 1:
        return None
    return Token(kind=TokenKind.SECTION, public_id=rows[0][0], ordinal=rows[0][1])
