"""Words that decide, per language, in files a school can edit: what only the office reads, what is a mere thank-you.

A phrase is looked for as whole words, without case and accents; a star at its end stands for any ending.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from inbox.names import Everyday, begins_a_word, fold, names, words


@dataclass(frozen=True, kw_only=True, slots=True)
class WordLists:
    safeguarding: tuple[str, ...]  #: a mail that says one of these goes to the office, whatever else it carries
    health: tuple[str, ...]  #: more than an ordinary sick note: to the office, unless the parent chose the addressee
    gratitude: tuple[str, ...]  #: a short mail of nothing but these is a courtesy
    unsubscribe: tuple[str, ...]  #: a mail of nothing but these asks to stop the letters
    not_mine: tuple[str, ...]  #: a teacher's mail that begins with a line of nothing but these hands the message back
    urgent: tuple[
        str, ...
    ]  #: about today: the teacher and the office are told at once; "today & sick" = in one sentence
    everyday: Everyday

    def safeguards(self, text: str) -> bool:
        return says(text, self.safeguarding)

    def tells_health(self, text: str) -> bool:
        return says(text, self.health)

    def is_urgent(self, text: str) -> bool:
        """Is a sentence of it about today, and of a kind that cannot wait for the digest?"""
        sentences = [sentence for sentence in _SENTENCES.split(text) if sentence.strip()]
        wanted = [tuple(part.strip() for part in phrase.split("&")) for phrase in self.urgent]
        return any(all(_said(sentence, part) for part in parts) for sentence in sentences for parts in wanted)

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


NAMES = ("safeguarding", "health", "gratitude", "unsubscribe", "not_mine", "urgent", "everyday", "openers")
_SENTENCES = re.compile(r"[.!?;。！？؟]\s|[.!?;。！？؟]$|\n\n")


def says(text: str, phrases: Iterable[str]) -> bool:
    """Does the text say one of the phrases?"""
    return any(begins_a_word(text, phrase[:-1]) if phrase.endswith("*") else names(text, phrase) for phrase in phrases)


def _said(text: str, phrase: str) -> bool:
    return says(text, (phrase,)) or (_unspaced(phrase) and phrase in text)


def _only(text: str, wanted: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Does the text say one of *wanted*, and else nothing but those and *allowed*, as whole words?

    Languages that put no blanks between words are cut sign by sign, so there a phrase may stand anywhere.
    """
    if not says(text, wanted) and not any(_signs(phrase) and phrase in text for phrase in wanted):
        return False
    left = f" {' '.join(words(text))} "
    for phrase in sorted((*wanted, *allowed), key=len, reverse=True):
        said = " ".join(words(phrase))
        whole = f" {said} " if said.isascii() or " " in said or not _unspaced(said) else said
        while said and whole in left:
            left = left.replace(whole, " ")
    return not left.strip()


def _signs(phrase: str) -> bool:
    """Is the phrase made of signs only: a thumb, a smile?"""
    return bool(phrase) and not words(phrase)


def _unspaced(said: str) -> bool:
    return any(
        "\u2e80" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" or "\u1100" <= sign <= "\u11ff" for sign in said
    )
