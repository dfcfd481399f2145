"""Thanks and news from home: words that nobody waits to have answered, so that what does wait stands before them.

It decides only where a message stands in the digest: whatever it takes for news is shown in full all the same.
"""

from collections.abc import Iterable

from inbox.words import WordLists

_QUESTION_MARKS = frozenset("?？؟")
_LONGEST_NEWS = 600


def from_home(texts: Iterable[str], words: WordLists) -> bool:
    """Is every one of these messages thanks or news, and none asks, is urgent or tells of illness?"""
    return all(_is_news(text, words) for text in texts)


def _is_news(text: str, words: WordLists) -> bool:
    if _QUESTION_MARKS & set(text) or len(text) > _LONGEST_NEWS:
        return False
    if words.is_urgent(text) or words.tells_health(text):
        return False
    return not text.strip() or words.only_thanks(text) or words.shares(text)
