"""Plain lines from HTML, each with what the client's markup says of it.

One pass over the tags without a tree: a tree of forty thousand nested elements takes any parser minutes, and all
that is asked is where lines end and which marked element a word stands in.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from inbox.trim.clients import Action, clients
from inbox.trim.lines import MAX_ANALYSED_CHARACTERS, MAX_ANALYSED_LINES, Line, Mark, make_line

MAX_HTML_CHARACTERS = 512 * 1024
MAX_TAGS = 20_000
MAX_FRAMES = 200
_MAX_TAG_CHARACTERS = 4_000
_BLANK_SIGNS = " \t\r\n\f"
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})(?::[a-zA-Z]+)?(?=[\s/>]|$)")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{2,20})\s{0,3}=\s{0,3}(?:\"([^\"]{0,1000})\"|'([^']{0,1000})'|([^\s\"'>]{1,300}))")
# The attributes a mark can stand in; the others need not be read.
_TELLING = re.compile(r"(?:id|class|name|title|type|data-smartmail)\s{0,3}=", re.IGNORECASE)
_SKIPPED = frozenset({"style", "script", "head", "title", "template", "noscript", "svg", "object", "iframe"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure"}
    | {"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p"}
    | {"pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"}
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_MARKED = frozenset({"div", "span", "blockquote", "hr", "table", "section", "p", "article"})  #: may carry a mark
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "col", "area", "base", "source"})


class Trust(Enum):
    """Which elements are believed to hold only a quotation; the others are read like any other."""

    ALL = "all"
    BLOCKQUOTES = "blockquotes"
    NONE = "none"


def to_lines(markup: str, trust: Trust = Trust.ALL) -> tuple[str, list[Line]]:
    """The text of the HTML and its lines."""
    writer = _Writer(trust=trust)
    for piece in _tokens(markup[:MAX_HTML_CHARACTERS]):
        if writer.length > MAX_ANALYSED_CHARACTERS or len(writer.lines) >= MAX_ANALYSED_LINES:
            break
        if isinstance(piece, str):
            writer.text(piece)
        elif piece.closes:
            writer.leave(piece)
        else:
            writer.enter(piece)
    return writer.finish()


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag and what it means, worked out once for all that are written alike: a newsletter has few different ones."""

    name: str
    closes: bool
    block: bool
    spaced: bool
    marked: bool  #: an element that may carry a mark: how many of them are open is counted
    action: Action | None


def _tokens(markup: str) -> Iterator[_Tag | str]:
    """Tags and the text between them; comments and unread elements are left out."""
    position, tags, length = 0, 0, len(markup)
    known = _Known()
    while position < length:
        opening = markup.find("<", position)
        if opening < 0 or tags > MAX_TAGS:
            yield markup[position:] if opening < 0 else markup[position:opening]
            return
        if opening > position:
            yield markup[position:opening]
        closing = markup.find(">", opening)
        token = known.tags.get(markup[opening + 1 : closing]) if closing > 0 else None
        if token is not None:
            position = closing + 1
            tags += 1
            yield token
            continue
        new, position = _unknown(markup, opening, known)
        if new is not None:
            tags += isinstance(new, _Tag)
            yield new


@dataclass(frozen=True, slots=True)
class _Known:
    """What was learnt from the markup so far."""

    tags: dict[str, _Tag] = field(default_factory=dict)
    endless: set[str] = field(default_factory=set)  #: unread elements that never end: looked for once


def _unknown(markup: str, opening: int, known: _Known) -> tuple[_Tag | str | None, int]:
    """What begins with that bracket, and where reading goes on."""
    if markup.startswith("<!--", opening):
        return None, _after(markup, "-->", opening + 4)
    if markup.startswith(("<!", "<?"), opening):
        return None, _after(markup, ">", opening)
    name = _NAME.match(markup, opening + 1)
    if name is None:  # `<eva@example.org>` that nobody escaped, or a lone bracket
        end = opening + 1
        while end < len(markup) and markup[end] == "<":
            end += 1
        return markup[opening:end], end
    end = _tag_end(markup, opening)
    written = markup[opening + 1 : min(end - 1, opening + _MAX_TAG_CHARACTERS)]
    tag, lower = _tag(written), name[1].lower()
    if lower in _SKIPPED and lower not in known.endless and written[:1] != "/":
        after = _after_element(markup, name[1], end)
        if after == end:
            known.endless.add(lower)
        return tag, after
    if markup.startswith(f"{written}>", opening + 1) and ">" not in written:
        known.tags[written] = tag
    return tag, end


def _tag(written: str) -> _Tag:
    """What stands between the brackets of a tag means this."""
    match = _NAME.match(written)
    name, closes = match[1].lower() if match else "", written[:1] == "/"
    marked = name in _MARKED
    attributes = _attributes(written) if marked and not closes and _TELLING.search(written) else {}
    return _Tag(
        name=name,
        closes=closes,
        block=name in _BLOCKS,
        spaced=name in _SPACED,
        marked=marked,
        action=None if closes else clients().action(attributes, name),
    )


def _after(markup: str, mark: str, start: int) -> int:
    found = markup.find(mark, start)
    return len(markup) if found < 0 else found + len(mark)


def _tag_end(markup: str, opening: int) -> int:
    """Past the bracket that closes the tag; one inside a quoted attribute does not close it."""
    end = _after(markup, ">", opening)
    for _ in range(3):
        if markup.count('"', opening, end) % 2 == 0 or end - opening > _MAX_TAG_CHARACTERS:
            break
        end = _after(markup, ">", end)
    return end


def _after_element(markup: str, name: str, start: int) -> int:
    """Past the end of an element that holds no words; only its start tag is skipped when it never ends."""
    for written in (f"</{name.lower()}", f"</{name.upper()}"):
        found = markup.find(written, start)
        if found >= 0:
            return _after(markup, ">", found)
    return start if name.lower() not in ("style", "script") else len(markup)


def _attributes(tag: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag):
        found.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
    return found


@dataclass(slots=True)
class _Frame:
    """What holds inside one marked element."""

    tag: str
    level: int  #: how many elements of this tag were open around it
    mark: Mark
    container: bool = False  #: a quotation's element: what stands before its blockquote introduces it
    opened: bool = False  #: its blockquote has been seen


@dataclass(slots=True, kw_only=True)
class _Writer:
    """Collects the lines; knows the marks of the elements it is in."""

    trust: Trust
    lines: list[Line] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    length: int = 0
    current: list[str] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)
    mark: Mark = Mark.NONE
    cut: bool = False
    blank_wanted: bool = False
    pre: int = 0

    def text(self, piece: str) -> None:
        if "&" in piece:
            piece = html.unescape(piece)
        piece = piece.replace("\u00a0", " ")
        if not self.pre:
            # Half of the pieces are the line breaks between tags.
            self._write(_BLANKS.sub(" ", piece) if piece.strip(_BLANK_SIGNS) else " ")
            return
        for number, line in enumerate(piece.split("\n")):
            if number:
                self._newline(forced=True)
            self._write(line)

    def finish(self) -> tuple[str, list[Line]]:
        self._newline()
        return "".join(self.body), self.lines

    def enter(self, tag: _Tag) -> None:
        """An element begins; `<br>` is one, too."""
        name = tag.name
        if name == "br":
            self._newline(forced=True)
            return
        if tag.block:
            self._break(spaced=tag.spaced)
        elif name in ("td", "th") and self.current:
            self.current.append(" ")
        if name == "pre":
            self.pre += 1
        level = 0
        if tag.marked and name != "hr":
            level = self.open.get(name, 0)
            self.open[name] = level + 1
        if tag.action is not None:
            self._act(tag.action, name, level)

    def _act(self, action: Action, name: str, level: int) -> None:
        if len(self.frames) >= MAX_FRAMES:
            return
        if action in (Action.QUOTE, Action.CONTAINER, Action.CUT) and not self._trusts(name):
            return
        if action is Action.CUT:
            self._newline()
            self.cut = True
        elif name not in _VOID:
            self.frames.append(self._frame(name, level, action))
        self.mark = self._mark()

    def _trusts(self, name: str) -> bool:
        return self.trust is Trust.ALL or (self.trust is Trust.BLOCKQUOTES and name == "blockquote")

    def _frame(self, name: str, level: int, action: Action) -> _Frame:
        inside = self.frames[-1] if self.frames and self.frames[-1].container else None
        if inside is not None and name == "blockquote":
            inside.opened = True
        marks = {Action.SIGNATURE: Mark.SIGNATURE, Action.INDENT: Mark.INDENT}
        mark = marks.get(action, Mark.QUOTE)
        if action is Action.GMAIL_INDENT and inside is None:
            mark = Mark.NONE  # Gmail's indent button makes the same blockquote
        return _Frame(name, level, mark, container=action is Action.CONTAINER)

    def leave(self, tag: _Tag) -> None:
        """An element ends; `</br>` is read as browsers read it, as a line break."""
        name = tag.name
        if name == "br":
            self._newline(forced=True)
            return
        if tag.block:
            self._break(spaced=tag.spaced)
        if name == "pre":
            self.pre = max(0, self.pre - 1)
        if not tag.marked:
            return
        level = max(0, self.open.get(name, 0) - 1)
        self.open[name] = level
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.tag == name and level <= frame.level:
            self._newline()
            self.frames.pop()
            self.mark = self._mark()

    def _break(self, *, spaced: bool) -> None:
        if self.current:
            self._newline()
        if spaced:
            self.blank_wanted = True

    def _mark(self) -> Mark:
        """What a character written now is: the outermost quotation wins."""
        if self.cut:
            return Mark.QUOTE
        # Between and below the blockquotes of a container the author answers.
        marks = {
            frame.mark
            for at, frame in enumerate(self.frames)
            if not (frame.container and frame.opened and at == len(self.frames) - 1)
        }
        return next((mark for mark in (Mark.QUOTE, Mark.INDENT, Mark.SIGNATURE) if mark in marks), Mark.NONE)

    def _write(self, text: str) -> None:
        if not self.pre and (not self.current or self.current[-1].endswith(" ")):
            text = text.lstrip(" ")
        if not text:
            return
        if self.blank_wanted and text.strip():
            if self.lines and self.lines[-1].text.strip():
                self._line("")
            self.blank_wanted = False
        self.current.append(text)
        self.length += len(text)

    def _newline(self, *, forced: bool = False) -> None:
        if self.current or forced:
            self._line("".join(self.current).rstrip(" "))
            self.current.clear()

    def _line(self, text: str) -> None:
        start = self.lines[-1].end if self.lines else 0
        self.lines.append(make_line(start, start + len(text) + 1, text, self.mark))
        self.body.append(text + "\n")
        self.length += 1
