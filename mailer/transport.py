"""What delivery needs of a mail server."""

from typing import Protocol

from mailer.conversation import Conversation
from mailer.server_replies import ServerReply


class ServerAway(Exception):  # noqa: N818 - it names a state of the server, not an error of ours
    """No connection: no letter was offered, all keep waiting. Its text is for the office."""


class Transport(Protocol):
    """One connection. `connect` and `close` wait for the server; the letters themselves never do."""

    @property
    def connected(self) -> bool: ...
    @property
    def handle(self) -> int:
        """The descriptor to wait on while a letter is being offered."""

    @property
    def writing(self) -> bool:
        """Waiting to write, not to read."""

    @property
    def patience_ends(self) -> float:
        """When the server's time for this step is over, by `time.monotonic`."""

    def connect(self) -> None:
        """Ready to take letters; ServerAway otherwise."""

    def begin(self, talk: Conversation) -> None:
        """Offer a letter; ConnectionBroken if that cannot be."""

    def advance(self) -> ServerReply | None:
        """Go on as far as the server's words allow: the answer that decided, None while there is none.

        ConnectionBroken when the connection ended without one.
        """

    def give_up(self) -> ServerReply:
        """The server fell silent: ConnectionBroken, unless the answer that decides was heard already."""

    def close(self) -> None:
        """Say goodbye, or just leave; never raises."""
