"""How mail programs turn a letter's HTML into what they quote: as text, and as HTML with its classes renamed."""

import re
import textwrap
from html import escape
from html.parser import HTMLParser

BLOCKS = {"p", "div", "table", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "hr", "section", "article"}
HIDDEN = {"style", "script", "title", "head"}
WRAP = 76


def plain_text(html: str, *, bold: str = "", link: str = " <{}>") -> str:
    """HTML as the text part of an answer shows it: links with their address behind, bold words between *bold*."""
    reader = _Text(bold, link)
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def marked(text: str, mark: str = "> ", *, blank: str = ">", width: int = WRAP) -> str:
    """Every line behind a quote mark, wrapped as a mail program wraps it."""
    lines = (piece for line in text.split("\n") for piece in wrapped(line, width))
    return "\n".join(f"{mark}{line}" if line else blank for line in lines)


def wrapped(line: str, width: int = WRAP) -> list[str]:
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]


def inside_body(html: str) -> str:
    """What stands between `<body>` and `</body>`, without comments (Outlook's conditions among them)."""
    found = re.search(r"<body\b[^>]*>(.*)</body\s*>", html, re.DOTALL | re.IGNORECASE)
    return re.sub(r"<!--.*?-->", "", found[1] if found else html, flags=re.DOTALL).strip()


def renamed(html: str, prefix: str) -> str:
    """*html* with every class and id behind a prefix, as web mail does, so that a letter cannot restyle the page."""

    def rename(match: re.Match[str]) -> str:
        names = " ".join(prefix + name for name in match[3].split())
        return f"{match[1]}={match[2]}{names}{match[2]}"

    return re.sub(r"\b(class|id)=([\"'])([^\"']*)\2", rename, html)


def html_lines(words: str) -> list[str]:
    """The author's lines, escaped for HTML; an empty line is a line break."""
    return [escape(line, quote=False) or "<br>" for line in words.split("\n")]


class _Text(HTMLParser):
    def __init__(self, bold: str, link: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._bold, self._link = bold, link
        self._hrefs: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self._hidden += 1
        elif tag in BLOCKS or tag == "br":
            self.pieces.append("\n")
        elif tag == "td":
            self.pieces.append(" ")
        elif tag in {"b", "strong"}:
            self.pieces.append(self._bold)
        elif tag == "a":
            self._hrefs.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in BLOCKS:
            self.pieces.append("\n\n" if tag in {"p", "h1", "h2", "h3", "h4", "table"} else "\n")
        elif tag in {"b", "strong"}:
            self.pieces.append(self._bold)
        elif tag == "a" and self._hrefs and (href := self._hrefs.pop()):
            self.pieces.append(self._link.format(href))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(re.sub(r"\s+", " ", data))
