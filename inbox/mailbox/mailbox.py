"""One mailbox: a pass now, the pause after it, the wait for more, and what is moved away."""

import contextlib
import logging
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from inbox.arrival import FetchReport, Trouble, after_failure, pause
from inbox.fetch import MailboxAway, Memory, Pass, Refused, SpoolKeeper, Wanted, numbered
from inbox.mailbox.connection import Connection
from inbox.mailbox.settings import MailboxSettings
from school.errors import FridayFolderError, PermanentError

log = logging.getLogger(__name__)

# An IDLE that fails sooner, twice in a row, is no lost connection but a server that cannot do it.
SHORT_IDLE_SECONDS = 20


class Mailbox:
    """One mailbox, one connection, used by one thread. Connects when needed, survives whatever the server does."""

    def __init__(
        self,
        settings: MailboxSettings,
        spool: SpoolKeeper,
        *,
        random: Callable[[], float],
        token: Callable[[], str] | None = None,
        has_our_token: Callable[[bytes], bool] = lambda _header: False,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """*random* gives numbers from 0 to 1 for the pauses; *token* a fresh OAuth token for each connection.

        *has_our_token* reads a header block and says whether it carries a valid reply token: such mail is fetched out
        of the junk folder. *tls_context* replaces the system's own list of trusted authorities.
        """
        self._settings = settings
        self._spool = spool
        self._random = random
        self._token = token
        self._tls_context = tls_context
        self._wanted = Wanted(
            account=settings.account,
            folder=settings.folder,
            junk_folder=settings.junk_folder,
            max_message_bytes=settings.max_message_bytes,
            has_our_token=has_our_token,
        )
        self._memory = Memory()
        self._connection: Connection | None = None
        self._trouble: Trouble | None = None
        self._idle_failed_soon = False  #: the last IDLE did, and nothing was heard in one since

    @property
    def settings(self) -> MailboxSettings:
        """What the school said of it."""
        return self._settings

    def fetch_new(self, now: datetime) -> FetchReport:
        """One pass: what was kept, was known before, or could not be had this time.

        Raises MailboxAway (its `report` says what had been kept), LoginRefused, Untrusted, or the spool's own
        TemporaryError. Call again when `pause(now)` is over.
        """
        one_pass = None
        try:
            one_pass = Pass(self._wanted, self._connected(), self._spool, self._memory, now)
            one_pass.run()
        except Refused as exc:
            away = MailboxAway(self._settings.account, exc.reason)
            self._failed(away, one_pass, now)
            raise away from None
        except FridayFolderError as exc:
            self._failed(exc, one_pass, now)
            raise
        self._trouble = None
        report = one_pass.report()
        if report.fetched or report.failed:
            counts = (report.fetched, report.already_known, report.failed)
            log.info("mailbox.fetched account=%s new=%d known=%d failed=%d", self._settings.account, *counts)
        return report

    def pause(self, now: datetime) -> timedelta:
        """How long to wait before the next pass; nothing after a good one."""
        return pause(self._trouble, now, self._random())

    def settle(self, uids: Collection[int], *, uidvalidity: int) -> set[int]:
        """The mails that were moved to `move_to`; the others stay in the folder, which harms nothing.

        Only for mails that are decided. Moves nothing if the folder was renumbered meanwhile.
        """
        if not uids or not self._settings.move_to:
            return set()
        with self._dropping():
            connection = self._connected()
            folder = connection.look_into(self._settings.folder, writing=True)
            if numbered(folder, self._settings.account, self._spool).uidvalidity != uidvalidity:
                return set()
            return connection.move(sorted(uids), self._settings.move_to)

    def settle_finished(self) -> set[int]:
        """The same for every mail of the folder that the spool knows as decided: nothing is forgotten by a crash."""
        if not self._settings.move_to:
            return set()
        with self._dropping():
            connection = self._connected()
            folder = numbered(connection.look_into(self._settings.folder), self._settings.account, self._spool)
            uids = connection.search(folder, ["ALL"])
        finished = self._spool.finished_uids(self._settings.account, folder.name, folder.uidvalidity, uids)
        return self.settle(finished, uidvalidity=folder.uidvalidity)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Did the server announce something before the time was over? A caller fetches in either case.

        Uses IDLE where the server has it and a connection stands; else it is a plain wait. A connection that died
        meanwhile is dropped, and the next pass makes a new one.
        """
        began = time.monotonic()
        try:
            if self._connection and self._connection.has("IDLE"):
                if self._arrived_meanwhile(self._connection):
                    return True
                heard = self._connection.idle(began + seconds, stop)
                self._idle_failed_soon = False
                return heard
        except (MailboxAway, Refused) as exc:
            log.info("mailbox.idle_ended account=%s reason=%s", self._settings.account, exc.reason)
            self.close(polite=False)
            soon = time.monotonic() - began <= SHORT_IDLE_SECONDS
            again, self._idle_failed_soon = soon and self._idle_failed_soon, soon
            if not again:
                return not stop.is_set()  # look again at once: what came while we were deaf must not wait
            # A server that ends every IDLE at once is polled like one that has none.
        stop.wait(max(0.0, began + seconds - time.monotonic()))
        return False

    def _arrived_meanwhile(self, connection: Connection) -> bool:
        """Did mail come between the last search and now? IDLE will not tell what the server takes for told."""
        now, seen = connection.look_into(self._settings.folder), self._memory.seen
        return seen is None or (now.uidnext, now.exists) != (seen.uidnext, seen.exists)

    def close(self, *, polite: bool = True) -> None:
        """Leave the server, saying so or not; the next pass connects again."""
        if self._connection:
            self._connection.close(polite=polite)
        self._connection = None

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(self._settings, self._token, self._tls_context)
        return self._connection

    @contextlib.contextmanager
    def _dropping(self) -> Iterator[None]:
        """A connection on which something failed is not used again."""
        try:
            yield
        except Refused as exc:
            self.close(polite=False)
            raise MailboxAway(self._settings.account, exc.reason) from None
        except FridayFolderError:
            self.close(polite=False)
            raise

    def _failed(self, exc: FridayFolderError, one_pass: Pass | None, now: datetime) -> None:
        if isinstance(exc, MailboxAway) and one_pass:
            exc.report = one_pass.report()
        first = self._trouble is None
        self._trouble = after_failure(self._trouble, now, refused=isinstance(exc, PermanentError))
        reason = exc.reason if isinstance(exc, MailboxAway) else type(exc).__name__
        level = logging.WARNING if first else logging.INFO  # one alert, not one for every try
        log.log(
            level,
            "mailbox.failed account=%s failures=%d reason=%s",
            self._settings.account,
            self._trouble.failures,
            reason,
        )
        self.close(polite=False)
