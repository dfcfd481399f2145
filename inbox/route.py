"""Where a verified author's answer goes: rules in order, the first that applies decides, and says why.

A decision is a pure function of evidence and roster. Conflict is a state (a person decides), never a tie-break;
nothing is scored. The order is the specification's.
"""

from collections.abc import Callable
from dataclasses import dataclass
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

    @property
    def children(self) -> frozenset[str]:
        return frozenset(place.child.id for place in self.candidates)

    def of(self, *signs: Sign) -> tuple[Evidence, ...]:
        return tuple(found for found in self.evidence if found.sign in signs)

    def place(self, child_id: str, role: str) -> Candidate | None:
        return next((place for place in self.candidates if place.key == (child_id, role)), None)


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
    tell: str = ""  #: the one automatic mail this asks for: `receipt` or `ask`


Rule = Callable[[Case], Decision | None]


def decide(case: Case) -> Decision:
    """The first rule's decision; the last rule always has one."""
    for rule in RULES:
        decision = rule(case)
        if decision is not None:
            return decision
    raise AssertionError("the last rule always decides")


def _office_always(case: Case) -> Decision | None:
    """Words about safety go to the office only, whatever address they came by (row 1)."""
    if case.words.safeguards(case.trimmed.new_text):
        return Decision(state=State.TRIAGE, reasons=("safeguarding",), suggestions=_suggestions(case))
    if case.attachments and len(case.children) > 1 and not case.of(*CERTAIN):
        return Decision(state=State.TRIAGE, reasons=("attachment-several-children",), suggestions=_suggestions(case))
    return None


def _nothing_said(case: Case) -> Decision | None:
    if case.trimmed.new_text or (case.attachments and case.of(*CERTAIN)):
        return None
    return Decision(state=State.TRIAGE, reasons=("empty",), suggestions=_suggestions(case))


def _stop_letters(case: Case) -> Decision | None:
    """Asking to stop is a wish about the letters, not news for a teacher: a person confirms it."""
    if not case.words.asks_to_stop(case.trimmed.new_text):
        return None
    return Decision(state=State.ASKED, reasons=("preference",))


def _certain(case: Case) -> Decision | None:
    """C1, C2 or C3, all pointing to one section; a sibling's name is flagged but does not block (row 2)."""
    certain = case.of(*CERTAIN)
    keys = {(found.child_id, found.role) for found in certain}
    if len(keys) != 1:
        return None
    child_id, role = next(iter(keys))
    place = case.place(child_id, role)
    if place is None or not place.teachers:
        reason = "no-teacher-now" if place else "not-entitled-now"
        return Decision(state=State.TRIAGE, reasons=(reason,), suggestions=_suggestions(case))
    flags = ("mentions-sibling",) if _siblings_named(case, child_id) else ()
    return _file(case, place, (*_signs(certain), *flags))


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


def _child_certain(case: Case) -> Decision | None:
    """The child is certain, her roles are several: her class teacher, unless a subject teacher is meant (row 3)."""
    if len(case.children) != 1 or len(case.candidates) < 2:
        return None
    place = _place_for(case, next(iter(case.children)))
    if place is None or not place.teachers:
        return None
    return _file(case, place, ("one-child", *_signs(case.of(Sign.SALUTATION, Sign.CLASS_NAMED))))


def _one_place(case: Case) -> Decision | None:
    """A verified author with one child in one role, writing without a letter: there is only one place to go."""
    if len(case.candidates) != 1 or not case.candidates[0].teachers:
        return None
    return _file(case, case.candidates[0], ("one-child",))


def _split(case: Case) -> Decision | None:
    """Words under the quoted sections of two children: each teacher gets her own part only (row 4)."""
    under = {found.span: (found.child_id, found.role) for found in case.of(Sign.UNDER_QUOTE)}
    new = [(number, span) for number, span in enumerate(case.trimmed.spans) if _says_something(case, span)]
    leading = [span for number, span in new if number not in under]
    if len(set(under.values())) < 2 or any(span.start > _first_start(case, under) for span in leading):
        return None
    if not all(case.words.only_thanks(_text(case, span)) for span in leading):
        return None
    filings = []
    for key in dict.fromkeys(under.values()):
        place = case.place(*key)
        if place is None or not place.teachers:
            return None
        own = [span for number, span in new if under.get(number) == key]
        filings.append(PlannedFiling(place=place, spans=tuple((span.start, span.end) for span in (*leading, *own))))
    return Decision(state=State.FILED, reasons=("split", Sign.UNDER_QUOTE.value), filings=tuple(filings))


def _same_teachers(case: Case) -> Decision | None:
    """Siblings in one class: the teacher is certain, she picks the child; on no record before (row 5)."""
    audiences = {frozenset(teacher.id for teacher in place.teachers) for place in case.candidates}
    if len(audiences) != 1 or audiences == {frozenset()} or len(case.children) < 2 or _strong(case):
        return None
    return Decision(state=State.CHILD_OPEN, reasons=("same-teacher",), suggestions=_suggestions(case))


def _courtesy(case: Case) -> Decision | None:
    """A short thank-you is noted on the family and asks nobody anything (row 6)."""
    text = case.trimmed.new_text
    if len(text) > case.policy.courtesy_characters or "?" in text or case.attachments:
        return None
    return Decision(state=State.COURTESY, reasons=("courtesy",)) if case.words.only_thanks(text) else None


def _single_strong(case: Case) -> Decision | None:
    """One child's name alone: filed and the parent told where it went, or asked, as the school set it (row 7)."""
    strong = _strong(case)
    if case.policy.single_strong != "file" or case.standing is not Standing.TOKEN or not case.policy.may_tell:
        return None
    if {found.sign for found in strong} != {Sign.CHILD_NAMED}:
        return None
    place = next((place for place in case.candidates if place.child.id == strong[0].child_id), None)
    if place is None or not place.teachers or _points_elsewhere(case, place.child.id):
        return None
    decision = _file(case, place, ("single-strong", Sign.CHILD_NAMED.value))
    return Decision(state=decision.state, reasons=decision.reasons, filings=decision.filings, tell="receipt")


def _ask(case: Case) -> Decision | None:
    """Something speaks for one child, but not enough to file: one short question to the parent (row 8)."""
    hints = (*_strong(case), *case.of(Sign.CLASS_NAMED))
    if len({found.child_id for found in hints}) != 1 or not case.policy.may_tell:
        return None
    return Decision(state=State.ASKED, reasons=("unsure", *_signs(hints)), suggestions=_suggestions(case), tell="ask")


def _office(case: Case) -> Decision:
    """Everything else needs a person (row 9)."""
    reason = "conflicting-addresses" if case.of(*CERTAIN) else "several-children" if case.children else "no-child"
    return Decision(state=State.TRIAGE, reasons=(reason,), suggestions=_suggestions(case))


RULES: tuple[Rule, ...] = (
    _office_always,
    _stop_letters,
    _nothing_said,
    _certain,
    _two_strong_agree,
    _split,
    _one_place,
    _child_certain,
    _courtesy,
    _same_teachers,
    _single_strong,
    _ask,
    _office,
)
CERTAIN = (Sign.SECTION_ADDRESS, Sign.CONVERSATION_ADDRESS, Sign.ONLY_SECTION)


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
    hers = [place for place in case.candidates if place.child.id == child_id]
    named = {
        found.role
        for found in case.of(Sign.SALUTATION, Sign.CLASS_NAMED, Sign.UNDER_QUOTE)
        if found.child_id == child_id and found.role
    }
    if len(named) == 1:
        return case.place(child_id, named.pop())
    return hers[0] if hers else None


def _points_elsewhere(case: Case, child_id: str) -> bool:
    """Does the mail name another child, a class this one is not in, or a teacher who does not teach her? (N1)"""
    hers = [place for place in case.candidates if place.child.id == child_id]
    classes = {place.class_group.id for place in hers}
    teachers = {teacher.id for place in hers for teacher in place.teachers}
    for found in case.of(Sign.ELSEWHERE):
        place = case.place(found.child_id, found.role)
        if place is None or found.child_id == child_id:
            continue
        same_class = place.class_group.id in classes
        same_teacher = bool({teacher.id for teacher in place.teachers} & teachers)
        if not {"child": False, "class": same_class, "teacher": same_teacher}[found.place]:
            return True
    return False


def _siblings_named(case: Case, child_id: str) -> bool:
    named = {found.child_id for found in case.of(Sign.ELSEWHERE) if found.place == "child"}
    return bool(named - {child_id})


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
