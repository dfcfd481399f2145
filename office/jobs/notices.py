"""Automatic mails to guardians: planned in the transaction of the decision that asks for them, one a mail at most."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from inbox.evidence import Candidate
from inbox.reading import Result
from mailer.notice import Notice, Option
from mailer.render import ChoiceKind, NoticeKind
from office.logs import log
from office.wiring import House
from school.choice import LIFE, Choice, Deed
from school.filing import Outcome
from school.letter import LetterKind
from school.people import Guardian

BUTTONS = {
    Deed.FILE: ChoiceKind.CHILD,
    Deed.OFFICE: ChoiceKind.OFFICE,
    Deed.MINE: ChoiceKind.YES,
    Deed.NOT_MINE: ChoiceKind.NO,
    Deed.STOP: ChoiceKind.STOP,
    Deed.KEEP: ChoiceKind.KEEP,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What one button would do."""

    deed: Deed
    place: Candidate | None = None


def told(outcome: Outcome) -> str:
    """The id of the guardian this outcome asks to write to; empty when it asks for no mail."""
    return (outcome.author_id or outcome.claim_guardian_id) if outcome.tell else ""


def plan_notice(house: House, result: Result, now: datetime) -> None:
    """The mail that the outcome asks for in the outbox, its buttons kept. The caller holds the transaction."""
    outcome = result.outcome
    guardian = house.people.guardian(told(outcome))
    assert guardian is not None  # matched a moment ago, in the same reading
    kind = NoticeKind(outcome.tell)
    offers = [(house.postmark.new_public_id(), offer) for offer in OFFERS[kind](result)]
    options = tuple(
        Option(
            public_id=public_id,
            kind=BUTTONS[offer.deed],
            name=offer.place.child.first_name if offer.place else "",
        )
        for public_id, offer in offers
    )
    written = house.notice_writer.write(_notice(house, result, kind, guardian, options), now)
    house.choices.add(
        Choice(
            public_id=public_id,
            spool_id=outcome.spool_id,
            guardian_id=guardian.id,
            deed=offer.deed,
            expires=now + LIFE,
            child_id=offer.place.child.id if offer.place else "",
            role=offer.place.role if offer.place else "",
            label=label,
        )
        for (public_id, offer), label in zip(offers, written.labels, strict=True)
    )
    house.outbox.plan(written.letter.run, LetterKind.NOTICE, now, [(written.letter, written.dispatch)], (), now)
    log("notice.planned", mail=outcome.spool_id, notice=kind.value, guardian=guardian.id)


def _notice(house: House, result: Result, kind: NoticeKind, guardian: Guardian, options: tuple[Option, ...]) -> Notice:
    outcome = result.outcome
    letter = next((lead.dispatch for lead in result.leads if lead.dispatch and lead.guardian_id == guardian.id), None)
    claim = kind is NoticeKind.CLAIM
    filed = outcome.filings[0] if outcome.filings else None
    place = next((held for held in result.places if filed and held.key == (filed.child_id, filed.role)), None)
    named = {offer.place.child.id for offer in OFFERS[kind](result) if offer.place}
    return Notice(
        spool_id=outcome.spool_id,
        kind=kind,
        guardian=guardian,
        language=guardian.language or house.settings.school.language,
        options=options,
        # A claim tells nothing of the mail it is about, for its author may be a stranger: it names our own letter.
        answers=(letter.message_id if letter else "") if claim else outcome.message_id,
        reply_public_id=letter.public_id if letter else None,
        subject="" if claim else outcome.subject,
        at=outcome.at,
        child=place.child.first_name if place else "",
        child_ids=tuple(sorted(named | ({place.child.id} if place else set()))),
        teachers=tuple(teacher.shown_name for teacher in place.teachers) if place else (),
        reason=outcome.reasons[0] if claim else "",
    )


def _children(result: Result, but: str = "") -> Iterator[Offer]:
    """A button for each child she may mean, the best suggestion first: her class teacher's place."""
    order = dict.fromkeys(held.child_id for held in result.outcome.suggestions)
    for child_id in order:
        place = next((held for held in result.places if held.child.id == child_id), None)
        if place is not None and child_id != but:
            yield Offer(deed=Deed.FILE, place=place)
    yield Offer(deed=Deed.OFFICE)


def _receipt(result: Result) -> tuple[Offer, ...]:
    return tuple(_children(result, but=result.outcome.filings[0].child_id))


def _ask(result: Result) -> tuple[Offer, ...]:
    return tuple(_children(result))


def _claim(_: Result) -> tuple[Offer, ...]:
    return (Offer(deed=Deed.MINE), Offer(deed=Deed.NOT_MINE))


def _preference(_: Result) -> tuple[Offer, ...]:
    return (Offer(deed=Deed.STOP), Offer(deed=Deed.KEEP))


OFFERS: dict[NoticeKind, Callable[[Result], tuple[Offer, ...]]] = {
    NoticeKind.RECEIPT: _receipt,
    NoticeKind.ASK: _ask,
    NoticeKind.CLAIM: _claim,
    NoticeKind.PREFERENCE: _preference,
}
