"""Conversations and what was filed into them; every reading asks today's roster who may see it.

A mail is recorded once: its row turns from `received` to its final state in the same transaction that files its words,
so a crash leaves either nothing or all of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from peewee import fn

from school.conversation import Conversation, Message
from school.filing import Filing, Outcome, Suggested
from storage import choices, recording, tables
from storage.database import Database
from storage.people import ROWS_AT_ONCE, PeopleStore
from storage.recording import TRAY_STATES


class ConversationStore:
    def __init__(self, database: Database, people: PeopleStore, new_public_id: Callable[[], int]) -> None:
        """*new_public_id*: 48 random bits at each call."""
        self.database = database
        self.people = people
        self.new_public_id = new_public_id

    # ---- writing ----

    def record(self, outcome: Outcome, now: datetime, *, then: Callable[[Outcome], None] | None = None) -> bool:
        """Keep what became of a mail, with its filings and evidence; False when that was done before.

        *then* runs inside the same transaction: what it plans (an answer, a receipt) is kept with the filing, or not
        at all.
        """
        with self.database.joined():
            if not recording.finish(self.database, outcome, now):
                return False
            recording.keep_evidence(self.database, outcome)
            self._file(outcome, now, decided_by="auto")
            if then is not None:
                then(outcome)
        return True

    def refile(self, outcome: Outcome, now: datetime, *, decided_by: str) -> bool:
        """A person's decision on a mail that waited, or a better one on a mail filed before.

        The former filing ends at once, and with it the access of its teachers; audit keeps both.
        """
        with self.database.transaction():
            if not recording.finish(self.database, outcome, now, again=True):
                return False
            self._end_filings(outcome.spool_id, now, decided_by)
            self._file(outcome, now, decided_by=decided_by)
            recording.keep_evidence(self.database, outcome)
            choices.end(outcome.spool_id, now)
            detail = {"state": outcome.state, "to": [[filing.child_id, filing.role] for filing in outcome.filings]}
            _audit(now, decided_by, "filed" if outcome.filings else "decided", f"mail:{outcome.spool_id}", detail)
        return True

    def give_to_office(self, spool_id: int, reason: str, now: datetime, *, decided_by: str) -> bool:
        """A person decides about this mail from now on: what was filed of it ends at once. False for one dismissed."""
        with self.database.transaction():
            row = tables.Spool.get_or_none(
                tables.Spool.id == spool_id, tables.Spool.state.in_([*TRAY_STATES, "filed", "courtesy"])
            )
            if row is None:
                return False
            self._end_filings(spool_id, now, decided_by)
            choices.end(spool_id, now)
            _to_triage(row, reason, now, decided_by)
        return True

    def hand_back(
        self, conversation_id: int, now: datetime, *, decided_by: str, reason: str = "not-mine"
    ) -> tuple[int, ...]:
        """The mails of a conversation that nobody answered yet, given to the office: "not mine"."""
        with self.database.transaction():
            waiting = self.unanswered(conversation_id)
            given = [mail for mail in waiting if self.give_to_office(mail, reason, now, decided_by=decided_by)]
        return tuple(given)

    def unanswered(self, conversation_id: int) -> tuple[int, ...]:
        """The mails of a conversation since its last answer, in their order."""
        talk = self.conversation(conversation_id)
        turns = talk.messages if talk else ()
        last_answer = max((place for place, turn in enumerate(turns) if turn.author == "teacher"), default=-1)
        return tuple(dict.fromkeys(turn.spool_id for turn in turns[last_answer + 1 :] if turn.spool_id))

    def take_back(self, conversation_id: int, message_id: str, now: datetime, *, decided_by: str) -> None:
        """An answer that was not sent after all is no turn of the conversation: it waits again."""
        mine = (tables.Message.conversation == conversation_id) & (tables.Message.message_id == message_id)
        with self.database.transaction():
            tables.Message.update(active=False).where(mine, tables.Message.author == "teacher").execute()
            _audit(now, decided_by, "taken-back", f"conversation:{conversation_id}", {})

    def age(self, before: datetime, now: datetime) -> tuple[int, ...]:
        """The mails whose question nobody answered since *before*; the office has them now."""
        with self.database.transaction():
            rows = list(
                tables.Spool.select()
                .where(tables.Spool.state.in_(("asked", "held")), tables.Spool.finished_at < before)
                .order_by(tables.Spool.id)
            )
            for row in rows:
                _to_triage(row, "no-answer", now, "auto")
        return tuple(row.id for row in rows)

    def dismiss(self, spool_id: int, reason: str, now: datetime, *, decided_by: str = "office") -> bool:
        """Take a mail off the tray without filing it; a person says why."""
        with self.database.transaction():
            changed = (
                tables.Spool.update(state="dismissed", finished_at=now)
                .where(tables.Spool.id == spool_id, tables.Spool.state.in_(TRAY_STATES))
                .execute()
            )
            if changed:
                choices.end(spool_id, now)
                _audit(now, decided_by, "dismissed", f"mail:{spool_id}", {"reason": reason})
        return bool(changed)

    def answered(
        self, conversation_id: int, *, teacher_id: str, text: str, outcome: Outcome, message_id: str, now: datetime
    ) -> None:
        """Keep a teacher's answer as the next turn of the conversation."""
        tables.Message.insert(
            conversation=conversation_id,
            author="teacher",
            author_id=teacher_id,
            at=now,
            text=text,
            subject=outcome.subject,
            message_id=message_id,
            spool=outcome.spool_id,
        ).on_conflict_ignore().execute()

    def _file(self, outcome: Outcome, now: datetime, *, decided_by: str) -> None:
        recording.file(self.database, outcome, now, decided_by=decided_by, new_public_id=self.new_public_id)

    def _end_filings(self, spool_id: int, now: datetime, decided_by: str) -> None:
        """End what was filed of a mail, and with it its teachers' access; audit says who had it in a digest."""
        ended = list(tables.Filing.select().where(tables.Filing.spool == spool_id, tables.Filing.active))
        if not ended:
            return
        tables.Filing.update(active=False, ended_at=now).where(
            tables.Filing.id.in_([row.id for row in ended])
        ).execute()
        mine = (tables.Message.spool == spool_id) & (tables.Message.author == "guardian")
        seen = tables.Digested.select(tables.Digested.teacher_id).where(
            tables.Digested.message.in_(tables.Message.select(tables.Message.id).where(mine))
        )
        detail = {
            "conversations": [row.conversation_id for row in ended],
            "seen_by": sorted({row.teacher_id for row in seen}),
        }
        _audit(now, decided_by, "unfiled", f"mail:{spool_id}", detail)
        tables.Message.update(active=False).where(mine).execute()

    def note_view(self, spool_id: int, actor: str, now: datetime) -> None:
        """Keep that somebody read the whole mail."""
        with self.database.transaction():
            _audit(now, actor, "viewed", f"mail:{spool_id}", {})

    # ---- reading ----

    def by_public_id(self, public_id: int) -> Conversation | None:
        """The conversation without its messages, for matching a mail."""
        row = tables.Conversation.get_or_none(tables.Conversation.public_id == public_id)
        if row is None:
            return None
        last = tables.Message.select(fn.MAX(tables.Message.at)).where(tables.Message.conversation == row.id)
        # The engines' MAX gives the column's own type; a conversation without words is as old as its row.
        return replace(_conversation(row, ()), last_at=last.scalar() or row.created)

    def conversation(self, conversation_id: int) -> Conversation | None:
        """One conversation with all its messages."""
        return next(iter(self._read(tables.Conversation.id == conversation_id)), None)

    def of_digest(self, conversation_ids: Iterable[int]) -> dict[int, Conversation]:
        """{id: conversation} with all that was ever said in it, also what is filed elsewhere by now: how it looked."""
        ids = list(conversation_ids)
        rows = tables.Conversation.select().where(tables.Conversation.id.in_(ids))
        said: dict[int, list[Message]] = {held: [] for held in ids}
        for row in tables.Message.select().where(tables.Message.conversation.in_(ids)).order_by(tables.Message.id):
            said[row.conversation_id].append(_message(row))
        return {row.id: _conversation(row, tuple(said[row.id])) for row in rows}

    def filings_of(self, spool_id: int) -> tuple[tuple[int, Filing], ...]:
        """(conversation, filing) of everything filed of this mail now, with the words each teacher sees."""
        rows = tables.Filing.select().where(tables.Filing.spool == spool_id, tables.Filing.active)
        found = []
        for row in rows.order_by(tables.Filing.id):
            talk = tables.Conversation.get_by_id(row.conversation_id)
            said = tables.Message.get(tables.Message.filing == row.id)
            filing = Filing(
                child_id=talk.child_id,
                class_id=talk.class_id,
                role=talk.role,
                spans=tuple((start, end) for start, end in row.spans),
                text=said.text,
                teacher_ids=(),
                conversation_id=talk.id,
            )
            found.append((talk.id, filing))
        return tuple(found)

    def child_open(self) -> tuple[tuple[int, str, tuple[Suggested, ...]], ...]:
        """(mail, author, suggestions) of every mail whose teacher picks the child, oldest first."""
        rows = tables.Spool.select().where(tables.Spool.state == "child_open").order_by(tables.Spool.id)
        return tuple((row.id, row.author_id, _suggested(row.suggestions)) for row in rows)

    def listing(
        self,
        *,
        today: date,
        teacher_id: str | None = None,
        child_id: str | None = None,
        guardian_id: str | None = None,
    ) -> tuple[Conversation, ...]:
        """Conversations with messages, oldest first. With *teacher_id*: exactly what that teacher may see today."""
        where = tables.Conversation.id > 0
        if child_id is not None:
            where &= tables.Conversation.child == child_id
        if guardian_id is not None:
            where &= tables.Conversation.guardian == guardian_id
        if teacher_id is None:
            return self._read(where)
        allowed = self.people.taught_by(teacher_id, today)
        children = sorted({child for child, _ in allowed})
        found = [
            talk
            for start in range(0, len(children), ROWS_AT_ONCE)
            for talk in self._read(where & tables.Conversation.child.in_(children[start : start + ROWS_AT_ONCE]))
            if (talk.child_id, talk.role) in allowed
        ]
        return tuple(sorted(found, key=lambda talk: talk.id))

    def waiting(self, teacher_id: str, today: date) -> tuple[Conversation, ...]:
        """What waits for this teacher's word, the longest wait first."""
        held = [talk for talk in self.listing(today=today, teacher_id=teacher_id) if talk.waiting]
        return tuple(sorted(held, key=lambda talk: talk.messages[-1].at))

    def tray(self) -> tuple[tuple[int, str, tuple[str, ...], tuple[Suggested, ...]], ...]:
        """(mail, state, reasons, suggestions) of everything that needs a person, oldest first."""
        rows = tables.Spool.select().where(tables.Spool.state.in_(TRAY_STATES)).order_by(tables.Spool.id)
        return tuple((row.id, row.state, tuple(row.reasons), _suggested(row.suggestions)) for row in rows)

    def outcome_of(self, spool_id: int) -> tuple[str, tuple[Suggested, ...]] | None:
        """(verified author or "", suggestions) of one mail; None for a number we do not have."""
        row = tables.Spool.get_or_none(tables.Spool.id == spool_id)
        return None if row is None else (row.author_id, _suggested(row.suggestions))

    def times_digested(self, teacher_id: str, message_ids: Iterable[int]) -> dict[int, int]:
        """How many digests of this teacher each message stood in."""
        rows = (
            tables.Digested.select(tables.Digested.message, fn.COUNT(tables.Digested.run).alias("times"))
            .where(tables.Digested.teacher_id == teacher_id, tables.Digested.message.in_(list(message_ids)))
            .group_by(tables.Digested.message)
        )
        return {row.message_id: row.times for row in rows}

    def note_digested(self, run_id: str, teacher_id: str, message_ids: Iterable[int]) -> None:
        rows = [{"run": run_id, "teacher_id": teacher_id, "message": message} for message in message_ids]
        if rows:
            tables.Digested.insert_many(rows).on_conflict_ignore().execute()

    def _read(self, where: Any) -> tuple[Conversation, ...]:  # Any: a peewee expression
        talks = list(tables.Conversation.select().where(where).order_by(tables.Conversation.id))
        by_talk: dict[int, list[Message]] = {row.id: [] for row in talks}
        ids = list(by_talk)
        for start in range(0, len(ids), ROWS_AT_ONCE):
            rows = tables.Message.select().where(
                tables.Message.active, tables.Message.conversation.in_(ids[start : start + ROWS_AT_ONCE])
            )
            for row in rows.order_by(tables.Message.id):  # as they were filed: clocks of mail servers differ
                by_talk[row.conversation_id].append(_message(row))
        return tuple(_conversation(row, tuple(by_talk[row.id])) for row in talks if by_talk[row.id])


def _to_triage(row: Any, reason: str, now: datetime, decided_by: str) -> None:  # Any: a peewee row
    reasons = [*(held for held in row.reasons if held != reason), reason]
    tables.Spool.update(state="triage", reasons=reasons, finished_at=now).where(tables.Spool.id == row.id).execute()
    _audit(now, decided_by, "given-to-office", f"mail:{row.id}", {"reason": reason})


def _audit(now: datetime, actor: str, action: str, subject: str, detail: dict[str, Any]) -> None:  # Any: JSON
    tables.Audit.create(at=now, actor=actor, action=action, subject=subject, detail=detail)


def _suggested(kept: list[dict[str, Any]]) -> tuple[Suggested, ...]:  # Any: JSON
    return tuple(Suggested(child_id=held["child"], role=held["role"], why=tuple(held["why"])) for held in kept)


def _message(row: Any) -> Message:  # Any: a peewee row
    return Message(
        id=row.id,
        author=row.author,
        author_id=row.author_id,
        at=row.at,
        text=row.text,
        message_id=row.message_id,
        references=tuple(row.references),
        subject=row.subject,
        attachments=tuple(row.attachments),
        spool_id=row.spool_id,
    )


def _conversation(row: Any, messages: tuple[Message, ...]) -> Conversation:  # Any: a peewee row
    return Conversation(
        id=row.id,
        public_id=row.public_id,
        guardian_id=row.guardian_id,
        child_id=row.child_id,
        class_id=row.class_id,
        role=row.role,
        messages=messages,
        generation=row.generation,
        last_at=messages[-1].at if messages else row.created,
    )
