"""Sets that merge: who belongs together when belonging is told pair by pair."""

from collections.abc import Hashable


class Joined:
    """Union–find with path halving: linear in practice, so a whole district's families take a second."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def root(self, item: Hashable) -> Hashable:
        """One member that stands for all that are joined with *item*."""
        above = self._above
        above.setdefault(item, item)
        while above[item] != item:
            above[item] = above[above[item]]
            item = above[item]
        return item

    def join(self, first: Hashable, second: Hashable) -> None:
        self._above[self.root(first)] = self.root(second)
