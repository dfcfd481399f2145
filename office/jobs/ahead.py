"""Mails are opened ahead of their turn: while some are matched and recorded, the child opens the next ones.

Nothing is decided here. What was begun counts only where reading asks for exactly the same; else it is asked anew.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from inbox.foresight import expected_marks
from inbox.opening import Opener, Promise
from inbox.parse import ParsedMail
from inbox.reading import Arrived, Reading
from inbox.trim import OurMarks, Trimmed
from office.wiring import House
from school.errors import TemporaryError

# So many are asked for at a time: enough that the child is never idle, and few enough that what must be asked anew does
# not wait long behind them.
MOST_AHEAD, MOST_BYTES_AHEAD = 8, 4_000_000


@dataclass(kw_only=True, slots=True)
class Begun:
    """One mail that waits for its turn. It opens itself: from what was begun, else by whoever opens mails."""

    spool_id: int
    opener: Opener
    arrived: Arrived | None = None
    trouble: Exception | None = None  #: why there is no mail
    parsed: Promise[ParsedMail] | None = None
    ours: OurMarks | None = None  #: by which it is being trimmed
    trimmed: Promise[Trimmed] | None = None

    def parse(self, raw: bytes) -> Promise[ParsedMail]:
        begun = self.arrived is not None and raw is self.arrived.raw
        return self.parsed if begun and self.parsed is not None else self.opener.parse(raw)

    def trim(self, text: str, html: str, ours: OurMarks) -> Promise[Trimmed]:
        begun = self.trimmed is not None and ours == self.ours
        return self.trimmed if begun and self.trimmed is not None else self.opener.trim(text, html, ours)

    def reading(self, house: House) -> Reading:
        return replace(house.reading, opener=self)

    @property
    def size(self) -> int:
        return len(self.arrived.raw) if self.arrived else 0


def opened_ahead(house: House, spool_ids: Sequence[int]) -> Iterator[list[Begun]]:
    """The mails in their order, some at a time: when they are given out, the next are trimmed, those after parsed."""
    window: deque[list[Begun]] = deque()
    for some in _parsed(house, spool_ids):
        window.append(some)
        if len(window) > 2:
            _trim(house, window[0])
            _trim(house, window[1])
            yield window.popleft()
    while window:
        for some in window:
            _trim(house, some)
        yield window.popleft()


def _parsed(house: House, spool_ids: Sequence[int]) -> Iterator[list[Begun]]:
    some: list[Begun] = []
    for spool_id in spool_ids:
        some.append(_loaded(house, spool_id))
        if len(some) == MOST_AHEAD or sum(one.size for one in some) > MOST_BYTES_AHEAD:
            yield some
            some = []
    if some:
        yield some


def _loaded(house: House, spool_id: int) -> Begun:
    begun = Begun(spool_id=spool_id, opener=house.opener)
    try:
        kept = house.spool.delivery(spool_id)
    except TemporaryError:
        raise  # the database's trouble is not the mail's
    except Exception as exc:  # noqa: BLE001 - one bad mail never stops the others: it fails when its turn comes
        begun.trouble = exc
        return begun
    begun.arrived = Arrived(spool_id=spool_id, raw=kept.raw, arrived=kept.arrived, envelope_to=kept.envelope_to)
    begun.parsed = house.opener.parse(kept.raw)
    return begun


def _trim(house: House, some: Iterable[Begun]) -> None:
    for one in some:
        if one.parsed is not None and one.arrived is not None and one.trimmed is None:
            try:
                mail = one.parsed.result()
                one.ours = expected_marks(mail, one.arrived, house.reading, house.directory)
            except TemporaryError:
                raise  # as above
            except Exception:  # noqa: BLE001, S112 - as above
                continue
            if one.ours is not None:
                one.trimmed = house.opener.trim(mail.text, mail.html, one.ours)
