"""Reading: every stored mail to its outcome, once; what follows (an answer, a bounce) is kept with it or not at all.

A mail that makes us fail is tried again and, the third time, set aside; the next mail is read all the same.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from inbox.intake import Answer, Arrived, Result, read
from inbox.route import State
from office.jobs import handing, staff
from office.jobs.alerts import tell_at_once
from office.jobs.answers import reachable, relay
from office.jobs.bounces import note_bounce
from office.jobs.buttons import press
from office.jobs.hours import acknowledge, leaves_at
from office.jobs.notices import plan_notice, told
from office.logs import log, where
from office.wiring import House
from school.errors import TemporaryError
from school.filing import Outcome

AT_ONCE = 200


def read_waiting(house: House, now: datetime, stopped: Callable[[], bool] = lambda: False) -> list[Outcome]:
    """The outcome of every mail that waited, each looked at once in this pass."""
    done: list[Outcome] = []
    left: set[int] = set()  # looked at, and perhaps still waiting: not again in this pass
    while not stopped():
        fresh = [spool_id for spool_id in house.spool.waiting(AT_ONCE + len(left)) if spool_id not in left]
        if not fresh:
            return done
        for spool_id in fresh:
            if stopped():
                return done
            outcome = _read_guarded(house, spool_id, now)
            if outcome is None:
                left.add(spool_id)
            else:
                done.append(outcome)
    return done


def _read_guarded(house: House, spool_id: int, now: datetime) -> Outcome | None:
    try:
        return read_one(house, spool_id, now)
    except TemporaryError:
        raise  # the database's trouble is not the mail's: it does not count against it
    except Exception as exc:  # noqa: BLE001 - one bad mail never stops the others, whatever it makes us do
        attempts = house.spool.failed_attempt(spool_id, where(exc)[:200], now)
        log("mail.failed", level="error", mail=spool_id, attempt=attempts, error=where(exc))
        return None


def read_one(house: House, spool_id: int, now: datetime) -> Outcome | None:
    """One mail read and recorded; None when another process did it, or it is a copy of one read before."""
    spooled = house.spool.spooled(spool_id)
    arrived = Arrived(
        spool_id=spool_id,
        raw=house.spool.raw(spool_id),
        arrived=spooled.arrived,
        envelope_to=tuple(spooled.envelope_to),
    )
    result = read(arrived, house.reading, house.directory, now)
    with house.database.transaction():
        first = house.spool.first_with_content_key(result.outcome.content_key, spool_id)
        if first is not None:
            house.spool.note_copy(spool_id, first, now)
            log("mail.copy", mail=spool_id, first=first)
            return None
        result = _as_of_now(house, arrived, result, now)
        if not house.conversations.record(result.outcome, now):
            return None
        _follow_up(house, result, now)
    outcome = result.outcome
    log("mail.read", mail=spool_id, kind=outcome.kind, state=outcome.state, reasons=",".join(outcome.reasons))
    return outcome


def _as_of_now(house: House, arrived: Arrived, result: Result, now: datetime) -> Result:
    """The result with what only the transaction knows: is the cap of automatic mails reached, can the answer go out?"""
    guardian = house.people.guardian(told(result.outcome)) if result.outcome.tell else None
    if result.outcome.tell and (guardian is None or not house.directory.may_tell(guardian, now)):
        silent = replace(house.reading, policy=replace(house.reading.policy, may_tell=False))
        return read(arrived, silent, house.directory, now)
    if result.answer is not None and not _in_charge(house, result.answer, now):
        return _for_the_office(replace(result, answer=None), "teacher-no-longer-in-charge")
    if result.answer is not None and not reachable(house, result.answer, now):
        return _for_the_office(replace(result, answer=None), "guardian-not-to-be-reached")
    if result.handed is not None:
        return handing.checked(house, result, now)
    if result.digest is not None:
        return staff.checked(house, result, now)
    return result


def _in_charge(house: House, answer: Answer, now: datetime) -> bool:
    """Is she one of the teachers of that child and role today? A digest's item may have changed hands since."""
    talk, today = answer.conversation, now.astimezone(house.zone).date()
    return answer.teacher.id in {held.id for held in house.people.teachers_of(talk.child_id, talk.role, today)}


def _for_the_office(result: Result, reason: str) -> Result:
    waiting = replace(result.outcome, state=State.TRIAGE.value, reasons=(reason,), filings=())
    return replace(result, outcome=waiting)


def _follow_up(house: House, result: Result, now: datetime) -> None:
    """What the outcome brings with it, kept in its transaction."""
    tell_at_once(house, result.outcome, now)
    if result.outcome.tell:
        plan_notice(house, result, now)
    else:
        acknowledge(house, result, now)
    if result.choice is not None:
        press(house, result.choice, now)
    if result.handed is not None:
        handing.hand_over(house, result, now)
    if result.command is not None:
        handing.press(house, result.command, now)
    if result.digest is not None:
        staff.carry_out(house, result, now)
    if result.answer is not None:
        relay(house, result.answer, result.outcome, now, not_before=leaves_at(house, now))
    if result.report is not None and result.reported is not None:
        note_bounce(house, result.report, result.reported, now)
