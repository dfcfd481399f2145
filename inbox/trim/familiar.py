"""What this week's letter says to every family, by which most quotations of it are known to hold nothing else.

Only a whole letter tells whose a line inside its unmarked quotation is, and to unpack and read one takes longer than to
read the reply. So the words of each that was read are remembered, without the names in it; a quotation made of them
alone needs no look. What is not remembered is looked up: forgetting costs time, never a word.
"""

from collections.abc import Collection, Iterable
from itertools import pairwise

from inbox.trim.letter_words import words_of
from inbox.trim.lines import plain_text

MAX_RUNS = 4
MAX_WORDS_OF_A_RUN = 200_000
_FEW = 4  #: so few words must be a whole line: "Yes" is an answer, though the letter says it somewhere
_SHARE = 0.75  #: of the pairs of a longer line
_NAME = "\0"  #: stands for every word that differs from family to family

Words = tuple[str, ...]


class Familiar:
    """The lines of the latest runs, and each pair of words that stands side by side in them."""

    def __init__(self) -> None:
        self._runs: dict[str, set[Words]] = {}
        self._met: dict[str, set[str]] = {}  #: quoted lines without a name that were known: they come again

    def explains(self, run: str, lines: Iterable[str], names: Collection[str]) -> bool:
        """Is every line one that letters of this run are known to have?"""
        known = self._runs.get(run)
        if known is None:
            return False
        met = self._met[run]
        for line in lines:
            if line in met:
                continue
            words = _masked(words_of(line), names)
            if not _has(known, words):
                return False
            if _NAME not in words and len(met) < MAX_WORDS_OF_A_RUN:
                met.add(line)
        return True

    def learn(self, run: str, lines: Iterable[str], names: Collection[str]) -> None:
        """Remember a letter of this run, as it was sent to the family of these *names*."""
        known = self._runs.setdefault(run, set())
        self._met.setdefault(run, set())
        while len(self._runs) > MAX_RUNS:
            oldest = next(iter(self._runs))
            del self._runs[oldest], self._met[oldest]
        if len(known) > MAX_WORDS_OF_A_RUN:
            return
        above = ""
        for line in lines:
            words = _masked(words_of(plain_text(line)), names)
            known.add(words)
            known.update(pairwise((above, *words) if above else words))
            above = words[-1] if words else above


def _masked(words: Iterable[str], names: Collection[str]) -> Words:
    return tuple([_NAME if word in names else word for word in words])


def _has(known: set[Words], words: Words) -> bool:
    if words in known or not words:
        return True
    return len(words) >= _FEW and sum(pair in known for pair in pairwise(words)) >= _SHARE * (len(words) - 1)
