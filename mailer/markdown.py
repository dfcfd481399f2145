"""What teachers write (Markdown) as safe HTML for a letter, and as plain text for its twin.

Raw HTML in the source is text, never markup; nh3 then allows a few elements, and `https:` and `mailto:` links only.
Pictures become their description: a remote picture tells who opened a letter and when.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from mailer.signs import dangerous

LINE_WIDTH = 76
TAGS = {"p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "h4", "h5", "hr", "code", "pre"}


def _styles(start: str) -> dict[str, dict[str, str]]:
    """Mail programs drop or change sheets; what must hold is written on the element itself. *start*: left or right."""
    styles = {
        "p": "margin:0 0 12px",
        "ul": f"margin:0 0 12px;padding:0;padding-{start}:22px",
        "ol": f"margin:0 0 12px;padding:0;padding-{start}:22px",
        "li": "margin:0 0 6px",
        "h4": "margin:16px 0 6px;font-size:16px;line-height:1.35",
        "h5": "margin:14px 0 6px;font-size:15px;line-height:1.35",
        "blockquote": f"margin:0 0 12px;padding:0;padding-{start}:14px;border-{start}:3px solid #b9ad98",
        "hr": "margin:16px 0;border:0;border-top:1px solid #b9ad98",
        "pre": "margin:0 0 12px;white-space:pre-wrap",
    }
    return {tag: {"style": style} for tag, style in styles.items()}


STYLES = {"ltr": _styles("left"), "rtl": _styles("right")}


def _picture_as_words(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return escape(self.renderInlineAsText(tokens[index].children or (), options, env))


def _any_link(url: str) -> bool:
    del url
    return True


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    reader.add_render_rule("image", _picture_as_words)
    reader.validateLink = _any_link  # type: ignore[method-assign]  # nh3 decides, for every source alike
    return reader


READER = _reader()


def to_html(source: str, direction: str = "ltr") -> str:
    """Safe HTML of *source*. Headings start at level 4: the letter's own are above them."""
    tokens = READER.parse(_plain_signs(source))
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h4" if token.tag in {"h1", "h2"} else "h5"
    return _clean(READER.renderer.render(tokens, READER.options, {}), direction)


def text_to_html(text: str, direction: str = "ltr") -> str:
    """Plain text from outside as paragraphs; every sign is text, nothing in it is markup."""
    paragraphs = _paragraphs(_plain_signs(text))
    html = "".join(f"<p>{'<br>'.join(escape(part).splitlines())}</p>" for part in paragraphs)
    return _clean(html, direction)


def _paragraphs(text: str) -> Iterator[str]:
    gathered: list[str] = []
    for line in text.splitlines():
        if line.strip():
            gathered.append(line)
        elif gathered:
            yield "\n".join(gathered)
            gathered = []
    if gathered:
        yield "\n".join(gathered)


def _clean(html: str, direction: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        attribute_filter=_only_whole_links,
        url_schemes={"https", "mailto"},
        link_rel=None,
        set_tag_attribute_values=STYLES[direction],
    ).strip()


def _only_whole_links(element: str, attribute: str, value: str) -> str | None:
    """A letter has no address of its own, so a link that is relative (or pretends to be) leads nowhere."""
    if (element, attribute) == ("a", "href") and not value.lower().startswith(("https://", "mailto:")):
        return None
    return value


def _plain_signs(source: str) -> str:
    """*source* with unix line ends and without control signs (NUL, escapes) or bidirectional overrides."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in text if sign in "\n\t" or not dangerous(sign))


def to_text(source: str, width: int = LINE_WIDTH) -> str:
    """*source* as plain text: no signs of Markdown, links written out, lines wrapped to *width* columns."""
    writer = _TextWriter(width)
    for token in READER.parse(_plain_signs(source)):
        writer.take(token)
    return writer.text


class _TextWriter:
    """Block by block: bullets and numbers stay, a quotation gets a bar, a list keeps its lines together."""

    def __init__(self, width: int) -> None:
        self.width, self.text = width, ""
        self.lists: list[int | None] = []  #: the open ones: the next number, or None for bullets
        self.quotes = 0
        self.mark = ""  #: stands before the next line of a list item
        self.in_same_list = False

    def take(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self.lists.append(None)
            case "ordered_list_open":
                self.lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
                self.in_same_list = bool(self.lists)
                self.mark = ""
            case "list_item_open":
                self.mark = self._next_mark()
            case "blockquote_open" | "blockquote_close":
                self.quotes += token.nesting
            case "inline":
                self._write(_inline_text(token.children or ()))
            case "fence" | "code_block":
                self._write(token.content.rstrip("\n"))
            case "hr":
                self._write("* * *")
            case _:
                pass

    def _next_mark(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "- "
        self.lists[-1] = number + 1
        return f"{number}. "

    def _write(self, words: str) -> None:
        indent = "| " * self.quotes + "  " * max(len(self.lists) - 1, 0)
        gap = "" if not self.text else "\n" if self.in_same_list else "\n\n"
        self.text += gap + wrap(words, self.width, indent + self.mark, indent + " " * len(self.mark))
        self.mark = " " * len(self.mark)
        self.in_same_list = bool(self.lists)


def _inline_text(tokens: Iterable[Token]) -> str:
    out: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                out.append(token.content)
            case "softbreak" | "hardbreak":
                out.append("\n")
            case "image":
                out.append(_inline_text(token.children or ()))
            case "link_open":
                links.append((str(token.attrs.get("href", "")), len(out)))
            case "link_close":
                url, begins = links.pop()
                shown = "".join(out[begins:]).removeprefix("mailto:")
                address = url.removeprefix("mailto:")
                known = url.startswith(("https:", "mailto:")) and address != shown
                out[begins:] = [f"{shown} ({address})" if known else shown]
            case _:
                pass
    return "".join(out)


@lru_cache(maxsize=4_096)
def wrap(text: str, width: int = LINE_WIDTH, first: str = "", rest: str = "") -> str:
    """*text* in lines of at most *width* columns; a wide sign (Chinese) takes two and may be broken after.

    A word longer than a line, such as a reply address, stays whole. Line breaks in *text* are kept.
    """
    lines: list[str] = []
    for written in text.split("\n"):
        line, used = (rest if lines else first), 0
        for piece, gap in _pieces(written):
            if used and columns(line) + (1 if gap else 0) + columns(piece) > width:
                lines.append(line)
                line, used = rest, 0
            line += (" " if gap and used else "") + piece
            used += 1
        lines.append(line.rstrip() if not used else line)
    return "\n".join(lines)


def rewrapped(text: str, width: int = LINE_WIDTH) -> str:
    """Plain text from outside: safe signs, its own line breaks, long lines wrapped."""
    return wrap(_plain_signs(text).strip(), width)


def quoted(text: str, width: int = LINE_WIDTH) -> str:
    """Plain text from outside behind a bar, so that whose words are whose is plain to see."""
    return "\n".join(f"| {line}".rstrip() for line in rewrapped(text, width - 2).splitlines()) if text.strip() else ""


FIRST_WIDE, FIRST_COMBINING = "\u1100", "\u0300"  # Hangul Jamo begins the wide signs
NEVER_FIRST = "，。、；：？！）》」』”’…·"


def _pieces(line: str) -> Iterator[tuple[str, bool]]:
    """What must stay together on one line, and whether a space stands before it."""
    if not line or max(line) < FIRST_WIDE:
        yield from ((word, True) for word in line.split())
        return
    for word in line.split():
        piece, gap = "", True
        for sign in word:
            wide = unicodedata.east_asian_width(sign) in "WF"
            if piece and wide and sign not in NEVER_FIRST:
                yield piece, gap
                piece, gap = "", False
            piece += sign
        yield piece, gap


def columns(text: str) -> int:
    """How many columns *text* takes in a fixed-width font."""
    if not text or max(text) < FIRST_COMBINING:
        return len(text)
    return sum(
        0
        if unicodedata.combining(sign) or unicodedata.category(sign) == "Cf"
        else 2
        if unicodedata.east_asian_width(sign) in "WF"
        else 1
        for sign in text
    )
