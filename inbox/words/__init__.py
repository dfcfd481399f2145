"""Words that decide, per language, in files a school can edit: what only the office reads, what is a mere thank-you."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from inbox.names import fold, names


@dataclass(frozen=True, kw_only=True, slots=True)
class WordLists:
    safeguarding: tuple[str, ...]  #: a mail that says one of these goes to the office, whatever else it carries
    gratitude: tuple[str, ...]  #: a short mail of nothing but these is a courtesy
    unsubscribe: tuple[str, ...]  #: a mail of nothing but these asks to stop the letters

    def safeguards(self, text: str) -> bool:
        return any(names(text, word) for word in self.safeguarding)

    def only_thanks(self, text: str) -> bool:
        """Is the text nothing but thanks, greetings and signs?"""
        return _only(text, self.gratitude, ())

    def asks_to_stop(self, text: str) -> bool:
        return _only(text, self.unsubscribe, self.gratitude)


def built_in() -> WordLists:
    """The lists that come with Friday Folder."""
    return read({name: files(__package__).joinpath(f"{name}.toml").read_text("utf-8") for name in NAMES})


def read(texts: dict[str, str]) -> WordLists:
    """The lists from their files' texts: one table, a list of phrases per language."""
    lists = {
        name: tuple(phrase for phrases in tomllib.loads(texts[name])["languages"].values() for phrase in phrases)
        for name in NAMES
    }
    return WordLists(**lists)


NAMES = ("safeguarding", "gratitude", "unsubscribe")


def _only(text: str, wanted: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Does the text say one of *wanted*, and else nothing but those and *allowed*?"""
    left = f" {' '.join(fold(text).split())} "
    if not any(fold(phrase) in left for phrase in wanted):
        return False
    for phrase in sorted((*wanted, *allowed), key=len, reverse=True):
        left = left.replace(fold(phrase), " ")
    return not any(sign.isalnum() for sign in left)
