"""A teacher's one reply to a whole digest, cut into what goes to whom; what names no item is never guessed.

She may write under any quoted item, or number her words:

    3 thanks
    5: I shall call you on Monday.
    all 4,6: we walk if it rains
    7 later          2 → office          8 not mine

A number counts only when a colon, full stop, bracket or arrow follows, or a word of command alone; "2 pencils are
enough" is prose. Words before the first number, or under no item, are unplaced: they go back to the teacher.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from inbox.trim.spans import Span, SpanKind, Trimmed
from inbox.words import WordLists


class Deed(StrEnum):
    ANSWER = "answer"  #: the text goes to that item's guardian
    THANKS = "thanks"  #: a friendly word of thanks goes there
    OFFICE = "office"  #: the office takes it on
    LATER = "later"  #: it stays in tomorrow's digest
    NOT_MINE = "not-mine"  #: the office finds whose it is
    STOP = "stop"  #: take back what is not sent yet


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    numbers: tuple[int, ...]
    deed: Deed
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestAnswer:
    parts: tuple[Part, ...]
    unplaced: str = ""  #: words nobody gets but the teacher herself


#: What a teacher writes for each deed, in the school's languages; whole, folded, nothing else on the line.
COMMANDS = {
    Deed.THANKS: ("thanks", "thank you", "gracias", "danke", "merci", "شكرا", "谢谢"),
    Deed.OFFICE: (
        "office",
        "to office",
        "to the office",
        "oficina",
        "büro",
        "sekretariat",
        "bureau",
        "الادارة",
        "办公室",
    ),
    Deed.LATER: ("later", "tomorrow", "después", "mañana", "später", "morgen", "plus tard", "لاحقا", "稍后"),
    Deed.NOT_MINE: ("not mine", "not for me", "no es para mí", "nicht meins", "pas pour moi", "ليس لي", "不是我的"),
}
_NUMBERS = r"(?:all\s+)?(\d{1,2}(?:\s*(?:,|&|and|\+)\s*\d{1,2})*)"
_MARKED = re.compile(rf"^\s*[#\[(]?{_NUMBERS}\s*(?::|\.(?=\s|$)|\)|\]|->|=>|→|—|–)\s*(.*)$", re.IGNORECASE)
_BARE = re.compile(rf"^\s*{_NUMBERS}\s+(\S.{{0,40}})$", re.IGNORECASE)
_STOP = re.compile(r"^\s*stop\s+(\d{1,2}(?:\s*(?:,|&|and|\+)\s*\d{1,2})*)\s*[.!]?\s*$", re.IGNORECASE)
LONGEST_LINE = 2000  #: longer lines are prose: nothing numbered is looked for in them


def read_digest_answer(trimmed: Trimmed, count: int, words: WordLists) -> DigestAnswer:
    """What each of *count* items gets. Every new word is in exactly one part, in `unplaced`, or a mere greeting."""
    parts: list[Part] = []
    unplaced: list[str] = []
    for span in trimmed.spans:
        text = _text(trimmed, span)
        if span.kind is not SpanKind.NEW or not text.strip():
            continue
        if span.after_section is not None and 1 <= span.after_section <= count:
            parts.append(_under(span.after_section, text))
            continue
        found, loose = _numbered(text, count)
        parts.extend(found)
        if loose.strip() and not words.only_thanks(loose):
            unplaced.append(loose.strip())
    return DigestAnswer(parts=tuple(parts), unplaced="\n\n".join(unplaced))


def _under(number: int, text: str) -> Part:
    """Words written right under a quoted item: a command, or an answer to it."""
    deed = _command(text)
    return Part(numbers=(number,), deed=deed or Deed.ANSWER, text="" if deed else text.strip())


def _numbered(text: str, count: int) -> tuple[list[Part], str]:
    """The numbered parts of one stretch of text, and the words before the first number."""
    loose: list[str] = []
    open_parts: list[tuple[tuple[int, ...], list[str]]] = []
    stops: list[Part] = []
    for line in text.split("\n"):
        started = _start(line, count)
        if started is not None:
            numbers, rest = started
            if rest is None:
                stops.append(Part(numbers=numbers, deed=Deed.STOP))
            else:
                open_parts.append((numbers, [rest]))
        elif open_parts:
            open_parts[-1][1].append(line)
        else:
            loose.append(line)
    return [*stops, *_closed(open_parts)], "\n".join(loose)


def _closed(open_parts: list[tuple[tuple[int, ...], list[str]]]) -> Iterator[Part]:
    for numbers, lines in open_parts:
        text = "\n".join(lines).strip()
        deed = _command(text)
        if text:
            yield Part(numbers=numbers, deed=deed or Deed.ANSWER, text="" if deed else text)


def _start(line: str, count: int) -> tuple[tuple[int, ...], str | None] | None:
    """(numbers, rest of the line) where a numbered part begins; rest None for "stop 3"; None for any other line."""
    if len(line) > LONGEST_LINE:
        return None
    if stop := _STOP.match(line):
        numbers = _known(stop[1], count)
        return (numbers, None) if numbers else None
    if marked := _MARKED.match(line):
        numbers = _known(marked[1], count)
        return (numbers, marked[2]) if numbers else None
    bare = _BARE.match(line)
    if bare and _command(bare[2]):
        numbers = _known(bare[1], count)
        return (numbers, bare[2]) if numbers else None
    return None


def _known(numbers: str, count: int) -> tuple[int, ...]:
    """The numbers, if every one of them is an item of this digest; else none: a wrong number is not guessed at."""
    found = tuple(dict.fromkeys(int(number) for number in re.findall(r"\d+", numbers)))
    return found if all(1 <= number <= count for number in found) else ()


def _command(text: str) -> Deed | None:
    said = " ".join(text.casefold().split()).strip(" .!:)→->")
    return next((deed for deed, phrases in COMMANDS.items() if said in phrases), None)


def _text(trimmed: Trimmed, span: Span) -> str:
    return trimmed.body[span.start : span.end]
