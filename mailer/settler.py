"""The thread that waits for the disk while the sender listens to its servers: one exchange at a time."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue
from typing import Protocol

from school.sending import Claimed, SendResult


class ExchangeLike(Protocol):
    """What an exchange with the outbox answers."""

    @property
    def kept(self) -> tuple[bool, ...]: ...
    @property
    def claimed(self) -> tuple[Claimed, ...]: ...
    @property
    def blocked(self) -> int: ...
    @property
    def asked(self) -> int: ...
    @property
    def lapsed(self) -> bool: ...


class OutboxLine(Protocol):
    """A sender's own line to the outbox. TemporaryError = nothing was changed, begin again."""

    @property
    def looks_ahead(self) -> bool:
        """Whether letters may be claimed before a connection is free for them."""

    def begin(
        self,
        results: Sequence[tuple[Claimed, SendResult]],
        owner: str,
        limit: int,
        now: datetime,
        avoid: Sequence[str] = (),
        *,
        ahead: Sequence[Claimed] = (),
    ) -> None:
        """Store the results and claim up to *limit* letters; not yet on disk.

        *ahead* were claimed before and not offered: if what the claim asked may have changed since (`lapsed`), they
        are given back and as many more are claimed.
        """

    def settle(self) -> None:
        """What was begun is on disk; called by another thread than `begin`, never at the same time."""

    def taken(self) -> ExchangeLike:
        """What was begun: its letters may be made ready while it is settled, and offered after that."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What was begun is on disk; or *trouble* tells why it is not and was undone."""

    trouble: Exception | None


class Settler:
    """Its thread starts at once and ends with `close`."""

    def __init__(self, line: OutboxLine, tell: Callable[[Settled], None]) -> None:
        self._line, self._tell = line, tell
        self._begun: SimpleQueue[bool] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="outbox-settler", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Begin to settle what was begun on the line; `tell` is called from the thread when that is over."""
        self._begun.put(True)

    def close(self) -> None:
        """After what is being settled, however long the disk takes; then the line is closed."""
        self._begun.put(False)
        self._thread.join()
        self._line.close()

    def _work(self) -> None:
        while self._begun.get():
            try:
                self._line.settle()
            except Exception as exc:  # noqa: BLE001 - it is raised again by whoever is told
                self._tell(Settled(exc))
            else:
                self._tell(Settled(None))
