"""What a mail program, an organisation or a habit adds around the author's words: footers, signatures, legal text."""

import re
from collections.abc import Iterator

from inbox.trim.introductions import ADDRESS
from inbox.trim.lines import Line, Mark, fold
from inbox.trim.patterns import Patterns
from inbox.trim.phrases import words_of
from inbox.trim.spans import SpanKind

MAX_SIGNATURE_LINES = 15
MAX_CONTACT_LINES = 8
_DELIMITER = re.compile(r"(?:--|[—–]|_{2,}|\*? ?\*( \*){2,}|- -)$")
_LINKS = re.compile(r"[<(\[]?\s?(?:https?://|mailto:|www\.)[^\s<>()\[\]]{1,2000}\s?[>)\]]?")
_ANCHORS = re.compile(r"<#[\w-]{1,80}>")  # what is left in plain text of a link within the page
_SENTENCE = re.compile(r"[,;:.!?]\s\w")
_CONTACT = re.compile(r"\+?\(?\d[\d\s()/.-]{6,20}\d|https?://|www\.|(?:tel|fax|mob|phone)\b", re.IGNORECASE)
_MAX_FOOTER = 120
_MIN_DISCLAIMER = 60


def mark_additions(lines: list[Line], patterns: Patterns) -> list[Line]:
    """The open lines with footers, banners, legal text and signatures marked; the rest is the author's."""
    out = list(lines)
    for start, end in _regions(out):
        _mark_banner(out, start, end, patterns)
        _mark_footers(out, start, end, patterns)
        _mark_disclaimers(out, start, end, patterns)
        _mark_signature(out, start, end)
        _mark_contact_block(out, start, end, patterns)
    return out


def _regions(lines: list[Line]) -> Iterator[tuple[int, int]]:
    """The runs of lines between quotations."""
    start: int | None = None
    for index, line in enumerate(lines):
        if line.kind is not None and start is not None:
            yield start, index
            start = None
        elif line.kind is None and start is None:
            start = index
    if start is not None:
        yield start, len(lines)


def _open(lines: list[Line], start: int, end: int) -> Iterator[int]:
    return (index for index in range(start, end) if lines[index].kind is None and not lines[index].is_blank)


def _mark_banner(lines: list[Line], start: int, end: int, patterns: Patterns) -> None:
    """A gateway's warning that stands above everything else."""
    if any(not line.is_blank for line in lines[:start]):
        return
    first = next(_open(lines, start, end), None)
    if first is None:
        return
    stop = first
    while stop < min(end, first + 6) and not lines[stop].is_blank:
        stop += 1
    text = fold(" ".join(line.plain for line in lines[first:stop]))
    if patterns.banner.opens(text.replace(":", ": ").lstrip("[(*⚠️!# ")) and patterns.banner_outside.within(text):
        for index in range(start, stop):
            lines[index] = lines[index].of_kind(SpanKind.DISCLAIMER)


def _mark_footers(lines: list[Line], start: int, end: int, patterns: Patterns) -> None:
    above = False  # does a footer stand right above?
    for index in _open(lines, start, end):
        plain = lines[index].plain
        above = is_footer(plain, patterns) or (above and _is_only_links(plain))
        if above:
            lines[index] = lines[index].of_kind(SpanKind.FOOTER)


def _is_only_links(plain: str) -> bool:
    """Whether the line is where a footer's words lead to, as "Sent with …" has its program's page below it."""
    return len(plain) <= 600 and not _ANCHORS.sub("", _LINKS.sub("", plain)).strip()


def is_footer(plain: str, patterns: Patterns) -> bool:
    """Whether the line is what a phone or a mail program adds: "Sent from my …", "Get … for iOS"."""
    if len(plain) > 600:
        return False
    linked = _LINKS.search(plain) is not None
    text = fold(_LINKS.sub("", plain)).strip(" .!<>()[]|")
    if text in patterns.footer_lines:
        return True
    if not text or len(text) > _MAX_FOOTER or _SENTENCE.search(text):
        return False
    words = len(text.split())
    if words <= 16 and (patterns.sent_from.opens(text) or patterns.sent_from.closes(text)):
        bare = text.replace("'", " ").replace("’", " ").replace("-", " ")  # "iPhone'a", "מה-iPhone"
        return patterns.device.within(text) or patterns.device.within(bare) or (linked and words <= 6)
    return "outlook" in text and words <= 6 and (linked or _names_two(text))


def _names_two(text: str) -> bool:
    """Whether the words name both the program and the phone it is for, as "Get Outlook for iOS" does."""
    return "ios" in text.split() or "android" in text.split()


def _mark_disclaimers(lines: list[Line], start: int, end: int, patterns: Patterns) -> None:
    """Legal text at the end: a paragraph that names confidentiality, the right reader or deletion, two of the three."""
    for first, stop in _paragraphs(lines, start, end):
        text = fold(" ".join(line.plain for line in lines[first:stop]))[:2_000]
        if len(text) < _MIN_DISCLAIMER:
            continue
        words = words_of(text)
        if sum(fact.holds_one_of(text, words) for fact in patterns.disclaimer) >= 2:
            for index in range(first, end):
                if lines[index].kind is None:
                    lines[index] = lines[index].of_kind(SpanKind.DISCLAIMER)
            return


def _paragraphs(lines: list[Line], start: int, end: int) -> Iterator[tuple[int, int]]:
    first: int | None = None
    for index in range(start, end + 1):
        gap = index == end or lines[index].is_blank or lines[index].kind is not None
        if gap and first is not None:
            yield first, index
            first = None
        elif not gap and first is None:
            first = index


def _mark_signature(lines: list[Line], start: int, end: int) -> None:
    """From a signature mark (RFC 3676 §4.3, and its common variants) to the end, when that is short enough."""
    for index in range(start, end):
        if lines[index].mark is Mark.SIGNATURE and lines[index].kind is None:
            lines[index] = lines[index].of_kind(SpanKind.SIGNATURE)
    first = _delimiter(lines, start, end)
    if first is None:
        return
    for at in range(first, end):
        if lines[at].kind is None:
            lines[at] = lines[at].of_kind(SpanKind.SIGNATURE)


def _delimiter(lines: list[Line], start: int, end: int) -> int | None:
    """The topmost signature mark with words below it, but no more than a signature has."""
    below, found = 0, None
    for index in range(end - 1, start - 1, -1):
        if lines[index].is_blank:
            continue
        if below and _DELIMITER.match(lines[index].text.replace("\u00a0", " ").strip()):
            found = index
        below += 1
        if below > MAX_SIGNATURE_LINES:
            break
    return found


def _mark_contact_block(lines: list[Line], start: int, end: int, patterns: Patterns) -> None:
    """Titles, numbers and addresses below "Kind regards" and a name; the name itself stays with the words."""
    indices = list(_open(lines, start, end))
    for place in range(len(indices) - 1, max(-1, len(indices) - 14), -1):
        if fold(lines[indices[place]].plain).strip(" ,.!;-") not in patterns.sign_offs:
            continue
        block = indices[place + 2 :]
        words = [lines[index].plain for index in block]
        contacts = sum(bool(_CONTACT.search(text) or ADDRESS.search(text)) for text in words)
        if contacts and len(block) <= MAX_CONTACT_LINES and all(len(text) <= 90 and "?" not in text for text in words):
            for index in range(block[0], end):
                if lines[index].kind is None:
                    lines[index] = lines[index].of_kind(SpanKind.SIGNATURE)
        return
