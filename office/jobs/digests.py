"""Digests: one letter a day to each teacher for whom something waits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from mailer.digest import Waiting, still_shown
from office.logs import log
from office.wiring import House
from school.letter import Dispatch, Letter, LetterKind
from school.people import Teacher


@dataclass(frozen=True, kw_only=True, slots=True)
class Digests:
    run: str
    planned: int
    teachers: tuple[str, ...]
    conversations: int


def plan_digests(house: House, day: date, now: datetime) -> Digests:
    """The digests of *day* in the outbox; a second time on the same day plans nothing new."""
    run = f"digest:{day.isoformat()}"
    already = {held.recipient_id for held in house.outbox.letters(run)}
    today = now.astimezone(house.zone).date()
    pages = [
        (teacher, held)
        for teacher in house.people.roster().teachers
        if teacher.address and teacher.id not in already and (held := waiting_for(house, teacher, today))
    ]
    with house.database.transaction():
        planned = house.outbox.plan(run, LetterKind.DIGEST, now, _letters(house, pages, day, now), (), now)
        for teacher, held in pages:
            turns = [turn.id for waiting in held for turn in waiting.unanswered]
            house.conversations.note_digested(run, teacher.id, turns)
    log("digests.planned", run=run, letters=planned.planned)
    return Digests(
        run=run,
        planned=planned.planned,
        teachers=tuple(teacher.id for teacher, _ in pages),
        conversations=sum(len(held) for _, held in pages),
    )


def waiting_for(house: House, teacher: Teacher, today: date) -> tuple[Waiting, ...]:
    """What this teacher may see today and nobody has answered, the longest wait first."""
    found = [
        Waiting(
            conversation=talk,
            child=child,
            guardian=guardian,
            class_group=house.people.class_group(talk.class_id),
        )
        for talk in house.conversations.waiting(teacher.id, today)
        if (child := house.people.child(talk.child_id)) and (guardian := house.people.guardian(talk.guardian_id))
    ]
    return still_shown(tuple(found), lambda ids: house.conversations.times_digested(teacher.id, ids))


def _letters(
    house: House, pages: list[tuple[Teacher, tuple[Waiting, ...]]], day: date, now: datetime
) -> Iterator[tuple[Letter, Dispatch]]:
    for teacher, held in pages:
        yield house.digest_writer.letter(teacher, held, day, now)
