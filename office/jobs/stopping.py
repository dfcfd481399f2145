"""Stopping the weekly letter: in force before the next mail, so a letter that still waits does not go either."""

from datetime import datetime

from office.logs import log
from office.wiring import House
from school.letter import LetterKind
from storage import sent_letters


def stop_letters(house: House, guardian_id: str, asked_by: str, now: datetime) -> None:
    """No weekly letter to this guardian from now on; teachers' answers still come. Twice is as good as once."""
    with house.database.transaction():
        house.preferences.stop_letters(guardian_id, asked_by, now)
        waiting = sent_letters.waiting_for(guardian_id, LetterKind.NEWSLETTER)
        cancelled = sum(house.outbox.cancel_letter(letter_id, now) for letter_id in waiting)
    log("letters.stopped", guardian=guardian_id, by=asked_by, cancelled=cancelled)
