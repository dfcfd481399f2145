"""What mail programs write in each language, read once from `languages/*.toml` and `clients.toml`."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inbox.trim.lines import fold

_HERE = Path(__file__).parent
HEADER_ROLES = ("from", "date", "to", "cc", "subject", "other")
# Scripts written without blanks between words: no word boundary can be asked for.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The languages joined: a rule asks for a fact, never for a language."""

    verb: re.Pattern[str]  #: a verb that ends an attribution, anywhere
    verb_at_end: re.Pattern[str]
    opener: re.Pattern[str]  #: a word an attribution begins with, then up to three words, then a digit
    header_words: dict[str, str]  #: word before the colon → role
    message_word: re.Pattern[str]  #: "message", "Nachricht": makes a dashed line a separator
    forward_word: re.Pattern[str]
    forward_lines: frozenset[str]  #: a whole line that opens a forwarded mail
    sent_from: re.Pattern[str]  #: opens or ends a mobile footer
    device: re.Pattern[str]
    footer_lines: frozenset[str]
    sign_offs: frozenset[str]
    banner: re.Pattern[str]
    banner_outside: re.Pattern[str]
    disclaimer: tuple[re.Pattern[str], ...]


@cache
def patterns() -> Patterns:
    """Every language's words, compiled."""
    languages = [tomllib.loads(path.read_text("utf-8")) for path in sorted((_HERE / "languages").glob("*.toml"))]
    programs = tomllib.loads((_HERE / "programs.toml").read_text("utf-8"))

    def words(key: str) -> list[str]:
        return [fold(word) for language in languages for word in language.get(key, ())]

    verbs = _any_of(words("verbs"))
    openers = _any_of(words("openers"))
    return Patterns(
        verb=re.compile(verbs),
        verb_at_end=re.compile(rf"(?:{verbs})[\s\"'»”)\]>]{{0,4}}[-–—‐_=]{{0,40}}[\s:]{{0,3}}$"),
        opener=re.compile(rf"(?:{openers})[,:]?\s{{0,3}}(?:[^\W\d_]{{1,15}}[.,]{{0,2}}\s{{1,3}}){{0,3}}['‘]?\d"),
        header_words={word: role for role in HEADER_ROLES for word in (w.strip() for w in words(f"header_{role}"))},
        message_word=re.compile(_any_of(words("message_words"))),
        forward_word=re.compile(_any_of(words("forward_words"))),
        forward_lines=frozenset(word.rstrip(" :") for word in words("forward_lines")),
        sent_from=re.compile(_any_of(words("sent_from"))),
        device=re.compile(_any_of(fold(word) for entry in programs["device"] for word in entry["words"])),
        footer_lines=frozenset(words("footer_lines")),
        sign_offs=frozenset(words("sign_offs")),
        banner=re.compile(_any_of(words("banner_words"))),
        banner_outside=re.compile(_any_of(words("banner_outside"))),
        disclaimer=tuple(
            re.compile(_any_of(words(key))) for key in ("confidential_words", "recipient_words", "delete_words")
        ),
    )


def _any_of(words: Iterable[str]) -> str:
    """One alternation, longest first, whole words where the script has blanks."""
    distinct = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(_bounded(word) for word in distinct) or r"(?!)"


def _bounded(word: str) -> str:
    escaped = r"\s{1,3}".join(re.escape(piece) for piece in word.split())
    if _UNSPACED.search(word):
        return escaped
    before = r"(?<!\w)" if word[:1].isalnum() else ""
    after = r"(?!\w)" if word[-1:].isalnum() else ""
    return f"{before}{escaped}{after}"
