"""The connections of one pass: one thread listens to them all; what waits for a server (connecting, leaving) is done
by a helper thread each, so a slow greeting keeps no letter waiting.
"""

import contextlib
import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from mailer.conversation import Conversation
from mailer.headers import check_header_block
from mailer.server_replies import ServerReply
from mailer.settler import Settled
from mailer.transport import ServerAway, Transport
from school.sending import Claimed

log = logging.getLogger(__name__)

NO_HANDLE = -1
BROKEN_IN_A_ROW = 3  #: after so many broken connections the server, not the letters, is the problem


@dataclass(frozen=True, slots=True)
class Ready:
    """Connected, and waiting for a letter."""

    connection: "Connection"


@dataclass(frozen=True, slots=True)
class Ended:
    """A letter was offered; *fresh*: as the first on its connection."""

    connection: "Connection"
    letter: Claimed
    ending: ServerReply | Exception
    fresh: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """The connection takes no more letters in this pass; *trouble* tells the office why, if there is a why."""

    connection: "Connection"
    trouble: str


Event = Ready | Ended | Gone | Settled


class Offer:
    """A letter, and once it was made ready for the wire its talk: or why it cannot go."""

    def __init__(self, letter: Claimed) -> None:
        self.letter = letter
        self.talk: Conversation | Exception | None = None

    def make_ready(self) -> Conversation | Exception:
        """Its talk; one bad letter must not stop the others, so an error is an answer too."""
        if self.talk is None:
            letter = self.letter
            try:
                # The last look at the bytes themselves (CVE-2024-6923 and its like).
                check_header_block(letter.raw)
                self.talk = Conversation(letter.envelope_from, letter.address, letter.raw)
            except Exception as exc:  # noqa: BLE001 - it becomes the letter's result, with its reason
                self.talk = exc
        return self.talk


class Connection:
    """One line to the server and the letter on it."""

    def __init__(self, make: Callable[[], Transport]) -> None:
        self.make = make
        self.transport: Transport | None = None
        self.letter: Claimed | None = None
        self.helper: threading.Thread | None = None
        self.handle = NO_HANDLE  #: the descriptor we listen to, while a letter is on it
        self.carried = 0  #: letters since it connected
        self.broken = 0  #: letters in a row whose connection broke
        self.leaving = False


class Switchboard:
    """Connections begin to connect at once; all methods but `tell` belong to one thread."""

    def __init__(self, makers: Sequence[Callable[[], Transport]], letters_per_connection: int) -> None:
        self._letters = letters_per_connection
        self._poll = select.poll()  # of five descriptors: to begin and to end listening is then no system call
        self._happened: list[Event] = []
        self._from_helpers: SimpleQueue[Ready | Gone | Settled] = SimpleQueue()
        self._door = threading.Lock()  #: between whoever tells something and the one who stops listening
        self._closed = False
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)
        self._poll.register(self._bell, select.POLLIN)
        self._talking: dict[int, Connection] = {}  #: by the descriptor we listen to
        self._connections = [Connection(make) for make in makers]
        for connection in self._connections:
            self._help(connection, self._renew)

    def give(self, connection: Connection, offer: Offer) -> None:
        """Offer a letter on an idle connection. Never raises: what happens becomes the letter's result."""
        transport = connection.transport
        assert transport is not None  # it was Ready
        connection.letter = offer.letter
        talk = offer.make_ready()
        if isinstance(talk, Exception):
            self._end(connection, transport, talk)
            return
        try:
            transport.begin(talk)
        except Exception as exc:  # noqa: BLE001 - as in Offer
            self._end(connection, transport, exc)
            return
        connection.handle = transport.handle
        self._talking[connection.handle] = connection
        self._poll.register(connection.handle, _interest(transport))

    def events(self, seconds: float, meanwhile: Callable[[], bool]) -> list[Event]:
        """All that happened; waits up to *seconds* for something, and then until every server keeps us waiting.

        Before it waits it does what *meanwhile* has to do, piece by piece, as long as that finds something.
        """
        end = time.monotonic() + seconds
        busy = True
        while True:
            ready = self._poll.poll(0 if self._happened or busy else max(0.0, end - time.monotonic()) * 1000)
            for handle, _ in ready:
                connection = self._talking.get(handle)
                if connection is None:
                    self._hear_helpers()
                else:
                    self._advance(connection)
            if not ready and busy and not self._happened:
                busy = meanwhile()
            elif not ready:
                self._give_up_on_the_silent()
                if self._happened or time.monotonic() >= end:
                    break
        happened, self._happened = self._happened, []
        return happened

    def leave(self, connection: Connection) -> None:
        """Say goodbye to a server that has no letter in hand."""
        if not connection.leaving:
            connection.leaving = True
            if connection.helper is None:
                self._help(connection, self._part)

    def close(self, seconds: float) -> None:
        """Leave every server; nothing hangs longer than *seconds* on a goodbye.

        A connection that is still being made says goodbye by itself as soon as it is.
        """
        with self._door:
            self._closed = True
        self._hear_helpers()  # whoever became ready meanwhile is left like the others
        connecting = [connection for connection in self._connections if connection.helper is not None]
        for connection in self._connections:
            self.leave(connection)
        end = time.monotonic() + seconds
        for connection in self._connections:
            if connection.helper is not None and connection not in connecting:
                connection.helper.join(max(0.0, end - time.monotonic()))
        self._bell.close()
        self._rope.close()

    # ---- the letter on a connection ----

    def _advance(self, connection: Connection) -> None:
        transport = connection.transport
        assert transport is not None  # a letter is on it
        was_writing = transport.writing
        try:
            ending: ServerReply | Exception | None = transport.advance()
        except Exception as exc:  # noqa: BLE001 - as in Offer
            ending = exc
        if ending is not None:
            self._end(connection, transport, ending)
        elif transport.writing != was_writing:
            self._poll.modify(connection.handle, _interest(transport))

    def _give_up_on_the_silent(self) -> None:
        """Asked only when no server has said anything we did not hear: time spent on a busy database is ours."""
        now = time.monotonic()
        for connection in list(self._talking.values()):
            transport = connection.transport
            assert transport is not None  # a letter is on it
            if transport.patience_ends > now:
                continue
            try:
                ending: ServerReply | Exception = transport.give_up()
            except Exception as exc:  # noqa: BLE001 - as in Offer
                ending = exc
            self._end(connection, transport, ending)

    def _end(self, connection: Connection, transport: Transport, ending: ServerReply | Exception) -> None:
        """The letter is off the connection; then the connection is ready, renewed, or given up."""
        if self._talking.pop(connection.handle, None) is not None:
            self._poll.unregister(connection.handle)
        connection.handle = NO_HANDLE
        letter, connection.letter = connection.letter, None
        assert letter is not None  # it was on it
        self._happened.append(Ended(connection, letter, ending, connection.carried == 0))
        connection.carried += 1
        heard = isinstance(ending, ServerReply)
        connection.broken = 0 if heard else connection.broken + (not transport.connected)
        if connection.broken >= BROKEN_IN_A_ROW:
            connection.leaving = True
            self._happened.append(Gone(connection, f"the mail server breaks every connection ({ending})"))
        elif transport.connected and connection.carried < self._letters:
            self._happened.append(Ready(connection))
        else:
            self._help(connection, self._renew)

    # ---- what waits for a server, in threads of their own ----

    def _help(self, connection: Connection, deed: Callable[[Connection], Ready | Gone]) -> None:
        connection.carried = 0
        connection.helper = threading.Thread(
            target=self._do, args=(connection, deed), name="smtp-connection", daemon=True
        )
        connection.helper.start()

    def _do(self, connection: Connection, deed: Callable[[Connection], Ready | Gone]) -> None:
        try:
            event = deed(connection)
        except Exception as exc:
            log.exception("delivery.connection_failed")
            event = Gone(connection, f"sending stopped ({type(exc).__name__}): see the log")
        if not self._told(event):
            self._part(connection)

    def tell(self, event: Settled) -> None:
        """From any thread: what `events` gives next."""
        self._told(event)

    def _told(self, event: Ready | Gone | Settled) -> bool:
        """False once nobody listens any more."""
        with self._door:
            if self._closed:
                return False
            self._from_helpers.put(event)
            with contextlib.suppress(OSError):  # the bell rings already
                self._rope.send(b"!")
        return True

    def _renew(self, connection: Connection) -> Ready | Gone:
        if connection.transport is None:
            connection.transport = connection.make()
        connection.transport.close()
        try:
            connection.transport.connect()
        except ServerAway as exc:
            return Gone(connection, str(exc))
        return Ready(connection)

    @staticmethod
    def _part(connection: Connection) -> Gone:
        if connection.transport is not None:
            connection.transport.close()
        return Gone(connection, "")

    def _hear_helpers(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        with contextlib.suppress(Empty):
            while True:
                event = self._from_helpers.get_nowait()
                if not isinstance(event, Settled):
                    event.connection.helper = None
                self._happened.append(event)


def _interest(transport: Transport) -> int:
    return select.POLLOUT if transport.writing else select.POLLIN
