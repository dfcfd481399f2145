"""What a teacher's mail asked for, carried out as far as today's roster lets it; she is told what became of each part.

Planned in the transaction that keeps the mail's outcome. Whatever cannot be done is said to her, never done otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inbox.digest_answer import Deed
from inbox.digest_items import Pick
from inbox.reading import Answer, Result
from inbox.route import State
from inbox.staff import Task
from mailer.render import DoneLine
from office.jobs.alerts import tell_at_once
from office.jobs.answers import cancel_unsent, grace, reachable, relay
from office.jobs.hours import leaves_at
from office.jobs.receipts import Receipt, files_of, may_tell, tell
from office.jobs.tray import filing_by_hand
from office.logs import log
from office.wiring import House
from school.conversation import Conversation
from school.errors import InputError
from school.people import Teacher

RETURNED = frozenset({"not-yours-now", "not-reachable", "withdrawn", "pick-child"})  #: her words go back to her


@dataclass(frozen=True, kw_only=True, slots=True)
class Hand:
    """Who asked for what, and when."""

    house: House
    teacher: Teacher
    result: Result
    now: datetime

    @property
    def actor(self) -> str:
        return f"teacher:{self.teacher.id}"

    @property
    def leaves(self) -> datetime:
        """When the answers of a whole digest's reply leave: until then they can be taken back."""
        held = self.now + timedelta(minutes=self.house.settings.digest.hold_minutes)
        return leaves_at(self.house, held)


def checked(house: House, result: Result, now: datetime) -> Result:
    """The result; words that fit no item wait for her, or for the office when she cannot be told."""
    assert result.digest is not None
    teacher = house.people.teacher(result.outcome.teacher_id)
    if teacher is None:
        return result
    if result.outcome.state == State.ASKED and not _may_tell(house, teacher, result, now):
        outcome = replace(result.outcome, state=State.TRIAGE.value, reasons=(*result.outcome.reasons, "may-not-tell"))
        return replace(result, outcome=outcome)
    return result


def carry_out(house: House, result: Result, now: datetime) -> None:
    """Every task of a digest's answer, and the receipt. The caller holds the transaction."""
    assert result.digest is not None
    teacher = house.people.teacher(result.outcome.teacher_id)
    assert teacher is not None  # matched a moment ago, in the same reading
    hand = Hand(house=house, teacher=teacher, result=result, now=now)
    # What is to be taken back comes first, so that "stop 3" never meets what this very mail says.
    tasks = sorted(result.digest.tasks, key=lambda task: task.deed is not Deed.STOP)
    done = [(task, DEEDS[task.deed](hand, task)) for task in tasks]
    for task, what in done:
        log("digest.answered", mail=result.outcome.spool_id, teacher=teacher.id, item=task.item.number, done=what)
    if _may_tell(house, teacher, result, now):
        _tell(hand, _worth_saying(done))


def _may_tell(house: House, teacher: Teacher, result: Result, now: datetime) -> bool:
    assert result.digest is not None
    return may_tell(house, teacher, result, now, by_a_person=bool(result.digest.tasks))


# ---- the deeds: each says what became of it ----


def _answer(hand: Hand, task: Task) -> str:
    if task.item.spool_id is not None:
        return "pick-child"
    talk, why = _hers(hand, task)
    if talk is None:
        return why
    answer = Answer(conversation=talk, teacher=hand.teacher, text=task.text)
    if not reachable(hand.house, answer, hand.now):
        return "not-reachable"
    relay(
        hand.house,
        answer,
        hand.result.outcome,
        hand.now,
        seq=task.item.number,
        not_before=hand.leaves + grace(hand.house),
        files=files_of(hand.result) if _only_answer(hand, task) else (),
    )
    return "answer"


def _only_answer(hand: Hand, task: Task) -> bool:
    """Is it the only answer of her mail? Of several, a file may belong to any: its name is told none of them."""
    assert hand.result.digest is not None
    return [held for held in hand.result.digest.tasks if held.deed is Deed.ANSWER] == [task]


def _thanks(hand: Hand, task: Task) -> str:
    talk = task.item.conversation
    guardian = hand.house.people.guardian(talk.guardian_id) if talk else None
    language = (guardian.language if guardian else "") or hand.house.settings.school.language
    done = _answer(hand, replace(task, text=hand.house.press.thanks(language)))
    return "thanks" if done == "answer" else done


def _office(hand: Hand, task: Task) -> str:
    return _give(hand, task, "teacher-to-office", "office")


def _not_mine(hand: Hand, task: Task) -> str:
    return _give(hand, task, "not-mine", "not-mine")


def _give(hand: Hand, task: Task, reason: str, done: str) -> str:
    store = hand.house.conversations
    if task.item.spool_id is not None:
        given = store.give_to_office(task.item.spool_id, reason, hand.now, decided_by=hand.actor)
        return done if given else "nothing-waits"
    talk, why = _hers(hand, task)
    if talk is None:
        return why
    mails = store.hand_back(talk.id, hand.now, decided_by=hand.actor, reason=reason)
    return done if mails else "nothing-waits"


def _later(hand: Hand, task: Task) -> str:
    if task.item.spool_id is not None:
        return "later"
    talk, why = _hers(hand, task)
    return why if talk is None else "later" if talk.waiting else "nothing-waits"


def _stop(hand: Hand, task: Task) -> str:
    if task.item.conversation is None:
        return "nothing-to-stop"
    return cancel_unsent(hand.house, task.item.conversation.id, hand.teacher, hand.now)


def _child(hand: Hand, task: Task) -> str:
    pick = next((held for held in task.item.picks if held.name == task.text), None)
    if pick is None or task.item.spool_id is None:
        return "nothing-waits"
    filed = pick_child(hand.house, task.item.spool_id, pick, hand.teacher.id, hand.now)
    return "child" if filed else "nothing-waits"


DEEDS: dict[Deed, Callable[[Hand, Task], str]] = {
    Deed.ANSWER: _answer,
    Deed.THANKS: _thanks,
    Deed.OFFICE: _office,
    Deed.LATER: _later,
    Deed.NOT_MINE: _not_mine,
    Deed.STOP: _stop,
    Deed.CHILD: _child,
}


def pick_child(house: House, spool_id: int, pick: Pick, teacher_id: str, now: datetime) -> bool:
    """The mail on the record of the child its teacher named; False when it waits no more, or is not hers to file."""
    kept = house.conversations.outcome_of(spool_id)
    if kept is None or house.spool.spooled(spool_id).state != State.CHILD_OPEN:
        return False
    today = now.astimezone(house.zone).date()
    if teacher_id not in {teacher.id for teacher in house.people.teachers_of(pick.child_id, pick.role, today)}:
        return False
    try:
        outcome = filing_by_hand(
            house, spool_id, child_id=pick.child_id, role=pick.role, guardian_id=kept[0], reason="by-teacher", now=now
        )
    except InputError:
        return False
    filed = house.conversations.refile(outcome, now, decided_by=f"teacher:{teacher_id}")
    if filed:
        tell_at_once(house, outcome, now)
    return filed


def _hers(hand: Hand, task: Task) -> tuple[Conversation | None, str]:
    """The conversation as it stands now, if it is still there and she is in charge of it today; else why not."""
    kept = task.item.conversation
    talk = hand.house.conversations.conversation(kept.id) if kept else None
    if talk is None:
        return None, "withdrawn"
    today = hand.now.astimezone(hand.house.zone).date()
    teachers = hand.house.people.teachers_of(talk.child_id, talk.role, today)
    return (talk, "") if hand.teacher.id in {held.id for held in teachers} else (None, "not-yours-now")


# ---- the receipt ----


def _tell(hand: Hand, done: list[tuple[Task, str]]) -> None:
    """One automatic mail to her: what became of each part, and the words that went to nobody."""
    reply, outcome = hand.result.digest, hand.result.outcome
    assert reply is not None
    back = [task.text for task, what in done if what in RETURNED and task.deed is Deed.ANSWER]
    receipt = Receipt(
        about=reply.dispatch.public_id,
        references=(reply.dispatch.message_id,),
        words="\n\n".join((*back, *([reply.unplaced] if reply.unplaced else []))),
        done=tuple(_line(task, what) for task, what in done),
        until=hand.leaves,
        reason=reply.why[-1] if reply.why else "",
        files=files_of(hand.result),
        places=() if back or outcome.state != State.ASKED else _hers_still(hand, reply.places),
    )
    tell(hand.house, hand.teacher, hand.result, receipt, hand.now)


def _hers_still(hand: Hand, talks: tuple[Conversation, ...]) -> tuple[Conversation, ...]:
    """Those she may answer today: only they are worth a button."""
    today = hand.now.astimezone(hand.house.zone).date()
    taught = hand.house.people.taught_by(hand.teacher.id, today)
    return tuple(talk for talk in talks if (talk.child_id, talk.role) in taught)


def _line(task: Task, what: str) -> DoneLine:
    child = task.text if what == "child" else task.item.child
    return DoneLine(number=task.item.number, child=child, guardian=task.item.guardian, what=what)


def _worth_saying(done: list[tuple[Task, str]]) -> list[tuple[Task, str]]:
    """Without what a bare "stop" found nothing to stop in, where it found something elsewhere."""
    said = [held for held in done if held[1] != "nothing-to-stop"]
    return said or done
