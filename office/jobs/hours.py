"""Office hours: when a teacher's answer leaves, and telling a parent at night when her message is read.

The acknowledgement goes at once, for all it says is when; it is the only automatic mail its message causes, once a
conversation and quiet period, once a day to one person, and never where a rule of mail forbids it.
"""

from datetime import datetime, timedelta

from inbox.acknowledgement import forbidden
from inbox.reading import Result
from inbox.route import State
from mailer.notice import Notice
from mailer.render import NoticeKind
from office.logs import log
from office.wiring import House
from school.conversation import Conversation
from school.letter import LetterKind
from school.office_hours import next_working_time
from school.people import Guardian

DAY = timedelta(hours=24)


def leaves_at(house: House, at: datetime) -> datetime:
    """When an answer written for *at* leaves: then, or when the school next works, as hours.hold_answers says."""
    if not house.settings.hours.hold_answers:
        return at
    return _next(house, at) or at


def acknowledge(house: House, result: Result, now: datetime) -> None:
    """Tell a parent who writes outside hours when somebody reads it. The caller holds the transaction."""
    outcome = result.outcome
    if outcome.state != State.FILED or not outcome.author_id or not house.settings.hours.acknowledge:
        return
    works = _next(house, now)
    if works is None or works <= now or forbidden(result.mail, house.keys, house.directory.our_id):
        return
    guardian = house.people.guardian(outcome.author_id)
    if guardian is None:
        return
    # The cap of the day is asked first: a period is taken by a mail that tells, not by one that was held back.
    talk = _first_time(house, outcome.spool_id, works, now) if _may_tell(house, guardian, now) else None
    if talk is None:
        return
    house.slots.take(_told(guardian), now.astimezone(house.zone).date(), house.zone, now, now)
    written = house.notice_writer.write(
        Notice(
            spool_id=outcome.spool_id,
            kind=NoticeKind.HOURS,
            guardian=guardian,
            language=guardian.language or house.settings.school.language,
            options=(),
            answers=outcome.message_id,
            reply_talk=talk,
            subject=outcome.subject,
            at=outcome.at,
            child_ids=(talk.child_id,),
            until=works,
        ),
        now,
    )
    house.outbox.plan(written.letter.run, LetterKind.NOTICE, now, [(written.letter, written.dispatch)], (), now)
    log("notice.planned", mail=outcome.spool_id, notice=NoticeKind.HOURS.value, guardian=guardian.id)


def _next(house: House, at: datetime) -> datetime | None:
    """When the school works next; None where no hours are set, or none within a year."""
    return next_working_time(at, house.hours, house.terms.holidays(), house.zone) if house.hours else None


def _first_time(house: House, spool_id: int, works: datetime, now: datetime) -> Conversation | None:
    """The mail's conversation, if nobody was told in this quiet period; its end is the period's name."""
    day = works.astimezone(house.zone).date()
    for talk_id, _ in house.conversations.filings_of(spool_id):
        if house.slots.take(f"hours:{talk_id}", day, house.zone, works, now):
            return house.conversations.conversation(talk_id)
    return None


def _may_tell(house: House, guardian: Guardian, now: datetime) -> bool:
    """The day's cap of automatic mails, and no more than one of these in 24 hours."""
    if any(told > now - DAY for told in house.slots.taken(_told(guardian))):
        return False
    return house.directory.may_tell(guardian, now)


def _told(guardian: Guardian) -> str:
    return f"hours-to:{guardian.id}"
