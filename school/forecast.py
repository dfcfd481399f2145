"""The plan of a term in words: each week's letter, how many it reaches, and what is still missing for it.

A forecast counts with the same editions that publishing makes, so what it says is what is later sent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from school.calendar import WEEK, PlannedSend
from school.issue import AudienceKind, Edition, Item, ItemKind

SENT = "sent"
PLANNED = "planned"


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterCount:
    """What one issue comes to today."""

    letters: int
    skipped: int = 0
    run: str = ""  #: `planned` once the letters are in the outbox, `sent` when all of them are finished
    classes: Mapping[str, str] = field(default_factory=dict)  #: homeroom id → title, where a family gets a letter
    readers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  #: item id → language → families

    @classmethod
    def of(cls, editions: Iterable[Edition], *, skipped: int = 0, run: str = "") -> "LetterCount":
        """The count of these editions, read once; guardians of the same children are one family."""
        letters = 0
        classes: dict[str, str] = {}
        families: dict[tuple[str, str], set[frozenset[str]]] = {}
        for edition in editions:
            letters += 1
            family = frozenset(section.child.id for section in edition.sections)
            groups = (section.class_group for section in edition.sections)
            classes.update((group.id, group.title) for group in groups if group.homeroom)  # music need not write weekly
            for item in (*edition.shared, *(item for section in edition.sections for item in section.items)):
                families.setdefault((item.id, edition.language), set()).add(family)
        readers: dict[str, dict[str, int]] = {}
        for (item_id, language), reading in families.items():
            readers.setdefault(item_id, {})[language] = len(reading)
        return cls(letters=letters, skipped=skipped, run=run, classes=classes, readers=readers)


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecastLine:
    date: date
    at: datetime  #: aware, in the school's offset of that day
    starts: datetime  #: when the service really begins: some minutes after a full hour
    state: str  #: sent, planned, due (today), missed, held, moved, upcoming
    letters: int
    skipped: int
    missing: tuple[str, ...]  #: in words
    reason: str = ""  #: why the week is moved or held

    def as_json(self) -> dict[str, object]:
        return {
            "date": self.date.isoformat(),
            "at": self.at.isoformat(),
            "state": self.state,
            "letters": self.letters,
            "missing": list(self.missing),
        }


def forecast(
    sends: Iterable[PlannedSend],
    items_by_date: Mapping[date, Sequence[Item]],
    count_letters: Callable[[date], LetterCount],
    today: date,
    *,
    school_language: str = "en",
    language_name: Callable[[str], str] = str,
    start_offset: timedelta = timedelta(),
) -> tuple[ForecastLine, ...]:
    """One line a week, in order. *language_name* puts a tag in words: "es" → "Spanish"."""
    lines = []
    for send in sends:
        count = count_letters(send.local_date) if send.goes_out else LetterCount(letters=0)
        items = items_by_date.get(send.local_date, ()) if send.goes_out else ()
        state = _state(send, count, today)
        missing = _misdated(send, items_by_date, school_language)
        if state not in {SENT, "missed", "held"}:
            missing += _missing(items, count, school_language, language_name)
        lines.append(
            ForecastLine(
                date=send.local_date,
                at=send.due,
                starts=send.due + start_offset,
                state=state,
                letters=count.letters,
                skipped=count.skipped,
                missing=() if state == SENT else missing,
                reason=send.reason,
            )
        )
    return tuple(lines)


def _state(send: PlannedSend, count: LetterCount, today: date) -> str:
    if count.run in {SENT, PLANNED}:
        return count.run
    if not send.goes_out:
        return send.state.value
    if send.local_date < today:
        return "missed"
    if send.local_date == today:
        return "due"
    return "moved" if send.reason else "upcoming"


def _misdated(send: PlannedSend, items_by_date: Mapping[date, Sequence[Item]], school_language: str) -> tuple[str, ...]:
    """Items of this week that no letter takes along: the week was moved or held after they were written."""
    where = f"this week's letter goes out on {send.local_date}" if send.goes_out else "this week is held"
    lost = [
        (day, item)
        for day, items in sorted(items_by_date.items())
        if send.week <= day < send.week + WEEK and (day != send.local_date or not send.goes_out)
        for item in items
    ]
    return tuple(f"'{_title(item, school_language)}' is dated {day}, but {where}" for day, item in lost)


def _missing(
    items: Sequence[Item], count: LetterCount, school_language: str, language_name: Callable[[str], str]
) -> tuple[str, ...]:
    if not items:
        return ("nothing is written yet",)
    written_for = {item.audience.id for item in items if item.audience.kind is AudienceKind.CLASS}
    without = sorted(title for class_id, title in count.classes.items() if class_id not in written_for)
    found = [f"no item for class {title}" for title in without]
    if not any(item.kind is ItemKind.QUESTION for item in items):
        found.append("nothing a family can answer")
    for item in items:
        found += _untranslated(item, count.readers.get(item.id, {}), school_language, language_name)
    return tuple(found)


def _untranslated(
    item: Item, readers: Mapping[str, int], school_language: str, language_name: Callable[[str], str]
) -> list[str]:
    lacking: dict[str, int] = {}
    for language, families in readers.items():
        wanted = language or school_language
        given, _ = item.text_for(wanted, school_language)
        if given not in {wanted, _base(wanted)}:
            lacking[wanted] = lacking.get(wanted, 0) + families
    title = _title(item, school_language)
    return [
        f"no {language_name(language)} text for '{title}' ({families} {'family' if families == 1 else 'families'})"
        for language, families in sorted(lacking.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _base(language: str) -> str:
    return language.split("-", maxsplit=1)[0]


def _title(item: Item, school_language: str) -> str:
    return item.text_for(school_language, school_language)[1].title
