"""How many letters one receiving domain gets at once, and how fast: never above the school's setting."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class DomainLimits:
    """Times are seconds of a clock that never goes back, given by the caller."""

    concurrency: int = 0  #: 0 = no limit
    per_minute: int = 0  #: 0 = no limit
    _under_way: Counter[str] = field(default_factory=Counter)
    _opens: dict[str, float] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return bool(self.concurrency or self.per_minute)

    def began(self, domain: str, now: float) -> None:
        if self.concurrency:
            self._under_way[domain] += 1
        if self.per_minute:
            self._opens[domain] = now + 60 / self.per_minute

    def finished(self, domain: str) -> None:
        if self.concurrency:
            self._under_way[domain] -= 1

    def avoid(self, now: float) -> list[str]:
        """The domains that take no letter now."""
        full = [domain for domain, count in self._under_way.items() if count >= self.concurrency > 0]
        resting = [domain for domain, opens in self._opens.items() if opens > now]
        return sorted({*full, *resting})

    def wait(self, now: float) -> float | None:
        """Seconds until the next resting domain opens; None when none rests."""
        waits = [opens - now for opens in self._opens.values() if opens > now]
        return min(waits, default=None)
