"""PostgreSQL's answer to a COMMIT is cut off: nobody knows if it happened; still no letter is lost or doubled."""

import contextlib
import select
import socket
import subprocess
import sys
import threading
from collections import Counter

import pytest

from storage.database import Database
from storage.outbox import Outbox
from tests.faultpeer.smtp import FaultPeer
from tests.storage.outbox_letters import RUN, letter, message, plan

LETTERS = 120


class CuttingProxy:
    """Stands before PostgreSQL; every n-th answer to a COMMIT is swallowed."""

    def __init__(self, folder: str, each: int) -> None:
        self.folder, self.each = folder, each
        self.cut = self.commits = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._carry, args=(client,), daemon=True))
                self._threads[-1].start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(f"{self.folder}/.s.PGSQL.5432")
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    piece = ready.recv(1 << 16)
                    if not piece:
                        return
                    # The server's word that it is done (CommandComplete); the question may be a prepared statement.
                    if ready is server and b"COMMIT\0" in piece and self._cuts():
                        return
                    (server if ready is client else client).sendall(piece)

    def _cuts(self) -> bool:
        self.commits += 1
        cuts = self.commits % self.each == 0
        self.cut += cuts
        return cuts


@pytest.mark.timeout(180)
def test_commits_whose_answers_are_cut_off_count_once(postgres_url, postgres_host):
    database = Database(postgres_url)
    outbox = Outbox(database)
    plan(outbox, *(letter(number, raw=message(number, 1000)) for number in range(1, LETTERS + 1)))
    proxy = CuttingProxy(postgres_host, each=12)
    name = postgres_url.partition("@/")[2].partition("?")[0]
    through = f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}?sslmode=disable&gssencmode=disable"
    words = [sys.executable, "-m", "tests.flows.sending_child", "work", through, "boot"]

    with FaultPeer() as peer:
        worker = subprocess.run([*words, str(peer.port), "4"], capture_output=True, text=True, timeout=150, check=False)
        copies = Counter(one.address for one in peer.taken)
    proxy.close()

    assert worker.returncode == 0, worker.stderr[-2000:]
    assert proxy.cut >= 3
    assert len(copies) == LETTERS  # none lost
    assert set(copies.values()) == {1}  # the sender lived: nothing is repeated
    assert outbox.ledger(RUN) == {"sent": LETTERS}
    assert {one.attempts for one in outbox.letters(RUN)} == {1}
    database.close()
