"""A teacher's words in one conversation: relayed at once, taken back, or placed there with a button afterwards."""

from datetime import datetime

from inbox.intake import read
from inbox.reading import Answer, Result
from inbox.route import State
from inbox.staff import HandOver
from mailer.render import DoneLine
from office.jobs.answers import cancel_unsent, grace, reachable, relay
from office.jobs.hours import leaves_at
from office.jobs.receipts import Receipt, files_of, may_tell, tell
from office.jobs.tray import arrived_again
from office.logs import log
from office.wiring import House
from school.command import Command
from school.conversation import Conversation
from school.errors import InputError
from school.filing import Outcome
from school.people import Teacher


def answer_one(house: House, result: Result, now: datetime) -> None:
    """Her answer to one message on its way; where it waits for the morning, or a file stayed behind, she hears so."""
    answer = result.answer
    assert answer is not None
    files, leaves = files_of(result), leaves_at(house, now)
    not_before = leaves + grace(house) if leaves > now else leaves
    relay(house, answer, result.outcome, now, not_before=not_before, files=files)
    if (files or leaves > now) and may_tell(house, answer.teacher, result, now, by_a_person=True):
        line = _line(house, answer.conversation, "answer")
        receipt = Receipt(about=answer.conversation.public_id, done=(line,), files=files, until=leaves)
        tell(house, answer.teacher, result, receipt, now)


def stop_one(house: House, handed: HandOver, teacher: Teacher, result: Result, now: datetime) -> None:
    """What she wrote in this conversation and has not left, taken back; she is told which it was."""
    what = cancel_unsent(house, handed.conversation.id, teacher, now)
    if may_tell(house, teacher, result, now, by_a_person=True):
        receipt = Receipt(about=handed.conversation.public_id, done=(_line(house, handed.conversation, what),))
        tell(house, teacher, result, receipt, now)


def place(house: House, command: Command, outcome: Outcome, now: datetime) -> None:
    """Her words that named no message, sent to the family she named; the office's where that is not possible today.

    *outcome*: of the mail with the button, which is her word for it.
    """
    assert command.spool_id is not None
    teacher = house.people.teacher(command.teacher_id)
    talk = house.conversations.conversation(command.conversation_id) if command.conversation_id is not None else None
    if teacher is None or house.spool.spooled(command.spool_id).state not in {State.ASKED, State.TRIAGE}:
        return
    words = _unplaced(house, command.spool_id, now)
    answer = Answer(conversation=talk, teacher=teacher, text=words) if talk is not None and words else None
    if answer is None or not _in_charge(house, answer, now) or not reachable(house, answer, now):
        by = f"teacher:{teacher.id}"
        house.conversations.give_to_office(command.spool_id, "guardian-not-to-be-reached", now, decided_by=by)
        return
    relay(house, answer, outcome, now, not_before=leaves_at(house, now))
    house.conversations.dismiss(command.spool_id, "placed-by-teacher", now, decided_by=f"teacher:{teacher.id}")
    log("answer.placed", mail=command.spool_id, conversation=answer.conversation.id)


def _unplaced(house: House, spool_id: int, now: datetime) -> str:
    """The words of hers that went to nobody, read once more; empty when they cannot be read any more."""
    try:
        arrived = arrived_again(house, spool_id)
    except InputError:
        return ""
    reply = read(arrived, house.reading, house.directory, now).digest
    return reply.unplaced if reply is not None else ""


def _in_charge(house: House, answer: Answer, now: datetime) -> bool:
    talk, today = answer.conversation, now.astimezone(house.zone).date()
    return answer.teacher.id in {held.id for held in house.people.teachers_of(talk.child_id, talk.role, today)}


def _line(house: House, talk: Conversation, what: str) -> DoneLine:
    guardian, child = house.people.guardian(talk.guardian_id), house.people.child(talk.child_id)
    return DoneLine(
        number=0,
        child=child.full_name if child else "",
        guardian=guardian.full_name if guardian else "",
        what=what,
    )
