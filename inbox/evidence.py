"""Which child, which teacher? Everything a verified author's mail says about that, each with its place and strength.

The numbers are the specification's: C1 a section's own address, C2 a conversation's address, C3 a letter with one
section only, C4 words right under a quoted section, C5 a salutation, C6 exactly one child's name, C7 a class or
subject named, N1 something that points elsewhere. Nothing is decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from inbox.match import Lead, Match
from inbox.names import names
from inbox.trim.spans import SpanKind, Trimmed
from school.audience import Addressee
from school.people import Child, ClassGroup, Teacher


class Sign(Enum):
    SECTION_ADDRESS = "C1"
    CONVERSATION_ADDRESS = "C2"
    ONLY_SECTION = "C3"
    UNDER_QUOTE = "C4"
    SALUTATION = "C5"
    CHILD_NAMED = "C6"
    CLASS_NAMED = "C7"
    ELSEWHERE = "N1"


class Strength(Enum):
    CERTAIN = "certain"
    STRONG = "strong"
    MEDIUM = "medium"
    CONTRARY = "contrary"


STRENGTHS = {
    Sign.SECTION_ADDRESS: Strength.CERTAIN,
    Sign.CONVERSATION_ADDRESS: Strength.CERTAIN,
    Sign.ONLY_SECTION: Strength.CERTAIN,
    Sign.UNDER_QUOTE: Strength.STRONG,
    Sign.SALUTATION: Strength.STRONG,
    Sign.CHILD_NAMED: Strength.STRONG,
    Sign.CLASS_NAMED: Strength.MEDIUM,
    Sign.ELSEWHERE: Strength.CONTRARY,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One place an answer could go: a child of the author, in one role, with the teachers of today."""

    child: Child
    class_group: ClassGroup
    role: str
    teachers: tuple[Teacher, ...]
    ordinal: int = 0  #: the letter's section; 0 where the answer came without a letter

    @property
    def key(self) -> tuple[str, str]:
        return self.child.id, self.role


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    sign: Sign
    place: str  #: where it was seen: a header's name, `new`, `salutation`, `quote`
    child_id: str
    role: str = ""  #: empty: says the child, not the role
    span: int | None = None  #: for C4: which span of the body

    @property
    def strength(self) -> Strength:
        return STRENGTHS[self.sign]


def candidates(author: Addressee, leads: tuple[Lead, ...]) -> tuple[Candidate, ...]:
    """Where this author's answer could go today.

    The sections of her letter, so far as she may still hear about the child and someone holds the role; without a
    letter, every desk of her children. A child who changed class is answered for by today's teachers, never by the
    former ones.
    """
    dispatches = [lead.dispatch for lead in leads if lead.dispatch]
    written = {(held.child_id, held.role): held.ordinal for dispatch in dispatches for held in dispatch.sections}
    found = [
        Candidate(
            child=taught.child,
            class_group=desk.class_group,
            role=desk.role,
            teachers=desk.teachers,
            ordinal=written.get((taught.child.id, desk.role), 0),
        )
        for taught in author.hears_about
        for desk in taught.desks
    ]
    in_letter = tuple(candidate for candidate in found if candidate.key in written)
    return in_letter or tuple(found)


def collect(match: Match, places: tuple[Candidate, ...], trimmed: Trimmed) -> tuple[Evidence, ...]:
    """All evidence of one mail, strongest kind first."""
    written = " ".join(_new_texts(trimmed))
    return (
        *_carried(match.leads, places),
        *_under_quotes(places, trimmed),
        *_saluted(places, written),
        *_child_named(match, places, written),
        *_class_named(places, written),
        *_elsewhere(places, written),
    )


def _carried(leads: tuple[Lead, ...], places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    for lead in leads:
        if lead.section:
            yield Evidence(
                sign=Sign.SECTION_ADDRESS,
                place=lead.carrier.place,
                child_id=lead.section.child_id,
                role=lead.section.role,
            )
        if lead.conversation:
            yield Evidence(
                sign=Sign.CONVERSATION_ADDRESS,
                place=lead.carrier.place,
                child_id=lead.conversation.child_id,
                role=lead.conversation.role,
            )
    if len(places) == 1 and any(lead.dispatch for lead in leads):
        yield Evidence(sign=Sign.ONLY_SECTION, place="letter", child_id=places[0].child.id, role=places[0].role)


def _under_quotes(places: tuple[Candidate, ...], trimmed: Trimmed) -> Iterator[Evidence]:
    by_ordinal = {place.ordinal: place for place in places if place.ordinal}
    for number, span in enumerate(trimmed.spans):
        place = by_ordinal.get(span.after_section or 0)
        text = trimmed.body[span.start : span.end]
        if span.kind is SpanKind.NEW and place and text.strip():
            yield Evidence(sign=Sign.UNDER_QUOTE, place="quote", child_id=place.child.id, role=place.role, span=number)


def _saluted(places: tuple[Candidate, ...], written: str) -> Iterator[Evidence]:
    """A teacher of exactly one candidate in the first line: "Dear Ms Horn,"."""
    first = written.strip().partition("\n")[0][:80]
    saluted = [place for place in places if any(names(first, teacher.family_name) for teacher in place.teachers)]
    if len(saluted) == 1:
        yield Evidence(sign=Sign.SALUTATION, place="salutation", child_id=saluted[0].child.id, role=saluted[0].role)


def _child_named(match: Match, places: tuple[Candidate, ...], written: str) -> Iterator[Evidence]:
    named = children_named(match, places, written)
    if len(named) == 1:
        yield Evidence(sign=Sign.CHILD_NAMED, place="new", child_id=named[0])


def children_named(match: Match, places: tuple[Candidate, ...], written: str) -> tuple[str, ...]:
    """Ids of the children whose first name stands in the new words, unless that name is a teacher's or her own too."""
    children = {place.child.id: place.child for place in places}
    others = {teacher.given_name for place in places for teacher in place.teachers}
    if match.author:
        others.add(match.author.guardian.given_name)
    return tuple(
        key
        for key, child in sorted(children.items())
        if any(names(written, name) and name not in others for name in {child.first_name, child.given_name} if name)
    )


def _class_named(places: tuple[Candidate, ...], written: str) -> Iterator[Evidence]:
    named = [
        place
        for place in places
        if names(written, place.class_group.title)
        or (place.class_group.subject and names(written, place.class_group.subject))
    ]
    if len(named) == 1:
        yield Evidence(sign=Sign.CLASS_NAMED, place="new", child_id=named[0].child.id, role=named[0].role)


def _elsewhere(places: tuple[Candidate, ...], written: str) -> Iterator[Evidence]:
    """Every child, class and teacher named: whatever is decided for another child must not contradict it."""
    for place in places:
        said = {
            "child": names(written, place.child.first_name) or names(written, place.child.given_name),
            "class": names(written, place.class_group.title),
            "teacher": any(names(written, teacher.family_name) for teacher in place.teachers),
        }
        for what, named in said.items():
            if named:
                yield Evidence(sign=Sign.ELSEWHERE, place=what, child_id=place.child.id, role=place.role)


def _new_texts(trimmed: Trimmed) -> Iterator[str]:
    for span in trimmed.spans:
        if span.kind is SpanKind.NEW:
            yield trimmed.body[span.start : span.end]
