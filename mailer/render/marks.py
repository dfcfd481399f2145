"""The lines of a section by which a quote of it is recognised, as they were written.

A mail program that quotes wraps lines anew, so a paragraph is kept whole: any few words of it in a row tell it. Chinese
has no spaces to count words by, so there the lines of the text twin are kept too. Whoever reads a reply folds case and
spacing.
"""

import unicodedata
from collections.abc import Iterable, Iterator

from mailer import markdown

MIN_SIGNS = 12
"""Shorter lines ("See you there!") say nothing about where they come from."""

MIN_WIDE_SIGNS = 6
"""A Chinese sign carries about as much as two letters."""


def marks(title: str, body: str) -> tuple[str, ...]:
    """The telling lines of one item: its title and paragraphs, each once. *body* is Markdown."""
    found: dict[str, None] = {}
    for paragraph in (title, *markdown.to_text(body, width=10_000).splitlines()):
        for line in _lines(paragraph.strip().removeprefix("- ")):
            if telling(line):
                found[line] = None
    return tuple(found)


def _lines(paragraph: str) -> Iterator[str]:
    yield paragraph
    if _wide(paragraph):
        yield from markdown.wrap(paragraph).splitlines()


def telling(line: str) -> bool:
    """Is *line* long enough to tell one section from another?"""
    wide = _wide(line)
    letters = sum(1 for sign in line if sign.isalnum())
    return wide >= MIN_WIDE_SIGNS or (letters + wide >= MIN_SIGNS and " " in line)


def _wide(line: Iterable[str]) -> int:
    return sum(1 for sign in line if unicodedata.east_asian_width(sign) == "W")
