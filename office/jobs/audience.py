"""How many letters an issue makes beside the one before it: a count far from the last is asked about before it goes.

A roster that lost half its classes, or got every child twice, looks like any other until its letters are out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailer.edition import ItemShelf
from office.jobs.issues import items_of
from office.wiring import House
from school.errors import PermanentError
from school.issue import Issue, Skipped
from school.letter import Dispatch, Letter
from storage import sent_letters

LEAST_DIFFERENCE = 20  #: letters; in a small school a few families are a large share


class AudienceChangedError(PermanentError):
    """The number of letters is far from the last issue's; nothing was planned, and a person decides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """Who would get a letter, and how that differs from the issue before."""

    issue_id: str
    letters: int
    skipped: dict[str, int]  #: reason → guardians
    before: str | None  #: the issue before: its run
    letters_before: int
    added: tuple[str, ...]  #: guardians by id who had no letter the last time
    gone: tuple[str, ...]  #: who had one and gets none now
    refused: str  #: why it is not published without being asked; empty when it is


def audience(house: House, issue: Issue, now: datetime) -> Audience:
    """The dry run of an issue: everything is decided as publishing does it, nothing is rendered or kept."""
    run = f"issue:{issue.id}"
    shelf, publisher = ItemShelf.of(items_of(house, issue)), house.publisher
    getting: set[str] = set()
    skipped = Counter[str]()
    for addressee in house.people.addressees(now.astimezone(house.zone).date()):
        result = publisher.edition(issue, shelf, addressee)
        if isinstance(result, Skipped):
            skipped[result.reason] += 1
        else:
            getting.add(addressee.guardian.id)
    before = sent_letters.issue_before(run, issue.due)
    had = sent_letters.recipients(before) if before else frozenset[str]()
    return Audience(
        issue_id=issue.id,
        letters=len(getting),
        skipped=dict(skipped),
        before=before,
        letters_before=len(had),
        added=tuple(sorted(getting - had)) if before else (),
        gone=tuple(sorted(had - getting)),
        refused=refusal(house, issue, len(getting)),
    )


def counted(
    house: House, issue: Issue, letters: Iterator[tuple[Letter, Dispatch]]
) -> Iterator[tuple[Letter, Dispatch]]:
    """The letters as they come; AudienceChangedError after the last when their number is far from the last issue's."""
    count = 0
    for one in letters:
        count += 1
        yield one
    if refused := refusal(house, issue, count):
        raise AudienceChangedError(refused)


def refusal(house: House, issue: Issue, letters: int) -> str:
    """Why this many letters are not published without being asked, and what to do; empty when they are."""
    limit = house.settings.newsletter.audience_change
    before = sent_letters.issue_before(f"issue:{issue.id}", issue.due)
    had = sum(count for state, count in sent_letters.ledger(before).items() if state != "skipped") if before else 0
    if limit >= 1 or not had or abs(letters - had) < LEAST_DIFFERENCE or abs(letters - had) <= limit * had:
        return ""
    return (
        f"issue {issue.id} makes {letters} letters, the last one ({before}) made {had}: more than {limit:.0%} apart; "
        "see 'fridayfolder publish --dry-run', and if it is right run "
        f"'fridayfolder publish --date {issue.id} --accept-audience'"
    )
