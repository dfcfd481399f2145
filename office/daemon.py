"""The service: it plans what is due, sends, and reads replies, until it is told to stop.

Each loop has a thread of its own, so that a slow mail server keeps nobody else waiting, and a fault in one never ends
another:

    planning   every few seconds: issues and digests whose slot is due (the database knows; the clock only ticks)
    sending    the outbox, as long as something is due
    reading    a mailbox, one loop each (IDLE where the server has it), and everything stored that nobody read yet
    door       what came in by LMTP or SMTP, within a second
    leading    on PostgreSQL: which of several services plans and reads

Whatever is interrupted stands in the database and goes on at the next start.
"""

import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from queue import SimpleQueue

import schedule

from inbox.mailbox import Mailbox
from mailer.sender_lock import SenderBusy
from office.console.app import console
from office.console.server import ConsoleServer
from office.jobs.delivering import deliver
from office.jobs.digests import plan_digests
from office.jobs.housekeeping import clean_up
from office.jobs.issues import DIGEST_SLOT, NOON_SLOT, digest_due, noon_digest_due
from office.jobs.polling import poll
from office.jobs.publishing import publish_started
from office.jobs.reading import read_waiting
from office.jobs.tray import age_tray
from office.leadership import RENEW_SECONDS, Leadership, only_service
from office.logs import log, where
from office.troubles import Troubles
from office.wiring import House
from school.errors import FridayFolderError
from storage.wake import Wake

TICK_SECONDS = 5
IDLE_SENDER_SECONDS = 2.0
POLL_SECONDS = 5.0  #: on PostgreSQL, where whoever plans wakes whoever sends
#: How long a stop waits for what servers hold in their hands. systemd kills after 90 s; then those letters go twice.
STOP_SECONDS = 20.0

SENDING, READING, DOOR, LEADING, PLANNING = "sending", "reading", "door", "leading", "planning"
MAIL_SERVER = "mail-server"
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Daemon:
    """`run` works until a signal; `start` and `finish` are for whoever has another way to know when to stop."""

    def __init__(
        self,
        house: House,
        clock: Callable[[], datetime],
        *,
        only_sending: bool = False,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self.house = house
        self.stop_seconds = stop_seconds
        self.clock = clock
        self.stop = threading.Event()
        self.owner = secrets.token_hex(8)
        self.troubles = Troubles()
        self.leadership = Leadership(house, self.owner)
        self._one_reads = threading.Lock()  # mailboxes are fetched side by side, what they brought is read once
        self._console = None if only_sending else _console_of(house, clock)
        loops = {SENDING: self._send}
        if not only_sending:
            loops |= {PLANNING: self._plan} | self._reading_loops()
            loops |= {DOOR: self._read_door} if house.door else {}
            loops |= {LEADING: self._lead} if house.database.postgres else {}
        self._threads = [
            threading.Thread(target=self._guarded, args=(name, loop), name=name, daemon=True)
            for name, loop in loops.items()
        ]

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; SenderBusy at once where another service has this database."""
        with only_service(self.house), told_to_stop() as signals:
            self.start()
            signals.get()
            self.finish()

    def start(self) -> None:
        """Everything that can be wrong in the settings is built, and raises, before a thread needs it."""
        house = self.house
        for part in (
            house.rhythm,
            house.press,
            house.postmark,
            house.digest_writer,
            house.answer_writer,
            house.reading,
        ):
            assert part is not None
        assert house.smtp.host
        if house.door is not None:
            house.door.start()
        if self._console is not None:
            self._console.start()
        log("service.started", owner=self.owner)
        for thread in self._threads:
            thread.start()

    def finish(self) -> bool:
        """Nothing new is begun, what is in a server's hands is finished. False if a server kept us waiting too long."""
        self.stop.set()
        if self.house.door is not None:
            self.house.door.stop()
        if self._console is not None:
            self._console.stop()
        deadline = time.monotonic() + self.stop_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        left = [thread.name for thread in self._threads if thread.is_alive()]
        for name in left:
            log("service.left", level="warning", loop=name)
        log("service.stopped", owner=self.owner)
        return not left

    # ---- planning ----

    def _plan(self) -> None:
        """`schedule` only ticks: what is due, and whether somebody did it already, is asked of the database."""
        clockwork = schedule.Scheduler()
        for name, job in PLANNED_JOBS:
            clockwork.every(TICK_SECONDS).seconds.do(self._tried, name, self._at_now(job))
        while not self.stop.is_set():
            if self.leadership.mine:
                clockwork.run_pending()
            self.stop.wait(1)

    def _at_now(self, job: Callable[[House, datetime], object]) -> Callable[[], object]:
        return lambda: job(self.house, self.clock())

    # ---- sending ----

    def _send(self) -> None:
        idle = POLL_SECONDS if self.house.database.postgres else IDLE_SENDER_SECONDS
        with closing(Wake(self.house.database)) as wake:
            while not self.stop.is_set():
                self._tried(SENDING, self._send_due)
                rest = max(self.troubles.rest(SENDING), self.troubles.rest(MAIL_SERVER))
                if rest:
                    self.stop.wait(max(idle, rest))
                else:
                    wake.wait(idle, self.stop)

    def _send_due(self) -> None:
        report = deliver(self.house, self.owner, self.clock, self.stop)
        if report.trouble:
            self.troubles.met(MAIL_SERVER, report.trouble)
        elif report.sent or report.failed or report.deferred:
            # An empty outbox proves nothing: letters put off by the same trouble may wait for their time.
            self.troubles.over(MAIL_SERVER)

    # ---- reading ----

    def _reading_loops(self) -> dict[str, Callable[[], None]]:
        """One for each mailbox, with its own troubles: a server that is away keeps only its own waiting."""
        mailboxes = self.house.mailboxes
        if not mailboxes:
            return {READING: partial(self._read, READING, None)}
        names = [READING, *(f"{READING}-{mailbox.settings.account}" for mailbox in mailboxes[1:])]
        return {name: partial(self._read, name, mailbox) for name, mailbox in zip(names, mailboxes, strict=True)}

    def _read(self, name: str, mailbox: Mailbox | None) -> None:
        while not self.stop.is_set():
            if not self.leadership.mine:
                self.stop.wait(1)
                continue
            self._tried(name, lambda: self._poll(mailbox))
            self._wait_for_mail(name, mailbox)
        if mailbox is not None:
            mailbox.close()

    def _poll(self, mailbox: Mailbox | None) -> None:
        poll(self.house, self.clock(), self.stop.is_set, (mailbox,) if mailbox else (), reading=self._one_reads)

    def _wait_for_mail(self, name: str, mailbox: Mailbox | None) -> None:
        """Until something may have come. After a failure a mailbox says itself how long to leave it alone."""
        rest = self.troubles.rest(name)
        if mailbox is None:
            self.stop.wait(max(1.0, rest))
        elif rest:
            self.stop.wait(max(mailbox.pause(self.clock()).total_seconds(), rest))
        else:
            mailbox.wait(mailbox.settings.poll_seconds, self.stop)

    def _read_door(self) -> None:
        while not self.stop.wait(max(1.0, self.troubles.rest(DOOR))):
            self._tried(DOOR, lambda: read_waiting(self.house, self.clock(), self.stop.is_set))

    # ---- leading ----

    def _lead(self) -> None:
        while not self.stop.is_set():
            self._tried(LEADING, self.leadership.renew)
            self.stop.wait(RENEW_SECONDS)
        for thread in self._threads:
            if thread.name == PLANNING or thread.name.startswith(READING):
                thread.join(self.stop_seconds / 2)  # given back only when nothing is done with it any more
        self.leadership.give_back()

    # ---- what every loop has ----

    def _guarded(self, name: str, loop: Callable[[], None]) -> None:
        """A loop that ended by a fault of ours begins anew; the others never notice."""
        whole = f"{name}-loop"
        while not self.stop.is_set():
            self._tried(whole, loop)
            self.stop.wait(self.troubles.rest(whole))
        self.house.database.close()

    def _tried(self, name: str, work: Callable[[], object]) -> None:
        """*work* done, unless it rests after a failure; a failure is told once, and once that it is over."""
        if self.troubles.rest(name):
            return
        try:
            work()
        except FridayFolderError as exc:
            self._failed(name, str(exc), "info" if isinstance(exc, SenderBusy) else "warning")
        except Exception as exc:  # noqa: BLE001 - a fault in one loop never stops another
            self._failed(name, where(exc), "error")
        else:
            self.troubles.over(name)

    def _failed(self, name: str, words: str, level: str) -> None:
        self.troubles.met(name, words, level=level)
        # The connection may be what failed; the next call makes a new one.
        with suppress(Exception):
            self.house.database.close()


def digests_due(house: House, now: datetime) -> None:
    """Today's digests, once their time has come. Planned first, the slot taken after: a crash repeats nothing."""
    for day, due in noon_digest_due(house, now):
        plan_digests(house, day, now, noon=True)
        house.slots.take(NOON_SLOT, day, house.zone, due, now)
    for day, due in digest_due(house, now):
        plan_digests(house, day, now)
        house.slots.take(DIGEST_SLOT, day, house.zone, due, now)


PLANNED_JOBS: tuple[tuple[str, Callable[[House, datetime], object]], ...] = (
    ("publishing", publish_started),
    ("digests", digests_due),
    ("tray", age_tray),
    ("housekeeping", clean_up),
)


@contextmanager
def told_to_stop() -> Iterator["SimpleQueue[int]"]:
    """A queue that gets the first SIGTERM or SIGINT; a second one ends the process at once, and nothing is lost by it.

    A handler interrupts whatever runs. SimpleQueue is made for that; Event.set could wait for a lock that the very
    code it interrupted is holding.
    """
    signals: SimpleQueue[int] = SimpleQueue()

    def note(number: int, _frame: object) -> None:
        for either in STOP_SIGNALS:
            signal.signal(either, signal.SIG_DFL)
        signals.put(number)

    before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def shifted_clock(now: datetime) -> Callable[[], datetime]:
    """A clock that shows *now* at this moment and goes on from there: for rehearsals."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)


def _console_of(house: House, clock: Callable[[], datetime]) -> ConsoleServer | None:
    """The web page behind one-click stop; None while its port is 0."""
    chosen = house.settings.console
    return ConsoleServer(console(house, clock), chosen.host, chosen.port) if chosen.port else None
