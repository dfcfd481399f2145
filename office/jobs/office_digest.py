"""The office's daily letter while something waits for a person: the tray, parents not told, addresses that fail."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from mailer.render import NoticeKind, NoticePage, TrayLine
from office.logs import log
from office.wiring import House
from school.filing import Suggested
from school.letter import LetterKind
from school.people import CLASS_TEACHER

FIRST_LOOK = timedelta(days=7)  #: how far back the first letter looks for parents who were not told


def plan_office_digest(house: House, day: date, now: datetime) -> bool:
    """Was the office's letter of *day* planned now? Not while nothing waits, and once a day at most."""
    tray = tuple(_tray(house))
    untold = tuple(_untold(house, now))
    run = f"office:{day.isoformat()}"
    if not (tray or untold) or house.outbox.progress(run) is not None:
        return False
    page = NoticePage(
        kind=NoticeKind.OFFICE,
        person=house.settings.school.name,
        tray=tray,
        untold=untold,
        bounced=tuple(
            TrayLine(mail=0, state="", words=f"{held.address}: {held.words()}") for held in house.health.listing()
        ),
    )
    written = house.staff_writer.to_office(page, run, house.office_address, now)
    planned = house.outbox.plan(run, LetterKind.DIGEST, now, [written], (), now).planned
    log("office.planned", run=run, waiting=len(tray), untold=len(untold))
    return bool(planned)


def _tray(house: House) -> Iterator[TrayLine]:
    for spool_id, state, reasons, suggestions in house.conversations.tray():
        yield TrayLine(
            mail=spool_id,
            state=state,
            reasons=reasons,
            suggestions=tuple(name for held in suggestions if (name := _place(house, held))),
        )


def _place(house: House, held: Suggested) -> str:
    """As in "Leo Berg", or "Ida Berg (music)"."""
    child = house.people.child(held.child_id)
    if child is None:
        return ""
    return child.full_name if held.role == CLASS_TEACHER else f"{child.full_name} ({held.role})"


def _untold(house: House, now: datetime) -> Iterator[TrayLine]:
    since = house.office_view.last_told() or now - FIRST_LOOK
    for spool_id, state, reason in house.office_view.untold(since):
        said = "perhaps sent" if state == "sent?" else state
        yield TrayLine(mail=spool_id, state=said, reasons=(reason,) if reason else ())
