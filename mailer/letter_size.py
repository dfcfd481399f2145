"""How long a letter may be, and which of its items to shorten when it is longer.

Mail programs show the first 100 KB or so of a letter's HTML and cut the rest off, the way to write and to stop with it.
"""

from dataclasses import dataclass, field

from school.issue import Edition, Item

WARN_BYTES = 90_000  #: above, a letter is near the cut: it goes out, and the office is told
MOST_BYTES = 100_000  #: Gmail cuts near 102 KB after decodings of its own; above, a letter does not go out
NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class TooLong:
    """A letter over WARN_BYTES, and what makes it so."""

    size: int  #: bytes of HTML
    shorten: tuple[str, ...]  #: the ids of the longest items, each with its own size

    @property
    def cut(self) -> bool:
        """Would mail programs cut it?"""
        return self.size > MOST_BYTES

    def words(self) -> str:
        """For the office: "112 KB of HTML, and mail programs cut a letter at 100 KB: shorten fair (31 KB), …"."""
        return f"{kilobytes(self.size)} of HTML, and mail programs cut a letter at 100 KB: {self.deed()}"

    def deed(self) -> str:
        """What to do about it."""
        if not self.shorten:
            return "it has more sections than one letter carries; ask for this family's children to be written to apart"
        return f"shorten {', '.join(self.shorten)}, or move something to the website"


@dataclass(slots=True)
class LongLetters:
    """The letters of one issue that go out though they are near the cut; those with the same cause count together."""

    found: dict[str, tuple[int, int]] = field(default_factory=dict)  #: what to do → (letters, bytes of the longest)

    def add(self, one: TooLong) -> None:
        letters, size = self.found.get(one.deed(), (0, 0))
        self.found[one.deed()] = (letters + 1, max(size, one.size))

    def words(self) -> tuple[str, ...]:
        """One line a cause."""
        return tuple(
            f"{letters} letter(s) have {kilobytes(size)} of HTML, near the 100 KB at which mail programs cut: {deed}"
            for deed, (letters, size) in self.found.items()
        )


def too_long(edition: Edition, html: str, school_language: str) -> TooLong | None:
    """What to shorten in a letter over WARN_BYTES; None for one that is short enough."""
    size = len(html.encode())
    if size <= WARN_BYTES:
        return None
    longest = sorted(_weights(edition, school_language).items(), key=lambda pair: (-pair[1], pair[0]))[:NAMED]
    return TooLong(size=size, shorten=tuple(f"{item} ({kilobytes(weight)})" for item, weight in longest))


def kilobytes(size: int) -> str:
    return f"{size / 1000:.0f} KB" if size >= 950 else "under 1 KB"


def _weights(edition: Edition, school_language: str) -> dict[str, int]:
    """Item id → bytes of the words shown, as often as they stand in the letter."""
    weights: dict[str, int] = {}
    for item in _shown(edition):
        _, text = item.text_for(edition.language, school_language)
        weights[item.id] = weights.get(item.id, 0) + len(text.title.encode()) + len(text.body.encode())
    return weights


def _shown(edition: Edition) -> tuple[Item, ...]:
    return (*edition.shared, *(item for section in edition.sections for item in section.items))
