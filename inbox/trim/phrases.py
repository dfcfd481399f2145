"""Phrases of many languages found in a line by looking up its words, at the same cost for ten phrases or a thousand.

One pattern of a thousand alternatives is tried at every character; a dictionary is asked once a word. Only scripts
that write no blanks between words (Chinese, Japanese, Korean with its endings, Thai) need a pattern.
"""

import re
from collections.abc import Iterable

UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EDGES = ".,;:!?\"'«»“”„‘’<>[]{}|*=_#-–—‐‑…"


class Phrases:
    """A set of folded phrases that can be looked for in folded text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        unspaced: list[str] = []
        for phrase in sorted(set(phrases), key=lambda phrase: -len(phrase)):
            if UNSPACED.search(phrase):
                unspaced.append(re.escape(phrase))
            elif words := words_of(phrase):
                self._by_first.setdefault(words[0], []).append(words)
        self._unspaced = re.compile("|".join(unspaced)) if unspaced else None

    def within(self, text: str) -> bool:
        """Whether any phrase stands in the text, whole words only."""
        return self.holds_one_of(text, words_of(text))

    def holds_one_of(self, text: str, words: tuple[str, ...]) -> bool:
        """The same for a caller that has several questions about one text: *words* are its words."""
        if self._in_unspaced(text):
            return True
        by_first = self._by_first
        return any(word in by_first and self._at(words, at) for at, word in enumerate(words))

    def opens(self, text: str) -> bool:
        """Whether the text begins with a phrase."""
        if self._unspaced is not None and self._unspaced.match(text):
            return True
        return bool(self._at(words_of(text), 0))

    def closes(self, text: str) -> bool:
        """Whether a phrase is the last thing the text says, apart from marks."""
        bare = text.rstrip(_EDGES + " )：")
        if self._unspaced is not None and UNSPACED.search(bare[-1:]):
            tail = bare[-24:]
            if any(match.end() == len(tail) for match in self._unspaced.finditer(tail)):
                return True
        words = words_of(text)
        return any(self._at(words, at) == len(words) - at for at in range(max(0, len(words) - 5), len(words)))

    def _in_unspaced(self, text: str) -> bool:
        if self._unspaced is None or text.isascii() or not UNSPACED.search(text):
            return False
        return self._unspaced.search(text) is not None

    def _at(self, words: tuple[str, ...], at: int) -> int:
        """How many words the longest phrase takes that begins there; 0 for none."""
        if at >= len(words):
            return 0
        for phrase in self._by_first.get(words[at], ()):
            if words[at : at + len(phrase)] == phrase:
                return len(phrase)
        return 0


def words_of(text: str) -> tuple[str, ...]:
    """The words of folded text without the marks around them; marks inside, as in `napisał(a)`, stay."""
    return tuple([word for piece in text.split() if (word := piece.strip(_EDGES))])
