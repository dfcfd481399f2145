"""A body as lines that know where they stand, how deep they are quoted and what they plainly say."""

import html
import re
import unicodedata
from enum import Enum
from typing import NamedTuple

from inbox.trim.spans import SpanKind

#: A person types far less. What stands behind is kept as a quotation, unread.
MAX_ANALYSED_CHARACTERS = 64 * 1024
MAX_ANALYSED_LINES = 2_500
_MAX_PLAIN_CHARACTERS = 600
_MAX_CLOSING_CHARACTERS = 60

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
# Other scripts' digits, so that one date rule reads them all.
_DIGITS = {
    first + value: str(value)
    for first in (0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xBE6, 0xE50, 0xFF10)
    for value in range(10)
}
# Arabic vowel signs and tatweel, Hebrew points: writing them is a matter of taste, and programs do not agree.
_VOWEL_SIGNS = dict.fromkeys(
    [
        *range(0x591, 0x5BE),
        *(0x5BF, 0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7),
        *range(0x610, 0x61B),
        0x640,
        *range(0x64B, 0x653),
        *range(0x656, 0x660),
        0x670,
        *range(0x6D6, 0x6DD),
        *range(0x6DF, 0x6E5),
        *(0x6E7, 0x6E8, *range(0x6EA, 0x6EE)),
    ]
)
_PLAIN_SIGNS = {0xA0: " ", 0x202F: " ", 0x3000: " ", ord("："): ":", ord("\t"): " ", ord("*"): ""}
_FOLDED: dict[int, str | None] = {**_PLAIN_SIGNS, **_INVISIBLE, **_VOWEL_SIGNS, **_DIGITS}
_FOLDABLE = re.compile(f"[{re.escape(''.join(map(chr, _FOLDED)))}]")  # to look costs a tenth of a translation
_QUOTE_PREFIX = re.compile(r"[ ]{0,3}(?:>[ ]?)+")


class Mark(Enum):
    """What the client's HTML says of a line."""

    NONE = "none"
    QUOTE = "quote"  #: inside an element that only quotes
    INDENT = "indent"  #: inside a blockquote of no kind: a quotation only when the words around it say so
    SIGNATURE = "signature"


class Line(NamedTuple):
    """One line, or a part of one: its place in the body and its text without the line break.

    A tuple, since a reply has hundreds, each made anew with its kind: a frozen dataclass takes five times as long.
    """

    start: int
    end: int  #: past the line break
    text: str
    plain: str  #: as the rules read it: no quote marks, stars, vowel or invisible signs, ASCII digits
    depth: int  #: how many quote marks stand before it
    mark: Mark = Mark.NONE
    kind: SpanKind | None = None  #: None while nothing is decided; quote marks decide at once

    @property
    def is_blank(self) -> bool:
        return not self.plain

    @property
    def is_quoted(self) -> bool:
        return self.depth > 0 or self.mark is Mark.QUOTE or self.kind is SpanKind.QUOTED

    def of_kind(self, kind: SpanKind) -> "Line":
        if self.kind is kind:
            return self
        return Line(self.start, self.end, self.text, self.plain, self.depth, self.mark, kind)


def make_line(start: int, end: int, text: str, mark: Mark = Mark.NONE) -> Line:
    """The line with its depth and its plain text worked out."""
    if text[:2] == "> " and text[2:3] != ">" and ">>" not in text:  # nearly all that are quoted so
        return Line(start, end, text, plain_text(text[2:]), 1, mark, SpanKind.QUOTED)
    prefix = _QUOTE_PREFIX.match(text) if ">" in text[:8] else None
    if prefix is None or (">>" in text and _is_decoration(text)):
        return Line(start, end, text, plain_text(text), 0, mark)
    depth = prefix[0].count(">")
    return Line(start, end, text, plain_text(text[prefix.end() :]), depth, mark, SpanKind.QUOTED)


def plain_text(text: str) -> str:
    """The text as the rules read it: a phrase and a line that say the same compare equal."""
    text = text[:_MAX_PLAIN_CHARACTERS]
    if not text.isascii():
        text = _plain_signs(text)
    elif "*" in text:
        if not text.strip("* "):
            return text.strip()  # a rule of stars, not emphasis
        text = text.replace("*", "")
    if "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())


def _plain_signs(text: str) -> str:
    text = unicodedata.normalize("NFC", text)  # Apple's programs write é in two pieces
    return text.translate(_FOLDED) if _FOLDABLE.search(text) else text


def fold(text: str) -> str:
    """The text in lower case, of the same length: unlike `casefold`, columns stay what they were."""
    return text.lower() if text.isascii() else text.replace("İ", "I").lower()


def split_at(line: Line, column: int) -> tuple[Line, Line]:
    """The line cut in two at that column of its text."""
    cut = line.start + column
    return (
        make_line(line.start, cut, line.text[:column], line.mark),
        make_line(cut, line.end, line.text[column:], line.mark),
    )


def split(body: str) -> list[Line]:
    """The lines of the body up to the caps; the caller keeps the rest as a quotation."""
    lines: list[Line] = []
    position = 0
    for text in body[:MAX_ANALYSED_CHARACTERS].split("\n", MAX_ANALYSED_LINES)[:MAX_ANALYSED_LINES]:
        end = min(position + len(text) + 1, len(body), MAX_ANALYSED_CHARACTERS)
        if text[:1] == ">" and len(text) <= _MAX_CLOSING_CHARACTERS and _closes_a_bracket(lines, text):
            lines.append(Line(position, end, text, plain_text(text), 0))
        elif end > position:  # what follows the last line break is a line only when it has any text
            lines.append(make_line(position, end, text))
        position = end
    return lines


def _closes_a_bracket(lines: list[Line], text: str) -> bool:
    """Whether the mark ends an address that was wrapped before its bracket: `Eva <eva@x` and, below, `> wrote:`."""
    if ":" not in text:
        return False
    above = "".join(line.text for line in lines[-3:] if not line.depth)[-_MAX_PLAIN_CHARACTERS:]
    return above.count("<") > above.count(">")


def _is_decoration(text: str) -> bool:
    """Whether the marks only dress up a line: `>>> look here <<<`, and GroupWise's `>>> Eva 4/3/2026 4:05 PM >>>`."""
    return text.lstrip().startswith(">>") and text.rstrip().endswith(("<<", ">>>")) and text.strip(" >") != ""
