"""Which child, which teacher? Everything a verified author's mail says about that, each with its place and strength.

The numbers are the specification's: C1 a section's own address, C2 a conversation's address, C3 a letter with one
section only, C4 words right under a quoted section, C5 a salutation, C6 exactly one child's name, C7 a class, a
subject or a line of one section named, N1 something that points elsewhere. Nothing is decided here.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from inbox.carriers import QUOTED_LINE
from inbox.match import Lead
from inbox.names import Everyday, fold, may_name, names, surely_names
from inbox.trim.spans import SpanKind, Trimmed
from school.audience import Addressee
from school.letter import Dispatch, DispatchSection
from school.people import Child, ClassGroup, Teacher


class Sign(Enum):
    SECTION_ADDRESS = "C1"
    CONVERSATION_ADDRESS = "C2"
    ONLY_SECTION = "C3"
    UNDER_QUOTE = "C4"
    SALUTATION = "C5"
    CHILD_NAMED = "C6"
    CLASS_NAMED = "C7"  #: or another phrase of one section only
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
_SALUTATION_WORDS = 7
_PHRASE_WORDS = 12  #: a title, of an event or of homework; nobody types a whole paragraph of ours again
_SALUTATION_END = re.compile(r"[,!:;\n，！：،。]|\s[-–—]\s")


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
    place: str  #: where it was seen: a header's name, `new`, `salutation`, `quote`; for N1 what was named
    child_id: str
    role: str = ""  #: empty: says the child, not the role
    span: int | None = None  #: which span of the body, where it speaks for one span only

    @property
    def strength(self) -> Strength:
        return STRENGTHS[self.sign]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What evidence is collected from: the author, what her mail carried, and her words."""

    author: Addressee
    leads: tuple[Lead, ...]
    trimmed: Trimmed
    everyday: Everyday

    @property
    def pieces(self) -> tuple[tuple[int, str], ...]:
        """(number, text) of each span of new words."""
        return tuple(
            (number, self.trimmed.body[span.start : span.end])
            for number, span in enumerate(self.trimmed.spans)
            if span.kind is SpanKind.NEW
        )

    @property
    def written(self) -> str:
        return " ".join(text for _, text in self.pieces)


def letters(leads: tuple[Lead, ...]) -> tuple[Dispatch, ...]:
    """The letters of these leads, each once."""
    return tuple({lead.dispatch.public_id: lead.dispatch for lead in leads if lead.dispatch}.values())


def only_letter(leads: tuple[Lead, ...]) -> Dispatch | None:
    """The one letter that is answered; None when none is, or several: their sections' numbers mean different things."""
    found = letters(leads)
    return found[0] if len(found) == 1 else None


def candidates(author: Addressee, leads: tuple[Lead, ...]) -> tuple[Candidate, ...]:
    """Where this author's answer could go today.

    The sections of her letter and the conversations that came along, so far as she may still hear about the child and
    someone holds the role; without them, every desk of her children. A child who changed class is answered for by
    today's teachers, never by the former ones.
    """
    letter = only_letter(leads)
    ordinals = {(held.child_id, held.role): held.ordinal for held in letter.sections} if letter else {}
    meant = {(held.child_id, held.role) for dispatch in letters(leads) for held in dispatch.sections}
    meant |= {(lead.conversation.child_id, lead.conversation.role) for lead in leads if lead.conversation}
    found = [
        Candidate(
            child=taught.child,
            class_group=desk.class_group,
            role=desk.role,
            teachers=desk.teachers,
            ordinal=ordinals.get((taught.child.id, desk.role), 0),
        )
        for taught in author.hears_about
        for desk in taught.desks
    ]
    if not letters(leads):
        return tuple(found)
    return tuple(candidate for candidate in found if candidate.key in meant) or tuple(found)


def children_gone(author: Addressee, leads: tuple[Lead, ...], places: tuple[Candidate, ...]) -> bool:
    """Could the mail be about a child who is no candidate: of the letter answered, or one she may not hear about?"""
    here = {place.child.id for place in places}
    meant = {held.child_id for dispatch in letters(leads) for held in dispatch.sections}
    meant |= {taught.child.id for taught in author.children if taught.barred or not letters(leads)}
    return bool(meant - here)


def collect(source: Source, places: tuple[Candidate, ...]) -> tuple[Evidence, ...]:
    """All evidence of one mail, strongest kind first."""
    return tuple(found for collector in COLLECTORS for found in collector(source, places))


def _carried(source: Source, _places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    """C1 and C2: the section or the conversation that the mail itself carries, wherever it does."""
    for lead in source.leads:
        place = lead.carrier.place
        if lead.section:
            child_id, role = lead.section.child_id, lead.section.role
            yield Evidence(sign=Sign.SECTION_ADDRESS, place=place, child_id=child_id, role=role)
        if lead.conversation:
            child_id, role = lead.conversation.child_id, lead.conversation.role
            yield Evidence(sign=Sign.CONVERSATION_ADDRESS, place=place, child_id=child_id, role=role)


def _only_section(source: Source, places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    """C3: the letter itself had one section, and nothing more precise came along."""
    letter = only_letter(source.leads)
    if letter is None or len(letter.sections) != 1 or any(lead.section or lead.conversation for lead in source.leads):
        return
    section = letter.sections[0]
    if (section.child_id, section.role) in {place.key for place in places}:
        yield Evidence(sign=Sign.ONLY_SECTION, place="letter", child_id=section.child_id, role=section.role)


def _under_quotes(source: Source, places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    by_ordinal = {place.ordinal: place for place in places if place.ordinal}
    for number, text in source.pieces:
        place = by_ordinal.get(source.trimmed.spans[number].after_section or 0)
        if place and text.strip():
            yield Evidence(sign=Sign.UNDER_QUOTE, place="quote", child_id=place.child.id, role=place.role, span=number)


def _saluted(source: Source, places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    """C5: a teacher of exactly one candidate is greeted: "Dear Ms Horn,"."""
    opening = salutation(source.written)
    family = {fold(source.author.guardian.family_name), *(fold(place.child.family_name) for place in places)}
    saluted = [
        place
        for place in places
        if any(
            names(opening, teacher.family_name) and fold(teacher.family_name) not in family
            for teacher in place.teachers
        )
    ]
    if len(saluted) == 1 and not any(_names_child(opening, place.child, names) for place in places):
        yield Evidence(sign=Sign.SALUTATION, place="salutation", child_id=saluted[0].child.id, role=saluted[0].role)


def salutation(written: str) -> str:
    """The words a mail opens with, up to its first comma or line end; empty when they are too many for a greeting."""
    text = written.lstrip()
    end = _SALUTATION_END.search(text)
    opening = text[: end.start()] if end else ""
    return opening if len(opening.split()) <= _SALUTATION_WORDS else ""


def _child_named(source: Source, places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    """C6: the name of exactly one child of hers, when it is no other name of those who may be meant."""
    children = {taught.child.id: taught.child for taught in source.author.children}
    written = source.written
    named = [key for key, child in sorted(children.items()) if _surely_named(written, child, source)]
    if len(named) == 1 and not _is_also_anothers(children[named[0]], source, places):
        yield Evidence(sign=Sign.CHILD_NAMED, place="new", child_id=named[0])


def _surely_named(written: str, child: Child, source: Source) -> bool:
    return _names_child(written, child, lambda text, name: surely_names(text, name, source.everyday))


def _is_also_anothers(child: Child, source: Source, places: tuple[Candidate, ...]) -> bool:
    teachers = {teacher for place in places for teacher in place.teachers}
    others = {fold(name) for teacher in teachers for name in (teacher.given_name, teacher.family_name)}
    others |= {fold(source.author.guardian.given_name), fold(source.author.guardian.family_name)}
    others |= {
        fold(name)
        for taught in source.author.children
        if taught.child.id != child.id
        for name in (taught.child.first_name, taught.child.given_name)
    }
    return bool({fold(name) for name in (child.first_name, child.given_name)} & others)


def _class_named(source: Source, places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    """C7: the class or the subject of exactly one candidate."""
    written = source.written
    named = [place for place in places if _names_class(written, place.class_group)]
    if len(named) == 1:
        yield Evidence(sign=Sign.CLASS_NAMED, place="new", child_id=named[0].child.id, role=named[0].role)


def _phrase_named(source: Source, places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    """C7: a title, or another short line, that stands in one candidate's section of the letter and nowhere else in it.

    A mail that quotes the printed line of one section alone says as much.
    """
    named = [place for place in places if _names_phrase(source.written, place, source)]
    if len(named) == 1:
        yield Evidence(sign=Sign.CLASS_NAMED, place="phrase", child_id=named[0].child.id, role=named[0].role)
    quoted = {(lead.quoted.child_id, lead.quoted.role) for lead in source.leads if lead.quoted}
    if len(quoted) == 1 and len(places) > 1:
        child_id, role = quoted.pop()
        yield Evidence(sign=Sign.CLASS_NAMED, place=QUOTED_LINE, child_id=child_id, role=role)


def _names_phrase(text: str, place: Candidate, source: Source) -> bool:
    letter = only_letter(source.leads)
    sections = letter.sections if letter and place.ordinal else ()
    own = next((held for held in sections if held.ordinal == place.ordinal), None)
    if own is None or len(sections) < 2:
        return False
    said = [line for line in own.fingerprints if len(line.split()) <= _PHRASE_WORDS and names(text, line)]
    return any(not _stands_elsewhere(line, own, sections) for line in said)


def _stands_elsewhere(line: str, own: DispatchSection, sections: tuple[DispatchSection, ...]) -> bool:
    return any(names(other, line) for held in sections if held.ordinal != own.ordinal for other in held.fingerprints)


def _names_class(written: str, group: ClassGroup) -> bool:
    return names(written, group.title) or names(written, group.subject)


def _elsewhere(source: Source, places: tuple[Candidate, ...]) -> Iterator[Evidence]:
    """N1: every child, class, teacher and title named, span by span: what is decided for another must not contradict
    it.
    """
    children = {taught.child.id: taught.child for taught in source.author.children}
    for number, text in source.pieces:
        for key, child in sorted(children.items()):
            if _may_be_named(text, child, children.values(), source.everyday):
                yield Evidence(sign=Sign.ELSEWHERE, place="child", child_id=key, span=number)
        for place in places:
            about = {
                "class": _names_class(text, place.class_group),
                "teacher": any(names(text, teacher.family_name) for teacher in place.teachers),
                "phrase": _names_phrase(text, place, source),
            }
            for what, named in about.items():
                if named:
                    yield Evidence(
                        sign=Sign.ELSEWHERE, place=what, child_id=place.child.id, role=place.role, span=number
                    )


def _may_be_named(text: str, child: Child, family: Iterable[Child], everyday: Everyday) -> bool:
    """Could the child be meant? A sibling's own name is not taken for a bent form of hers."""
    for sibling in family:
        if sibling.id != child.id:
            text = _without(text, sibling, child)
    return _names_child(text, child, lambda said, name: may_name(said, name, everyday))


def _without(text: str, sibling: Child, child: Child) -> str:
    """The text without *sibling*'s name where it only begins like *child*'s: Leon beside Leo."""
    longer = fold(sibling.first_name)
    if longer == fold(child.first_name) or not longer.startswith(fold(child.first_name)):
        return text
    return " ".join(word for word in re.split(r"\W+", text) if fold(word) != longer)


def _names_child(text: str, child: Child, holds: Callable[[str, str], bool]) -> bool:
    return any(holds(text, name) for name in {child.first_name, child.given_name} if name)


COLLECTORS: tuple[Callable[[Source, tuple[Candidate, ...]], Iterator[Evidence]], ...] = (
    _carried,
    _only_section,
    _under_quotes,
    _saluted,
    _child_named,
    _class_named,
    _phrase_named,
    _elsewhere,
)
