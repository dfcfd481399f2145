"""Terms and holidays: which days are school days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# A roster lists the same months several times: a year, its semesters, their grading periods. The terms say when lessons
# are, for they leave the breaks out; grading periods come late, some schools have six a term.
TEACHING_KINDS = ("term", "semester", "gradingPeriod", "schoolYear")


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    id: str
    title: str
    begins: date  #: first school day
    ends: date  #: last school day, included
    kind: str = "term"  #: term, semester, gradingPeriod, schoolYear

    def covers(self, day: date) -> bool:
        return self.begins <= day <= self.ends


@dataclass(frozen=True, kw_only=True, slots=True)
class Holiday:
    name: str
    first: date
    last: date  #: included

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


def teaching_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms that say when lessons are, by their first day: where layers overlap, only the finest counts."""
    kept: list[Term] = []
    for term in sorted(terms, key=lambda term: (_layer(term), term.begins, term.ends, term.id)):
        if not any(_layer(finer) < _layer(term) and _overlap(finer, term) for finer in kept):
            kept.append(term)
    return tuple(sorted(kept, key=lambda term: (term.begins, term.ends, term.id)))


def _layer(term: Term) -> int:
    return TEACHING_KINDS.index(term.kind) if term.kind in TEACHING_KINDS else len(TEACHING_KINDS)


def _overlap(one: Term, other: Term) -> bool:
    return one.begins <= other.ends and other.begins <= one.ends
