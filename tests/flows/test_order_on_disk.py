"""A claim is on disk before the server hears of the letter, its result before the same connection begins the next."""

import re
import sqlite3
import subprocess
import sys

import pytest

from storage.database import Database
from storage.outbox import Outbox
from tests.faultpeer.smtp import FaultPeer
from tests.peers.loopback import program
from tests.storage.outbox_letters import RUN, letter, message, plan

LETTERS = 200
CALL = re.compile(r"^\d+ +(?P<call>\w+)\((?P<handle>[^,)]*)(?P<rest>.*)$")
RESUMED = re.compile(r"^\d+ +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")


def school(tmp_path, letters: int) -> Outbox:
    database = Database(f"sqlite:{tmp_path}/outbox.db")
    database.migrate()
    outbox = Outbox(database)
    plan(outbox, *(letter(number, raw=message(number, 1000)) for number in range(1, letters + 1)))
    return outbox


def sender(tmp_path, port: int, *before: str) -> None:
    words = [sys.executable, "-m", "tests.flows.sending_child", "deliver", tmp_path, "boot", port, 4, 0]
    subprocess.run([*before, *map(str, words)], check=True, timeout=300)


class Witness(FaultPeer):
    """Looks into the database, as another process would, whenever it hears of a letter."""

    def __init__(self, path) -> None:
        super().__init__()
        self.path, self.seen = path, []
        self.last: dict[int, str] = {}

    def heard(self, address: str, connection: int) -> None:
        with sqlite3.connect(self.path) as database:
            states = dict(database.execute("select address, state from letter"))
        self.seen.append((states[address], states.get(self.last.get(connection, ""), "sent")))
        self.last[connection] = address


def test_whoever_looks_sees_the_claim_and_the_last_result_when_a_letter_begins(tmp_path):
    outbox = school(tmp_path, LETTERS)
    with Witness(f"{tmp_path}/outbox.db") as peer:
        sender(tmp_path, peer.port)

    assert outbox.ledger(RUN) == {"sent": LETTERS}
    assert peer.seen == [("claimed", "sent")] * LETTERS
    outbox._database.close()


@pytest.mark.nightly
@pytest.mark.timeout(300)
@pytest.mark.parametrize("pipelining", [False, True])
def test_each_letter_begins_after_a_sync_that_began_after_the_last_answer(tmp_path, pipelining):
    outbox = school(tmp_path, LETTERS)
    trace = tmp_path / "trace"
    with FaultPeer() as peer:
        peer.pipelining = pipelining
        calls = "trace=fdatasync,fsync,sendto,recvfrom"
        sender(tmp_path, peer.port, program("strace", "strace"), "-f", "-yy", "-s", "60", "-e", calls, "-o", str(trace))

    begun, checked, problems = order(trace.read_text("utf-8", "replace").splitlines())
    assert problems == []
    assert begun == LETTERS
    assert checked >= LETTERS * 0.9  # the rest were the first on their connection
    outbox._database.close()


def order(lines: list[str]) -> tuple[int, int, list[str]]:
    """(letters begun, letters that followed another one on their connection, what came in the wrong order)."""
    begun = checked = 0
    sync_begun_at = synced_from = -1  # the line on which the last whole sync of the journal began
    answered: dict[str, int] = {}  # connection → the line of the last answer after a dot
    problems = []
    waiting: dict[str, tuple[str, str]] = {}  # thread → the call it is in
    for number, line in enumerate(lines):
        thread = line.split(" ", 1)[0]
        if found := CALL.match(line):
            call, handle, rest = found["call"], found["handle"], found["rest"]
            waiting[thread] = (call, handle)
            if call in {"fdatasync", "fsync"} and "-wal" in handle:
                sync_begun_at = number
            if call == "sendto" and "MAIL FROM:" in rest:
                begun += 1
                if synced_from < 0:
                    problems.append(f"nothing was on disk: {line}")
                if handle in answered:
                    checked += 1
                    if synced_from < answered.pop(handle):
                        problems.append(f"the last result was not on disk: {line}")
        elif found := RESUMED.match(line):
            (call, handle), rest = waiting[thread], found["rest"]
        else:
            continue
        if call in {"fdatasync", "fsync"} and "-wal" in handle and rest.endswith("= 0"):
            synced_from = sync_begun_at
        if call == "recvfrom" and '"250 2.0.0 taken' in rest:
            answered[handle] = number
    return begun, checked, problems


def test_the_order_is_read_rightly():
    """The reader of traces finds a letter begun before its claim, and one begun before the last result, was on disk."""
    mail, taken = (
        'sendto(5<TCP:[a]>, "MAIL FROM:<x>"..., 20, 0) = 20',
        'recvfrom(5<TCP:[a]>, "250 2.0.0 taken\\r\\n", 9) = 9',
    )
    sync, slow = "fdatasync(4</x/outbox.db-wal>) = 0", "fdatasync(4</x/outbox.db-wal> <unfinished ...>"
    good = [f"7 {sync}", f"8 {mail}", f"8 {taken}", f"7 {sync}", f"8 {mail}"]
    early = [f"7 {sync}", f"8 {mail}", f"7 {slow}", f"8 {taken}", "7 <... fdatasync resumed>) = 0", f"8 {mail}"]

    assert order(good) == (2, 1, [])
    assert len(order(good[1:])[2]) == 1
    assert len(order(early)[2]) == 1
