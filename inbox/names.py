"""Do these words name this person? Folded, whole words: "Zoë" is found in "zoe's", "Leo" not in "Leonie".

Three questions, for three uses: `names` plainly; `surely_names` before a mail is filed on it, where "May I …" is not
May; `may_name` before a sibling is ruled out, where "Idas" may be Ida. Scripts that put no blanks between words are
looked through as they are.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

#: What NFKD leaves alone, and umlauts as people without the key write them.
_FOLDS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# Thai, Lao, Burmese, Khmer, kana, Han, Hangul (whose particles hang on the name).
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(r"\w+")
_ARABIC_PARTICLES = "وفبلك"
_INFLECTION = 2  #: letters an inflected name may be longer: "Idas", "Leos", "Annan"
_SHORT = 2  #: a name this short is a word of some language: "An", "Jo", "Ed"
_SENTENCE_END = ".!?:;…\n¡¿"


@dataclass(frozen=True, kw_only=True, slots=True)
class Everyday:
    """First names that are everyday words, folded."""

    words: frozenset[str] = frozenset()  #: no names when they are written small: "grace"
    openers: frozenset[str] = frozenset()  #: of these, what begins sentences too: "may", "hope"


def fold(text: str) -> str:
    """The text without case and accents: "Łukasz Müller" → "lukasz muller"."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@lru_cache(maxsize=64)  # one mail is asked for hundreds of words; mails are not kept in memory for long
def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order."""
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=64)
def readings(text: str) -> tuple[tuple[tuple[str, ...], frozenset[str]], ...]:
    """The text's words, and again with umlauts written as ae, oe, ue where it has any; each with its set of words."""
    written = _expanded(text)
    return tuple((said, frozenset(map(bare, said)).union(said)) for said in dict.fromkeys((words(text), written)))


@lru_cache(maxsize=65536)
def spellings(name: str) -> frozenset[tuple[str, ...]]:
    """The ways a name may be written: folded, and with ae, oe, ue for umlauts."""
    return frozenset(found for found in (tuple(_WORD.findall(fold(name))), _expanded(name)) if found)


def names(text: str, name: str) -> bool:
    """Does *text* hold *name* as whole words?"""
    if not name.strip():
        return False
    if has_unspaced(name):
        return plain(name) in plain(text)
    wanted = spellings(name)
    return any(one[0] in known and _holds(said, one) for said, known in readings(text) for one in wanted)


def begins_a_word(text: str, stem: str) -> bool:
    """Does a word, or a run of words, of *text* begin with *stem*? For languages that bend their words."""
    if has_unspaced(stem):
        return plain(stem) in plain(text)
    return any(f" {' '.join(one)}" in f" {' '.join(said)}" for said, _ in readings(text) for one in spellings(stem))


def surely_names(text: str, name: str, everyday: Everyday) -> bool:
    """Is *name* there, and can it be nothing but a name? An everyday word counts only as names are written: with a
    capital letter, and one that begins sentences only in the middle of one.
    """
    if has_unspaced(name):
        return _unspaced_name(text, name)
    if not _is_everyday(name, everyday):
        return names(text, name)
    strict = fold(name) in everyday.openers or len(fold(name)) <= _SHORT
    return any(_capital(text, at) and not (strict and _opens_sentence(text, at)) for at in _places(text, name))


def may_name(text: str, name: str, everyday: Everyday) -> bool:
    """Could *name* be meant somewhere in *text*? Bent forms count too; everyday words with a capital letter."""
    if not name.strip():
        return False
    if has_unspaced(name):
        return plain(name) in plain(text)
    if _is_everyday(name, everyday):
        return any(_capital(text, at) for at in _places(text, name))
    bent = (one[0] for one in spellings(name) if len(one) == 1 and len(one[0]) > _SHORT)
    return names(text, name) or any(
        word.startswith(stem) and len(word) - len(stem) <= _INFLECTION for stem in bent for word in words(text)
    )


def _holds(said: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    first, rest = wanted[0], wanted[1:]
    return any(
        first in (word, bare(word)) and said[place + 1 : place + 1 + len(rest)] == rest
        for place, word in enumerate(said)
    )


def bare(word: str) -> str:
    """The word without the short one that Arabic writes right before it: "وليلى" → "ليلى"."""
    return word[1:] if word[:1] in _ARABIC_PARTICLES and len(word) > 2 else word


def _expanded(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(unicodedata.normalize("NFC", text.casefold()).translate(_UMLAUTS))))


def has_unspaced(text: str) -> bool:
    """Is some of it in a script that puts no blanks between words?"""
    return _HAS_UNSPACED.search(text) is not None


def plain(text: str) -> str:
    """The text without case, its signs in their usual form: how unspaced scripts are looked through."""
    return unicodedata.normalize("NFKC", text).casefold()


def _unspaced_name(text: str, name: str) -> bool:
    """One Han sign is part of many words: it is a name only alone, or with the 小 or 阿 that goes before names."""
    if len(name) > 1:
        return plain(name) in plain(text)
    alone = rf"(?:(?<![{_UNSPACED}])|[小阿]){re.escape(name)}(?![{_UNSPACED}])|[小阿]{re.escape(name)}"
    return re.search(alone, text) is not None


def _is_everyday(name: str, everyday: Everyday) -> bool:
    folded = fold(name)
    return folded in everyday.words or len(folded) <= _SHORT


def _places(text: str, name: str) -> list[int]:
    """Where *name* stands as a whole word, accents and all: "An" is not "Ăn"."""
    wanted = unicodedata.normalize("NFC", name).casefold()
    text = unicodedata.normalize("NFC", text)
    return [found.start() for found in _WORD.finditer(text) if found[0].casefold() == wanted]


def _capital(text: str, place: int) -> bool:
    sign = unicodedata.normalize("NFC", text)[place]
    return sign.isupper() or sign.lower() == sign.upper()  # scripts without capitals


def _opens_sentence(text: str, place: int) -> bool:
    before = unicodedata.normalize("NFC", text)[:place].rstrip(" \t\"'“”‘’«»()-–—*>")
    return not before or before[-1] in _SENTENCE_END
