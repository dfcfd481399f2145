"""Do these words name this person? Folded, whole words: "Zoë" is found in "zoe's", "Leo" not in "Leonie".

Han names have no blanks around them and are looked for as they are; Arabic puts short words right before a name.
"""

import re
import unicodedata
from functools import lru_cache

#: What NFKD leaves alone, and umlauts as people without the key write them.
_FOLDS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"\w+")
_ARABIC_PARTICLES = "وفبلك"


def fold(text: str) -> str:
    """The text without case and accents: "Łukasz Müller" → "lukasz muller"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order."""
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=65536)
def spellings(name: str) -> frozenset[tuple[str, ...]]:
    """The ways a name may be written: folded, and with ae, oe, ue for umlauts."""
    return frozenset(
        found
        for found in (words(name), words(unicodedata.normalize("NFC", name.casefold()).translate(_UMLAUTS)))
        if found
    )


def names(text: str, name: str) -> bool:
    """Does *text* hold *name* as whole words?"""
    if not name.strip():
        return False
    if _HAN.search(name):
        return name in text
    said = words(text)
    return any(_holds(said, wanted) for wanted in spellings(name))


def _holds(said: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    first, rest = wanted[0], wanted[1:]
    for place, word in enumerate(said):
        bare = word[1:] if word[:1] in _ARABIC_PARTICLES and len(word) > 2 else word
        if first in (word, bare) and said[place + 1 : place + 1 + len(rest)] == rest:
            return True
    return False
