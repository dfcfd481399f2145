"""Digests: one letter a day to each teacher for whom something waits, or as often as she chose."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from inbox.from_home import from_home
from inbox.new_words import new_words
from mailer.digest import OpenMail, OpenPick, Waiting, still_shown
from office.jobs.digest_files import with_files
from office.jobs.digest_pages import Page, commands, with_buttons
from office.jobs.issues import digests_go_out
from office.jobs.office_digest import plan_office_digest
from office.jobs.tray import arrived_again
from office.logs import log
from office.wiring import House
from school.errors import InputError
from school.filing import Suggested
from school.letter import Dispatch, Letter, LetterKind, LetterState
from school.people import Teacher
from school.rhythm import DigestRhythm, is_last_of_week

LOST = frozenset({LetterState.FAILED, LetterState.EXPIRED, LetterState.BLOCKED, LetterState.CANCELLED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Digests:
    run: str
    planned: int
    teachers: tuple[str, ...]
    conversations: int


def plan_digests(house: House, day: date, now: datetime, *, noon: bool = False) -> Digests:
    """The digests of *day* in the outbox; a second time on the same day plans nothing new.

    *noon*: those of the teachers who want two a day.
    """
    run = f"digest:{day.isoformat()}" + (":noon" if noon else "")
    already = {held.recipient_id for held in house.outbox.letters(run)}
    today, chosen = now.astimezone(house.zone).date(), house.rhythms.chosen()
    wanted = _wanted(house, day, noon=noon)
    pages = [
        page
        for teacher in house.people.roster().teachers
        if teacher.address and teacher.id not in already
        if (rhythm := chosen.get(teacher.id, DigestRhythm.DAILY)) in wanted
        if (page := _page(house, teacher, today, rhythm))
    ]
    with house.database.transaction():
        planned = house.outbox.plan(run, LetterKind.DIGEST, now, _letters(house, pages, day, now, run), (), now)
        for page in pages:
            house.commands.add(commands(page, now))
            turns = [turn.id for waiting in page.waiting for turn in waiting.unanswered]
            house.conversations.note_digested(run, page.teacher.id, turns)
    log("digests.planned", run=run, letters=planned.planned)
    if not noon:
        plan_office_digest(house, day, now)
    return Digests(
        run=run,
        planned=planned.planned,
        teachers=tuple(page.teacher.id for page in pages),
        conversations=sum(len(page.waiting) for page in pages),
    )


def _wanted(house: House, day: date, *, noon: bool) -> frozenset[DigestRhythm]:
    """The rhythms that have a digest now."""
    if noon:
        return frozenset({DigestRhythm.TWICE})
    weekly = is_last_of_week(day, lambda one: digests_go_out(house, one))
    return frozenset(DigestRhythm) - (frozenset() if weekly else {DigestRhythm.WEEKLY})


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
    sorted_out = tuple(_sorted_out(house, held) for held in found)
    shown = still_shown(sorted_out, lambda ids: house.conversations.times_digested(teacher.id, ids))
    return tuple(held for held in shown if not _shown_at_once(house, held, teacher))


def _sorted_out(house: House, held: Waiting) -> Waiting:
    return replace(held, from_home=from_home((turn.text for turn in held.unanswered), house.reading.words))


def open_mails(house: House, teacher: Teacher, today: date) -> tuple[OpenMail, ...]:
    """The mails whose child she picks: every child they may be about is taught by her in that role today."""
    taught = house.people.taught_by(teacher.id, today)
    found = []
    for spool_id, author, held in house.conversations.child_open():
        if held and {(one.child_id, one.role) for one in held} <= taught:
            opened = _open_mail(house, spool_id, author, held, today)
            if opened is not None:
                found.append(opened)
    return tuple(found)


def _page(house: House, teacher: Teacher, today: date, rhythm: DigestRhythm) -> Page | None:
    waiting, opened = waiting_for(house, teacher, today), open_mails(house, teacher, today)
    if not waiting and not opened:
        return None
    return Page(
        teacher=teacher,
        waiting=with_buttons(house, with_files(house, waiting, teacher)),
        opened=opened,
        rhythms={other: house.postmark.new_public_id() for other in DigestRhythm if other is not rhythm},
    )


def _open_mail(house: House, spool_id: int, author: str, held: tuple[Suggested, ...], today: date) -> OpenMail | None:
    addressee = house.people.addressee(author, today)
    hears = {taught.child.id: taught.child for taught in addressee.hears_about} if addressee else {}
    if addressee is None or not {one.child_id for one in held} <= set(hears):
        return None
    try:
        arrived = arrived_again(house, spool_id)
    except InputError:
        return None  # its bytes are gone; it stands on the tray
    words = new_words(arrived, house.reading, house.directory, arrived.arrived)
    desk = next(iter(house.people.desks(held[0].child_id, today)), None)
    return OpenMail(
        spool_id=spool_id,
        guardian=addressee.guardian,
        picks=tuple(
            OpenPick(child=hears[one.child_id], role=one.role, public_id=house.postmark.new_public_id()) for one in held
        ),
        class_group=desk.class_group if desk else None,
        at=arrived.arrived,
        words=words.text,
    )


def _shown_at_once(house: House, held: Waiting, teacher: Teacher) -> bool:
    """Did all its waiting words go to her at once already, in letters that are not lost?"""
    return all(
        turn.spool_id is not None
        and any(
            letter.recipient_id == teacher.id and letter.state not in LOST
            for letter in house.outbox.letters(f"urgent:{turn.spool_id}")
        )
        for turn in held.unanswered
    )


def _letters(house: House, pages: list[Page], day: date, now: datetime, run: str) -> Iterator[tuple[Letter, Dispatch]]:
    for page in pages:
        yield house.digest_writer.letter(
            page.teacher, page.waiting, day, now, page.opened, run=run, rhythms=page.rhythms
        )
