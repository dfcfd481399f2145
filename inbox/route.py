"""Where a verified author's answer goes: rules in order, the first that applies decides, and says why.

A decision is a pure function of evidence and roster. Conflict is a state (a person decides), never a tie-break;
nothing is scored. The order is the specification's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from inbox.evidence import Candidate, Evidence, Sign, Strength
from inbox.match import Standing
from inbox.trim.spans import Span, SpanKind, Trimmed
from inbox.words import WordLists


class State(StrEnum):
    FILED = "filed"
    CHILD_OPEN = "child_open"  #: the teacher is certain, the child is not
    ASKED = "asked"
    HELD = "held"
    TRIAGE = "triage"
    UNMATCHED = "unmatched"
    COURTESY = "courtesy"
    IGNORED = "ignored"  #: automatic mail: kept, never in a teacher's queue
    POISON = "poison"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The school's choices (`[routing]` in config.toml)."""

    single_strong: str = "file"  #: or "ask"
    courtesy_characters: int = 40
    may_tell: bool = True  #: may one more automatic mail go to this author now? (caps, RFC 3834)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    standing: Standing
    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...]
    trimmed: Trimmed
    attachments: int
    words: WordLists
    policy: Policy
    subject: str = ""
    fresh: bool = False  #: it answers no mail, so the author wrote the subject too
    legal_flag: bool = False  #: the roster bars this guardian from a child
    children_gone: bool = False  #: it may be about a child who is no candidate

    @property
    def children(self) -> frozenset[str]:
        return frozenset(place.child.id for place in self.candidates)

    @property
    def only_child(self) -> str:
        """The one child it can be about; empty when there are several, or may be."""
        return next(iter(self.children)) if len(self.children) == 1 and not self.children_gone else ""

    @property
    def addressed(self) -> frozenset[tuple[str, str]]:
        """(child, role) of every address the parent chose, or had no choice but to: C1, C2, C3."""
        return frozenset((found.child_id, found.role) for found in self.of(*CERTAIN))

    def of(self, *signs: Sign) -> tuple[Evidence, ...]:
        return tuple(found for found in self.evidence if found.sign in signs)

    def place(self, child_id: str, role: str) -> Candidate | None:
        return next((place for place in self.candidates if place.key == (child_id, role)), None)

    def class_place(self, child_id: str) -> Candidate | None:
        """The child's class teacher's place; it stands first among hers."""
        return next((place for place in self.candidates if place.child.id == child_id), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedFiling:
    place: Candidate
    spans: tuple[tuple[int, int], ...]  #: of the trimmed body; what the teacher sees is made from these alone


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A place a person may choose, and what speaks for it. Order is all a suggestion decides."""

    place: Candidate
    why: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    state: State
    reasons: tuple[str, ...]
    filings: tuple[PlannedFiling, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    tell: str = ""  #: the one automatic mail this asks for: `receipt`, `ask` or `preference`


Rule = Callable[[Case], Decision | None]


def decide(case: Case) -> Decision:
    """The first rule's decision; the last rule always has one."""
    for rule in RULES:
        decision = rule(case)
        if decision is not None:
            return decision
    raise AssertionError("the last rule always decides")


def _office_always(case: Case) -> Decision | None:
    """Some mail only the office reads, whatever address it came by (row 1)."""
    text = f"{case.subject}\n{case.trimmed.new_text}" if case.fresh else case.trimmed.new_text
    chosen = len(case.addressed) == 1
    if case.words.safeguards(text):
        return _to_office(case, "safeguarding")
    if case.legal_flag:
        return _to_office(case, "legal-flag")
    if case.words.tells_health(text) and not chosen:
        return _to_office(case, "health")
    if case.attachments and not case.only_child and not chosen:
        return _to_office(case, "attachment-several-children")
    return None


def _stop_letters(case: Case) -> Decision | None:
    """Asking to stop is a wish about the letters, not news for a teacher: she is asked to confirm it.

    The link in our letters' header makes a mail with that subject and no words (RFC 2369 §3.2).
    """
    text = case.trimmed.new_text
    if not case.words.asks_to_stop(text or case.subject):
        return None
    if not case.policy.may_tell:
        return _to_office(case, "preference", MAY_NOT_TELL)
    return Decision(state=State.ASKED, reasons=("preference",), tell="preference")


def _nothing_said(case: Case) -> Decision | None:
    if case.trimmed.new_text or (case.attachments and case.of(*CERTAIN)):
        return None
    return _to_office(case, "empty")


def _addressed(case: Case) -> Decision | None:
    """C1, C2 or C3, all pointing to one section; a sibling's name is flagged but does not block (row 2)."""
    if len(case.addressed) != 1:
        return None
    child_id, role = next(iter(case.addressed))
    place = case.place(child_id, role)
    if place is None or not place.teachers:
        return _to_office(case, "no-teacher-now" if place else "not-entitled-now")
    return _file(case, place, (*_signs(case.of(*CERTAIN)), *_sibling_flag(case, child_id)))


def _addressed_twice(case: Case) -> Decision | None:
    """Several sections' addresses in one mail: one child's are hers, several children's must separate (rows 3, 4)."""
    if len(case.addressed) < 2:
        return None
    children = {child_id for child_id, _ in case.addressed}
    if len(children) > 1:
        split = _split(case)
        if split is not None and {filing.place.child.id for filing in split.filings} <= children:
            return split
        return _to_office(case, "conflicting-addresses")
    child_id = children.pop()
    place = _place_for(case, child_id)
    if place is None or not place.teachers:
        return _to_office(case, "no-teacher-now" if place else "not-entitled-now")
    return _file(case, place, ("one-child", *_signs(case.of(*CERTAIN)), *_sibling_flag(case, child_id)))


def _two_strong_agree(case: Case) -> Decision | None:
    """Two different strong signs agree, and nothing points elsewhere (row 2)."""
    strong = _strong(case)
    children = {found.child_id for found in strong}
    if len({found.sign for found in strong}) < 2 or len(children) != 1:
        return None
    child_id = children.pop()
    place = _place_for(case, child_id)
    if place is None or not place.teachers or _points_elsewhere(case, child_id):
        return None
    return _file(case, place, _signs(strong))


def _split(case: Case) -> Decision | None:
    """Words under the quoted sections of two children: each teacher gets her own part only (row 4)."""
    under = {found.span: (found.child_id, found.role) for found in case.of(Sign.UNDER_QUOTE)}
    new = [(number, span) for number, span in enumerate(case.trimmed.spans) if _says_something(case, span)]
    leading = [span for number, span in new if number not in under]
    if len(set(under.values())) < 2 or any(span.start > _first_start(case, under) for span in leading):
        return None
    if not all(case.words.only_thanks(_text(case, span)) for span in leading) or _names_across(case, under):
        return None
    filings = []
    for key in dict.fromkeys(under.values()):
        place = case.place(*key)
        if place is None or not place.teachers:
            return None
        own = [span for number, span in new if under.get(number) == key]
        filings.append(PlannedFiling(place=place, spans=tuple((span.start, span.end) for span in (*leading, *own))))
    return Decision(state=State.FILED, reasons=("split", Sign.UNDER_QUOTE.value), filings=tuple(filings))


def _one_child(case: Case) -> Decision | None:
    """Only one child can be meant: her class teacher, unless a subject teacher is (row 3). All of them teach her."""
    child_id = case.only_child
    if not child_id:
        return None
    place = _place_for(case, child_id)
    if place is None or not place.teachers:
        return _to_office(case, "no-teacher-now")
    signs = _signs(case.of(Sign.SALUTATION, Sign.CLASS_NAMED))
    return _file(case, place, ("one-child", *signs, *_sibling_flag(case, child_id)))


def _courtesy(case: Case) -> Decision | None:
    """A short thank-you is noted on the family and asks nobody anything (row 6, before 5: nobody need pick a child)."""
    text = case.trimmed.new_text
    if len(text) > case.policy.courtesy_characters or "?" in text or case.attachments:
        return None
    return Decision(state=State.COURTESY, reasons=("courtesy",)) if case.words.only_thanks(text) else None


def _same_teachers(case: Case) -> Decision | None:
    """Siblings in one class: the teacher is certain, she picks the child; on no record before (row 5).

    A child's name is better than that: then the rows below file it or ask.
    """
    audiences = {frozenset(teacher.id for teacher in place.teachers) for place in case.candidates}
    if len(audiences) != 1 or audiences == {frozenset()} or case.children_gone or _strong(case):
        return None
    return Decision(state=State.CHILD_OPEN, reasons=("same-teacher",), suggestions=_suggestions(case))


def _single_strong(case: Case) -> Decision | None:
    """One child's name alone: filed and the parent told where it went, or asked, as the school set it (row 7).

    The telling is part of the safeguard: where no mail may go to her, nothing is filed.
    """
    strong = _strong(case)
    if case.policy.single_strong != "file" or case.standing is not Standing.TOKEN or not case.policy.may_tell:
        return None
    if {found.sign for found in strong} != {Sign.CHILD_NAMED}:
        return None
    place = case.class_place(strong[0].child_id)
    if place is None or not place.teachers or _points_elsewhere(case, place.child.id):
        return None
    decision = _file(case, place, ("single-strong", Sign.CHILD_NAMED.value))
    return replace(decision, suggestions=_suggestions(case), tell="receipt")


def _ask(case: Case) -> Decision | None:
    """Something speaks for one child, but not enough to file: one short question to the parent (row 8)."""
    hints = (*_strong(case), *case.of(Sign.CLASS_NAMED))
    children = {found.child_id for found in hints}
    if len(children) != 1 or not children <= case.children:
        return None
    if not case.policy.may_tell:
        return _to_office(case, "unsure", MAY_NOT_TELL, *_signs(hints))
    return Decision(state=State.ASKED, reasons=("unsure", *_signs(hints)), suggestions=_suggestions(case), tell="ask")


def _office(case: Case) -> Decision:
    """Everything else needs a person (row 9)."""
    return _to_office(case, "several-children" if case.children else "no-child")


RULES: tuple[Rule, ...] = (
    _office_always,
    _stop_letters,
    _nothing_said,
    _addressed,
    _addressed_twice,
    _two_strong_agree,
    _split,
    _one_child,
    _courtesy,
    _same_teachers,
    _single_strong,
    _ask,
    _office,
)
CERTAIN = (Sign.SECTION_ADDRESS, Sign.CONVERSATION_ADDRESS, Sign.ONLY_SECTION)
MAY_NOT_TELL = "may-not-tell"  #: the cap of automatic mails is reached, or a rule forbids one (RFC 3834 §2)


def _to_office(case: Case, *reasons: str) -> Decision:
    return Decision(state=State.TRIAGE, reasons=reasons, suggestions=_suggestions(case))


def _file(case: Case, place: Candidate, reasons: tuple[str, ...]) -> Decision:
    spans = tuple((span.start, span.end) for span in case.trimmed.spans if span.kind is SpanKind.NEW)
    return Decision(
        state=State.FILED,
        reasons=tuple(dict.fromkeys(reasons)),
        filings=(PlannedFiling(place=place, spans=spans),),
    )


def _strong(case: Case) -> tuple[Evidence, ...]:
    return tuple(found for found in case.evidence if found.strength is Strength.STRONG)


def _place_for(case: Case, child_id: str) -> Candidate | None:
    """The child's class teacher, unless a salutation, a quoted section or a subject names one other role of hers."""
    named = {
        found.role
        for found in case.of(Sign.SALUTATION, Sign.CLASS_NAMED, Sign.UNDER_QUOTE)
        if found.child_id == child_id and found.role
    }
    return (case.place(child_id, named.pop()) if len(named) == 1 else None) or case.class_place(child_id)


def _points_elsewhere(case: Case, child_id: str) -> bool:
    """Does the mail name another child, a class this one is not in, a teacher who does not teach her, or what only
    another child's section says? (N1)
    """
    hers = [place for place in case.candidates if place.child.id == child_id]
    classes = {name for place in hers for name in _class_names(place)}
    teachers = {teacher.family_name for place in hers for teacher in place.teachers}
    for found in case.of(Sign.ELSEWHERE):
        if found.child_id == child_id:
            continue
        place = case.place(found.child_id, found.role)
        if place is None or found.place == "phrase":  # a child's name is no place: it has no role
            return True
        if found.place == "class" and not classes & _class_names(place):
            return True
        if found.place == "teacher" and not teachers & {teacher.family_name for teacher in place.teachers}:
            return True
    return False


def _class_names(place: Candidate) -> set[str]:
    return {place.class_group.title, place.class_group.subject} - {""}


def _names_across(case: Case, under: dict[int | None, tuple[str, str]]) -> bool:
    """Do the words under one child's section name another of her family's children?"""
    return any(
        found.place == "child" and found.span in under and found.child_id != under[found.span][0]
        for found in case.of(Sign.ELSEWHERE)
    )


def _sibling_flag(case: Case, child_id: str) -> tuple[str, ...]:
    named = {found.child_id for found in case.of(Sign.ELSEWHERE) if found.place == "child"}
    return ("mentions-sibling",) if named - {child_id} else ()


def _suggestions(case: Case) -> tuple[Suggestion, ...]:
    """Every candidate, the one most speaks for first."""
    order = [Strength.CERTAIN, Strength.STRONG, Strength.MEDIUM, Strength.CONTRARY]
    ranked = []
    for place in case.candidates:
        speaks = [
            found for found in case.evidence if found.child_id == place.child.id and found.role in {"", place.role}
        ]
        best = min((order.index(found.strength) for found in speaks), default=len(order))
        ranked.append((best, Suggestion(place=place, why=_signs(tuple(speaks)))))
    return tuple(suggestion for _, suggestion in sorted(ranked, key=lambda pair: pair[0]))


def _signs(found: tuple[Evidence, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(evidence.sign.value for evidence in found))


def _says_something(case: Case, span: Span) -> bool:
    return span.kind is SpanKind.NEW and bool(_text(case, span).strip())


def _text(case: Case, span: Span) -> str:
    return case.trimmed.body[span.start : span.end]


def _first_start(case: Case, under: dict[int | None, tuple[str, str]]) -> int:
    return min(case.trimmed.spans[number].start for number in under if number is not None)
