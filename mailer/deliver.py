"""Sending what is due: several connections, each waiting for its last result to be on disk before its next letter.

One thread talks to the outbox and listens to every server. When no server has more to say, what ended meanwhile is
stored and the next letters are claimed, in one transaction; only then does a connection get its next letter. A crash
can repeat at most one letter per connection, and there is no timer that batches commits (docs/delivery.md).
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from mailer.address_notes import AddressStore, note_address
from mailer.connection import Connection, Event, Gone, Offer, Ready, Switchboard
from mailer.domain_limits import DomainLimits
from mailer.outcome import Decision, decide
from mailer.patience import patiently, wait_for_store
from mailer.retry import DOMAIN_PAUSE
from mailer.sender_lock import SenderBusy, SenderLock
from mailer.server_replies import Action
from mailer.settler import ExchangeLike, OutboxLine, Settled, Settler
from mailer.stock import Stock
from mailer.transport import Transport
from school.errors import TemporaryError
from school.letter import LetterState
from school.sending import Claimed

__all__ = ["DeliveryPolicy", "DeliveryReport", "OutboxStore", "SenderBusy", "SenderLock", "deliver_due"]

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5  #: how soon a stop is noticed while every server is silent
HEARTBEAT_SECONDS = 60.0
GOODBYE_SECONDS = 1.0
RESCUE_SECONDS = 5.0
DOMAIN_PATIENCE = 5  #: temporary refusals in a row before a whole domain waits


class OutboxStore(Protocol):
    """What delivery needs of the outbox. TemporaryError = try again, nothing was half done."""

    def line(self) -> OutboxLine: ...
    def waiting(self, now: datetime, limit: int) -> int: ...
    def mark_phase(self, letter_id: int, epoch: int, phase: str) -> bool: ...
    def heartbeat(self, held: Sequence[Claimed]) -> int: ...
    def release(self, owner: str, held: Sequence[Claimed], now: datetime) -> int: ...
    def hold_domain(self, domain: str, until: datetime, reason: str) -> int: ...
    def pause(self, run_id: str) -> bool: ...
    def expire(self, now: datetime) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryPolicy:
    owner: str  #: this process's boot id
    connections: int = 4
    letters_per_connection: int = 20  #: Yahoo's guide value
    domain_concurrency: int = 0  #: letters to one domain at the same time; 0 = no limit
    domain_per_minute: int = 0  #: letters to one domain a minute; 0 = no limit
    provider_id_domain: str = ""  #: of the ids a provider gives in place of ours; empty = it keeps ours


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryReport:
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    blocked: int = 0
    expired: int = 0
    unsure: int = 0  #: at-most-once letters whose answer was lost; never sent again
    paused_runs: tuple[str, ...] = ()
    held_domains: tuple[str, ...] = ()
    trouble: str = ""  #: one line when the server, not a letter, is the problem


def deliver_due(  # noqa: PLR0917 - the flow's own parts, in the order of the sentence
    outbox: OutboxStore,
    transport_factory: Callable[[], Transport],
    policy: DeliveryPolicy,
    clock: Callable[[], datetime],
    stop: threading.Event | None = None,
    progress: Callable[[DeliveryReport], None] | None = None,
    addresses: AddressStore | None = None,
) -> DeliveryReport:
    """What became of every letter that is due now; returns when none is left to try.

    Nothing is lost when the server is away: the letters wait, `trouble` says so in one line. After *stop* no letter is
    begun; those in the server's hands are finished and stored.
    """
    now = clock()
    report = DeliveryReport(expired=patiently(outbox.expire, now))
    wanted = patiently(outbox.waiting, now, policy.connections)
    if not wanted or (stop is not None and stop.is_set()):
        return report
    one_pass = _Pass(outbox, policy, clock, stop or threading.Event(), addresses, report)
    return one_pass.run([transport_factory] * wanted, progress)


@dataclass(slots=True)
class _Pass:
    """One pass over what is due; lives in the thread that talks to the outbox."""

    outbox: OutboxStore
    policy: DeliveryPolicy
    clock: Callable[[], datetime]
    stop: threading.Event
    addresses: AddressStore | None
    report: DeliveryReport
    idle: list[Connection] = field(default_factory=list)
    held: dict[int, Claimed] = field(default_factory=dict)
    results: list[tuple[Claimed, Decision]] = field(default_factory=list)
    under_way: list[tuple[Claimed, Decision]] = field(default_factory=list)  #: results that are not on disk yet
    asked: int | None = None  #: how many letters are offered when the exchange under way is settled
    stock: Stock = field(default_factory=Stock)  #: claimed, and not offered yet
    dry: bool = False  #: the last exchange gave fewer letters than it asked for
    lines: Switchboard = field(init=False)
    outbox_line: OutboxLine = field(init=False)
    exchange: ExchangeLike = field(init=False)
    settler: Settler = field(init=False)
    refused_in_a_row: dict[str, int] = field(default_factory=dict)
    limits: DomainLimits = field(default_factory=DomainLimits)
    useless: set[Connection] = field(default_factory=set)
    alive: int = 0
    next_heartbeat: float = 0.0

    def run(
        self, factories: Sequence[Callable[[], Transport]], progress: Callable[[DeliveryReport], None] | None
    ) -> DeliveryReport:
        self.limits = DomainLimits(concurrency=self.policy.domain_concurrency, per_minute=self.policy.domain_per_minute)
        self.lines = Switchboard(factories, self.policy.letters_per_connection)
        self.outbox_line = self.outbox.line()
        self.settler = Settler(self.outbox_line, self.lines.tell)
        self.alive = len(factories)
        if self.outbox_line.looks_ahead and not self.limits.active:
            self.stock.ahead = len(factories)
        self.next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        try:
            going = True
            while going:
                going = self._step()
                if progress is not None:
                    progress(self.report)  # after the last step as well: nobody hears of what ended last otherwise
        except BaseException:
            self._rescue()
            raise
        finally:
            self.settler.close()
            self._leave_the_stock()
            self.lines.close(GOODBYE_SECONDS)
        return self.report

    def _step(self) -> bool:
        """False when nothing is left: no letter in a server's hands and none that could be given."""
        self._gather()
        self._exchange()
        self._keep_alive()
        if self.held or self.asked is not None:
            return True
        if not self.alive or self.stop.is_set():
            return False
        # No letter found its connection yet, or a domain rests and opens again.
        return (
            not self.idle
            or not self.dry
            or bool(self.stock)
            or (self.limits.wait(time.monotonic()) is not None and self._letters_wait())
        )

    def _rescue(self) -> None:
        """Whatever stopped us: the results of letters in a server's hands are stored if they come soon."""
        end = time.monotonic() + RESCUE_SECONDS
        self.stop = threading.Event()  # our own: the caller's may stop more than this pass
        self.stop.set()
        while (self.held or self.asked is not None) and time.monotonic() < end:
            self._gather()
            self._exchange()

    def _letters_wait(self) -> bool:
        return patiently(self.outbox.waiting, self.clock(), 1) > 0

    def _gather(self) -> None:
        """Everything the connections report; waits for the first report, never for a second one."""
        wait = self.limits.wait(time.monotonic())
        seconds = TICK_SECONDS if wait is None else min(wait, TICK_SECONDS)
        events = self.lines.events(seconds, meanwhile=self.stock.make_one_ready)
        self.dry = self.dry and bool(events)  # after a quiet while it is asked again
        if not events and self.asked is None:
            self._give_back()  # nothing is gained by holding letters for servers that take their time
        for event in events:
            self._note(event)

    def _note(self, event: Event) -> None:
        if isinstance(event, Ready):
            self._welcome(event.connection)
        elif isinstance(event, Gone):
            self.alive -= 1
            self._tell(event.trouble)
        elif isinstance(event, Settled):
            self._settled(event)
        else:
            domain = self.policy.provider_id_domain
            decision = decide(event.letter, event.ending, self.clock(), fresh=event.fresh, provider_domain=domain)
            self.results.append((event.letter, decision))
            self.limits.finished(event.letter.domain)
            if decision.action is Action.SERVER:
                self.useless.add(event.connection)
                self._tell(f"{decision.result.reason} ({decision.result.code})")

    def _welcome(self, connection: Connection) -> None:
        if connection in self.useless:
            self.lines.leave(connection)
        else:
            self.idle.append(connection)

    def _tell(self, trouble: str) -> None:
        """The first trouble is the report's; it is said once."""
        if trouble and not self.report.trouble:
            self.report = replace(self.report, trouble=trouble)
            log.info("delivery.trouble")  # whoever called tells the office, once

    def _exchange(self) -> None:
        """Begin to store what ended and to claim for who is idle, in one transaction; one at a time."""
        limit = 0 if self.stop.is_set() else min(len(self.idle), 1 if self.limits.active else len(self.idle))
        wanted = self.results or self.under_way or (limit and (self.stock or not self.dry))
        if self.asked is not None or not wanted:
            return
        now = self.clock()
        if any(decision.action is not Action.SENT for _, decision in self.results):
            self._give_back()  # what follows from a refusal may concern every letter that no server has yet
        for letter, decision in self.results:
            self._act(letter, decision, now)
        self.under_way += self.results
        self.results.clear()
        results = [(letter, decision.result) for letter, decision in self.under_way]
        avoid = self.limits.avoid(time.monotonic())
        try:
            wants = self.stock.wants(limit)
            self.outbox_line.begin(results, self.policy.owner, wants, now, avoid, ahead=self.stock.letters)
        except TemporaryError as exc:
            self._wait_for_store(exc)
            return
        self.asked = limit
        self.settler.settle()
        self.exchange = self.outbox_line.taken()
        if self.exchange.lapsed:
            self.stock.clear()
        self.stock.add(self.exchange.claimed)

    def _settled(self, event: Settled) -> None:
        """What was stored is counted, and what was claimed is offered, only now that it is on disk."""
        asked, self.asked = self.asked or 0, None
        if isinstance(event.trouble, TemporaryError):
            self._wait_for_store(event.trouble)
        elif event.trouble is not None:
            raise event.trouble
        else:
            self.dry = len(self.exchange.claimed) + self.exchange.blocked < self.exchange.asked
            self._count(self.exchange)
            for _ in range(min(asked, len(self.stock))):
                self._give(self.stock.take())

    def _wait_for_store(self, trouble: TemporaryError) -> None:
        """No letter begins meanwhile and no result is lost: they are still under way.

        Nobody knows whether a commit happened whose answer was lost: what it claimed without our hearing of it is given
        back. That the results count once is seen to by their epoch.
        """
        wait_for_store(trouble)
        self._release()

    def _give_back(self) -> None:
        """Keep no letter that no server has been offered."""
        if self.stock:
            self._release()

    def _leave_the_stock(self) -> None:
        """At the end; if the database is locked just then, the next start finds them (`recover`)."""
        if self.stock:
            with contextlib.suppress(TemporaryError):
                self.outbox.release(self.policy.owner, list(self.held.values()), self.clock())

    def _release(self) -> None:
        self.stock.clear()
        self.dry = False
        patiently(self.outbox.release, self.policy.owner, list(self.held.values()), self.clock())

    def _act(self, letter: Claimed, decision: Decision, now: datetime) -> None:
        """Pauses and closed addresses come before the result, so the very next claim knows of them."""
        if decision.action is Action.PAUSE_RUN and patiently(self.outbox.pause, letter.run):
            log.error("run.paused run=%s code=%s", letter.run, decision.result.code)
            self.report = replace(self.report, paused_runs=(*self.report.paused_runs, letter.run))
        if self.addresses is not None:
            note_address(self.addresses, letter, decision, now)
        self._watch_domain(letter, decision, now)

    def _watch_domain(self, letter: Claimed, decision: Decision, now: datetime) -> None:
        """A domain that refuses five letters in a row, or says so itself, waits as a whole."""
        if not decision.slow_domain:
            self.refused_in_a_row.pop(letter.domain, None)
            return
        count = self.refused_in_a_row[letter.domain] = self.refused_in_a_row.get(letter.domain, 0) + 1
        if count < DOMAIN_PATIENCE and decision.action is not Action.PAUSE_DOMAIN:
            return
        patiently(self.outbox.hold_domain, letter.domain, now + DOMAIN_PAUSE, decision.result.reason)
        if letter.domain not in self.report.held_domains:
            log.warning("domain.held letter=%d code=%s", letter.id, decision.result.code)
            self.report = replace(self.report, held_domains=(*self.report.held_domains, letter.domain))

    def _count(self, exchange: ExchangeLike) -> None:
        counts = {"sent": 0, "deferred": 0, "failed": 0, "unsure": 0, "blocked": exchange.blocked}
        for (letter, decision), kept in zip(self.under_way, exchange.kept, strict=True):
            self.held.pop(letter.id, None)
            state = decision.result.state
            log.info(
                "letter.%s run=%s letter=%d attempt=%d code=%s kept=%s",
                state.value, letter.run, letter.id, letter.attempts + 1, decision.result.code, kept,
            )  # fmt: skip
            if kept and state in COUNTED:
                counts[COUNTED[state]] += 1
        self.under_way.clear()
        report = self.report
        self.report = replace(
            report,
            sent=report.sent + counts["sent"],
            deferred=report.deferred + counts["deferred"],
            failed=report.failed + counts["failed"],
            unsure=report.unsure + counts["unsure"],
            blocked=report.blocked + counts["blocked"],
        )

    def _give(self, offer: Offer) -> None:
        letter = offer.letter
        # An automatic mail is never sent twice: it stands as `sent?` before the server hears of it.
        if letter.kind.at_most_once and not patiently(self.outbox.mark_phase, letter.id, letter.epoch, "dot"):
            return
        self.held[letter.id] = letter
        self.limits.began(letter.domain, time.monotonic())
        self.lines.give(self.idle.pop(0), offer)

    def _keep_alive(self) -> None:
        if self.held and time.monotonic() >= self.next_heartbeat:
            patiently(self.outbox.heartbeat, list(self.held.values()))
            self.next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS


COUNTED = {
    LetterState.SENT: "sent",
    LetterState.DEFERRED: "deferred",
    LetterState.FAILED: "failed",
    LetterState.SENT_UNSURE: "unsure",
}
