"""A teacher says whose a message is: not hers, the office's, a colleague's, also another child's.

Her access ends at once where it is not hers; it goes only to a child of the same guardian, or to a colleague who
teaches that child today. Whatever fits neither goes to the office.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from inbox.digest_answer import Deed
from inbox.digest_items import Pick
from inbox.intake import read
from inbox.names import fold
from inbox.reading import Result
from inbox.route import State
from inbox.staff import HandOver
from office.jobs.alerts import tell_at_once
from office.jobs.single_answers import place, stop_one
from office.jobs.staff import pick_child
from office.jobs.tray import arrived_again
from office.logs import log
from office.wiring import House
from school.audience import Desk
from school.command import Command, StaffDeed
from school.errors import InputError
from school.filing import Filing, Outcome
from school.people import CLASS_TEACHER
from school.rhythm import DigestRhythm


def checked(house: House, result: Result, now: datetime) -> Result:
    """The result, or the office's: nothing waits in that conversation any more, or she is not in charge of it today."""
    assert result.handed is not None
    if result.handed.deed is Deed.STOP:
        return result  # she takes back her own words only
    talk = house.conversations.conversation(result.handed.conversation.id)
    if talk is None or not talk.waiting:
        return _for_the_office(result, f"{result.handed.deed}-but-nothing-waits")
    if not _in_charge(house, talk.id, result.outcome.teacher_id, now):
        return _for_the_office(result, "teacher-no-longer-in-charge")
    return result


def _for_the_office(result: Result, reason: str) -> Result:
    outcome = replace(result.outcome, state=State.TRIAGE.value, reasons=(reason,))
    return replace(result, outcome=outcome, handed=None)


def hand_over(house: House, result: Result, now: datetime) -> None:
    """What the first line asked for. The caller holds the transaction."""
    assert result.handed is not None
    teacher = house.people.teacher(result.outcome.teacher_id)
    if result.handed.deed is not Deed.STOP:
        DEEDS[result.handed.deed](house, result.handed, result.outcome.teacher_id, now)
    elif teacher is not None:
        stop_one(house, result.handed, teacher, result, now)
    log("mail.handed-over", mail=result.outcome.spool_id, teacher=result.outcome.teacher_id, deed=result.handed.deed)


def press(house: House, command: Command, outcome: Outcome, now: datetime) -> None:
    """A button of a digest or a receipt, once; *outcome*: of its mail. The caller holds the transaction."""
    if not house.commands.use(command.public_id, now):
        return
    teacher = f"teacher:{command.teacher_id}"
    if command.deed is StaffDeed.NOT_MINE and command.conversation_id is not None:
        if _in_charge(house, command.conversation_id, command.teacher_id, now):
            house.conversations.hand_back(command.conversation_id, now, decided_by=teacher)
    elif command.deed is StaffDeed.RHYTHM:
        house.rhythms.choose(command.teacher_id, DigestRhythm(command.role), "mail", now)
    elif command.deed is StaffDeed.PLACE:
        place(house, command, outcome, now)
    elif command.spool_id is not None:
        pick = Pick(child_id=command.child_id, role=command.role, name="")
        pick_child(house, command.spool_id, pick, command.teacher_id, now)
    log("command.pressed", deed=command.deed.value, teacher=command.teacher_id)


def _in_charge(house: House, conversation_id: int, teacher_id: str, now: datetime) -> bool:
    """Only who may see it today can give it away: a former teacher's old button does nothing."""
    talk = house.conversations.conversation(conversation_id)
    today = now.astimezone(house.zone).date()
    return talk is not None and teacher_id in {
        held.id for held in house.people.teachers_of(talk.child_id, talk.role, today)
    }


def _back(house: House, handed: HandOver, teacher_id: str, now: datetime) -> None:
    reason = "not-mine" if handed.deed is Deed.NOT_MINE else "teacher-to-office"
    house.conversations.hand_back(handed.conversation.id, now, decided_by=f"teacher:{teacher_id}", reason=reason)


def _pass_on(house: House, handed: HandOver, teacher_id: str, now: datetime) -> None:
    """To the one colleague of that family name who teaches this child; hers no more."""
    talk, today = handed.conversation, now.astimezone(house.zone).date()
    desks = [
        desk
        for desk in house.people.desks(talk.child_id, today)
        if any(fold(teacher.family_name) == fold(handed.name) for teacher in desk.teachers)
    ]
    desks = [desk for desk in desks if desk.role != talk.role]
    filings = [_filing(talk.child_id, desks[0])] if len(desks) == 1 else []
    _refile(
        house, handed, teacher_id, now, "teacher-passes-on", lambda kept: filings and [*_others(kept, handed), *filings]
    )


def _also_for(house: House, handed: HandOver, teacher_id: str, now: datetime) -> None:
    """On the record of another child of the same guardian too, for her class teacher."""
    today = now.astimezone(house.zone).date()
    addressee = house.people.addressee(handed.conversation.guardian_id, today)
    named = [
        taught
        for taught in (addressee.hears_about if addressee else ())
        if fold(handed.name) in {fold(taught.child.first_name), fold(taught.child.full_name)}
        and taught.child.id != handed.conversation.child_id
    ]
    desk = named[0].class_desk if len(named) == 1 else None
    filings = [_filing(named[0].child.id, desk)] if desk is not None and desk.teachers else []
    _refile(house, handed, teacher_id, now, "teacher-also-for", lambda kept: filings and [*kept, *filings])


def _filing(child_id: str, desk: Desk) -> Filing:
    return Filing(
        child_id=child_id,
        class_id=desk.class_group.id,
        role=desk.role or CLASS_TEACHER,
        spans=(),
        text="",
        teacher_ids=tuple(teacher.id for teacher in desk.teachers),
    )


def _others(kept: list[Filing], handed: HandOver) -> list[Filing]:
    return [filing for filing in kept if filing.conversation_id != handed.conversation.id]


def _refile(  # noqa: PLR0917 - who, what, why, and how
    house: House,
    handed: HandOver,
    teacher_id: str,
    now: datetime,
    reason: str,
    wanted: Callable[[list[Filing]], list[Filing]],
) -> None:
    """Each waiting mail of the conversation filed anew, with the very words this teacher saw; else to the office."""
    for spool_id in house.conversations.unanswered(handed.conversation.id):
        kept = [filing for _, filing in house.conversations.filings_of(spool_id)]
        own = next((filing for filing in kept if filing.conversation_id == handed.conversation.id), None)
        filings = wanted(kept) if own is not None else []
        again = _read_again(house, spool_id, now) if filings else None
        if own is None or again is None:
            house.conversations.give_to_office(spool_id, f"{reason}-unclear", now, decided_by=f"teacher:{teacher_id}")
            continue
        outcome = replace(
            again,
            kind="human",
            state=State.FILED.value,
            reasons=(reason,),
            author_id=handed.conversation.guardian_id,
            teacher_id="",
            filings=tuple(
                filing if filing.text else replace(filing, spans=own.spans, text=own.text) for filing in filings
            ),
            suggestions=(),
            evidence=(),
            tell="",
            claim_guardian_id="",
        )
        if house.conversations.refile(outcome, now, decided_by=f"teacher:{teacher_id}"):
            tell_at_once(house, outcome, now)


def _read_again(house: House, spool_id: int, now: datetime) -> Outcome | None:
    """What the mail's header says; None when its bytes are gone."""
    try:
        return read(arrived_again(house, spool_id), house.reading, house.directory, now).outcome
    except InputError:
        return None


DEEDS: dict[Deed, Callable[[House, HandOver, str, datetime], None]] = {
    Deed.NOT_MINE: _back,
    Deed.OFFICE: _back,
    Deed.PASS_ON: _pass_on,
    Deed.ALSO_FOR: _also_for,
}
