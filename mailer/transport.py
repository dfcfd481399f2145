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
    """One connection, used by one thread."""

    @property
    def connected(self) -> bool: ...

    def connect(self) -> None:
        """Ready to take letters; ServerAway otherwise."""

    def send(self, envelope_from: str, address: str, raw: bytes) -> ServerReply:
        """The answer that decided: to the final dot, or the first refusal. ConnectionBroken without one."""

    def close(self) -> None:
        """Say goodbye, or just leave; never raises."""
