"""Words that decide, per language, in files a school can edit: what only the office reads, what is a mere thank-you.

A phrase is looked for as whole words, without case and accents; a star at its end stands for any ending.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from inbox.names import Everyday, fold, words
from inbox.words.phrases import compiled
from inbox.words.sentences import in_one_sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class WordLists:
    safeguarding: tuple[str, ...]  #: a mail that says one of these goes to the office, whatever else it carries
    health: tuple[str, ...]  #: more than an ordinary sick note: to the office, unless the parent chose the addressee
    gratitude: tuple[str, ...]  #: a short mail of nothing but these is a courtesy
    unsubscribe: tuple[str, ...]  #: a mail of nothing but these asks to stop the letters
    not_mine: tuple[str, ...]  #: a teacher's mail that begins with a line of nothing but these hands the message back
    urgent: tuple[str, ...]  #: about today: teacher and office are told at once; "today & sick" = in one sentence
    sharing: tuple[str, ...]  #: news from home: with one of these and no question nothing waits for an answer
    everyday: Everyday

    def safeguards(self, text: str) -> bool:
        return says(text, self.safeguarding)

    def tells_health(self, text: str) -> bool:
        return says(text, self.health)

    def is_urgent(self, text: str) -> bool:
        """Is a sentence of it about today, and of a kind that cannot wait for the digest?"""
        return in_one_sentence(text, self.urgent)

    def shares(self, text: str) -> bool:
        return says(text, self.sharing)

    def only_thanks(self, text: str) -> bool:
        """Is the text nothing but thanks, greetings and signs?"""
        return _only(text, self.gratitude, ())

    def asks_to_stop(self, text: str) -> bool:
        return _only(text, self.unsubscribe, self.gratitude)

    def hands_back(self, line: str) -> bool:
        return _only(line, self.not_mine, ())


def built_in(own: Mapping[str, str] | None = None) -> WordLists:
    """The lists that come with Friday Folder; *own* holds the texts of a school's own files by name, and they win."""
    ours = {name: files(__package__).joinpath(f"{name}.toml").read_text("utf-8") for name in NAMES}
    return read({**ours, **(own or {})})


def read(texts: dict[str, str]) -> WordLists:
    """The lists from their files' texts: one table, a list of phrases per language."""
    lists = {
        name: tuple(phrase for phrases in tomllib.loads(texts[name])["languages"].values() for phrase in phrases)
        for name in NAMES
    }
    small, openers = (frozenset(map(fold, lists.pop(name))) for name in ("everyday", "openers"))
    return WordLists(everyday=Everyday(words=small | openers, openers=openers), **lists)


NAMES = ("safeguarding", "health", "gratitude", "unsubscribe", "not_mine", "urgent", "sharing", "everyday", "openers")


def says(text: str, phrases: tuple[str, ...]) -> bool:
    """Does the text say one of the phrases?"""
    return compiled(phrases).said_in(text)


def _only(text: str, wanted: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Does the text say one of *wanted*, and else nothing but those and *allowed*, as whole words?

    Languages that put no blanks between words are cut sign by sign, so there a phrase may stand anywhere.
    """
    if not says(text, wanted) and not compiled(wanted).signs_in(text):
        return False
    left = f" {' '.join(words(text))} "
    for whole in _longest_first((*wanted, *allowed)):
        while whole in left:
            left = left.replace(whole, " ")
    return not left.strip()


@lru_cache(maxsize=64)  # a school has some ten lists
def _longest_first(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """The phrases' words as they are looked for: with the blanks around them, where the language has blanks."""
    said = filter(None, (" ".join(words(phrase)) for phrase in sorted(phrases, key=len, reverse=True)))
    return tuple(one if " " not in one and _unspaced(one) else f" {one} " for one in said)


def _unspaced(said: str) -> bool:
    return any(
        "\u2e80" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" or "\u1100" <= sign <= "\u11ff" for sign in said
    )
