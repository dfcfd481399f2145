"""An SMTP server with STARTTLS and AUTH that fails in one chosen way at one chosen step, and remembers what it took."""

import asyncio
import base64
import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from typing import Self

STEPS = ("connect", "banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "dot", "rset", "quit")
FAULTS = ("rst", "fin", "silence", "421", "4xx", "5xx", "garbage", "drip")
REPLIES = {"421": b"421 4.3.2 closing", "4xx": b"451 4.3.0 not now", "5xx": b"550 5.6.0 never"}
GOOD = {
    "banner": b"220 faultpeer",
    "starttls": b"220 go",
    "auth": b"235 welcome",
    "mail": b"250 2.1.0 ok",
    "rcpt": b"250 2.1.5 ok",
    "data": b"354 go",
    "dot": b"250 2.0.0 taken",
    "rset": b"250 2.0.0 ok",
    "quit": b"221 bye",
}
BODY_READ_BEFORE_FAULT = 2000


@dataclass(frozen=True)
class Taken:
    """A letter the server is responsible for, whether the client heard so or not."""

    envelope_from: str
    address: str
    raw: bytes
    connection: int


class Closed(Exception):  # noqa: N818 - a state, not a fault
    """The conversation is over."""


class FaultPeer:
    """Runs in a thread of its own. Change *step*, *fault* and the other attributes between letters as you like."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.step = self.fault = ""
        self.pipelining = False  #: offered; a letter is wanted then even after its RCPT was refused (RFC 2920 §3.1)
        self.replies: dict[str, bytes] = {}  #: address → the answer to its RCPT
        self.user = ""
        self.tokens: set[str] | None = None  #: the bearer tokens that let *user* in; None = everybody may come in
        self.logins: list[bool] = []  #: each try to log in by token, and whether it was good
        self.drop_250_of: set[int] = set()  #: numbers of letters, from 1, whose answer after the dot is lost
        self.taken: list[Taken] = []
        self.mail_froms = 0
        self.connections = 0
        self.in_hand = self.most_in_hand = 0  #: letters between RCPT and the answer to the dot
        self._open: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(10)

    def go_on(self) -> None:
        """Ends the fault "wait"."""
        self._loop.call_soon_threadsafe(self.patience.set)

    def heard(self, address: str, connection: int) -> None:
        """Called at each RCPT; for peers that look closer."""

    def left(self, connection: int) -> None:
        """Called at each QUIT."""

    def copies(self) -> dict[bytes, int]:
        """Message-ID → how often it was taken."""
        counts: dict[bytes, int] = {}
        for one in self.taken:
            name = one.raw.lower().partition(b"message-id: ")[2].partition(b"\r\n")[0]
            counts[name] = counts.get(name, 0) + 1
        return counts

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._done, self.patience = asyncio.Event(), asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1 << 20)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._done.wait()
        server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        self.connections += 1
        try:
            await _Session(self, reader, writer, self.connections).talk()
        except (Closed, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            with contextlib.suppress(Exception):
                writer.close()
            self._open.discard(task)


class _Session:
    def __init__(
        self, peer: FaultPeer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        self.peer, self.reader, self.writer, self.number = peer, reader, writer, number
        self.envelope_from = self.address = ""

    async def talk(self) -> None:
        await self._answer("connect", b"")
        if self.peer.step == "banner":
            await self._say(b"220-wait a moment")
        await self._answer("banner", GOOD["banner"])
        while line := await self.reader.readline():
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            await getattr(self, f"_on_{verb.lower()}", self._on_unknown)(rest)

    async def _on_unknown(self, _: str) -> None:
        await self._say(b"500 5.5.1 what?")

    async def _on_ehlo(self, _: str) -> None:
        encrypted = self.writer.get_extra_info("ssl_object") is not None
        offers = b"250-STARTTLS\r\n" if self.peer.tls and not encrypted else b"250-AUTH PLAIN XOAUTH2\r\n"
        if self.peer.pipelining:
            offers += b"250-PIPELINING\r\n"
        await self._answer("ehlo", b"250-faultpeer\r\n" + offers + b"250 8BITMIME")

    async def _on_starttls(self, _: str) -> None:
        if await self._answer("starttls", GOOD["starttls"]):
            await self.writer.start_tls(self.peer.tls)

    async def _on_auth(self, rest: str) -> None:
        if self.peer.tokens is None:
            await self._answer("auth", GOOD["auth"])
            return
        wanted = {f"user={self.peer.user}\x01auth=Bearer {token}\x01\x01" for token in self.peer.tokens}
        mechanism, _, text = rest.partition(" ")
        self.peer.logins.append(mechanism == "XOAUTH2" and base64.b64decode(text).decode() in wanted)
        if self.peer.logins[-1]:
            await self._say(GOOD["auth"])
            return
        await self._say(b"334 " + base64.b64encode(b'{"status":"401","schemes":"bearer"}'))
        await self.reader.readline()
        await self._say(b"535 5.7.8 no")

    async def _on_mail(self, rest: str) -> None:
        self.peer.mail_froms += 1
        self.envelope_from = rest.partition("<")[2].partition(">")[0]
        await self._answer("mail", GOOD["mail"])

    async def _on_rcpt(self, rest: str) -> None:
        self.address = rest.partition("<")[2].partition(">")[0]
        self.peer.heard(self.address, self.number)
        self.peer.in_hand += 1
        self.peer.most_in_hand = max(self.peer.most_in_hand, self.peer.in_hand)
        await self._answer("rcpt", self.peer.replies.get(self.address, GOOD["rcpt"]))

    async def _on_data(self, _: str) -> None:
        if not await self._answer("data", GOOD["data"]):
            return
        raw = b""
        if self.peer.step == "body":
            raw = await self.reader.read(BODY_READ_BEFORE_FAULT)
            await self._answer("body", b"")
        while not (raw.endswith(b"\r\n.\r\n") or raw == b".\r\n"):
            piece = await self.reader.read(1 << 16)
            if not piece:
                raise Closed
            raw += piece
        if self.peer.step == "body" and self.peer.fault in {"4xx", "5xx"}:
            return  # answered already
        await self._take(raw[:-3].replace(b"\r\n..", b"\r\n."))

    async def _take(self, raw: bytes) -> None:
        if not (self.peer.step == "dot" and self.peer.fault in {"421", "4xx", "5xx"}):
            self.peer.taken.append(Taken(self.envelope_from, self.address, raw, self.number))
            if len(self.peer.taken) in self.peer.drop_250_of:
                self._reset()
        self.peer.in_hand -= 1
        await self._answer("dot", GOOD["dot"])

    async def _on_rset(self, _: str) -> None:
        await self._answer("rset", GOOD["rset"])

    async def _on_quit(self, _: str) -> None:
        self.peer.left(self.number)
        await self._answer("quit", GOOD["quit"])
        raise Closed

    async def _answer(self, step: str, good: bytes) -> bool:
        """True after the good answer was given; otherwise the fault happened."""
        if step != self.peer.step:
            if good:
                await self._say(good)
            return True
        fault = self.peer.fault
        if fault == "rst":
            self._reset()
        if fault == "fin":
            raise Closed
        if fault == "silence":
            await asyncio.Event().wait()
        if fault == "wait":
            await self.peer.patience.wait()
            await self._say(good)
            return True
        if fault == "drip":
            for position in range(len(good + b"\r\n") if good else 0):
                self.writer.write((good + b"\r\n")[position : position + 1])
                await self.writer.drain()
                await asyncio.sleep(0)
            return True
        await self._say(REPLIES.get(fault, b"\x00\xfe\xff garbage"))
        if fault in {"421", "garbage"} or step in {"connect", "banner"}:
            raise Closed
        return False

    def _reset(self) -> None:
        raw_socket = self.writer.get_extra_info("socket")
        raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Closed

    async def _say(self, line: bytes) -> None:
        self.writer.write(line + b"\r\n")
        await self.writer.drain()
