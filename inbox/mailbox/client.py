"""IMAPClient with a limit on what a server may send, and with the corners of its dialogue that we need rounded."""

import logging
import socket
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

# Below INFO the library writes every line of the dialogue, mails and all.
logging.getLogger("imapclient").setLevel(logging.INFO)


class Guarded:
    """Keeps a server from filling our memory: imaplib believes every announced length. Mixed into both transports."""

    limit: int
    overflowed: bool = False
    _left: int = 1_000_000  # bytes until the end of the greeting

    def send(self, data: bytes) -> None:
        self._left = self.limit  # what may come in answer to one command
        super().send(data)  # type: ignore[misc]  # of the transport this is mixed into

    def read(self, size: int) -> bytes:
        self._spend(size)
        answer: bytes = super().read(size)  # type: ignore[misc]  # as above
        return answer

    def readline(self) -> bytes:
        line: bytes = super().readline()  # type: ignore[misc]  # as above
        self._spend(len(line))
        return line

    def _untagged_response(self, typ: str, data: list[Any], name: str) -> tuple[str, list[Any]]:
        """Some servers answer one SEARCH in several lines; the library takes that for an error."""
        typ, data = super()._untagged_response(typ, data, name)  # type: ignore[misc]  # as above
        if name == "SEARCH" and len(data) > 1:
            data = [b" ".join(part for part in data if isinstance(part, bytes))]
        return typ, data

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            self.overflowed = True  # imaplib turns any class of error into its own
            raise IMAPClientAbortError("more bytes than asked for")


class Plain(Guarded, IMAP4WithTimeout):  # type: ignore[misc]  # imapclient ships no types
    def __init__(self, limit: int, *arguments: Any) -> None:
        self.limit = limit
        super().__init__(*arguments)


class Tls(Guarded, IMAP4_TLS):  # type: ignore[misc]  # as above
    def __init__(self, limit: int, *arguments: Any) -> None:
        self.limit = limit
        super().__init__(*arguments)


class Client(IMAPClient):  # type: ignore[misc]  # as above
    """IMAPClient with guarded transports and an IDLE that sees what was read together with the server's go-ahead."""

    def __init__(self, limit: int, **arguments: Any) -> None:
        self._limit = limit
        super().__init__(**arguments)
        self.normalise_times = False  # else: naive local times
        self._imap.debug = 0  # the library sets 5: imaplib then writes out each mail for a log that is off
        # The library sends a SEARCH in two pieces: Nagle's algorithm would hold the second one back for 40 ms.
        self.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # Any: an imaplib object.
    def _create_IMAP4(self) -> Any:  # noqa: N802 - the name the library calls
        if self.ssl:
            return Tls(self._limit, self.host, self.port, self.ssl_context, self._timeout.connect)
        return Plain(self._limit, self.host, self.port, self._timeout.connect)

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        """Bytes that are read but not yet looked at never wake a poll on the socket."""
        return self._read_ahead() or super()._poll_socket(sock, timeout)

    def _read_ahead(self) -> bool:
        if hasattr(self._imap, "_readbuf"):  # Python 3.14 keeps its own buffer
            return bool(self._imap._readbuf)  # noqa: SLF001 - there is no other way to ask
        try:
            return bool(self._imap.file.peek(1))  # the socket does not block here
        except OSError:
            return False

    @property
    def overflowed(self) -> bool:
        """Did the server send more than we asked for?"""
        return bool(self._imap.overflowed)

    def forget(self) -> None:
        """Drop answers nobody asked for, so that they cannot be taken for answers to the next command."""
        for name in ("FETCH", "SEARCH"):
            self._imap.untagged_responses.pop(name, None)
