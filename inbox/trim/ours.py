"""Our own letter inside a reply: the address it came from, and which section a quoted line repeats."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from inbox.trim.lines import Line, fold, plain_text
from inbox.trim.spans import OurMarks, SpanKind

Key = TypeVar("Key")

_NEVER = re.compile(r"(?!)")
_WORDS = re.compile(r"\w+")
_BETWEEN_WORDS = {code: " " for code in range(128) if not _WORDS.match(chr(code))}
_SHINGLE = 5
_SHORTEST_SHINGLE = 2 * _SHINGLE - 1  #: characters: a letter and a blank each
_MIN_CHARACTERS = 12
_MIN_KNOWN_LINES = 3
#: So many quoted lines without a known word may stand between a section's line and the answer below it: wrapped ends.
MAX_GAP_LINES = 3


def address_pattern(marks: OurMarks) -> re.Pattern[str]:
    """Matches an address our letters come from or are answered to, in folded text."""
    if not marks.domains:
        return _NEVER
    domains = "|".join(re.escape(fold(domain)) for domain in marks.domains)
    local = "|".join(re.escape(fold(part)) for part in marks.local_parts)
    # A mail program may write the plus of an address as a blank or as %2b (inbound.md §9.1).
    names = rf"(?:{local})(?:(?:\+|%2b| )[\w-]{{1,80}})?" if local else r"[\w.+-]{1,64}"
    return re.compile(rf"(?<![\w.-]){names}@(?:{domains})(?![\w-])")


class SectionIndex:
    """Which section of our letter a line repeats: whole short lines, and any five words in a row of longer ones."""

    def __init__(self, marks: OurMarks) -> None:
        self._lines: dict[str, int | None] = {}
        self._shingles: dict[tuple[str, ...], int | None] = {}
        self._learn(marks.section_lines, _MIN_CHARACTERS)
        self._learn(marks.visible_refs, 1)  # made to be told apart, however short

    def __bool__(self) -> bool:
        return bool(self._lines)

    def section_of(self, plain: str) -> int | None:
        """The one section that has these words; None when none or several do."""
        folded = fold(plain)
        if folded in self._lines:
            return self._lines[folded]
        if len(folded) < _SHORTEST_SHINGLE or not self._shingles:
            return None
        words = tuple(_words(folded))
        if len(words) < _SHINGLE:
            return None
        # Where to look: at the beginning of the line and at its end.
        first, last = self._shingles.get(words[:_SHINGLE]), self._shingles.get(words[-_SHINGLE:])
        if first is None or last is None:
            return first if last is None else last
        return first if first == last else None

    def _learn(self, source: Mapping[int, tuple[str, ...]], shortest: int) -> None:
        for section, lines in source.items():
            for text in lines:
                folded = fold(plain_text(text))
                if len(folded) >= shortest or "ref" in folded:
                    _add(self._lines, folded, section)
                words = _words(folded)
                for shingle in zip(*(words[at:] for at in range(_SHINGLE)), strict=False):
                    _add(self._shingles, shingle, section)


def _words(folded: str) -> list[str]:
    """Its words; for ASCII in half the time of a search."""
    return folded.translate(_BETWEEN_WORDS).split() if folded.isascii() else _WORDS.findall(folded)


def _add(index: dict[Key, int | None], key: Key, section: int) -> None:
    """Remember whose the words are; words of two sections are nobody's."""
    index[key] = section if index.get(key, section) == section else None


def sections_of(lines: Sequence[Line], index: SectionIndex) -> list[int | None]:
    """For each quoted line the section it repeats; lines between two of one section belong to it."""
    known = [index.section_of(line.plain) if line.kind is SpanKind.QUOTED and line.plain else None for line in lines]
    filled = list(known)
    last: int | None = None
    for at, section in enumerate(known):
        if section is None:
            continue
        if last is not None and known[last] == section:
            between = range(last + 1, at)
            if all(lines[gap].kind is SpanKind.QUOTED for gap in between):
                for gap in between:
                    filled[gap] = section
        last = at
    return filled


def section_above(lines: Sequence[Line], sections: Sequence[int | None], start: int) -> int | None:
    """The section whose quoted line stands right above line *start*; None when another or nothing known does."""
    gap = 0
    for at in range(start - 1, -1, -1):
        if sections[at] is not None:
            return sections[at]
        if lines[at].is_blank:
            continue
        gap += 1
        if lines[at].kind is not SpanKind.QUOTED or gap > MAX_GAP_LINES:
            return None
    return None


def mark_letter(lines: list[Line], index: SectionIndex) -> list[Line]:
    """Our letter below a reply whose program neither marked nor introduced it: from its first known line to its last.

    Two known lines may be copied by hand, three in a mail are a quotation.
    """
    if not index or any(line.kind is SpanKind.QUOTED for line in lines):
        return lines
    known = [at for at, line in enumerate(lines) if line.plain and index.section_of(line.plain) is not None]
    if len(known) < _MIN_KNOWN_LINES:
        return lines
    return [line.of_kind(SpanKind.QUOTED) if known[0] <= at <= known[-1] else line for at, line in enumerate(lines)]
