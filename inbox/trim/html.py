"""Plain lines from HTML, each with what the client's markup says of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from inbox.trim.clients import Action, clients
from inbox.trim.lines import MAX_ANALYSED_CHARACTERS, Line, Mark, make_line

MAX_HTML_CHARACTERS = 512 * 1024
_MAX_NODES = 40_000
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_SKIPPED = frozenset({"style", "script", "head", "title", "template", "noscript", "svg", "object", "iframe"})
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr html li main nav ol p pre section table tbody tfoot thead tr ul".split()
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})


def to_lines(markup: str, *, trust_containers: bool = True) -> tuple[str, list[Line]]:
    """The text of the HTML and its lines. Without *trust_containers*, elements said to hold only a quotation are
    read like any other."""
    writer = _Writer()
    for event in _events(LexborHTMLParser(markup[:MAX_HTML_CHARACTERS])):
        if writer.full:
            break
        writer.take(event, trust_containers=trust_containers)
    return writer.finish()


@dataclass(frozen=True, slots=True)
class _Event:
    node: LexborNode
    tag: str
    entering: bool


def _events(tree: LexborHTMLParser) -> Iterator[_Event]:
    """Every node on entering and on leaving, without recursion: mail nests a thousand tables deep."""
    node = tree.body or tree.root
    if node is None:
        return
    depth, seen = 0, 0
    while True:
        seen += 1
        tag = node.tag or ""
        yield _Event(node, tag, entering=True)
        child = node.child if tag not in _SKIPPED and seen < _MAX_NODES else None
        if child is not None:
            node, depth = child, depth + 1
            continue
        while True:
            yield _Event(node, node.tag or "", entering=False)
            if depth == 0:
                return
            sibling = node.next
            if sibling is not None and seen < _MAX_NODES:
                node = sibling
                break
            parent = node.parent
            if parent is None:
                return
            node, depth = parent, depth - 1


@dataclass(slots=True)
class _Frame:
    """What holds inside one marked element."""

    mem_id: int
    mark: Mark
    container: bool = False  #: a quotation's element: what stands before its blockquote introduces it
    opened: bool = False  #: its blockquote has been seen


@dataclass(slots=True)
class _Writer:
    """Collects the lines; knows the marks of the elements it is in."""

    lines: list[Line] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    length: int = 0
    current: list[str] = field(default_factory=list)
    current_mark: Mark = Mark.NONE
    frames: list[_Frame] = field(default_factory=list)
    cut: bool = False
    blank_wanted: bool = False
    pre: int = 0

    @property
    def full(self) -> bool:
        return self.length > MAX_ANALYSED_CHARACTERS

    def take(self, event: _Event, *, trust_containers: bool) -> None:
        tag = event.tag
        if tag == "-text":
            if event.entering:
                self._text(event.node.text_content or "")
            return
        if tag in _SKIPPED or tag.startswith("-"):
            return
        if tag == "br" and event.entering:
            self._newline(forced=True)
            return
        if event.entering:
            self._enter(event.node, tag, trust_containers=trust_containers)
        else:
            self._leave(event.node, tag)

    def finish(self) -> tuple[str, list[Line]]:
        self._newline()
        return "".join(self.body), self.lines

    def _enter(self, node: LexborNode, tag: str, *, trust_containers: bool) -> None:
        if tag in _BLOCKS:
            self._newline()
            self.blank_wanted = self.blank_wanted or tag in _SPACED
        elif tag in ("td", "th") and self.current:
            self.current.append(" ")
        self.pre += tag == "pre"
        action = clients().action(node, tag)
        if action is None or (not trust_containers and action in (Action.QUOTE, Action.CONTAINER, Action.CUT)):
            return
        if action is Action.CUT:
            self._newline()
            self.cut = True
        elif action is Action.CONTAINER:
            self.frames.append(_Frame(node.mem_id, Mark.QUOTE, container=clients().holds_blockquote(node)))
        else:
            self._open_blockquote(action)
            mark = {Action.QUOTE: Mark.QUOTE, Action.SIGNATURE: Mark.SIGNATURE}.get(action, Mark.INDENT)
            if action is Action.GMAIL_INDENT:
                mark = Mark.QUOTE if self.frames and self.frames[-1].container else Mark.NONE
            self.frames.append(_Frame(node.mem_id, mark))

    def _open_blockquote(self, action: Action) -> None:
        if action is not Action.SIGNATURE and self.frames and self.frames[-1].container:
            self.frames[-1].opened = True

    def _leave(self, node: LexborNode, tag: str) -> None:
        if tag in _BLOCKS:
            self._newline()
            self.blank_wanted = self.blank_wanted or tag in _SPACED
        self.pre -= tag == "pre"
        if self.frames and self.frames[-1].mem_id == node.mem_id:
            self._newline()
            self.frames.pop()

    def _mark(self) -> Mark:
        """What a character written now is: the outermost quotation wins."""
        if self.cut:
            return Mark.QUOTE
        marks = [
            frame.mark
            for at, frame in enumerate(self.frames)
            # Between and below the blockquotes of a container the author answers.
            if not (frame.container and frame.opened and at == len(self.frames) - 1)
        ]
        for wanted in (Mark.QUOTE, Mark.INDENT, Mark.SIGNATURE):
            if wanted in marks:
                return wanted
        return Mark.NONE

    def _text(self, text: str) -> None:
        if self.pre:
            for number, piece in enumerate(text.split("\n")):
                if number:
                    self._newline(forced=True)
                self._write(piece)
            return
        self._write(_BLANKS.sub(" ", text))

    def _write(self, text: str) -> None:
        if not self.current or self.current[-1].endswith((" ", "\n")):
            text = text if self.pre else text.lstrip(" ")
        if not text:
            return
        if self.blank_wanted and text.strip():
            if self.lines and self.lines[-1].text.strip():
                self._line("", self._mark())
            self.blank_wanted = False
        if not self.current:
            self.current_mark = self._mark()
        self.current.append(text)
        self.length += len(text)

    def _newline(self, *, forced: bool = False) -> None:
        if self.current or forced:
            self._line("".join(self.current).rstrip(" "), self.current_mark if self.current else self._mark())
            self.current.clear()

    def _line(self, text: str, mark: Mark) -> None:
        start = self.lines[-1].end if self.lines else 0
        self.lines.append(make_line(start, start + len(text) + 1, text, mark))
        self.body.append(text + "\n")
        self.length += 1
