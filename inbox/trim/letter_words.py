"""The words of one letter of ours in their order: which lines of a quotation repeat them, each of them once.

A line is ours where its words stand in a row in the letter and no line above took those very words already: whoever
types "See you on Monday" below a letter that says so has answered. A line of few words must be a whole line of the
letter, or go on where the line above ended, as wrapped lines do.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from inbox.trim.lines import fold, plain_text

#: Between the parts of a letter among `OurMarks.letter_lines`: a reply quotes its text or its HTML, not both.
PART_END = "\f"
# Scripts without blanks are compared sign by sign.
_WORDS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
_LINKS = re.compile(r"<?(?:https?://|mailto:|www\.)[^\s<>]{1,2000}>?|[^\s<>@]{1,64}@[^\s<>@]{1,255}")
_COPIED = 4  #: so many longer lines once more are a copy
_QUOTED = 0.5  #: a letter of which so much is there is quoted
_MOST_PLACES = 200  #: where one word is looked for
_ENOUGH = 4  #: so many words in a row are nobody's by chance
_ENOUGH_BENT, _BENT_SHARE = 6, 0.75  #: a longer line may have been bent a little by the program


def words_of(plain: str) -> list[str]:
    """The words as they are compared: links and addresses left out, for programs write them out."""
    folded = fold(plain)
    linked = "@" in folded or ":" in folded or "www." in folded  # to look for a link costs more than the words
    return _WORDS.findall(_LINKS.sub(" ", folded) if linked else folded)


def ours_among(quoted: Sequence[str], letters: Sequence[str]) -> set[int]:
    """Which of the quoted lines repeat a letter of ours: the part most of them repeat, and what is quoted beside it.

    A second part counts only where half of it is there: a receipt returns the author's words, and she may write them
    once more without quoting it. None where the letter is quoted twice: which copy a line belongs to, nobody can say.
    """
    said = [tuple(words_of(line)) for line in quoted]
    parts = [Repeated(lines) for end, lines in groupby(letters, PART_END.__eq__) if not end]
    found = sorted(((part.lines(said), part) for part in parts), key=lambda held: -len(held[0]))
    if found and found[0][1].stands_twice([words for number, words in enumerate(said) if number not in found[0][0]]):
        return set()
    return set[int]().union(
        *(lines for number, (lines, part) in enumerate(found) if not number or part.share >= _QUOTED)
    )


class Repeated:
    """One part of the letter, and how much of it was repeated so far."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._words: list[str] = []
        self._whole: dict[tuple[str, ...], list[int]] = {}
        for line in lines:
            words = tuple(words_of(plain_text(line)))
            if words:
                self._whole.setdefault(words, []).append(len(self._words))
                self._words += words
        self._long = sum(len(words) >= _ENOUGH for words in self._whole)
        self._pairs = frozenset(pairwise(self._words))
        self._at: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            self._at.setdefault(word, []).append(place)
        self._taken = bytearray(len(self._words))
        self._cursor = 0

    def lines(self, said: Sequence[tuple[str, ...]]) -> set[int]:
        """The numbers of the lines that are ours: first those that stand in the letter, then the bent ones of what is
        left of it.
        """
        found = {number for number, words in enumerate(said) if words and self._takes(words)}
        rest = [(number, words) for number, words in enumerate(said) if number not in found]
        bent = [(number, words) for number, words in rest if len(words) >= _ENOUGH_BENT]
        left = self._left() if bent else Counter()
        return found | {number for number, words in bent if self._is_bent(words, left)}

    def stands_twice(self, rest: Iterable[tuple[str, ...]]) -> bool:
        """Are longer lines of ours among those that are left, more than anybody types in our very words?"""
        again = sum(len(words) >= _ENOUGH and all(pair in self._pairs for pair in pairwise(words)) for words in rest)
        return again >= min(_COPIED, max(2, self._long / 2))

    @property
    def share(self) -> float:
        """How much of the letter was repeated."""
        return sum(self._taken) / len(self._taken) if self._taken else 0.0

    def _takes(self, words: tuple[str, ...]) -> bool:
        place = self._place(words)
        if place is None:
            return False
        self._cursor = place + len(words)
        self._taken[place : self._cursor] = b"\1" * len(words)
        return True

    def _place(self, words: tuple[str, ...]) -> int | None:
        """Where the words stand and are not taken: right after the line above, as a line, or anywhere if they are many.

        The nearest below the line above wins, so that equal lines are taken in their order.
        """
        if self._free(self._cursor, words):
            return self._cursor
        places = self._whole.get(words, [])
        if len(words) >= _ENOUGH:
            rarest = min(range(len(words)), key=lambda number: len(self._at.get(words[number], ())))
            places = [place - rarest for place in self._at.get(words[rarest], ())[:_MOST_PLACES]]
        free = [place for place in places if self._free(place, words)]
        return min(free, key=lambda place: (place < self._cursor, place), default=None)

    def _free(self, place: int, words: tuple[str, ...]) -> bool:
        end = place + len(words)
        return place >= 0 and tuple(self._words[place:end]) == words and not any(self._taken[place:end])

    def _left(self) -> Counter[tuple[str, str]]:
        """The pairs of neighbours that no line took."""
        taken = pairwise(self._taken)
        return Counter(pair for pair, held in zip(pairwise(self._words), taken, strict=True) if not any(held))

    def _is_bent(self, words: tuple[str, ...], left: Counter[tuple[str, str]]) -> bool:
        """Almost a line of ours: all its words are, and most pairs of neighbours; what it repeats is no longer left."""
        pairs = list(pairwise(words))
        if any(word not in self._at for word in words):
            return False
        met = [pair for pair in pairs if left[pair] > 0]
        if len(met) < _BENT_SHARE * len(pairs):
            return False
        left.subtract(met)
        return True
