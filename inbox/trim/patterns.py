"""What mail programs write in each language, read once from `languages/*.toml` and `clients.toml`."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inbox.trim.lines import fold, plain_text
from inbox.trim.phrases import UNSPACED, Phrases

_HERE = Path(__file__).parent
HEADER_ROLES = ("from", "date", "to", "cc", "subject", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The languages joined: a rule asks for a fact, never for a language."""

    verb: Phrases  #: ends an attribution: "wrote"
    opener: re.Pattern[str]  #: a word an attribution begins with, then up to three words, then a digit
    header_words: dict[str, str]  #: word before the colon → role
    message_word: Phrases  #: "message", "Nachricht": makes a dashed line a separator
    forward_word: Phrases
    forward_lines: frozenset[str]  #: a whole line that opens a forwarded mail
    sent_from: Phrases  #: opens or ends a mobile footer
    device: Phrases
    footer_lines: frozenset[str]
    sign_offs: frozenset[str]
    banner: Phrases
    banner_outside: Phrases
    disclaimer: tuple[Phrases, ...]


@cache
def patterns() -> Patterns:
    """Every language's words, ready to be asked."""
    languages = [tomllib.loads(path.read_text("utf-8")) for path in sorted((_HERE / "languages").glob("*.toml"))]
    programs = tomllib.loads((_HERE / "programs.toml").read_text("utf-8"))

    def words(key: str) -> list[str]:
        return [fold(plain_text(word)) for language in languages for word in language.get(key, ())]

    openers = _any_of(words("openers"))
    return Patterns(
        verb=Phrases(words("verbs")),
        opener=re.compile(rf"(?:{openers})[,:]?\s{{0,3}}(?:[^\s\d<>@:]{{1,17}}\s{{1,3}}){{0,3}}['‘]?\d"),
        header_words={word.strip(): role for role in HEADER_ROLES for word in words(f"header_{role}")},
        message_word=Phrases(words("message_words")),
        forward_word=Phrases(words("forward_words")),
        forward_lines=frozenset(word.rstrip(" :") for word in words("forward_lines")),
        sent_from=Phrases(words("sent_from")),
        device=Phrases(fold(word) for entry in programs["device"] for word in entry["words"]),
        footer_lines=frozenset(words("footer_lines")),
        sign_offs=frozenset(words("sign_offs")),
        banner=Phrases(words("banner_words")),
        banner_outside=Phrases(words("banner_outside")),
        disclaimer=tuple(Phrases(words(key)) for key in ("confidential_words", "recipient_words", "delete_words")),
    )


def _any_of(words: Iterable[str]) -> str:
    """One alternation, longest first, whole words where the script has blanks."""
    distinct = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(_bounded(word) for word in distinct) or r"(?!)"


def _bounded(word: str) -> str:
    escaped = r"\s{1,3}".join(re.escape(piece) for piece in word.split())
    if UNSPACED.search(word):
        return escaped
    before = r"(?<!\w)" if word[:1].isalnum() else ""
    after = r"(?!\w)" if word[-1:].isalnum() else ""
    return f"{before}{escaped}{after}"
