"""Search in conversations: one question, FTS5 on SQLite and tsvector on PostgreSQL; teachers find what they may see.

Case and accents do not matter: "manana" finds "mañana". Several words must all be there; the last may be a beginning.
The office also finds words of the subject. A teacher does not: of a mail about two children she gets her part of the
words, and the subject may speak of the other.
Chinese, Japanese, Thai and Korean put no blanks between words; there a word may stand anywhere.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.database import Database
from storage.fields import Moment
from storage.people import PeopleStore

HIT = """
    SELECT message.id, message.conversation_id, message.author, message.author_id, message.at, message.text,
           conversation.child_id, conversation.role, conversation.guardian_id"""
SQLITE = f"""{HIT}
    FROM message_search JOIN message ON message.id = message_search.rowid
    JOIN conversation ON conversation.id = message.conversation_id
    WHERE message_search MATCH ? AND message.active ORDER BY bm25(message_search), message.id DESC"""
POSTGRES = f"""{HIT}
    FROM message JOIN conversation ON conversation.id = message.conversation_id,
         to_tsquery('fridayfolder', %s) AS wanted
    WHERE to_tsvector('fridayfolder', message.subject || ' ' || message.text) @@ wanted AND message.active
      AND (%s OR to_tsvector('fridayfolder', message.text) @@ wanted)
    ORDER BY ts_rank(to_tsvector('fridayfolder', message.subject || ' ' || message.text), wanted) DESC,
             message.id DESC"""
ANYWHERE = f"""{HIT}
    FROM message JOIN conversation ON conversation.id = message.conversation_id
    WHERE message.active AND {{said}} ORDER BY message.id DESC"""
WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One message that matches, the best first."""

    conversation_id: int
    message_id: int
    author: str
    author_id: str
    at: datetime
    text: str
    child_id: str
    role: str
    guardian_id: str


class Search:
    def __init__(self, database: Database, people: PeopleStore) -> None:
        self.database = database
        self.people = people

    def find(self, question: str, today: date, *, teacher_id: str | None = None, limit: int = 50) -> tuple[Hit, ...]:
        """Messages with all words of *question*; with *teacher_id* only of children and roles she has today."""
        words = WORD.findall(question)
        if not words:
            return ()
        allowed = None if teacher_id is None else self.people.taught_by(teacher_id, today)
        found: list[Hit] = []
        for row in self._rows(words, subject=teacher_id is None):
            hit = _hit(row)
            if allowed is None or (hit.child_id, hit.role) in allowed:
                found.append(hit)
                if len(found) == limit:
                    break
        return tuple(found)

    def _rows(self, words: list[str], *, subject: bool) -> Any:  # the driver's cursor, which has no common type
        if any(UNSPACED.search(word) for word in words):
            return self._anywhere(words, subject=subject)
        if self.database.postgres:
            wanted = " & ".join([*words[:-1], f"{words[-1]}:*"])
            return self.database.engine.execute_sql(POSTGRES, (wanted, subject))
        wanted = " ".join([*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*'])
        return self.database.engine.execute_sql(SQLITE, (wanted if subject else f"text : ({wanted})",))

    def _anywhere(self, words: list[str], *, subject: bool) -> Any:  # as above
        """Row by row: no index cuts such words; a school's conversations are read through in some milliseconds."""
        mark = "%s" if self.database.postgres else "?"
        where = "message.subject || ' ' || message.text" if subject else "message.text"
        said = " AND ".join(f"lower({where}) LIKE {mark} ESCAPE '!'" for _ in words)
        wanted = [f"%{word.lower().replace('_', '!_')}%" for word in words]
        return self.database.engine.execute_sql(ANYWHERE.format(said=said), tuple(wanted))


def _hit(row: tuple[Any, ...]) -> Hit:  # one row of the statements above
    message_id, conversation_id, author, author_id, at, text, child_id, role, guardian_id = row
    moment = Moment().python_value(at)
    assert moment is not None  # the column is never null
    return Hit(
        conversation_id=conversation_id,
        message_id=message_id,
        author=author,
        author_id=author_id,
        at=moment,
        text=text,
        child_id=child_id,
        role=role,
        guardian_id=guardian_id,
    )
