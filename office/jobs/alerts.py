"""What cannot wait for a digest: a family's word about today, and a mail that only the office may read.

Called with every outcome that was just kept, whoever decided it; the caller holds the transaction. The outbox keeps
one letter a mail and person, so nobody is told twice.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from inbox.reading import Result
from inbox.route import State
from inbox.watched import SAFEGUARDING, WAITS
from mailer.digest import Waiting
from mailer.render import NoticeKind, NoticePage, TrayLine
from mailer.staff_notice import OFFICE
from office.jobs.digest_files import with_files
from office.jobs.digest_pages import Page, commands, with_buttons
from office.logs import log
from office.wiring import House
from school.conversation import Conversation
from school.filing import Filing, Outcome
from school.letter import LetterKind, LetterState
from school.people import Teacher

UNSENT = frozenset({LetterState.PLANNED, LetterState.READY, LetterState.DEFERRED})
MOST_ABOUT_STRANGERS = 50
"""Letters in 24 hours about mails whose author nobody knows: whoever writes hundreds does not flood the office, and all
of them stand on the tray."""
DAY = timedelta(hours=24)


def tell_of(house: House, result: Result, now: datetime) -> None:
    """The letters that a mail just read needs before the next digest: also one that nobody reads yet."""
    tell_at_once(house, result.outcome, now)
    if result.about_today:
        _alert(house, result.outcome, now, reason="about-today")


def tell_at_once(house: House, outcome: Outcome, now: datetime) -> None:
    """The letters this outcome needs before the next digest; mostly none."""
    if outcome.state in WAITS and SAFEGUARDING in outcome.reasons:
        _alert(house, outcome, now, reason=SAFEGUARDING)
    urgent = [filing for filing in outcome.filings if house.reading.words.is_urgent(filing.text)]
    if outcome.state == State.FILED and outcome.author_id and urgent:
        _urgent(house, outcome, urgent, now)


def _alert(house: House, outcome: Outcome, now: datetime, *, reason: str) -> None:
    """The mail's number and why: what it says stays in the tray."""
    if not (outcome.author_id or outcome.teacher_id) and house.office_view.alerts(now - DAY) >= MOST_ABOUT_STRANGERS:
        log("office.not-alerted", level="warning", mail=outcome.spool_id, reasons="too-many-alerts")
        return
    line = TrayLine(mail=outcome.spool_id, state=outcome.state, reasons=outcome.reasons)
    page = NoticePage(kind=NoticeKind.ALERT, person=house.settings.school.name, tray=(line,), reason=reason)
    _to_office(house, page, f"alert:{outcome.spool_id}", now)
    log("office.alerted", mail=outcome.spool_id, reasons=",".join(outcome.reasons))


def _urgent(house: House, outcome: Outcome, urgent: list[Filing], now: datetime) -> None:
    """Each teacher of today who holds the role gets her items at once, with their buttons; and the office hears it."""
    run, today = f"urgent:{outcome.spool_id}", now.astimezone(house.zone).date()
    hers: dict[str, tuple[Teacher, list[Waiting]]] = {}
    for filing in urgent:
        waiting = _waiting(house, outcome, filing)
        for teacher in house.people.teachers_of(filing.child_id, filing.role, today) if waiting else ():
            if teacher.address and waiting is not None:
                hers.setdefault(teacher.id, (teacher, []))[1].append(waiting)
    _cancel_others(house, run, set(hers), now)
    for teacher, items in hers.values():
        page = Page(teacher=teacher, waiting=with_buttons(house, with_files(house, items, teacher)), opened=())
        written = house.digest_writer.letter(teacher, page.waiting, today, now, urgent_run=run)
        if house.outbox.plan(run, LetterKind.DIGEST, now, [written], (), now).planned:
            house.commands.add(commands(page, now))
            house.conversations.note_digested(run, teacher.id, [turn.id for held in items for turn in held.unanswered])
    _tell_office(house, outcome, urgent, tuple(teacher.shown_name for teacher, _ in hers.values()), now)
    log("mail.urgent", mail=outcome.spool_id, teachers=len(hers))


def _waiting(house: House, outcome: Outcome, filing: Filing) -> Waiting | None:
    """One item of a digest: the words of this mail alone."""
    talk = _conversation(house, outcome, filing)
    child, guardian = house.people.child(filing.child_id), house.people.guardian(outcome.author_id)
    if talk is None or child is None or guardian is None:
        return None
    only = replace(talk, messages=tuple(turn for turn in talk.messages if turn.spool_id == outcome.spool_id))
    return Waiting(
        conversation=only, child=child, guardian=guardian, class_group=house.people.class_group(talk.class_id)
    )


def _conversation(house: House, outcome: Outcome, filing: Filing) -> Conversation | None:
    kept = house.conversations.filings_of(outcome.spool_id)
    numbers = [talk_id for talk_id, held in kept if (held.child_id, held.role) == (filing.child_id, filing.role)]
    return house.conversations.conversation(numbers[0]) if numbers else None


def _cancel_others(house: House, run: str, teachers: set[str], now: datetime) -> None:
    """Filed anew before the first letter left: who is not concerned any more gets none."""
    for letter in house.outbox.letters(run):
        if letter.state in UNSENT and letter.recipient_id not in {*teachers, OFFICE}:
            house.outbox.cancel_letter(letter.id, now)


def _tell_office(
    house: House, outcome: Outcome, urgent: list[Filing], teachers: tuple[str, ...], now: datetime
) -> None:
    guardian = house.people.guardian(outcome.author_id)
    children = [child for filing in urgent if (child := house.people.child(filing.child_id))]
    page = NoticePage(
        kind=NoticeKind.URGENT,
        person=house.settings.school.name,
        child=", ".join(child.full_name for child in children),
        teachers=teachers,
        words="\n\n".join(filing.text for filing in urgent),
        reason=guardian.full_name if guardian else "",
    )
    _to_office(house, page, f"urgent:{outcome.spool_id}", now)


def _to_office(house: House, page: NoticePage, run: str, now: datetime) -> None:
    written = house.staff_writer.to_office(page, run, house.office_address, now)
    house.outbox.plan(run, LetterKind.DIGEST, now, [written], (), now)
