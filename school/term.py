"""Terms and holidays: which days are school days."""

from dataclasses import dataclass
from datetime import date


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
