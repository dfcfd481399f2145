"""One pass over a mailbox: what is new above the mark, what the last two weeks still hold, what the junk hides.

Everything is kept before anything else is asked for, and the mark follows only what is kept without a gap.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from inbox.arrival import FetchReport, Progress, batches, epoch, shortened
from school.delivery import Delivery
from school.errors import TemporaryError

log = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(hours=1)
JUNK_EVERY = timedelta(days=1)
SWEEP_BACK = timedelta(days=14)


class MailboxAway(TemporaryError):  # noqa: N818 - says what happened, as its callers do
    """The server is away, cut us off or spoke nonsense: nothing is lost, the next pass goes on."""

    def __init__(self, account: str, reason: str) -> None:
        # Never the server's own words: they may hold an address or a piece of a mail.
        super().__init__(f"mailbox {account}: the server cannot be used now ({reason}); trying again by itself")
        self.reason = reason
        self.report = FetchReport()  #: what had been kept before


class Refused(Exception):  # noqa: N818 - an answer of the server, not an error
    """The server said NO or BAD to one command; the connection goes on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LargerThanAnnounced(MailboxAway):
    """A mail is much larger than the server said, so the connection was dropped before it filled our memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """A folder as it was when we looked into it."""

    name: str
    uidvalidity: int
    uidnext: int | None
    exists: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the server says of a mail before we ask for its bytes."""

    size: int | None
    arrived: datetime | None


class Session(Protocol):
    """What a pass needs of a connection. Answers leave out what the server did not give."""

    def look_into(self, name: str) -> Folder:
        """The folder, open for reading only."""

    def search(self, folder: Folder, criteria: Sequence[object]) -> list[int]:
        """Uids, ascending."""

    def facts(self, uids: Sequence[int]) -> dict[int, Facts]: ...

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]: ...

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]: ...

    def beginning(self, uid: int) -> tuple[bytes, bytes] | None:
        """Header and first part of the body of a mail too large to fetch."""


class SpoolKeeper(Protocol):
    """What a mailbox needs of the spool."""

    def keep_all(self, deliveries: Sequence[Delivery], now: datetime, *, advance: bool = True) -> list[int | None]:
        """Ids once committed; None for what was kept before. With *advance* the mark moves to the highest uid."""

    def mark(self, account: str, folder: str, uidvalidity: int) -> int:
        """Every uid up to here is kept."""

    def advance_mark(self, account: str, folder: str, uidvalidity: int, uid: int, now: datetime) -> None: ...

    def known_uids(self, account: str, folder: str, uidvalidity: int, uids: Collection[int]) -> set[int]:
        """Those that are kept."""

    def finished_uids(self, account: str, folder: str, uidvalidity: int, uids: Collection[int]) -> set[int]:
        """Those that are kept and decided."""


def numbered(folder: Folder, account: str, spool: SpoolKeeper) -> Folder:
    """The folder with the number that stands for its numbering in the spool."""
    number = epoch(
        folder.uidvalidity, folder.uidnext, folder.exists, lambda tried: spool.mark(account, folder.name, tried)
    )
    return replace(folder, uidvalidity=number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which folders to read, and how much of a mail."""

    account: str
    folder: str
    junk_folder: str
    max_message_bytes: int
    has_our_token: Callable[[bytes], bool]


@dataclass(kw_only=True, slots=True)
class Memory:
    """What later passes of this process know of earlier ones. Losing it costs a sweep, never a mail."""

    seen: Folder | None = None  #: the folder when its mails were last searched
    swept_at: datetime | None = None
    junk_swept_at: datetime | None = None
    #: (uidvalidity, uid) → how often the connection broke while it was fetched: fetched alone, the worst last.
    troubled: Counter[tuple[int, int]] = field(default_factory=Counter)
    #: (uidvalidity, uid) of mails that were larger than announced.
    too_large: set[tuple[int, int]] = field(default_factory=set)


class Pass:
    """One pass. `report()` tells at any time what it has kept so far."""

    def __init__(self, wanted: Wanted, session: Session, spool: SpoolKeeper, memory: Memory, now: datetime) -> None:
        self._wanted = wanted
        self._session = session
        self._spool = spool
        self._memory = memory
        self._now = now
        self._kept: list[int] = []
        self._known = 0
        self._failed = 0

    def run(self) -> None:
        for step in (self._above_the_mark, self._last_two_weeks, self._junk):
            step()

    def report(self) -> FetchReport:
        return FetchReport(
            fetched=len(self._kept), already_known=self._known, failed=self._failed, spool_ids=tuple(self._kept)
        )

    # ---- the three places to look ----

    def _above_the_mark(self) -> None:
        account = self._wanted.account
        folder = self._look_into(self._wanted.folder)
        if self._memory.seen and self._memory.seen.uidvalidity != folder.uidvalidity:
            log.warning("mailbox.renumbered account=%s", account)
        self._memory.seen = folder
        mark = self._spool.mark(account, folder.name, folder.uidvalidity)
        # RFC 3501 §6.4.8: n:* always names the highest uid, even one below n.
        uids = [uid for uid in self._session.search(folder, ["UID", f"{mark + 1}:*"]) if uid > mark]
        if not uids:
            return
        known = self._spool.known_uids(account, folder.name, folder.uidvalidity, uids)
        self._known += len(known)
        progress = Progress(uids, known)
        self._take(folder, [uid for uid in uids if uid not in known], progress)
        if progress.complete > mark:
            self._spool.advance_mark(account, folder.name, folder.uidvalidity, progress.complete, self._now)

    def _last_two_weeks(self) -> None:
        """Whatever lies below the mark and was never kept; there should be nothing."""
        memory, now = self._memory, self._now
        if memory.swept_at and now - memory.swept_at < SWEEP_EVERY:
            return
        folder = self._look_into(self._wanted.folder)
        self._take(folder, self._unknown_since(folder), None)
        memory.swept_at = now

    def _junk(self) -> None:
        """Replies land in the junk folder: those that carry a valid token are fetched."""
        memory, now = self._memory, self._now
        if not self._wanted.junk_folder or (memory.junk_swept_at and now - memory.junk_swept_at < JUNK_EVERY):
            return
        memory.junk_swept_at = now
        try:
            folder = self._look_into(self._wanted.junk_folder)
            headers = self._session.headers(self._unknown_since(folder))
        except Refused as exc:
            log.warning("mailbox.junk_unread account=%s reason=%s", self._wanted.account, exc.reason)
            return
        self._take(folder, [uid for uid, header in headers.items() if self._wanted.has_our_token(header)], None)

    def _look_into(self, name: str) -> Folder:
        return numbered(self._session.look_into(name), self._wanted.account, self._spool)

    def _unknown_since(self, folder: Folder) -> list[int]:
        uids = self._session.search(folder, ["SINCE", (self._now - SWEEP_BACK).date()])
        known = self._spool.known_uids(self._wanted.account, folder.name, folder.uidvalidity, uids) if uids else set()
        return [uid for uid in uids if uid not in known]

    # ---- fetch and keep ----

    def _take(self, folder: Folder, uids: Sequence[int], progress: Progress | None) -> None:
        """Fetch and keep; without *progress* the mark stays."""
        memory, limit, missing = self._memory, self._wanted.max_message_bytes, set(uids)
        troubles = {uid: memory.troubled[folder.uidvalidity, uid] for uid in uids}
        facts = self._session.facts(sorted(uids, key=lambda uid: (troubles[uid], uid)))
        large = {
            uid
            for uid, fact in facts.items()
            if (fact.size or 0) > limit or (folder.uidvalidity, uid) in memory.too_large
        }
        # A mail of unknown size is fetched alone, too.
        alone = large | {uid for uid, fact in facts.items() if fact.size is None or troubles[uid]}
        for group in batches({uid: fact.size or 0 for uid, fact in facts.items()}, alone):
            if group[0] in large:
                raws = self._beginning(group[0], facts[group[0]])
            else:
                raws = self._whole(folder, group, facts)
            self._keep(folder, raws, facts, progress)
            missing.difference_update(raws)
        # Gone since the search, or not given by the server: what is still there is asked for again.
        self._failed += len(missing)

    def _whole(self, folder: Folder, group: Sequence[int], facts: Mapping[int, Facts]) -> dict[int, bytes]:
        """The bytes of these mails; a group the server refuses is asked for one by one."""
        try:
            found = self._session.bodies(group)
        except Refused as exc:
            if len(group) > 1:
                return {uid: raw for one in group for uid, raw in self._whole(folder, [one], facts).items()}
            log.warning("mailbox.refused account=%s uid=%d reason=%s", self._wanted.account, group[0], exc.reason)
            found = {}
        except MailboxAway as exc:
            keys = {(folder.uidvalidity, uid) for uid in group}
            self._memory.troubled.update(keys)
            if isinstance(exc, LargerThanAnnounced) and len(group) == 1:
                self._memory.too_large |= keys
            raise
        # An empty answer for a mail that is not empty is no answer.
        return {uid: raw for uid, raw in found.items() if raw or not facts[uid].size}

    def _beginning(self, uid: int, fact: Facts) -> dict[int, bytes]:
        try:
            parts = self._session.beginning(uid)
        except Refused as exc:
            log.warning("mailbox.refused account=%s uid=%d reason=%s", self._wanted.account, uid, exc.reason)
            return {}
        if parts is None:
            return {}
        log.warning("mailbox.shortened account=%s uid=%d bytes=%s", self._wanted.account, uid, fact.size)
        return {uid: shortened(*parts, size=fact.size)}

    def _keep(
        self, folder: Folder, raws: Mapping[int, bytes], facts: Mapping[int, Facts], progress: Progress | None
    ) -> None:
        """Commit these mails, and the mark with them where no gap lies below."""
        if not raws:
            return
        deliveries = [
            Delivery(
                account=self._wanted.account,
                folder=folder.name,
                uidvalidity=folder.uidvalidity,
                uid=uid,
                arrived=(facts[uid].arrived or self._now).astimezone(UTC),
                raw=raw,
            )
            for uid, raw in raws.items()
        ]
        if progress:
            progress.done(raws)
        advance = progress is not None and progress.complete >= max(raws)
        kept = self._spool.keep_all(deliveries, self._now, advance=advance)
        self._kept += [spool_id for spool_id in kept if spool_id is not None]
        self._known += kept.count(None)
        for uid in raws:
            self._memory.troubled.pop((folder.uidvalidity, uid), None)
