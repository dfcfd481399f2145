"""A teacher's words on their way to one guardian: planned, kept as the conversation's next turn, taken back in time."""

from datetime import datetime, timedelta

from inbox.reading import Answer
from mailer.answer import Relay
from office.logs import log
from office.wiring import House
from school.filing import Outcome
from school.letter import LetterKind, LetterState
from school.people import Teacher

WAITS = frozenset({LetterState.PLANNED, LetterState.READY, LetterState.DEFERRED})


def reachable(house: House, answer: Answer, now: datetime) -> bool:
    """Does the guardian still hear about the child, and has she an address that works?"""
    talk = answer.conversation
    addressee = house.people.addressee(talk.guardian_id, now.astimezone(house.zone).date())
    if addressee is None or not addressee.guardian.address or house.health.suppressed(addressee.guardian.address):
        return False
    return talk.child_id in {taught.child.id for taught in addressee.hears_about}


def grace(house: House) -> timedelta:
    """How much longer an answer waits than she was told: a "stop" of the last minute must first be fetched."""
    imap = house.settings.imap
    return timedelta(seconds=2 * imap.poll_seconds) if imap.host else timedelta(0)


def relay(
    house: House,
    answer: Answer,
    outcome: Outcome,
    now: datetime,
    *,
    seq: int = 0,
    not_before: datetime | None = None,
    files: tuple[str, ...] = (),
) -> None:
    """The answer in the outbox and in the conversation. The caller holds the transaction.

    *files*: names of what the teacher attached. What nobody looked through goes to no family: they hear it is missing.
    """
    talk = house.conversations.conversation(answer.conversation.id)
    guardian = house.people.guardian(answer.conversation.guardian_id)
    child = house.people.child(answer.conversation.child_id)
    assert talk is not None
    assert guardian is not None
    assert child is not None
    written = Relay(
        spool_id=outcome.spool_id,
        conversation=talk,
        guardian=guardian,
        language=guardian.language or house.settings.school.language,
        child=child,
        class_group=house.people.class_group(talk.class_id),
        teacher=answer.teacher,
        words=answer.text,
        seq=seq,
        not_before=not_before,
        files=files,
    )
    letter, dispatch = house.answer_writer.letter(written, now)
    house.outbox.plan(letter.run, LetterKind.ANSWER, now, [(letter, dispatch)], (), now)
    house.conversations.answered(
        talk.id,
        teacher_id=answer.teacher.id,
        text=answer.text,
        outcome=outcome,
        message_id=letter.message_id,
        now=now,
    )
    log("answer.planned", mail=outcome.spool_id, conversation=talk.id)


def cancel_unsent(house: House, conversation_id: int, teacher: Teacher, now: datetime) -> str:
    """What became of her answers in this conversation that have not left: `stopped`, `stop-too-late`, or nothing."""
    talk = house.conversations.conversation(conversation_id)
    hers = [turn for turn in (talk.messages if talk else ()) if turn.author_id == teacher.id and turn.message_id]
    letters = [letter for turn in hers if (letter := house.outbox.letter_by_message_id(turn.message_id))]
    waiting = [letter for letter in letters if letter.state in WAITS]
    stopped = [letter for letter in waiting if house.outbox.cancel_letter(letter.id, now)]
    for letter in stopped:
        house.conversations.take_back(conversation_id, letter.message_id, now, decided_by=f"teacher:{teacher.id}")
        log("answer.taken-back", letter=letter.id, conversation=conversation_id)
    if stopped:
        return "stopped"
    return "stop-too-late" if letters else "nothing-to-stop"
