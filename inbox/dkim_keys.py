"""The public keys of other domains, each asked for once in a while; waiting for name servers is bounded.

Mail must not be able to hold up the reading of mail: whoever writes chooses the names that are looked up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

Texts = Callable[[str], list[str] | None]  #: as `inbox.dkim.KeyTexts`

REMEMBERED = 600.0  #: seconds an answer is believed; keys change by the month
SILENCE = 60.0  #: seconds until a name server that did not answer is asked about the same name again
WAITING = 5.0  #: seconds of waiting in all …
WINDOW = 60.0  #: … within so many
MOST_NAMES = 1_000


@dataclass
class DkimKeys:
    """The TXT records at a name; None when nobody could be asked, or waiting took too long lately."""

    ask: Texts
    clock: Callable[[], float]  #: seconds, monotonic
    _known: dict[str, tuple[float, list[str] | None]] = field(default_factory=dict)  #: (believed until, records)
    _window: float = 0.0  #: when the present one began
    _waited: float = 0.0

    def __call__(self, name: str) -> list[str] | None:
        now = self.clock()
        until, records = self._known.get(name, (now, None))
        if now < until:
            return records
        if now - self._window >= WINDOW:
            self._window, self._waited = now, 0.0
        if self._waited >= WAITING:
            return None
        records = self.ask(name)
        after = self.clock()
        self._waited += after - now
        if len(self._known) >= MOST_NAMES:
            self._known.clear()
        self._known[name] = (after + (SILENCE if records is None else REMEMBERED), records)
        return records
