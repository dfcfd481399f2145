"""What to fetch next and when to try again: the decisions of a mailbox pass, without a mailbox."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from school.delivery import TRUNCATED_HEADER

# One FETCH asks for at most this many mails and about this many bytes: few round trips, little memory.
BATCH_MAILS = 50
BATCH_BYTES = 4_000_000

UIDVALIDITIES = 2**32

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=10)  # how long a server may be away before we knock less often
LONGEST_PAUSE_LATER = timedelta(minutes=10)
REFUSED_PAUSE = timedelta(minutes=15)  # a wrong password does not mend itself, and providers lock accounts


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchReport:
    """What one pass found. `failed` mails are still on the server and will be asked for again."""

    fetched: int = 0
    already_known: int = 0
    failed: int = 0
    spool_ids: tuple[int, ...] = ()  #: of the fetched ones


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Passes that failed one after the other."""

    since: datetime
    failures: int
    refused: bool  #: the last one was refused, not merely cut off


def after_failure(before: Trouble | None, now: datetime, *, refused: bool) -> Trouble:
    """The trouble after one more failed pass."""
    if before is None:
        return Trouble(since=now, failures=1, refused=refused)
    return Trouble(since=before.since, failures=before.failures + 1, refused=refused)


def pause(trouble: Trouble | None, now: datetime, jitter: float) -> timedelta:
    """How long to wait before the next pass: 1 s, doubling to 60 s; after ten bad minutes to 10 min; refused 15 min.

    *jitter* (0 to 1) takes up to half of it away, so that many mailboxes do not come back in the same second.
    """
    if trouble is None:
        return timedelta(0)
    if trouble.refused:
        return REFUSED_PAUSE
    longest = LONGEST_PAUSE if now - trouble.since < PATIENCE else LONGEST_PAUSE_LATER
    doubled = FIRST_PAUSE * (1 << min(trouble.failures - 1, 16))
    return min(doubled, longest) * (1 - jitter / 2)


def epoch(uidvalidity: int, uidnext: int | None, exists: int | None, mark: Callable[[int], int]) -> int:
    """The number that stands for this numbering of the folder: UIDVALIDITY, as long as the server is honest.

    A restored server may number anew and keep the UIDVALIDITY: then mails yet to come would get uids below the mark and
    be taken for known ones. The numbering gets a number of its own instead, beyond the 32 bits of RFC 3501 §2.3.1.1;
    mails that are kept a second time by it are recognised by their content.
    """
    number = uidvalidity
    while mark(number + UIDVALIDITIES):
        number += UIDVALIDITIES  # once numbered anew, for good
    if uidnext is None or exists is None or exists >= uidnext:
        return number  # a UIDNEXT that cannot be true proves nothing
    while uidnext <= mark(number):
        number += UIDVALIDITIES
    return number


class Progress:
    """How far a pass has come without leaving a gap: the mark may follow only that far."""

    def __init__(self, uids: Sequence[int], known: Collection[int]) -> None:
        """*uids* ascending; *known* are in the spool already."""
        self._uids = uids
        self._done = set(known)
        self._next = 0
        self.complete = 0  #: the highest uid up to which every one is kept; 0 for none
        self.done(())

    def done(self, uids: Collection[int]) -> None:
        self._done.update(uids)
        while self._next < len(self._uids) and self._uids[self._next] in self._done:
            self.complete = self._uids[self._next]
            self._next += 1


def batches(sizes: Mapping[int, int], alone: Collection[int]) -> Iterator[list[int]]:
    """The uids in the given order, in groups to be fetched together; those of *alone* each by itself."""
    group: list[int] = []
    total = 0
    for uid, size in sizes.items():
        if group and (uid in alone or len(group) == BATCH_MAILS or total + size > BATCH_BYTES):
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
        if uid in alone:
            yield group
            group, total = [], 0
    if group:
        yield group


def shortened(header: bytes, text: bytes, size: int | None) -> bytes:
    """A mail that is too large to keep: its header, a line that says so, and the beginning of its body."""
    known = "an unknown number of" if size is None else size
    note = f"{TRUNCATED_HEADER}: {known} bytes on the server, {len(text)} bytes of the body kept".encode()
    return header.rstrip(b"\r\n") + b"\r\n" + note + b"\r\n\r\n" + text
