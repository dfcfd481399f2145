"""Letters claimed before a connection is free for them: made ready while no server waits, and never many."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from mailer.connection import Offer
from school.sending import Claimed


@dataclass(slots=True)
class Stock:
    """First in, first out. With those in the servers' hands it is never more than twice the connections."""

    ahead: int = 0  #: how many to claim beyond what is needed at once
    _offers: deque[Offer] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._offers)

    @property
    def letters(self) -> list[Claimed]:
        return [offer.letter for offer in self._offers]

    def wants(self, needed: int) -> int:
        """How many letters to claim when *needed* are to be offered: none for a while, then several at once."""
        if not needed or len(self._offers) >= needed + self.ahead // 2:
            return 0
        return needed + self.ahead - len(self._offers)

    def add(self, letters: Iterable[Claimed]) -> None:
        self._offers.extend([Offer(letter) for letter in letters])

    def make_one_ready(self) -> bool:
        """False when all are: then there is nothing left to do but wait."""
        for offer in self._offers:
            if offer.talk is None:
                offer.make_ready()
                return True
        return False

    def take(self) -> Offer:
        return self._offers.popleft()

    def clear(self) -> None:
        self._offers.clear()
