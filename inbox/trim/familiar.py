"""What this week's letter says to every family, by which most quotations of it are known to hold nothing else.

Only a whole letter tells whose a line inside its unmarked quotation is, and to unpack and read one takes longer than to
read the reply. So the words of each that was read are remembered, without the names in it; a quotation made of them
alone needs no look. What is not remembered is looked up: forgetting costs time, never a word.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import chain, groupby, pairwise

from inbox.trim.letter_words import PART_END, words_of
from inbox.trim.lines import plain_text

MAX_RUNS = 8
MAX_WORDS_OF_A_RUN = 200_000
_FEW = 4  #: so few words must be a whole line, or go on where the line above ended: "Yes" is an answer
_SHARE = 0.75  #: of the pairs of a longer line
_NAME = "\0"  #: stands for every word that differs from family to family

Words = tuple[str, ...]


class Familiar:
    """How often letters of the latest runs say each line, and each pair of words that stands side by side."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[Words, int]] = {}
        self._pairs: dict[str, dict[Words, int]] = {}
        self._met: dict[str, dict[str, Words]] = {}  #: quoted lines without a name: they come again

    def explains(self, run: str, lines: Iterable[str], names: Collection[str]) -> bool:
        """Is every line one that letters of this run are known to have, and none there more often than in a letter?

        Whoever types what the letter says, too, has answered.
        """
        if run not in self._lines:
            return False
        known, pairs = self._lines[run], self._pairs[run]
        quoted = [words for words in (self._words(run, line, names) for line in lines) if words]
        above = ""
        for words in quoted:
            if words not in known and not _goes_on(pairs, above, words):
                return False
            above = words[-1]
        met = Counter(chain.from_iterable(map(pairwise, quoted)))
        alone = Counter(words for words in quoted if len(words) == 1 and words in known)
        more = any(count > 1 and count > pairs.get(pair, 0) for pair, count in met.items())
        return not more and all(count <= known[words] for words, count in alone.items())

    def learn(self, run: str, lines: Iterable[str], names: Collection[str]) -> None:
        """Remember a letter of this run, as it was sent to the family of these *names*."""
        known, pairs = self._lines.setdefault(run, {}), self._pairs.setdefault(run, {})
        self._met.setdefault(run, {})
        while len(self._lines) > MAX_RUNS:
            oldest = next(iter(self._lines))
            del self._lines[oldest], self._pairs[oldest], self._met[oldest]
        if len(pairs) > MAX_WORDS_OF_A_RUN:
            return
        for end, part in groupby(lines, PART_END.__eq__):
            if not end:  # a reply quotes the letter's text or its HTML
                said = [_masked(words_of(plain_text(line)), names) for line in part]
                _raise(known, Counter(said))
                _raise(pairs, Counter(pairwise(chain.from_iterable(said))))

    def _words(self, run: str, line: str, names: Collection[str]) -> Words:
        met = self._met[run]
        words = met.get(line)
        if words is None:
            words = _masked(words_of(line), names)
            if _NAME not in words and len(met) < MAX_WORDS_OF_A_RUN:
                met[line] = words
        return words


def _masked(words: Iterable[str], names: Collection[str]) -> Words:
    return tuple([_NAME if word in names else word for word in words])


def _raise(most: dict[Words, int], counts: Counter[Words]) -> None:
    for words, count in counts.items():
        if count > most.get(words, 0):
            most[words] = count


def _goes_on(pairs: dict[Words, int], above: str, words: Words) -> bool:
    """Is it a piece of a longer line? Of few words, the one that follows *above*."""
    if len(words) < _FEW:
        return all(pair in pairs for pair in pairwise((above, *words)))
    return sum(pair in pairs for pair in pairwise(words)) >= _SHARE * (len(words) - 1)
