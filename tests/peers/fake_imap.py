"""A small IMAP server that misbehaves on demand: a correct dialogue, and faults that step in at a named command.

A fault is a function `(session, tag, command) -> handled`: it writes what it likes to `session`, may cut the
connection, and answers False to let the correct answer follow.
"""

import contextlib
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.peers.loopback import HOST

DATE = '"27-Nov-2026 16:00:00 +0000"'
CAPABILITIES = "IMAP4rev1 IDLE UIDPLUS MOVE SASL-IR"

Fault = Callable[["Session", bytes, bytes], bool]


SAID = b"the answer is out already"


class Cut(Exception):  # noqa: N818 - an end, not an error
    """The connection ends here."""


@dataclass
class FakeImap:
    """One folder of mails by uid. `faults` maps a command's name to (how often it strikes, the fault)."""

    mails: dict[int, bytes] = field(default_factory=dict)
    uidvalidity: int | None = 7
    capabilities: str = CAPABILITIES
    greeting: bytes = b"* OK ready\r\n"
    faults: dict[str, tuple[int, Fault]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    logins: Callable[[bytes], bytes] = lambda _line: b"OK in"
    commands: list[bytes] = field(default_factory=list)  #: all that came, for what a test wants to know
    struck: Counter[str] = field(default_factory=Counter)
    sessions: int = 0
    port: int = 0
    highest: int = 0  #: uid given out; a test that numbers anew sets it back
    tls_first: bool = False  #: TLS from the first byte
    pushed: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self._listening = socket.create_server((HOST, 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(1)

    def arrive(self, uid: int, mail: bytes) -> None:
        """A new mail, told to whoever idles."""
        self.mails[uid] = mail
        self.pushed.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _peer = self._listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.sessions += 1
                self._open.append(connection)
                thread = threading.Thread(target=Session(self, connection).serve, daemon=True)
                self._threads.append(thread)
                thread.start()


class Session:
    """One connection."""

    def __init__(self, server: FakeImap, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.file = connection.makefile("rb")
        self.slow = False

    def serve(self) -> None:
        with contextlib.suppress(OSError, Cut, ValueError):
            if self.server.tls_first:
                self.wrap()
            if not self._struck("GREETING", b"*", b""):
                self.send(self.server.greeting)
            while line := self.file.readline():
                self._answer(line.rstrip(b"\r\n"))
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.file.close()
        self.connection.close()

    # ---- what faults use ----

    def send(self, *lines: bytes) -> None:
        data = b"".join(lines)
        if not self.slow:
            self.connection.sendall(data)
            return
        for byte in data:
            self.connection.sendall(bytes([byte]))

    def untagged(self, *lines: str | bytes) -> None:
        for line in lines:
            self.send(b"* ", line.encode() if isinstance(line, str) else line, b"\r\n")

    def cut(self) -> None:
        raise Cut

    def reset(self) -> None:
        """End with RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        raise Cut

    def silence(self, seconds: float) -> None:
        time.sleep(seconds)  # the peer's own time-out is what is tested

    def fetch_line(self, uid: int, items: bytes) -> bytes:
        sequence = sorted(self.server.mails).index(uid) + 1
        return f"* {sequence} FETCH (UID {uid} ".encode() + items + b")\r\n"

    # ---- the correct dialogue ----

    def _struck(self, name: str, tag: bytes, command: bytes) -> bool:
        times, fault = self.server.faults.get(name, (0, None))
        if fault is None or self.server.struck[name] >= times:
            return False
        self.server.struck[name] += 1
        return fault(self, tag, command)

    def _answer(self, line: bytes) -> None:
        self.server.commands.append(line)
        tag, _, command = line.partition(b" ")
        words = command.upper().split()
        name = b" ".join(words[:2]) if words[:1] == [b"UID"] else (words or [b"?"])[0]
        text = name.decode("ascii", "replace")
        if self._struck(text, tag, command):
            return
        answer = getattr(self, "_" + text.lower().replace(" ", "_"), None)
        if answer is None:
            self.send(tag, b" BAD unknown command\r\n")
            return
        said = answer(tag, command) or b"OK done"
        if said is not SAID:
            self.send(tag, b" ", said, b"\r\n")
        if text == "LOGOUT":
            raise Cut

    def _capability(self, _tag: bytes, _command: bytes) -> None:
        self.untagged(f"CAPABILITY {self.server.capabilities}")

    def _login(self, _tag: bytes, command: bytes) -> bytes:
        return self.server.logins(command)

    def _authenticate(self, _tag: bytes, command: bytes) -> bytes:
        self.send(b"+ \r\n")
        answer = self.server.logins(command + b" " + self.file.readline().rstrip(b"\r\n"))
        if answer.startswith(b"+"):  # the details of a refusal, which the client must answer
            self.send(answer, b"\r\n")
            self.file.readline()
            return b"NO [AUTHENTICATIONFAILED] token"
        return answer

    def _starttls(self, tag: bytes, _command: bytes) -> bytes:
        self.send(tag, b" OK begin\r\n")
        self.wrap()
        return SAID

    def wrap(self) -> None:
        assert self.server.tls, "the test gives no certificate"
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")

    def _select(self, _tag: bytes, _command: bytes) -> bytes:
        server = self.server
        self.untagged(r"FLAGS (\Seen \Deleted)", f"{len(server.mails)} EXISTS", "0 RECENT")
        if server.uidvalidity is not None:
            self.untagged(f"OK [UIDVALIDITY {server.uidvalidity}] valid")
        server.highest = max(server.highest, *server.mails, 0)
        self.untagged(f"OK [UIDNEXT {server.highest + 1}] next")
        return b"OK [READ-WRITE] open"

    def _examine(self, tag: bytes, command: bytes) -> bytes:
        self._select(tag, command)
        return b"OK [READ-ONLY] open"

    def _uid_search(self, _tag: bytes, command: bytes) -> None:
        uids = sorted(self.server.mails)
        if (above := re.search(rb"UID (\d+):\*", command)) and uids:
            # RFC 3501: a range that ends in * always holds the highest uid.
            uids = [uid for uid in uids if uid >= int(above[1])] or uids[-1:]
        self.untagged("SEARCH " + " ".join(map(str, uids)) if uids else "SEARCH")

    def _uid_fetch(self, _tag: bytes, command: bytes) -> None:
        for uid in self.wanted(command):
            self.send(self.fetch_line(uid, self.items(uid, command)))

    def wanted(self, command: bytes) -> list[int]:
        match = re.match(rb"UID FETCH ([\d,:*]+)", command, re.IGNORECASE)
        assert match
        uids: set[int] = set()
        for part in match[1].split(b","):
            first, _, last = part.partition(b":")
            uids.update(range(int(first), int(last or first) + 1))
        return sorted(uids & set(self.server.mails))

    def items(self, uid: int, command: bytes) -> bytes:
        mail = self.server.mails[uid]
        header, _, text = mail.partition(b"\r\n\r\n")
        found = []
        if b"RFC822.SIZE" in command:
            found.append(f"RFC822.SIZE {len(mail)} INTERNALDATE {DATE}".encode())
        if b"BODY.PEEK[] " in command + b" " or b"BODY.PEEK[])" in command:
            found.append(literal(b"BODY[]", mail))
        if b"[HEADER]<0." in command:
            found.append(literal(b"BODY[HEADER]<0>", header + b"\r\n\r\n"))
        elif b"[HEADER]" in command:
            found.append(literal(b"BODY[HEADER]", header + b"\r\n\r\n"))
        if b"[TEXT]<0." in command:
            found.append(literal(b"BODY[TEXT]<0>", text[: 64 * 1024]))
        return b" ".join(found)

    def _uid_move(self, _tag: bytes, command: bytes) -> bytes:
        for uid in self._named(command):
            self.server.mails.pop(uid, None)
        return b"OK moved"

    def _uid_copy(self, _tag: bytes, _command: bytes) -> None:
        return None

    def _uid_store(self, _tag: bytes, _command: bytes) -> None:
        return None

    def _uid_expunge(self, tag: bytes, command: bytes) -> bytes:
        return self._uid_move(tag, command)

    def _named(self, command: bytes) -> list[int]:
        return [int(number) for number in re.findall(rb"\d+", command.split()[2])]

    def _create(self, _tag: bytes, _command: bytes) -> None:
        return None

    def _noop(self, _tag: bytes, _command: bytes) -> None:
        return None

    def _idle(self, _tag: bytes, _command: bytes) -> bytes:
        self.send(b"+ idling\r\n")
        self.connection.settimeout(0.02)
        while True:
            if self.server.pushed.is_set():
                self.server.pushed.clear()
                self.untagged(f"{len(self.server.mails)} EXISTS")
            try:
                done = self.connection.recv(100)
            except TimeoutError:
                continue
            if not done:
                raise Cut
            self.server.commands.append(done.strip())
            self.connection.settimeout(None)
            return b"OK idled"

    def _logout(self, _tag: bytes, _command: bytes) -> None:
        self.untagged("BYE bye")


def literal(name: bytes, data: bytes) -> bytes:
    return name + b" {%d}\r\n" % len(data) + data


@pytest.fixture
def fake_imap() -> Iterator[Callable[..., FakeImap]]:
    """`fake_imap(mails=…, faults=…)`: a running server of that behaviour."""
    running: list[FakeImap] = []

    def serve(**behaviour) -> FakeImap:
        server = FakeImap(**behaviour)
        server.start()
        running.append(server)
        return server

    yield serve
    for server in running:
        server.stop()
