"""One connection in its own thread: connects, sends the letter it is given, reports, and renews itself now and then."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from mailer.headers import check_header_block
from mailer.server_replies import ServerReply
from mailer.transport import ServerAway, Transport
from school.sending import Claimed

log = logging.getLogger(__name__)

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


class Connection:
    """Starts its thread at once."""

    def __init__(
        self, make: Callable[[], Transport], letters: int, events: "SimpleQueue[Ready | Ended | Gone]"
    ) -> None:
        self._make, self._letters, self._events = make, letters, events
        self._tasks: SimpleQueue[Claimed | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="smtp-connection", daemon=True)
        self._thread.start()

    def give(self, letter: Claimed) -> None:
        self._tasks.put(letter)

    def leave(self) -> None:
        """Say goodbye and end."""
        self._tasks.put(None)

    def wait(self, seconds: float) -> None:
        """Until it has left, but no longer than *seconds*: nothing hangs on a goodbye."""
        self._thread.join(seconds)

    def _work(self) -> None:
        try:
            trouble = self._serve(self._make())
        except Exception as exc:
            log.exception("delivery.connection_failed")
            trouble = f"sending stopped ({type(exc).__name__}): see the log"
        self._events.put(Gone(self, trouble))

    def _serve(self, transport: Transport) -> str:
        """Letters until told to leave; the trouble that ended it otherwise."""
        on_this = broken = 0
        while True:
            if on_this >= self._letters:
                transport.close()
            if not transport.connected:
                on_this = 0
                try:
                    transport.connect()
                except ServerAway as exc:
                    return str(exc)
            self._events.put(Ready(self))
            letter = self._tasks.get()
            if letter is None:
                transport.close()
                return ""
            ending = offer(transport, letter)
            self._events.put(Ended(self, letter, ending, on_this == 0))
            on_this += 1
            broken = 0 if isinstance(ending, ServerReply) else broken + (not transport.connected)
            if broken >= BROKEN_IN_A_ROW:
                transport.close()
                return f"the mail server breaks every connection ({ending})"


def offer(transport: Transport, letter: Claimed) -> ServerReply | Exception:
    """How offering the letter ended. Never raises: one bad letter must not stop the others."""
    try:
        # The last look at the bytes themselves (CVE-2024-6923 and its like).
        check_header_block(letter.raw)
        return transport.send(letter.envelope_from, letter.address, letter.raw)
    except Exception as exc:  # noqa: BLE001 - it becomes the letter's result, with its reason
        return exc
