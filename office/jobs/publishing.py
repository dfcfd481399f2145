"""Publishing: an issue's letters planned into the outbox, once, however often it is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailer.edition import ItemShelf
from mailer.letter_size import LongLetters
from office.jobs.audience import counted
from office.jobs.issues import SLOT, content_hash, due, issue_of, items_of
from office.logs import log
from office.wiring import House
from school.audience import Addressee
from school.errors import PermanentError
from school.issue import Issue, Skipped
from school.letter import LetterKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    issue_id: str
    planned: int
    existing: int
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()  #: what the office should look at, in words


class NotApprovedError(PermanentError):
    """The issue's content has not been approved, or was changed since."""


def publish_due(
    house: House, now: datetime, *, after: timedelta = timedelta(), accept_audience: bool = False
) -> list[Published]:
    """What is due and nobody else has taken; too late is told, not sent. *after*: so long past its time."""
    found = due(house, now - after)
    for send in found.missed:
        if house.slots.take(SLOT, send.local_date, house.zone, send.due, now):
            house.slots.note(SLOT, send.due, "missed")
            log("issue.missed", level="error", issue=send.local_date.isoformat())
    done = []
    for send in found.now_due:
        issue = Issue(date=send.local_date, due=send.due)
        _check_approved(house, issue)
        # Planned first, the slot taken after: the outbox keeps each letter once, so a crash in between repeats nothing.
        done.append(publish_issue(house, issue, now, accept_audience=accept_audience))
        if house.slots.take(SLOT, send.local_date, house.zone, send.due, now):
            house.slots.note(SLOT, send.due, "published")
    return done


def publish_started(house: House, now: datetime) -> list[Published]:
    """As the service does it: an issue that is due on the full hour starts some minutes later."""
    return publish_due(house, now, after=house.start_offset)


def publish_day(house: House, day: date, now: datetime, *, accept_audience: bool = False) -> Published:
    """The issue of the week of *day*, because a person asked for it now."""
    issue = issue_of(house, day)
    _check_approved(house, issue)
    published = publish_issue(house, issue, now, accept_audience=accept_audience)
    if house.slots.take(SLOT, issue.date, house.zone, issue.due, now):
        house.slots.note(SLOT, issue.due, "published")
    return published


def publish_issue(house: House, issue: Issue, now: datetime, *, accept_audience: bool = False) -> Published:
    """Every guardian's letter in the outbox, or her reason in the ledger; a second time plans nothing new.

    AudienceChangedError, and nothing is planned, when the number of letters is far from the last issue's.
    """
    shelf = ItemShelf.of(items_of(house, issue))
    run = f"issue:{issue.id}"
    already = {held.recipient_id for held in house.outbox.letters(run)}
    skipped: list[Skipped] = []
    fresh = _without(house.people.addressees(now.astimezone(house.zone).date()), already)
    long_letters = LongLetters()
    letters = house.publisher.letters(issue, shelf, fresh, skipped, now, long_letters=long_letters)
    if not already and not accept_audience:
        letters = counted(house, issue, letters)
    planned = house.outbox.plan(run, LetterKind.NEWSLETTER, issue.due, letters, skipped, now)
    log("issue.planned", issue=issue.id, letters=planned.planned, skipped=len(skipped))
    _tell_lengths(issue, skipped, long_letters)
    return Published(
        issue_id=issue.id,
        planned=planned.planned,
        existing=len(already) + planned.existing,
        skipped=tuple(skipped),
        notes=long_letters.words(),
    )


def _tell_lengths(issue: Issue, skipped: list[Skipped], long_letters: LongLetters) -> None:
    cut = sum(1 for held in skipped if held.reason == "too-long")
    if cut:
        log("issue.letters_too_long", level="error", issue=issue.id, letters=cut)
    if long_letters.found:
        near = sum(letters for letters, _ in long_letters.found.values())
        log("issue.letters_long", level="warning", issue=issue.id, letters=near)


def _without(addressees: Iterator[Addressee], already: set[str]) -> Iterator[Addressee]:
    return (addressee for addressee in addressees if addressee.guardian.id not in already)


def _check_approved(house: House, issue: Issue) -> None:
    if not house.settings.newsletter.approval:
        return
    approval = house.items.approval(issue.date)
    if approval is None or approval.content_hash != content_hash(items_of(house, issue)):
        what = "is not approved" if approval is None else "was changed after its approval"
        raise NotApprovedError(
            f"issue {issue.id} {what}: read 'fridayfolder proof {issue.id}', then run 'fridayfolder approve {issue.id}'"
        )
