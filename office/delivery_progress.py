"""How far a delivery is: done, of how many, how fast, and how long it will still take.

A terminal gets a bar; a log or a pipe gets a plain line every few seconds. Both go to standard error.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mailer.deliver import DeliveryReport

LINE_SECONDS = 5.0
BAR_SECONDS = 0.1  #: a sender asks a thousand times a second; an eye does not
WINDOW_SECONDS = 10.0  #: the rate is that of the last seconds: a server may have been slow before

Show = Callable[[DeliveryReport], None]


@dataclass(slots=True)
class Pace:
    """The letters that ended so far, and how fast they end now."""

    total: int
    done: int = 0
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, seconds: float, done: int) -> None:
        """*done* letters have ended at *seconds* of any clock that never goes back."""
        self.done, self.total = done, max(self.total, done)
        self._seen.append((seconds, done))
        while len(self._seen) > 2 and seconds - self._seen[1][0] >= WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def rate(self) -> float:
        """Letters a second."""
        if len(self._seen) < 2:
            return 0.0
        (began, before), (ended, after) = self._seen[0], self._seen[-1]
        return (after - before) / (ended - began) if ended > began else 0.0

    def words(self) -> str:
        """For people: 1,240 of 2,000 letters, 31 a second, 25 s left."""
        said = f"{self.done:,} of {self.total:,} letters"
        rate = self.rate
        if not rate:
            return said
        speed = f"{rate:.0f} a second" if rate >= 1.5 else f"{rate * 60:.0f} a minute"
        return f"{said}, {speed}, {_span((self.total - self.done) / rate)} left"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60:02} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60:02} min"


def ended(report: DeliveryReport) -> int:
    """Letters this delivery is through with, for now or for good."""
    return report.sent + report.deferred + report.failed + report.blocked + report.unsure


@contextmanager
def shown(
    total: int, stream: TextIO, seconds: Callable[[], float] = time.monotonic, every: float = LINE_SECONDS
) -> Iterator[Show]:
    """What a delivery reports to, for as long as it lasts."""
    pace = Pace(total)
    pace.note(seconds(), 0)
    if not stream.isatty():
        yield _Seldom(every, seconds, pace, lambda: print(f"delivering: {pace.words()}", file=stream, flush=True)).show
        return
    columns = (TextColumn("delivering"), BarColumn(), TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=Console(file=stream)) as bar:
        task = bar.add_task("delivering", total=total or None, words=pace.words())

        def draw() -> None:
            bar.update(task, completed=pace.done, total=pace.total or None, words=pace.words())

        telling = _Seldom(BAR_SECONDS, seconds, pace, draw)
        yield telling.show
        telling.tell_last()


class _Seldom:
    """Notes the pace and tells of it, at most once in *every* seconds."""

    def __init__(self, every: float, seconds: Callable[[], float], pace: Pace, tell: Callable[[], None]) -> None:
        self._every, self._seconds, self._pace, self._tell = every, seconds, pace, tell
        self._last = seconds()
        self._report = DeliveryReport()

    def show(self, report: DeliveryReport) -> None:
        self._report = report
        now = self._seconds()
        if now - self._last >= self._every:
            self._last = now
            self._pace.note(now, ended(report))
            self._tell()

    def tell_last(self) -> None:
        """How it ended."""
        self._pace.note(self._seconds(), ended(self._report))
        self._tell()
