"""The office's hand: a mail put on a child's record by a person, or taken off the tray."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inbox.clean_html import safe_html
from inbox.intake import read
from inbox.new_words import new_words
from inbox.reading import Arrived
from inbox.route import State
from office.jobs.alerts import tell_at_once
from office.logs import log
from office.wiring import House
from school.audience import Desk
from school.errors import InputError
from school.filing import Filing, Outcome


def file_mail(
    house: House, spool_id: int, *, child_id: str, role: str | None, guardian_id: str | None, now: datetime
) -> Outcome:
    """The mail's new words on this child's record; InputError when the number, child, role or author does not fit."""
    kept = house.conversations.outcome_of(spool_id)
    if kept is None:
        raise InputError(f"there is no mail {spool_id}: see 'fridayfolder tray list'")
    author = guardian_id or kept[0]
    if not author:
        raise InputError(f"mail {spool_id} has no verified author: say who wrote it with --guardian ID")
    outcome = filing_by_hand(
        house, spool_id, child_id=child_id, role=role, guardian_id=author, reason="by-office", now=now
    )
    with house.database.transaction():
        if not house.conversations.refile(outcome, now, decided_by="office"):
            raise InputError(f"mail {spool_id} does not wait and was not filed: nothing to do")
        tell_at_once(house, outcome, now)
    log("mail.filed", mail=spool_id, by="office")
    return outcome


def filing_by_hand(
    house: House, spool_id: int, *, child_id: str, role: str | None, guardian_id: str, reason: str, now: datetime
) -> Outcome:
    """The outcome in which all new words of the mail stand on this child's record; nothing is kept yet."""
    desk = _desk(house, child_id, role, now)
    _check_entitled(house, guardian_id, child_id, now)
    arrived = arrived_again(house, spool_id)
    read_again = read(arrived, house.reading, house.directory, now)
    words = new_words(arrived, house.reading, house.directory, now)
    filing = Filing(
        child_id=child_id,
        class_id=desk.class_group.id,
        role=desk.role,
        spans=words.spans,
        text=words.text,
        teacher_ids=tuple(teacher.id for teacher in desk.teachers),
    )
    return replace(
        read_again.outcome,
        kind="human",
        state=State.FILED.value,
        reasons=(reason,),
        author_id=guardian_id,
        teacher_id="",
        filings=(filing,),
        suggestions=(),
        evidence=(),
        tell="",
        claim_guardian_id="",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One mail as the office reads it: its own words, and everything of the body."""

    author_id: str  #: the verified guardian; empty where nobody is
    sender: str  #: the From line as it came, decoded: it proves nothing
    subject: str
    arrived: datetime
    new_text: str
    body: str
    attachments: tuple[str, ...]


def show_mail(house: House, spool_id: int, now: datetime) -> Shown:
    """What one mail says; for the office only, and the look is kept in the audit."""
    kept = house.conversations.outcome_of(spool_id)
    if kept is None:
        raise InputError(f"there is no mail {spool_id}: see 'fridayfolder tray list'")
    arrived = arrived_again(house, spool_id)
    mail = house.opener.parse(arrived.raw).result()
    house.conversations.note_view(spool_id, "office", now)
    return Shown(
        author_id=kept[0],
        sender=mail.headers.one("From") or "",
        subject=mail.subject,
        arrived=arrived.arrived,
        new_text=new_words(arrived, house.reading, house.directory, now).text,
        body=mail.text or safe_html(mail.html),
        attachments=tuple(attachment.name for attachment in mail.attachments),
    )


def arrived_again(house: House, spool_id: int) -> Arrived:
    """The mail as it came; InputError when its bytes are gone."""
    try:
        raw = house.spool.raw(spool_id)
    except KeyError as exc:
        raise InputError(f"the bytes of mail {spool_id} are gone (keep.raw_mail_days)") from exc
    spooled = house.spool.spooled(spool_id)
    return Arrived(spool_id=spool_id, raw=raw, arrived=spooled.arrived, envelope_to=tuple(spooled.envelope_to))


def age_tray(house: House, now: datetime) -> int:
    """How many questions nobody answered in time; the office has those mails now."""
    aged = house.conversations.age(now - timedelta(hours=house.settings.routing.ask_hours), now)
    for spool_id in aged:
        log("mail.aged", mail=spool_id)
    return len(aged)


def dismiss(house: House, spool_id: int, reason: str, now: datetime) -> None:
    if not house.conversations.dismiss(spool_id, reason, now):
        raise InputError(f"mail {spool_id} is not on the tray: see 'fridayfolder tray list'")
    log("mail.dismissed", mail=spool_id)


def _desk(house: House, child_id: str, role: str | None, now: datetime) -> Desk:
    desks = house.people.desks(child_id, now.astimezone(house.zone).date())
    found = next((desk for desk in desks if role is None or desk.role == role), None)
    if found is None:
        roles = ", ".join(desk.role for desk in desks) or "none"
        raise InputError(f"child {child_id} has no {role or 'teacher'} today (roles: {roles})")
    return found


def _check_entitled(house: House, guardian_id: str, child_id: str, now: datetime) -> None:
    addressee = house.people.addressee(guardian_id, now.astimezone(house.zone).date())
    hears = {taught.child.id for taught in addressee.hears_about} if addressee else set()
    if child_id not in hears:
        raise InputError(f"guardian {guardian_id} may not hear about child {child_id} today: see the roster")
