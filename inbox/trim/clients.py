"""What the elements of each mail client mean, read from `clients.toml`."""

import re
import tomllib
from enum import Enum
from functools import cache
from pathlib import Path

# Outlook on the web, Yahoo and Gmail put their own letters before other clients' ids and classes.
_PREFIX = re.compile(r"(?:x_)+|ydp[0-9a-f]+|ecx|m_-?[0-9]+")


class Action(Enum):
    """What to do with an element."""

    QUOTE = "quote"  #: all of it is quoted
    CONTAINER = "container"  #: introduction and blockquotes are quoted; what is typed between and below is not
    CUT = "cut"  #: all that follows is quoted, as siblings of it
    SIGNATURE = "signature"
    INDENT = "indent"  #: a blockquote of no kind
    GMAIL_INDENT = "gmail-indent"  #: Gmail's blockquote: a quotation only inside Gmail's container


class Clients:
    """The table of `clients.toml`, indexed by what an element shows."""

    def __init__(self, entries: list[dict[str, str]]) -> None:
        self._by: dict[str, dict[str, Action]] = {"id": {}, "class": {}, "name": {}, "title": {}, "data": {}}
        for entry in entries:
            for attribute, table in self._by.items():
                if attribute in entry:
                    table[entry[attribute].casefold()] = Action(entry["action"])

    def action(self, attributes: dict[str, str], tag: str) -> Action | None:
        """What the element means; None for one that means nothing to us."""
        if attributes:
            found = self._marked(attributes)
            cites = tag == "blockquote" and attributes.get("type", "").lower() == "cite"
            if found is Action.CONTAINER and tag == "blockquote":
                return Action.QUOTE if cites else Action.GMAIL_INDENT
            if found is not None:
                return found
            if cites:
                return Action.QUOTE
        return Action.INDENT if tag == "blockquote" else None

    def _marked(self, attributes: dict[str, str]) -> Action | None:
        for attribute in ("id", "name", "title"):
            value = attributes.get(attribute)
            if value and (found := self._look_up(attribute, value)):
                return found
        for name in attributes.get("class", "").split()[:12]:
            if found := self._look_up("class", name):
                return found
        smart = attributes.get("data-smartmail")
        return self._by["data"].get(smart.casefold()) if smart else None

    def _look_up(self, attribute: str, value: str) -> Action | None:
        key = value.casefold()[:80]
        key = key[match.end() :] if (match := _PREFIX.match(key)) else key
        # Yahoo numbers its ids: yahoo_quoted_5894033310.
        return self._by[attribute].get(key) or self._by[attribute].get(key.rstrip("0123456789").rstrip("_"))


@cache
def clients() -> Clients:
    """The table, read once."""
    table = tomllib.loads(Path(__file__).with_name("clients.toml").read_text("utf-8"))
    return Clients(table["element"])
