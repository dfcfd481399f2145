"""Is the HTML well nested, both for Outlook (conditional bodies kept) and for everyone else?"""

import re
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
NOT_OUTLOOK = re.compile(r"<!--\[if !mso[^>]*\]><!-->.*?<!--<!\[endif\]-->", re.DOTALL)
OUTLOOK_ONLY = re.compile(r"<!--\[if [^\]]*\]>(.*?)<!\[endif\]-->", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def nesting_fault(html: str) -> str:
    """The first element that closes wrongly in either reading, as "outlook: </td> at line 3"; empty = none."""
    readings = (("outlook", OUTLOOK_ONLY.sub(r"\1", NOT_OUTLOOK.sub("", html))), ("others", COMMENT.sub("", html)))
    for reader, document in readings:
        nesting = _Nesting()
        nesting.feed(document)
        fault = nesting.fault or (f"never closed: {', '.join(nesting.open)}" if nesting.open else "")
        if fault:
            return f"{reader}: {fault}"
    return ""


class _Nesting(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fault = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if not self._needs_no_end(tag):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """<br/>, <o:p/>: nothing to close."""

    def handle_endtag(self, tag: str) -> None:
        if self._needs_no_end(tag) or self.fault:
            return
        if not self.open or self.open.pop() != tag:
            self.fault = f"</{tag}> at line {self.getpos()[0]}"

    def _needs_no_end(self, tag: str) -> bool:
        return tag in VOID or tag.startswith("o:")
