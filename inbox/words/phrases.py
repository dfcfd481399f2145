"""The phrases of one list, looked up by their first word: a text is read once, however long the list is.

The answers are those of `inbox.names`, asked for one phrase after the other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from inbox.names import bare, has_unspaced, plain, readings, spellings, words

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Phrases:
    """A list, compiled."""

    whole: dict[str, tuple[tuple[str, ...], ...]]  #: first word → the words after it, of every phrase
    stems: dict[str, tuple[str, ...]]  #: the first `stem_letters` → every stem that begins so
    stem_letters: int  #: as many as the shortest first word of a stem has
    anywhere: re.Pattern[str] | None  #: phrases of languages that put no blanks between words
    signs: tuple[str, ...]  #: phrases without a word: a thumb, a smile

    def said_in(self, text: str) -> bool:
        """Does the text say one of them?"""
        if self.anywhere is not None and self.anywhere.search(plain(text)):
            return True
        return any(self._whole_in(said, known) or self._stem_in(said) for said, known in readings(text))

    def signs_in(self, text: str) -> bool:
        return any(sign in text for sign in self.signs)

    def _whole_in(self, said: tuple[str, ...], known: frozenset[str]) -> bool:
        """*known*: the same words, also without the short one that Arabic writes right before them."""
        if known.isdisjoint(self.whole):
            return False
        return any(
            rest == said[place : place + len(rest)]
            for place, word in enumerate(said, start=1)
            for first in (word, bare(word))
            for rest in self.whole.get(first, ())
        )

    def _stem_in(self, said: tuple[str, ...]) -> bool:
        for place, word in enumerate(said):
            stems = self.stems.get(word[: self.stem_letters])
            if stems and " ".join(said[place:]).startswith(stems):
                return True
        return False


@lru_cache(maxsize=64)  # a school has some ten lists
def compiled(phrases: tuple[str, ...]) -> Phrases:
    """The list ready to be looked up; a star at a phrase's end stands for any ending."""
    spaced = [phrase for phrase in phrases if not has_unspaced(phrase)]
    unspaced = [plain(phrase.removesuffix("*")) for phrase in phrases if has_unspaced(phrase)]
    stems = [one for phrase in spaced if phrase.endswith("*") for one in spellings(phrase[:-1])]
    letters = min((len(stem[0]) for stem in stems), default=1)
    whole = [one for phrase in spaced if not phrase.endswith("*") for one in spellings(phrase)]
    return Phrases(
        whole=_by((one[0], one[1:]) for one in whole),
        stems=_by((stem[0][:letters], " ".join(stem)) for stem in stems),
        stem_letters=letters,
        anywhere=re.compile("|".join(map(re.escape, unspaced))) if unspaced else None,
        signs=tuple(phrase for phrase in phrases if phrase and not words(phrase)),
    )


def _by(pairs: Iterable[tuple[str, Value]]) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {}
    for key, value in pairs:
        found[key] = (*found.get(key, ()), value)
    return found
