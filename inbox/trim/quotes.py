"""Which lines repeat an earlier mail: quote marks, the client's markup, introductions, and what follows each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inbox.trim.introductions import Introduction, attribution, header_block, is_rule, next_words, separator
from inbox.trim.lines import Line, Mark, split_at
from inbox.trim.patterns import Patterns
from inbox.trim.spans import SpanKind

_QUOTED = SpanKind.QUOTED
_LONG_LINE = 60
_TOP_LINES = 3
_LINK_ONLY = re.compile(r"[(<\[]?https?://\S{1,500}[)>\]]?(?:\s?>)?$")


@dataclass(frozen=True, slots=True)
class Quotes:
    """The lines with every quotation marked."""

    lines: list[Line]
    forwarded: bool = False  #: a separator says that the mail hands on another one
    leads: bool = False  #: the quotation begins with an introduction and nothing stands above
    introducing: frozenset[int] = frozenset()  #: where the lines of introductions start


def mark_quotes(lines: list[Line], patterns: Patterns, ours: re.Pattern[str]) -> Quotes:
    """Every line that repeats an earlier mail as QUOTED; what stands between and below marked quotes stays open."""
    done: list[Line] = []
    introducing: list[int] = []
    position, forwarded, leads, indents_quote = 0, False, False, False
    in_a_row = 0  #: quoted lines with words right above: after a few, nothing is near the top any more
    while position < len(lines):
        line = lines[position]
        if line.is_quoted or (indents_quote and line.mark is Mark.INDENT) or _is_wrapped_tail(lines, position):
            if in_a_row < _TOP_LINES:
                forwarded = forwarded or (_is_near_top(done) and _forwards(lines, position, patterns))
            in_a_row = in_a_row + 1 if line.plain else 0
            done.append(line.of_kind(_QUOTED))
            position += 1
            continue
        in_a_row = 0
        found = _introduction(lines, position, patterns, ours)
        if found is None:
            done.append(line)
            position += 1
            continue
        _take_back(done, found, position)
        forwarded = forwarded or found.forwarded
        leads = leads or not (found.column or _has_words(done, 0))
        if found.column:
            before, _ = split_at(lines[found.first], found.column)
            done.append(before)
        rest = _rest_of_first(lines, found)
        introducing.extend(line.start for line in (*rest, *lines[found.first + 1 : found.after]))
        end = _end_of_quotation(lines, found)
        # Once introduced, all blockquotes of the mail are pieces of one quotation, with answers between them.
        indents_quote = indents_quote or any(piece.mark is Mark.INDENT for piece in lines[found.after : end])
        done.extend([piece.of_kind(_QUOTED) for piece in (*rest, *lines[found.first + 1 : end])])
        _take_rule_above(done, len(done) - len(rest) - (end - found.first - 1) - 1)
        position = max(end, position + 1)
    return Quotes(_settle_indents(done), forwarded, leads, frozenset(introducing))


def _is_near_top(done: list[Line]) -> bool:
    """Whether the quotation has just begun: what forwards is said in its first lines."""
    near = 0
    for line in done[:-7:-1]:
        if line.kind is _QUOTED and line.plain:
            near += 1
            if near == _TOP_LINES:
                return False
    return True


def _forwards(lines: list[Line], position: int, patterns: Patterns) -> bool:
    found = separator(lines, position, patterns)
    return found is not None and found.forwarded


def _introduction(lines: list[Line], position: int, patterns: Patterns, ours: re.Pattern[str]) -> Introduction | None:
    """The first finder that answers, the surest first."""
    return (
        separator(lines, position, patterns)
        or header_block(lines, position, patterns)
        or attribution(lines, position, patterns, ours)
    )


def _take_back(done: list[Line], found: Introduction, position: int) -> None:
    """Forget lines already passed that turn out to be the head of a wrapped attribution."""
    del done[len(done) - (position - found.first) :]


def _rest_of_first(lines: list[Line], found: Introduction) -> tuple[Line, ...]:
    line = lines[found.first]
    return (split_at(line, found.column)[1],) if found.column else (line,)


def _end_of_quotation(lines: list[Line], found: Introduction) -> int:
    """Where the quotation ends that is introduced so: with the marked lines, or, when nothing is marked, never."""
    following = next_words(lines, found.after)
    if following is None:
        return len(lines) if not _has_words(lines, found.after) else found.after
    if following.is_quoted:
        return found.after
    if following.mark is Mark.INDENT:
        end = found.after
        while end < len(lines) and (lines[end].mark is Mark.INDENT or lines[end].is_blank or lines[end].is_quoted):
            end += 1
        return end
    return len(lines)


def _has_words(lines: list[Line], start: int) -> bool:
    return any(not line.is_blank for line in lines[start:])


def _take_rule_above(done: list[Line], index: int) -> None:
    """The rule a client draws above its header lines belongs to the quotation."""
    position = index
    while position >= 0 and done[position].is_blank:
        position -= 1
    if position >= 0 and is_rule(done[position]) and done[position].kind is None:
        for at in range(position, index + 1):
            done[at] = done[at].of_kind(_QUOTED)


def _is_wrapped_tail(lines: Sequence[Line], position: int) -> bool:
    """Whether an unmarked line is the end of a quoted one that a client broke without repeating the mark.

    It stands tight between marked lines, below a long one, and goes on in the middle of a sentence; an answer typed
    between the lines begins a sentence of its own.
    """
    if not 0 < position < len(lines) - 1:
        return False
    above, line, below = lines[position - 1], lines[position], lines[position + 1]
    if not (above.depth and below.depth) or line.is_blank:
        return False
    if _LINK_ONLY.match(line.plain):
        return True
    return len(above.text) >= _LONG_LINE and line.plain[:1].islower() and not above.plain.endswith((".", "?", "!"))


def _settle_indents(lines: list[Line]) -> list[Line]:
    """A plain blockquote is a quotation when the mail ends with it and the author wrote something above."""
    end = len(lines)
    while end and (lines[end - 1].is_blank or lines[end - 1].kind is _QUOTED):
        end -= 1
    start = end
    while start and (
        (lines[start - 1].mark is Mark.INDENT and lines[start - 1].kind is None) or lines[start - 1].is_blank
    ):
        start -= 1
    authored = any(not line.is_blank and line.kind is None for line in lines[:start])
    if start == end or (end < len(lines) and any(line.kind is _QUOTED for line in lines[end:])) or not authored:
        return lines
    return [*lines[:start], *(line.of_kind(_QUOTED) for line in lines[start:end]), *lines[end:]]
