"""Phrases of several parts that must stand in one sentence: "today & sick"."""

import re
from functools import lru_cache

from inbox.words.phrases import Phrases, compiled

_END = re.compile(r"[.!?;。！？؟]\s|[.!?;。！？؟]$|\n\n")

#: The first parts all together, and of each the ways to go on: every part of one of them.
Together = tuple[Phrases, tuple[tuple[Phrases, tuple[tuple[Phrases, ...], ...]], ...]]


def in_one_sentence(text: str, phrases: tuple[str, ...]) -> bool:
    """Does a sentence of the text say all parts of one phrase?"""
    beginnings, by_beginning = _together(phrases)
    if not beginnings.said_in(text):
        return False
    return any(
        any(all(part.said_in(sentence) for part in parts) for parts in rests)
        for sentence in _END.split(text)
        if beginnings.said_in(sentence)
        for first, rests in by_beginning
        if first.said_in(sentence)
    )


@lru_cache(maxsize=8)  # a school has one such list
def _together(phrases: tuple[str, ...]) -> Together:
    rests: dict[str, list[tuple[Phrases, ...]]] = {}
    for phrase in phrases:
        first, *others = (part.strip() for part in phrase.split("&"))
        rests.setdefault(first, []).append(tuple(compiled((part,)) for part in others))
    return compiled(tuple(rests)), tuple((compiled((first,)), tuple(held)) for first, held in rests.items())
