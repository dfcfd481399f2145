"""Troubles of a service: each told once when it begins and once when it is over, and left alone longer each time."""

import threading
import time
from dataclasses import dataclass

from office.logs import log

FIRST_REST_SECONDS = 2.0  #: doubled at each failure in a row
LONGEST_REST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Trouble:
    words: str
    failures: int
    until: float  #: monotonic: nothing is tried before


class Troubles:
    """What is wrong now, by the name of what suffers. Used by several threads."""

    def __init__(self) -> None:
        self._now: dict[str, _Trouble] = {}
        self._lock = threading.Lock()

    def met(self, name: str, words: str, *, level: str = "warning") -> None:
        """*words*: one line for the office, without any person's address or words. Said only when it is news."""
        with self._lock:
            before = self._now.get(name)
            failures = before.failures + 1 if before else 1
            rest = min(FIRST_REST_SECONDS * 2 ** min(failures - 1, 16), LONGEST_REST_SECONDS)
            self._now[name] = _Trouble(words, failures, time.monotonic() + rest)
        if before is None or before.words != words:
            log("service.trouble", level=level, of=name, words=repr(words))

    def over(self, name: str) -> None:
        with self._lock:
            before = self._now.pop(name, None)
        if before is not None:
            log("service.recovered", of=name, failures=before.failures)

    def rest(self, name: str) -> float:
        """Seconds until it is worth trying again; 0 for what suffers nothing."""
        with self._lock:
            trouble = self._now.get(name)
        return max(0.0, trouble.until - time.monotonic()) if trouble else 0.0
