"""Letters delivered per second from the outbox to `smtp-sink`, every claim and result on disk, against `smtp-source`.

Both send 35 KB letters over four connections to the same sink, in turn, five times. The ratio is the median of the
pairs' own ratios: what else the machine does changes from pair to pair, less within one. smtp-source keeps nothing:
it makes one text in memory and forgets what became of it. As it comes it makes a new connection for each letter, we for
every twentieth; told to keep its connections (`-d`) it is faster, and both ratios are given.
"""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mailer.deliver import DeliveryPolicy, deliver_due
from mailer.smtp import SmtpSettings, SmtpTransport
from school.letter import Letter, LetterKind
from storage.database import Database
from storage.outbox import Outbox

LETTERS = 2000
SIZE = 35_000
CONNECTIONS = 4
ROUNDS = 5
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SEARCH = "/usr/sbin:/usr/lib/postfix/sbin"


def measure() -> dict[str, dict[str, object]]:
    """The figures for the key `deliver`."""
    sink, source = (shutil.which(name) or shutil.which(name, path=SEARCH) for name in ("smtp-sink", "smtp-source"))
    if not sink or not source:
        return {"deliver": {"value": None, "unit": "letters/s", "peer": "smtp-source", "missing": "Debian's postfix"}}
    with running_sink(sink) as port:
        rounds = [(ours(port), peer(source, port), peer(source, port, "-d")) for _ in range(ROUNDS)]
    value, peer_value, keeping = (statistics.median(figures) for figures in zip(*rounds, strict=True))
    return {
        "deliver": {
            "value": round(value, 1),
            "unit": "letters/s",
            "peer": "smtp-source",
            "peer_value": round(peer_value, 1),
            "ratio": round(statistics.median(mine / theirs for mine, theirs, _ in rounds), 2),
            "keeping_peer_value": round(keeping, 1),
            "keeping_ratio": round(statistics.median(mine / theirs for mine, _, theirs in rounds), 2),
            "letters": LETTERS,
            "bytes": SIZE,
            "connections": CONNECTIONS,
            "rounds": [[round(figure, 1) for figure in one] for one in rounds],
        }
    }


@contextlib.contextmanager
def running_sink(program: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # smtp-sink will not run as root
    process = subprocess.Popen(
        [program, *user, f"127.0.0.1:{port}", "200"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def ours(port: int) -> float:
    """Letters per second, from the first claim to the last result on disk."""
    settings = SmtpSettings(host="127.0.0.1", port=port, security="none", hello="bench.test")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:{folder}/outbox.db")
        database.migrate()
        outbox = Outbox(database)
        outbox.plan("issue:bench", LetterKind.NEWSLETTER, NOW, ((letter(n), None) for n in range(LETTERS)), (), NOW)
        start = time.perf_counter()
        policy = DeliveryPolicy(owner="bench", connections=CONNECTIONS)
        report = deliver_due(outbox, lambda: SmtpTransport(settings), policy, lambda: NOW)
        seconds = time.perf_counter() - start
        assert report.sent == LETTERS, report
        database.close()
    return LETTERS / seconds


def peer(program: str, port: int, *options: str) -> float:
    command = [program, *options, "-s", str(CONNECTIONS), "-m", str(LETTERS), "-l", str(SIZE)]
    start = time.perf_counter()
    subprocess.run([*command, "-f", "news@x.test", "-t", "parent@example.org", f"127.0.0.1:{port}"], check=True)
    return LETTERS / (time.perf_counter() - start)


def letter(number: int) -> Letter:
    """One letter of 35 KB that packs to about 8 KB, as ours do."""
    head = (
        f"From: School <news@x.test>\r\nTo: parent{number}@example.org\r\nDate: Fri, 27 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: <{number}@x.test>\r\nMIME-Version: 1.0\r\n\r\n"
    )
    lines = "".join(
        f'{number * 31 + line * line * 7919:x} <td style=3D"padding:0 24px">news for families\r\n'
        for line in range(SIZE // 50)
    )
    return Letter(
        run="issue:bench",
        kind=LetterKind.NEWSLETTER,
        recipient_id=f"g{number}",
        message_id=f"{number}@x.test",
        envelope_from="bounce@x.test",
        address=f"parent{number}@example.org",
        raw=(head + lines)[: SIZE - 2].rstrip("\r\n").encode() + b"\r\n",
        not_before=NOW,
        expires=NOW + timedelta(days=3),
    )


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"smtp-sink does not listen on port {port}")
