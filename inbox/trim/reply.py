"""The new words of a reply, told from everything a mail program puts around them."""

from collections.abc import Sequence
from dataclasses import replace

from inbox.trim import html
from inbox.trim.additions import mark_additions
from inbox.trim.inside import typed_inside, unmarked_lines
from inbox.trim.lines import Line, Mark, split
from inbox.trim.ours import SectionIndex, address_pattern, mark_letter, section_above, sections_of
from inbox.trim.patterns import patterns
from inbox.trim.quotes import Quotes, mark_quotes
from inbox.trim.spans import OurMarks, Span, SpanKind, Trimmed

_NO_MARKS = OurMarks()


def trim(mail_text: str, mail_html: str = "", ours: OurMarks = _NO_MARKS) -> Trimmed:
    """The body cut into spans: new words, quotation, signature, footer, disclaimer.

    The plain text is the body. The HTML is, when there is no plain text, or when it marks a quotation that the
    plain text does not show.
    """
    if not mail_html.strip():
        return _trim_text(mail_text, ours)
    if not mail_text.strip():
        return _trim_html(mail_html, ours)
    from_text = _trim_text(mail_text, ours)
    if from_text.new_text and _has_quote(from_text):
        return from_text
    from_html = _trim_html(mail_html, ours)
    if from_html.new_text and (_has_quote(from_html) or not from_text.new_text):
        return from_html
    return from_text


def _has_quote(trimmed: Trimmed) -> bool:
    return any(span.kind is SpanKind.QUOTED for span in trimmed.spans)


def _trim_text(body: str, ours: OurMarks) -> Trimmed:
    return _trim_lines(body, split(body), ours, "text")


def _trim_html(markup: str, ours: OurMarks) -> Trimmed:
    """As with text; when the client's marks leave nothing, the author typed inside an element meant for another's
    words, or for a signature.
    """
    body, lines = html.to_lines(markup)
    trimmed = _trim_lines(body, lines, ours, "html")
    marks = {line.mark for line in lines}
    if trimmed.new_text or not marks & {Mark.QUOTE, Mark.SIGNATURE}:
        return trimmed
    if Mark.QUOTE not in marks:
        return _trim_lines(body, [line._replace(mark=Mark.NONE) for line in lines], ours, "html")
    for trust in (html.Trust.BLOCKQUOTES, html.Trust.NONE):
        before, (body, lines) = lines, html.to_lines(markup, trust)
        if lines != before:
            trimmed = _trim_lines(body, lines, ours, "html")
        if trimmed.new_text:
            break
    return trimmed


def _trim_lines(body: str, lines: list[Line], ours: OurMarks, source: str) -> Trimmed:
    words = patterns()
    quotes: Quotes = mark_quotes(lines, words, address_pattern(ours))
    index = SectionIndex(ours)
    quoted = mark_letter(quotes.lines, index)
    marked = _close_gaps(mark_additions(quoted, words))
    if ours.letter_lines or (index and not _has_new_words(marked)):
        marked = _close_gaps(mark_additions(typed_inside(quoted, ours, index, words), words))
    spans = _spans(marked, index)
    covered = marked[-1].end if marked else 0
    if covered < len(body):
        spans.append(Span(start=covered, end=len(body), kind=SpanKind.QUOTED))
    told = bool(ours.letter_lines) or not index
    unmarked = () if told else unmarked_lines(quoted, quotes.introducing, words)
    trimmed = Trimmed(body=body, spans=tuple(spans), forwarded=quotes.forwarded, source=source, unmarked=unmarked)
    if quotes.leads and not trimmed.new_text:
        return replace(trimmed, forwarded=True)  # a mail that says nothing beside another one hands it on
    return trimmed


def _has_new_words(lines: Sequence[Line]) -> bool:
    return any(line.kind is SpanKind.NEW and not line.is_blank for line in lines)


def _close_gaps(lines: list[Line]) -> list[Line]:
    """Blank lines inside a quotation or a signature belong to it; every other open line is new."""
    out: list[Line] = []
    above, words_at = SpanKind.NEW, -1
    for index, line in enumerate(lines):
        kind = line.kind
        if kind is None:
            kind = SpanKind.NEW
            if not line.plain and above is not SpanKind.NEW:
                words_at = words_at if words_at > index else _next_with_words(lines, index)
                if words_at == len(lines) or lines[words_at].kind is above:
                    kind = above
            out.append(line.of_kind(kind))
        else:
            out.append(line)
        above = kind
    return out


def _next_with_words(lines: list[Line], index: int) -> int:
    return next((at for at in range(index, len(lines)) if lines[at].plain), len(lines))


def _spans(lines: Sequence[Line], index: SectionIndex) -> list[Span]:
    sections = sections_of(lines, index) if index else [None] * len(lines)
    spans: list[Span] = []
    start = 0
    for at in range(1, len(lines) + 1):
        if at < len(lines) and lines[at].kind is lines[start].kind and sections[at] == sections[start]:
            continue
        kind = lines[start].kind or SpanKind.NEW
        above = section_above(lines, sections, start) if kind is SpanKind.NEW and index else None
        end = lines[at - 1].end
        spans.append(Span(start=lines[start].start, end=end, kind=kind, section=sections[start], after_section=above))
        start = at
    return [span for span in spans if span.end > span.start]
