"""What a file says of terms and holidays, and the words that tell the two apart."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from school.errors import InputError
from school.term import Holiday, Term

SHOWN_PROBLEMS = 30
SHORTEST_TERM = timedelta(days=21)  # a "first day of term" is no term, nor is a project week
TERM_WORDS = re.compile(
    r"\b(term|quarter|school year|academic year|année scolaire|curso escolar|año escolar|läsår|termin|tertial)\b"
    r"|trimest|semest|halbjahr|schuljahr|schooljaar|学期|学年|學期",
    re.IGNORECASE,
)
BREAK_WORDS = re.compile(
    r"\b(holidays?|half[- ]?term|mid-?term|breaks?|recess|vacations?|closed|closure|no school|inset|staff day"
    r"|vacances|vacaciones|vacanze|férias|vakantie|lov|ferie)\b|ferien|假",
    re.IGNORECASE,
)
LAYERS = {"term": "term", "semester": "semester", "gradingperiod": "gradingPeriod", "schoolyear": "schoolYear"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TermFile:
    terms: tuple[Term, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    notes: tuple[str, ...] = ()  #: what was left out, repaired or guessed, one line each


def reads_as_break(title: str) -> bool:
    return BREAK_WORDS.search(title) is not None


def reads_as_term(title: str, first: date, last: date) -> bool:
    """Is it long enough and called a term? "Half-term" and "end-of-term holidays" are not."""
    return last - first >= SHORTEST_TERM and TERM_WORDS.search(title) is not None and not reads_as_break(title)


def term(title: str, begins: date, ends: date, *, kind: str = "", term_id: str = "") -> Term:
    """A term whose id stays when its dates are corrected and the file is read again."""
    slug = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", title).casefold()).strip("-")
    return Term(id=term_id or f"{begins.year}-{slug}", title=title, begins=begins, ends=ends, kind=kind or layer(title))


def layer(title: str) -> str:
    """The layer a title names: semesters lie over terms, and only one of them says when lessons are."""
    lowered = title.casefold()
    if any(word in lowered for word in ("school year", "academic year", "schuljahr", "année scolaire", "学年")):
        return "schoolYear"
    return "semester" if "semest" in lowered or "halbjahr" in lowered else "term"


def stop_on(problems: list[str]) -> None:
    """Raise InputError with every problem, if there are any."""
    if problems:
        more = [f"and {len(problems) - SHOWN_PROBLEMS} more"] if len(problems) > SHOWN_PROBLEMS else []
        raise InputError("\n".join([*problems[:SHOWN_PROBLEMS], *more]))
