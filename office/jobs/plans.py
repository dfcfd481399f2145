"""The forecast of a term: every send with its number of letters, and what is still missing for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from babel import Locale, UnknownLocaleError

from mailer.edition import ItemShelf
from office.jobs.issues import items_of, planned_sends
from office.wiring import House
from school.errors import InputError
from school.forecast import ForecastLine, LetterCount, forecast
from school.issue import Edition, Issue


def forecast_lines(house: House, term_id: str | None, now: datetime) -> tuple[ForecastLine, ...]:
    """One line a week of the term, or of all terms; the count is made by the very code that publishes."""
    sends = planned_sends(house)
    if term_id is not None:
        term = next((one for one in house.terms.terms() if one.id == term_id), None)
        if term is None:
            known = ", ".join(one.id for one in house.terms.terms()) or "none yet"
            raise InputError(f"there is no term {term_id} (known: {known})")
        sends = tuple(send for send in sends if term.covers(send.local_date))
    if not sends:
        raise InputError("no term covers any week: import a roster with terms, or run 'fridayfolder term import FILE'")
    issues = {send.local_date: Issue(date=send.local_date, due=send.due) for send in sends}
    return forecast(
        sends,
        {day: items_of(house, issue) for day, issue in issues.items()},
        lambda day: _count(house, issues[day], now),
        now.astimezone(house.zone).date(),
        school_language=house.settings.school.language,
        language_name=_language_name,
        start_offset=house.start_offset,
    )


def _count(house: House, issue: Issue, now: datetime) -> LetterCount:
    run = f"issue:{issue.id}"
    progress = house.outbox.progress(run)
    state = "" if progress is None else "sent" if progress.finished == progress.total else "planned"
    shelf = ItemShelf.of(items_of(house, issue))
    skipped = 0
    publisher = house.publisher

    def editions() -> Iterator[Edition]:
        nonlocal skipped
        for addressee in house.people.addressees(_day(issue, house, now)):
            edition = publisher.edition(issue, shelf, addressee)
            if isinstance(edition, Edition):
                yield edition
            else:
                skipped += 1

    # Counted while they are made: a town's editions are never in memory together.
    counted = LetterCount.of(editions(), run=state)
    return replace(counted, skipped=skipped)


def _day(issue: Issue, house: House, now: datetime) -> date:
    """Whom a future issue reaches is asked for its own day: enrolments begin and end within a term."""
    return max(issue.date, now.astimezone(house.zone).date())


def _language_name(tag: str) -> str:
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (ValueError, UnknownLocaleError):
        return tag
