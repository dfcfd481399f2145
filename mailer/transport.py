"""What delivery needs of a mail server, and the two ways a connection can end."""

from typing import Protocol

from mailer.server_replies import ServerReply


class ServerAway(Exception):  # noqa: N818 - it names a state of the server, not an error of ours
    """No connection: no letter was offered, all keep waiting. Its text is for the office."""


class ConnectionBroken(Exception):  # noqa: N818 - as above
    """The connection ended at *phase*: `mail`, `rcpt`, `data` and `body` are certain, nothing was sent.

    At `dot` nobody can know: the server may have taken the letter (RFC 1047).
    """

    def __init__(self, phase: str, words: str) -> None:
        super().__init__(words)
        self.phase = phase


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

    def begin(self, envelope_from: str, address: str, raw: bytes) -> None:
        """Offer a letter; ValueError or ConnectionBroken if that cannot be."""

    def advance(self) -> ServerReply | None:
        """Go on as far as the server's words allow: the answer that decided, None while there is none.

        ConnectionBroken when the connection ended without one.
        """

    def give_up(self) -> ServerReply:
        """The server fell silent: ConnectionBroken, unless the answer that decides was heard already."""

    def close(self) -> None:
        """Say goodbye, or just leave; never raises."""
