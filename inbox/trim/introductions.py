"""Where a quotation begins: an attribution, a separator line, a block of header lines, in any language.

Each finder looks at one place of the lines and answers with an `Introduction` or None. All of them read single
lines, or windows of a few, of capped length, so that the whole stays linear.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inbox.trim.lines import Line, fold, plain_text
from inbox.trim.patterns import Patterns

MAX_WINDOW_LINES = 5
MAX_WINDOW_CHARACTERS = 500
MAX_LINE_CHARACTERS = 1_500
MAX_INTRODUCTION_CHARACTERS = 160
MAX_AUTHORS_LINES = 3  #: of an author's own that look like headers: "From: Monday", "To: Friday"

ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w-]{1,63}\.[\w.-]{1,80}")
_RUN_ON = re.compile(rf"^.{{0,160}}?[<(]{ADDRESS.pattern}[>)][^:<>]{{2,40}}:(?=\s)")
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:.h時시]\s?\d{2}(?!\d)|\d{1,2}[点點시時]")
_DATE = re.compile(
    r"(?<!\d)(?:(?:1[34]|19|20|25)\d{2}(?!\d)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{1,2}月"
    r"|\d{1,2}[.,]?\s(?:de\s)?[^\W\d_]{3,12}|[^\W\d_]{3,12}\.?\s\d{1,2}(?!\d)\s?,)"
)
_STARTS_WITH_DATE = re.compile(r"[-–—‐\s\"']{0,20}(?:[^\s\d<>@:]{1,14}\s{1,2}){0,2}[^\s\d<>@:]{0,2}\d{1,4}[.,/ \-年년]")
_DASHED = re.compile(r"(?P<left>[-–—‐=_*]{2,80})\s{0,3}(?P<words>[^-–—‐=_\s][^=_]{0,90}?)\s{0,3}[-–—‐=_*]{2,80}")
_RULE = re.compile(r"[-–—‐=_*\s]{3,200}$")
_MIN_RULE_CHARACTERS = 4
_COLON_WITHIN = 41
_HEADER_LINE = re.compile(r"[\s|]{0,4}([^:@<>]{1,34}?)\s{0,2}:(.*)")


@dataclass(frozen=True, slots=True)
class Introduction:
    """A quotation begins in line *first* at *column* (0 = its start); its own words end before line *after*."""

    first: int
    column: int
    after: int
    forwarded: bool = False


def is_rule(line: Line) -> bool:
    """Whether the line is only drawn: dashes, underscores, stars."""
    return bool(_RULE.match(line.text)) and len(line.text.strip()) >= _MIN_RULE_CHARACTERS


def has_date_and_time(text: str) -> bool:
    return bool(_DATE.search(text) and _TIME.search(text))


def next_words(lines: Sequence[Line], index: int) -> Line | None:
    """The first line from *index* that is not blank, within reach."""
    return next((line for line in lines[index : index + 8] if not line.is_blank), None)


def attribution(lines: Sequence[Line], last: int, patterns: Patterns, ours: re.Pattern[str]) -> Introduction | None:
    """An attribution that ends in line *last*: "On Friday, Eva <eva@x> wrote:", wrapped over up to five lines."""
    line = lines[last]
    if line.is_blank or len(line.text) > MAX_LINE_CHARACTERS:
        return None
    folded = _without_run_on(fold(line.plain), patterns)
    if not (folded.endswith(":") or _opens(folded, patterns) or patterns.verb.closes(folded)):
        return None
    following = next_words(lines, last + 1)
    if not _may_attribute(lines, last, following):
        return None
    best: int | None = None
    for first, joined in _windows(lines, last, folded):
        if not _is_attribution(joined, following, patterns, ours):
            continue
        if _starts_strongly(fold(lines[first].plain), patterns):
            return Introduction(first, 0, last + 1)
        column = _inner_start(lines[first], patterns)
        if column:
            return Introduction(first, column, last + 1)
        best = first if best is None else best
    return None if best is None else Introduction(_with_name_above(lines, best), 0, last + 1)


def _windows(lines: Sequence[Line], last: int, folded: str) -> Iterator[tuple[int, str]]:
    """The words of line *last*, then with one line more from above each time, while they may belong together."""
    joined = folded
    yield last, joined
    for first in range(last - 1, max(-1, last - MAX_WINDOW_LINES), -1):
        above = lines[first]
        joined = f"{fold(above.plain)} {joined}".strip()
        if len(joined) > MAX_WINDOW_CHARACTERS or (above.is_quoted and not lines[last].is_quoted):
            return
        if above.plain.endswith((":", "?", "!")):
            return  # a sentence of its own, not the head of this one
        if above.is_blank and not _may_hold_a_gap(lines, first):
            return
        if not above.is_blank:
            yield first, joined


def _may_attribute(lines: Sequence[Line], last: int, following: Line | None) -> bool:
    """Whether a digit, an address or a marked quotation is near: without any of them nothing is attributed."""
    if following is not None and following.is_quoted:
        return True
    near = "".join(line.plain for line in lines[max(0, last - MAX_WINDOW_LINES) : last + 1])
    return "@" in near or any(character.isdigit() for character in near)


def _without_run_on(folded: str, patterns: Patterns) -> str:
    """The line without quoted text that ran into it: `… wrote:> text`, or `… <eva@x> wrote: text` (Yahoo's apps)."""
    head, mark, _ = folded.partition(":>")
    if not mark:
        head, mark, _ = folded.partition(": >")
    if not mark and "@" in folded and (match := _RUN_ON.search(folded)) and _starts_strongly(folded, patterns):
        head, mark = match[0], ":"
    return f"{head.rstrip(':')}:" if mark and patterns.verb.closes(head) else folded


def _may_hold_a_gap(lines: Sequence[Line], index: int) -> bool:
    """Whether a blank line may stand inside an attribution: only before one that goes on with an open bracket."""
    following = next_words(lines, index + 1)
    return following is not None and following.plain.startswith("<")


def _opens(folded: str, patterns: Patterns) -> bool:
    return patterns.opener.match(folded.lstrip("-–—‐ ")) is not None and patterns.verb.within(folded)


def _starts_strongly(folded: str, patterns: Patterns) -> bool:
    start = folded.lstrip("-–—‐ >\"'")
    return bool(patterns.opener.match(start) or _STARTS_WITH_DATE.match(start))


def _inner_start(line: Line, patterns: Patterns) -> int:
    """The column where an attribution begins behind the author's own words; 0 when there is none."""
    folded = fold(line.text)
    for match in patterns.opener.finditer(folded):
        before = folded[: match.start()]
        if ADDRESS.search(before) or _DATE.search(before) or patterns.verb.within(before):
            return 0  # "Eva <eva@x> wrote on Friday 3.4.:" begins with the name
        if before.strip() and has_date_and_time(folded[match.start() :]):
            dashes = len(folded[: match.start()]) - len(folded[: match.start()].rstrip("-–— "))
            return match.start() - dashes
    return 0


def _is_attribution(text: str, following: Line | None, patterns: Patterns, ours: re.Pattern[str]) -> bool:
    """Whether the joined words name a writer or a time in the way an attribution does."""
    quoted_next = following is not None and following.is_quoted
    date, time, address = bool(_DATE.search(text)), bool(_TIME.search(text)), "@" in text and bool(ADDRESS.search(text))
    colon = text.endswith(":")
    verb_last = patterns.verb.closes(text)
    strong = _starts_strongly(text, patterns)
    if colon and (ours.search(text) or (quoted_next and address and len(text) <= MAX_INTRODUCTION_CHARACTERS)):
        return True
    if colon and patterns.verb.within(text):
        return (
            address
            or (quoted_next and ((date and time) or verb_last))
            or (strong and date and (time or patterns.opener.match(text) is not None))
        )
    if colon or verb_last:
        return (address and date and (time or verb_last)) or (verb_last and strong and date and time)
    # No colon: a verb that stands before the name ("schrieb Eva Novak"), and what follows is plainly a quotation.
    return _opens(text, patterns) and date and time and (quoted_next or _opens_header_block(following, patterns))


def _opens_header_block(line: Line | None, patterns: Patterns) -> bool:
    return line is not None and header_role(line.plain, patterns)[0] == "from"


def _with_name_above(lines: Sequence[Line], first: int) -> int:
    """The line above when it holds the name: a wrapped attribution may go on with the address or the verb."""
    if not first or lines[first - 1].is_blank:
        return first
    above = lines[first - 1].plain
    if above.count("<") > above.count(">"):
        return first - 1
    return first - 1 if lines[first].plain.startswith(("<", "(")) and len(above.split()) <= 5 else first


def separator(lines: Sequence[Line], index: int, patterns: Patterns) -> Introduction | None:
    """A dashed line such as "----- Original Message -----", or a line that opens a forwarded mail."""
    line = lines[index]
    folded = fold(line.plain)
    if folded.rstrip(" :") in patterns.forward_lines:
        return Introduction(index, 0, index + 1, forwarded=True)
    if folded.startswith(">>>") and folded.endswith(">>>") and has_date_and_time(folded):
        return Introduction(index, 0, index + 1)  # GroupWise
    if len(line.text) > MAX_LINE_CHARACTERS or not any(mark in line.text for mark in ("--", "==", "‐‐", "——", "__")):
        return None
    text = fold(line.text)
    for match in _DASHED.finditer(text):
        words = plain_text(match["words"])
        if _separates(words, patterns):
            forwarded = patterns.forward_word.within(words)
            return Introduction(index, match.start(), index + 1, forwarded=forwarded)
    return None


def _separates(words: str, patterns: Patterns) -> bool:
    """Whether dashed words say "message" in some language, or that somebody wrote."""
    if len(words.split()) <= 8 and patterns.message_word.within(words):
        return True
    return patterns.verb.closes(words)


def header_role(plain: str, patterns: Patterns) -> tuple[str | None, str]:
    """What header a line shows ("from", "date", …) and its value; None for a line of prose."""
    # The pattern tries every length of the word before the colon: not where no colon is in its reach.
    match = _HEADER_LINE.match(plain) if ":" in plain[:_COLON_WITHIN] else None
    if match is None:
        return None, ""
    return patterns.header_words.get(fold(match[1]).strip(" |•·-")), match[2].strip()


def header_block(lines: Sequence[Line], index: int, patterns: Patterns) -> Introduction | None:
    """From, Sent, To and Subject lines in a row. A parent may write "From: Monday / To: Friday", so the block must
    hold an address or a time too; and her last line may be "From: all of us", so a block begins as late as it can.
    """
    role, _ = header_role(lines[index].plain, patterns)
    if role is None or _goes_on(lines, index, role, patterns):
        return None
    shown, after = _header_lines(lines, index, patterns)
    if not _is_block(shown):
        return None
    for start in range(1, len(shown)):
        head, tail = shown[:start], shown[start:]
        if tail[0][0] and not _is_block(head) and role in {later for later, _ in tail} and _is_block(tail):
            return None  # the author's own line: the true block below has this role, too
    return Introduction(index, 0, after)


def _goes_on(lines: Sequence[Line], index: int, role: str, patterns: Patterns) -> bool:
    """Whether the line goes on a run of header lines: only the first of them opens a block, or one that repeats a
    header of the few lines above, which the author may have written.
    """
    above: list[str] = []
    for line in reversed(lines[max(0, index - MAX_AUTHORS_LINES - 1) : index]):
        found, _ = header_role(line.plain, patterns)
        if found is None:
            break
        above.append(found)
    return bool(above) and (role not in above or len(above) > MAX_AUTHORS_LINES)


def _header_lines(lines: Sequence[Line], index: int, patterns: Patterns) -> tuple[list[tuple[str | None, str]], int]:
    """Role and value of the lines from *index* to the last header line of the run, and the line after it."""
    shown: list[tuple[str | None, str]] = []
    count, misses = 0, 0
    for position in range(index, min(len(lines), index + 16)):
        line = lines[position]
        role, value = header_role(line.plain, patterns)
        shown.append((role, line.plain if role is None else value))
        if role is not None:
            count, misses = len(shown), 0
        elif line.is_blank and lines[position - 1].is_blank:
            break
        else:
            misses += 1
        if misses > 2:
            break
    return shown[:count], index + count


def _is_block(shown: Sequence[tuple[str | None, str]]) -> bool:
    core = {role for role, _ in shown} & {"from", "date", "to", "subject"}
    values = " ".join(value for _, value in shown)
    address, moment = bool(ADDRESS.search(values)) or "mailto:" in values, has_date_and_time(values)
    if len(core) <= 2:
        return len(core) == 2 and (("from" in core and (address or moment)) or (address and moment))
    return address or moment or len(core) == 4
