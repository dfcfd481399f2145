"""Answers typed inside a quotation that did not end for them: the lines in the middle of our letter we never wrote.

Outlook quotes without marks, and others let an author type inside their marks, so only our own letter tells. Where
`letter_lines` holds all of it, that is sure, marks or none. The sections' lines alone are not the whole letter: labels
and dates stand between them, and a mail without any answer must stay without words, so there it takes a sentence that
is not ours, and no marks.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from inbox.trim.introductions import has_date_and_time, header_role, is_rule
from inbox.trim.letter_words import ours_among, words_of
from inbox.trim.lines import Line, Mark, fold, plain_text
from inbox.trim.ours import SectionIndex
from inbox.trim.patterns import Patterns
from inbox.trim.spans import OurMarks, SpanKind

_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\s\"'”’»)]{0,4}$")
_MIN_KNOWN_LINES = 2
_KNOWN_SHARE = 1 / 3  #: of the quoted lines, before the others are the author's
_LONGEST_UNTOLD = 12
_OUR_SHARE = 0.5  #: a line of ours may be wrapped, or carry a link the client wrote out


def typed_inside(lines: Sequence[Line], ours: OurMarks, index: SectionIndex, patterns: Patterns) -> list[Line]:
    """The lines, those that the author typed inside our letter opened again."""
    if ours.letter_lines:
        found = _strangers_in_letter(lines, ours.letter_lines, patterns)
    else:
        spoken = _Spoken(text for section in ours.section_lines.values() for text in section)
        refs = tuple(fold(ref) for section in ours.visible_refs.values() for ref in section)
        found = _strangers_in_sections(lines, spoken, index, refs, patterns)
    return [_opened(line) if at in found else line for at, line in enumerate(lines)] if found else list(lines)


def unmarked_lines(lines: Sequence[Line], introducing: Collection[int], patterns: Patterns) -> tuple[str, ...]:
    """The quoted lines before which no quote sign stands: answers may be typed among them, as part of the quotation.

    *introducing*: where the lines start that introduce a quotation.
    """
    quoted = SpanKind.QUOTED
    held = [line for line in lines if line.kind is quoted and not line.depth and line.start not in introducing]
    return tuple([line.plain for line in held if not is_rule(line) and header_role(line.plain, patterns)[0] is None])


class _Spoken:
    """The words of our letter: each one, and each pair that stands side by side, across line ends too."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = [word for text in texts for word in words_of(plain_text(text))]
        self._words = frozenset(words)
        self._pairs = frozenset(pairwise(words))

    def has(self, plain: str) -> bool:
        """Whether the line is ours, at least most of it."""
        words = words_of(plain)
        if len(words) < 2:
            return all(word in self._words for word in words)
        pairs = list(pairwise(words))
        return sum(pair in self._pairs for pair in pairs) >= _OUR_SHARE * len(pairs)


def _is_unmarked(line: Line) -> bool:
    return line.kind is SpanKind.QUOTED and not line.depth and line.mark is not Mark.QUOTE and not line.is_blank


def _strangers_in_letter(lines: Sequence[Line], letter: Sequence[str], patterns: Patterns) -> set[int]:
    """Every line between the first and the last of our letter that is not of it; where marks say how far the quotation
    goes, also those below its last line.
    """
    quoted = [at for at, line in enumerate(lines) if line.kind is SpanKind.QUOTED and words_of(line.plain)]
    ours = ours_among([lines[at].plain for at in quoted], letter)
    known = [quoted[number] for number in sorted(ours)]
    if len(known) < _MIN_KNOWN_LINES or len(known) < _KNOWN_SHARE * len(quoted):
        return set()  # another letter of ours is quoted, which has the same frame
    typed = [at for at in quoted if at > known[0] and at not in known and _is_own_line(lines[at], patterns)]
    return {at for at in typed if at < known[-1] or not _is_unmarked(lines[at])}


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
    signs = sum(len(word) if len(word) > 1 else 2 for word in words_of(plain))
    return signs > _LONGEST_UNTOLD and _SENTENCE_END.search(plain) is not None


def _within_sections(lines: Sequence[Line], index: SectionIndex, refs: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The gaps between one known line and the next of the same section.

    A line that says the same as the one before is no next one: the letter's first line and its list of contents repeat
    a section's title, and between them stands the frame of the letter.
    """
    last: tuple[int, int] | None = None
    for at, line in enumerate(lines):
        if not _is_unmarked(line) or any(ref in fold(line.plain) for ref in refs):
            continue  # the reference stands in the frame below a section, not among its words
        section = index.section_of(line.plain)
        if section is None:
            continue
        if last is not None and last[1] == section and not _same_words(lines[last[0]].plain, line.plain):
            yield last[0] + 1, at
        last = at, section


def _same_words(above: str, below: str) -> bool:
    """Does one of the two lines hold all the words of the other, side by side?"""
    first, second = (f" {' '.join(words_of(plain))} " for plain in (above, below))
    return first in second or second in first


def _is_stranger(line: Line, spoken: _Spoken, patterns: Patterns) -> bool:
    return _is_unmarked(line) and _is_own_line(line, patterns) and not spoken.has(line.plain)


def _is_own_line(line: Line, patterns: Patterns) -> bool:
    """Has it words, and is it no header of the quoted letter, and no line that introduces one?"""
    if is_rule(line) or header_role(line.plain, patterns)[0] is not None:
        return False
    return bool(words_of(line.plain)) and not (line.plain.endswith(":") and "@" in line.plain)


def _opened(line: Line) -> Line:
    return Line(line.start, line.end, line.text, line.plain, 0)
