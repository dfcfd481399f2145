"""Answers typed inside a quotation that nobody marked: the lines in the middle of our letter that we never wrote.

Outlook quotes without marks, so only our own letter tells them apart. `letter_lines` tells it surely. The sections'
lines alone are not the whole letter: labels and dates stand between them, and a mail without any answer must stay
without words, so there it takes a sentence that is not ours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from inbox.trim.introductions import has_date_and_time, header_role, is_rule
from inbox.trim.lines import Line, Mark, fold, plain_text
from inbox.trim.ours import SectionIndex
from inbox.trim.patterns import Patterns
from inbox.trim.spans import OurMarks, SpanKind

# Scripts without blanks are compared sign by sign.
_WORDS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
_LINKS = re.compile(r"<?(?:https?://|mailto:|www\.)[^\s<>]{1,2000}>?|[^\s<>@]{1,64}@[^\s<>@]{1,255}")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\s\"'”’»)]{0,4}$")
_MIN_KNOWN_LINES = 2
_LONGEST_UNTOLD = 12
_OUR_SHARE = 0.5  #: a line of ours may be wrapped, or carry a link the client wrote out


def typed_inside(lines: Sequence[Line], ours: OurMarks, index: SectionIndex, patterns: Patterns) -> list[Line]:
    """The lines, those that the author typed inside our unmarked letter opened again."""
    spoken = _Spoken((*ours.letter_lines, *(text for section in ours.section_lines.values() for text in section)))
    if ours.letter_lines:
        found = _strangers_in_letter(lines, spoken, patterns)
    else:
        refs = tuple(fold(ref) for section in ours.visible_refs.values() for ref in section)
        found = _strangers_in_sections(lines, spoken, index, refs, patterns)
    return [_opened(line) if at in found else line for at, line in enumerate(lines)] if found else list(lines)


class _Spoken:
    """The words of our letter: each one, and each pair that stands side by side, across line ends too."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = [word for text in texts for word in _words(plain_text(text))]
        self._words = frozenset(words)
        self._pairs = frozenset(pairwise(words))

    def has(self, plain: str) -> bool:
        """Whether the line is ours, at least most of it."""
        words = _words(plain)
        if len(words) < 2:
            return all(word in self._words for word in words)
        pairs = list(pairwise(words))
        return sum(pair in self._pairs for pair in pairs) >= _OUR_SHARE * len(pairs)


def _words(plain: str) -> list[str]:
    return _WORDS.findall(_LINKS.sub(" ", fold(plain)))


def _is_unmarked(line: Line) -> bool:
    return line.kind is SpanKind.QUOTED and not line.depth and line.mark is not Mark.QUOTE and not line.is_blank


def _strangers_in_letter(lines: Sequence[Line], spoken: _Spoken, patterns: Patterns) -> set[int]:
    """Every line between the first and the last of our letter that is not of it."""
    known = [at for at, line in enumerate(lines) if _is_unmarked(line) and _WORDS.search(line.plain)]
    known = [at for at in known if spoken.has(lines[at].plain)]
    if len(known) < _MIN_KNOWN_LINES:
        return set()
    return {at for at in range(known[0], known[-1]) if _is_stranger(lines[at], spoken, patterns)}


def _strangers_in_sections(
    lines: Sequence[Line], spoken: _Spoken, index: SectionIndex, refs: tuple[str, ...], patterns: Patterns
) -> set[int]:
    """The lines between two of one section that are not of it, when a sentence is among them."""
    found = {
        at
        for start, end in _within_sections(lines, index, refs)
        for at in range(start, end)
        if _is_stranger(lines[at], spoken, patterns) and not has_date_and_time(lines[at].plain)
    }
    return found if any(_is_sentence(lines[at].plain) for at in found) else set()


def _is_sentence(plain: str) -> bool:
    """Whether it is a sentence of some length: one as short as "See you there!" may be ours and yet not among the lines
    that tell a section.
    """
    signs = sum(len(word) if len(word) > 1 else 2 for word in _words(plain))
    return signs > _LONGEST_UNTOLD and _SENTENCE_END.search(plain) is not None


def _within_sections(lines: Sequence[Line], index: SectionIndex, refs: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The gaps between one known line and the next of the same section."""
    last: tuple[int, int] | None = None
    for at, line in enumerate(lines):
        if not _is_unmarked(line) or any(ref in fold(line.plain) for ref in refs):
            continue  # the reference stands in the frame below a section, not among its words
        section = index.section_of(line.plain)
        if section is None:
            continue
        if last is not None and last[1] == section:
            yield last[0] + 1, at
        last = at, section


def _is_stranger(line: Line, spoken: _Spoken, patterns: Patterns) -> bool:
    if not _is_unmarked(line) or is_rule(line) or header_role(line.plain, patterns)[0] is not None:
        return False
    return bool(_words(line.plain)) and not spoken.has(line.plain)


def _opened(line: Line) -> Line:
    return Line(line.start, line.end, line.text, line.plain, line.depth, line.mark)
