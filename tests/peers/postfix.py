"""Postfix as a real MTA: takes letters by SMTP, hands them to LMTP, writes real delivery reports. Needs root."""

import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.loopback import HOST, absent, filled, free_port, program, wait_for_port

MAIN = Path(__file__).with_name("postfix_main.cf")
MASTER = Path(__file__).with_name("postfix_master.cf")


@dataclass(frozen=True, kw_only=True, slots=True)
class Postfix:
    """`nouser@` is refused with 550, `busy@` with 450; `gone@` is accepted and bounced; the rest goes to LMTP."""

    host: str
    port: int
    dir: Path

    def send(self, letter: bytes, *, to: str, sender: str) -> None:
        with smtplib.SMTP(self.host, self.port) as smtp:
            smtp.sendmail(sender, [to], letter)


@pytest.fixture(scope="session")
def postfix() -> Iterator[Callable[..., Postfix]]:
    """`postfix(lmtp_to=dovecot.lmtp)`: the running server for that LMTP port, started once a session."""
    command = program("postfix", "postfix")
    if os.getuid() != 0:
        absent("Postfix starts as root only")
    running: dict[int, Postfix] = {}

    def serve(*, lmtp_to: int) -> Postfix:
        if lmtp_to not in running:
            running[lmtp_to] = _start(command, lmtp_to)
        return running[lmtp_to]

    yield serve
    for server in running.values():
        subprocess.run([command, "-c", str(server.dir / "etc"), "stop"], capture_output=True, check=False)
        shutil.rmtree(server.dir, ignore_errors=True)


def _start(command: str, lmtp: int) -> Postfix:
    folder = Path(tempfile.mkdtemp(prefix="ffpf"))
    folder.chmod(0o755)
    for name in ("etc", "spool", "data"):
        (folder / name).mkdir()
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
    port = free_port()
    values = {"DIR": folder, "LMTP_PORT": lmtp, "SMTP_PORT": port}
    (folder / "etc" / "main.cf").write_text(filled(MAIN, values))
    (folder / "etc" / "master.cf").write_text(filled(MASTER, values))
    for verb in ("check", "start"):
        subprocess.run([command, "-c", str(folder / "etc"), verb], capture_output=True, check=True)
    wait_for_port(port)
    return Postfix(host=HOST, port=port, dir=folder)
