"""What a guardian's button does once its mail has come: it counts once, and whoever decided first has decided.

Never by a link: a mail scanner opens links, and only she can send a mail from her address.
"""

from collections.abc import Callable
from datetime import datetime

from inbox.intake import read
from office.jobs.alerts import tell_at_once
from office.jobs.stopping import stop_letters
from office.jobs.tray import arrived_again, filing_by_hand
from office.logs import log
from office.wiring import House
from school.choice import Choice, Deed
from school.errors import InputError
from school.filing import Outcome

PARENT = "parent"


def press(house: House, choice: Choice, now: datetime) -> None:
    """Carry the button out, unless it was pressed or overtaken meanwhile. The caller holds the transaction."""
    if house.choices.use(choice.public_id, now):
        DEEDS[choice.deed](house, choice, now)
        log("button.pressed", mail=choice.spool_id, deed=choice.deed.value, guardian=choice.guardian_id)


def _file(house: House, choice: Choice, now: datetime) -> None:
    """On the child's record she named; where that is not possible today, what was filed before ends all the same."""
    try:
        outcome = filing_by_hand(
            house,
            choice.spool_id,
            child_id=choice.child_id,
            role=choice.role,
            guardian_id=choice.guardian_id,
            reason="by-parent",
            now=now,
        )
    except InputError:
        _office(house, choice, now, "not-possible-now")
        return
    _refile(house, outcome, now)


def _refile(house: House, outcome: Outcome, now: datetime) -> None:
    if house.conversations.refile(outcome, now, decided_by=PARENT):
        tell_at_once(house, outcome, now)


def _office(house: House, choice: Choice, now: datetime, reason: str = "parent-chose-office") -> None:
    house.conversations.give_to_office(choice.spool_id, reason, now, decided_by=PARENT)


def _mine(house: House, choice: Choice, now: datetime) -> None:
    """The held mail is hers: it is read once more as such, and goes where its own words lead."""
    try:
        arrived = arrived_again(house, choice.spool_id)
        result = read(arrived, house.reading, house.directory, now, claimed_by=choice.guardian_id)
    except InputError:
        _office(house, choice, now, "not-possible-now")
        return
    _refile(house, result.outcome, now)


def _not_mine(house: House, choice: Choice, now: datetime) -> None:
    _office(house, choice, now, "not-by-the-guardian")


def _stop(house: House, choice: Choice, now: datetime) -> None:
    stop_letters(house, choice.guardian_id, "mail", now)
    house.conversations.dismiss(choice.spool_id, "letters-stopped", now, decided_by=PARENT)


def _keep(house: House, choice: Choice, now: datetime) -> None:
    house.conversations.dismiss(choice.spool_id, "letters-kept", now, decided_by=PARENT)


DEEDS: dict[Deed, Callable[[House, Choice, datetime], None]] = {
    Deed.FILE: _file,
    Deed.OFFICE: _office,
    Deed.MINE: _mine,
    Deed.NOT_MINE: _not_mine,
    Deed.STOP: _stop,
    Deed.KEEP: _keep,
}
