"""How a line of a letter is recognised when a reply quotes it, re-wrapped and re-styled by another mail program."""

import unicodedata

MIN_SIGNS = 12
"""Shorter lines ("See you there!") say nothing about where they come from."""

MIN_WIDE_SIGNS = 6
"""A Chinese sign carries about as much as two letters."""


def normalised(line: str) -> str:
    """*line* without case, punctuation, quote marks and spacing: words of letters and digits."""
    folded = unicodedata.normalize("NFKC", line).casefold()
    return " ".join("".join(sign if sign.isalnum() or unicodedata.combining(sign) else " " for sign in folded).split())


def distinctive(line: str) -> bool:
    """Is a normalised line long enough to tell one section from another?"""
    wide = sum(1 for sign in line if unicodedata.east_asian_width(sign) in "WF")
    return len(line) + wide >= MIN_SIGNS and (wide >= MIN_WIDE_SIGNS or " " in line)
