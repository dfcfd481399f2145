"""Answers of families taken in per second, from a Dovecot mailbox to the child's record, against `mbsync`.

Ours is `poll` as the daemon calls it: every mail fetched, kept on disk, parsed, matched, routed and filed. `mbsync`
fetches the same mailbox into a maildir and knows nothing of what it fetched. Both keep what they have safe from a power
cut, and both run in turn, three times each; the medians are compared.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.schools import ISSUE, NOW, fill, new_house, open_house, replies
from office.jobs.polling import poll
from office.jobs.publishing import publish_issue
from tests.peers.dovecot import Dovecot, running_dovecot

MAILS = 5000
QUICK_MAILS = 500
ROUNDS = 3
TARGET = 0.25
USER = "answers"
EVENING = NOW + timedelta(hours=5)
MBSYNC = """\
IMAPAccount school
Host {host}
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account school

MaildirStore near
Path {folder}/
Inbox {folder}/inbox

Channel answers
Far :far:
Near :near:
Patterns INBOX
Sync Pull
Create Near
SyncState *
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """One pass over the whole mailbox."""

    seconds: float
    states: Counter[str]


def measure(mails: int = MAILS, rounds: int = ROUNDS) -> dict[str, dict[str, object]]:
    """The figures for the key `ingest`."""
    missing = [package for program, package in PROGRAMS.items() if not _found(program)]
    if missing:
        return {"ingest": {"value": None, "unit": "mails/s", "peer": "mbsync", "missing": " ".join(missing)}}
    with tempfile.TemporaryDirectory(prefix="ffbench") as name, running_dovecot() as server:
        folder, mailbox = Path(name), _mailbox(server)
        bytes_put = prepare(folder / "school", mailbox, mails)
        mbsync(mailbox, folder / "warm", mails)  # Dovecot has read and indexed every mail before anybody is timed
        pairs = [
            (ours(folder, mailbox, number, mails), mbsync(mailbox, folder / f"maildir{number}", mails))
            for number in range(rounds)
        ]
    return {"ingest": _row(pairs, mails, bytes_put)}


def _row(pairs: list[tuple[Taken, float]], mails: int, bytes_put: int) -> dict[str, object]:
    mine = [mails / taken.seconds for taken, _ in pairs]
    theirs = [mails / seconds for _, seconds in pairs]
    value, peer_value = statistics.median(mine), statistics.median(theirs)
    return {
        "value": round(value, 1),
        "unit": "mails/s",
        "peer": "mbsync",
        "peer_value": round(peer_value, 1),
        "ratio": round(value / peer_value, 3),
        "aim": f"ratio ≥ {TARGET}",
        "met": value / peer_value >= TARGET,
        "mails": mails,
        "bytes_per_mail": bytes_put // mails,
        "states": dict(pairs[-1][0].states),
        "rounds": [[round(one, 1), round(other, 1)] for one, other in zip(mine, theirs, strict=True)],
    }


# ---- the mailbox ----


def prepare(folder: Path, mailbox: Dovecot, mails: int) -> int:
    """A school that has sent its letter, and the families' answers in the mailbox; how many bytes they are."""
    folder.mkdir()
    house = new_house(folder)
    fill(house, families=-(-mails * 2 // 3))  # ten families have fifteen guardians
    publish_issue(house, ISSUE, NOW)
    put = put_into_maildir(mailbox.dir / "mail" / mailbox.user, replies(house, mails))
    house.database.close()
    return put


def put_into_maildir(maildir: Path, mails: Iterable[bytes]) -> int:
    """Write mails where Dovecot finds them, as its own LMTP does: LF on disk, both sizes in the name."""
    for place in ("cur", "new", "tmp"):
        (maildir / place).mkdir(parents=True, exist_ok=True)
    written = 0
    for number, raw in enumerate(mails):
        on_disk = raw.replace(b"\r\n", b"\n")
        virtual = len(on_disk) + on_disk.count(b"\n")
        arrived = int(NOW.timestamp()) + number
        path = maildir / "new" / f"{arrived}.M{number:06d}P1.bench,S={len(on_disk)},W={virtual}"
        path.write_bytes(on_disk)
        os.utime(path, (arrived, arrived))
        written += virtual
    owner = maildir.parent.stat()
    for path in (maildir, *maildir.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    return written


def _mailbox(server: Dovecot) -> Dovecot:
    return Dovecot(host=server.host, port=server.port, user=USER, password="pw", lmtp=server.lmtp, dir=server.dir)


# ---- the two runs ----


def ours(folder: Path, mailbox: Dovecot, number: int, mails: int) -> Taken:
    """The school as it was before the mail came, and one `poll`."""
    place = folder / f"ours{number}"
    shutil.copytree(folder / "school", place)
    imap = {"host": mailbox.host, "port": mailbox.port, "security": "none", "user": mailbox.user, "password": "pw"}
    house = open_house(place, imap=imap)
    start = time.perf_counter()
    polled = poll(house, EVENING)
    seconds = time.perf_counter() - start
    for held in house.mailboxes:
        held.close()
    house.database.close()
    if len(polled.outcomes) != mails:
        raise RuntimeError(f"{len(polled.outcomes)} of {mails} mails came to an outcome")
    return Taken(seconds=seconds, states=Counter(outcome.state for outcome in polled.outcomes))


def mbsync(mailbox: Dovecot, folder: Path, mails: int) -> float:
    """Seconds for the same mailbox into an empty maildir, each mail flushed to disk (its default)."""
    folder.mkdir()
    config = folder.with_suffix(".mbsyncrc")
    config.write_text(
        MBSYNC.format(host=mailbox.host, port=mailbox.port, user=mailbox.user, password="pw", folder=folder)
    )
    start = time.perf_counter()
    command = [_found("mbsync") or "mbsync", "-c", str(config), "-qq", "answers"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # it warns of the password on loopback
    seconds = time.perf_counter() - start
    fetched = sum(1 for place in ("cur", "new") for _ in (folder / "inbox" / place).iterdir())
    if fetched != mails:
        raise RuntimeError(f"mbsync fetched {fetched} of {mails} mails")
    return seconds


PROGRAMS = {"mbsync": "isync", "dovecot": "dovecot-imapd dovecot-lmtpd"}


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MAILS))
