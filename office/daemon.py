"""The service: it plans what is due, sends, and reads replies, until it is told to stop.

Three loops, each in a thread of its own, so that a slow mail server keeps nobody else waiting:

    planning   every few seconds: issues and digests whose slot is due (the database knows; the clock only ticks)
    sending    the outbox, as long as something is due
    reading    the mailbox (IDLE where the server has it) or the door

Whatever is interrupted stands in the database and goes on at the next start.
"""

import secrets
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import schedule

from inbox.mailbox import LoginRefused, MailboxAway
from office.jobs.delivering import deliver
from office.jobs.digests import plan_digests
from office.jobs.housekeeping import clean_up
from office.jobs.issues import DIGEST_SLOT, digest_due
from office.jobs.polling import poll
from office.jobs.publishing import publish_due
from office.logs import log, where
from office.wiring import House
from school.errors import FridayFolderError

TICK_SECONDS = 5
IDLE_SENDER_SECONDS = 2.0
TROUBLED_SECONDS = 30.0


class Daemon:
    def __init__(self, house: House, clock: Callable[[], datetime]) -> None:
        self.house = house
        self.clock = clock
        self.stop = threading.Event()
        self.owner = secrets.token_hex(8)
        self._told: dict[str, str] = {}

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is in a server's hands is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        self.house.database  # noqa: B018 - opened and checked before any thread needs it
        if self.house.door is not None:
            self.house.door.start()
        threads = [
            threading.Thread(target=self._guarded, args=(name, work), name=name)
            for name, work in (("sending", self._send), ("reading", self._read))
        ]
        log("service.started", owner=self.owner)
        for thread in threads:
            thread.start()
        self._plan()
        for thread in threads:
            thread.join()
        if self.house.door is not None:
            self.house.door.stop()
        log("service.stopped", owner=self.owner)

    # ---- planning ----

    def _plan(self) -> None:
        """`schedule` only ticks: what is due, and whether somebody did it already, is asked of the database."""
        clockwork = schedule.Scheduler()
        for work in (self._publish, self._digest, self._clean_up):
            clockwork.every(TICK_SECONDS).seconds.do(self._once, work.__name__.strip("_"), work)
        clockwork.run_all()
        while not self.stop.wait(1):
            clockwork.run_pending()

    def _publish(self) -> None:
        publish_due(self.house, self.clock())

    def _digest(self) -> None:
        now = self.clock()
        for day, due in digest_due(self.house, now):
            plan_digests(self.house, day, now)
            self.house.slots.take(DIGEST_SLOT, day, self.house.zone, due, now)

    def _clean_up(self) -> None:
        clean_up(self.house, self.clock())

    # ---- sending and reading ----

    def _send(self) -> None:
        while not self.stop.is_set():
            report = deliver(self.house, self.owner, self.clock, self.stop)
            self._tell("sending", report.trouble)
            self.stop.wait(TROUBLED_SECONDS if report.trouble else IDLE_SENDER_SECONDS)

    def _read(self) -> None:
        while not self.stop.is_set():
            self._read_once()
            self._wait_for_mail()

    def _read_once(self) -> None:
        try:
            poll(self.house, self.clock())
        except (MailboxAway, LoginRefused) as exc:
            self._tell("reading", str(exc))
        else:
            self._tell("reading", "")

    def _wait_for_mail(self) -> None:
        mailbox = self.house.mailbox
        if mailbox is None:
            self.stop.wait(1)  # the door stores; reading follows within a second
            return
        pause = mailbox.pause(self.clock())
        if pause > timedelta(0):
            self.stop.wait(pause.total_seconds())
            return
        try:
            mailbox.wait(self.house.settings.imap.poll_seconds, self.stop)
        except FridayFolderError as exc:
            self._tell("reading", str(exc))

    # ---- troubles ----

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """A fault of ours in one loop is told and tried again; the other loops go on."""
        while not self.stop.is_set():
            try:
                work()
            except FridayFolderError as exc:
                self._tell(name, str(exc))
            except Exception as exc:  # noqa: BLE001 - as the docstring says
                log("service.failed", level="error", loop=name, error=where(exc))
            self.stop.wait(TROUBLED_SECONDS if not self.stop.is_set() else 0)
        self.house.database.close()

    def _once(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except FridayFolderError as exc:
            self._tell(name, str(exc))
        except Exception as exc:  # noqa: BLE001 - a raising job would starve those behind it
            log("service.failed", level="error", loop=name, error=where(exc))
        else:
            self._tell(name, "")

    def _tell(self, name: str, trouble: str) -> None:
        """Say each trouble once, and once that it is over."""
        if trouble == self._told.get(name, ""):
            return
        self._told[name] = trouble
        if trouble:
            log("service.trouble", level="warning", loop=name, words=repr(trouble))
        else:
            log("service.recovered", loop=name)


def work(house: House, clock: Callable[[], datetime], stop: threading.Event) -> None:
    """One more sender for PostgreSQL: claims letters with the others until told to stop."""
    owner = secrets.token_hex(8)
    while not stop.is_set():
        report = deliver(house, owner, clock, stop)
        stop.wait(TROUBLED_SECONDS if report.trouble else IDLE_SENDER_SECONDS)


def shifted_clock(now: datetime) -> Callable[[], datetime]:
    """A clock that shows *now* at this moment and goes on from there: for rehearsals."""
    started = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - started)
