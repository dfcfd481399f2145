"""Reading: every stored mail to its outcome, once; what follows (an answer, a bounce) is kept with it or not at all.

A mail that makes us fail is tried again and, the third time, set aside; the next mail is read all the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from inbox.intake import read
from inbox.opening import CannotOpen
from inbox.reading import Answer, Arrived, Result
from inbox.route import State
from office.jobs import handing, staff
from office.jobs.ahead import Begun, opened_ahead
from office.jobs.alerts import tell_of
from office.jobs.answers import reachable
from office.jobs.bounces import note_bounce
from office.jobs.buttons import press
from office.jobs.hours import acknowledge
from office.jobs.notices import plan_notice, told
from office.jobs.single_answers import answer_one
from office.logs import log, where
from office.wiring import House
from school.errors import TemporaryError
from school.filing import Outcome

AT_ONCE = 2000
# Mails are read one after the other and recorded some at a time, so that the disk is waited for once.
MOST_TOGETHER, MOST_BYTES_TOGETHER = 30, 4_000_000

Ends = dict[int, Outcome | None]  #: what became of a mail; None for a copy, a mail of another process, a failure


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """A mail that was read, and is not recorded yet."""

    arrived: Arrived
    result: Result

    @property
    def only_files(self) -> bool:
        """Does nothing follow that another mail's reading may depend on: no button, no word of staff, no bounce?"""
        held = self.result
        deeds = (held.choice, held.command, held.handed, held.digest, held.answer, held.report)
        return not held.invalid_tokens and all(deed is None for deed in deeds)


def read_waiting(house: House, now: datetime, stopped: Callable[[], bool] = lambda: False) -> list[Outcome]:
    """The outcome of every mail that waited, each looked at once in this pass."""
    done: list[Outcome] = []
    left: set[int] = set()  # looked at, and perhaps still waiting: not again in this pass
    while not stopped():
        fresh = [spool_id for spool_id in house.spool.waiting(AT_ONCE + len(left)) if spool_id not in left]
        if not fresh:
            return done
        ends = _read_some(house, chain.from_iterable(opened_ahead(house, fresh)), now, stopped)
        done += [outcome for outcome in ends.values() if outcome is not None]
        left.update(spool_id for spool_id, outcome in ends.items() if outcome is None)
    return done


def read_one(house: House, spool_id: int, now: datetime) -> Outcome | None:
    """One mail read and recorded; None when another process did it, or it is a copy of one read before."""
    (begun,) = (one for some in opened_ahead(house, [spool_id]) for one in some)
    one = _read(house, begun, now)
    with house.database.transaction():
        outcome = _record(house, one, now)
    _tell(outcome)
    return outcome


def _read_some(house: House, some: Iterable[Begun], now: datetime, stopped: Callable[[], bool]) -> Ends:
    """These mails in their order. Whatever reading may depend on is recorded before the next mail is read."""
    ends: Ends = {}
    together: list[_Read] = []
    for begun in some:
        if stopped():
            break
        one = _read_guarded(house, begun, now)
        if one is not None and not one.only_files:
            ends |= _record_all(house, together, now)
            one = _read_guarded(house, begun, now) if together else one
            together = []
        if one is None:
            ends[begun.spool_id] = None
            continue
        together.append(one)
        if not one.only_files or _enough(together):
            ends |= _record_all(house, together, now)
            together = []
    return ends | _record_all(house, together, now)


def _enough(together: Sequence[_Read]) -> bool:
    return len(together) == MOST_TOGETHER or sum(len(one.arrived.raw) for one in together) > MOST_BYTES_TOGETHER


def _read_guarded(house: House, begun: Begun, now: datetime) -> _Read | None:
    try:
        return _read(house, begun, now)
    except TemporaryError:
        raise  # the database's trouble is not the mail's: it does not count against it
    except Exception as exc:  # noqa: BLE001 - one bad mail never stops the others, whatever it makes us do
        _failed(house, begun.spool_id, exc, now)
        return None


def _read(house: House, begun: Begun, now: datetime) -> _Read:
    if begun.trouble is not None:
        raise begun.trouble
    assert begun.arrived is not None  # or there was trouble
    return _Read(
        arrived=begun.arrived, result=read(begun.arrived, begun.reading(house), house.directory.for_one_mail(), now)
    )


def _record_all(house: House, together: Sequence[_Read], now: datetime) -> Ends:
    """All in one transaction; where one of them or the database cannot, nothing is kept and each has one of its own."""
    if not together:
        return {}
    try:
        with house.database.transaction():
            ends = {one.arrived.spool_id: _record(house, one, now) for one in together}
    except Exception as exc:  # as above
        if len(together) == 1:
            if isinstance(exc, TemporaryError):
                raise
            _failed(house, together[0].arrived.spool_id, exc, now)
            return {together[0].arrived.spool_id: None}
        # Two readers may wait for each other when each holds something; one mail at a time waits in one order.
        return {key: end for one in together for key, end in _record_all(house, [one], now).items()}
    for outcome in ends.values():
        _tell(outcome)
    return ends


def _record(house: House, one: _Read, now: datetime) -> Outcome | None:
    """Recorded with what follows from it, once. The caller holds the transaction."""
    spool_id = one.arrived.spool_id
    first = house.spool.first_with_content_key(one.result.outcome.content_key, spool_id)
    if first is not None:
        house.spool.note_copy(spool_id, first, now)
        log("mail.copy", mail=spool_id, first=first)
        return None
    result = _as_of_now(house, one.arrived, one.result, now)
    if not house.conversations.record(result.outcome, now):
        return None
    _follow_up(house, result, now)
    return result.outcome


def _failed(house: House, spool_id: int, exc: Exception, now: datetime) -> None:
    reason = exc.reason if isinstance(exc, CannotOpen) else where(exc)
    attempts = house.spool.failed_attempt(spool_id, reason[:200], now)
    log("mail.failed", level="error", mail=spool_id, attempt=attempts, error=reason.replace(" ", "-"))


def _tell(outcome: Outcome | None) -> None:
    if outcome is not None:
        reasons = ",".join(outcome.reasons)
        log("mail.read", mail=outcome.spool_id, kind=outcome.kind, state=outcome.state, reasons=reasons)


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
    if result.invalid_tokens:
        house.guesses.note(result.mail.author or "", result.invalid_tokens, result.outcome.at, now)
    tell_of(house, result, now)
    if result.outcome.tell:
        plan_notice(house, result, now)
    else:
        acknowledge(house, result, now)
    if result.choice is not None:
        press(house, result.choice, now)
    if result.handed is not None:
        handing.hand_over(house, result, now)
    if result.command is not None:
        handing.press(house, result.command, result.outcome, now)
    if result.digest is not None:
        staff.carry_out(house, result, now)
    if result.answer is not None:
        answer_one(house, result, now)
    if result.report is not None and result.reported is not None:
        note_bounce(house, result.report, result.reported, now)
