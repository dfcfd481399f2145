"""IMAP and LMTP as a school has them: one Dovecot a session, one fresh mailbox a test. Runs as root or not."""

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.peers.loopback import HOST, filled, free_port, program, wait_for_port

TEMPLATE = Path(__file__).with_name("dovecot.conf")
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dovecot:
    """One mailbox of a running server: any user name gets in with the password "pw"."""

    host: str
    port: int
    user: str
    password: str
    lmtp: int
    dir: Path

    @property
    def address(self) -> str:
        """What LMTP delivers to this mailbox; `user+anything@school.test` arrives as well."""
        return f"{self.user}@school.test"

    def client(self) -> IMAPClient:
        """A logged-in client."""
        client = IMAPClient(self.host, port=self.port, ssl=False, timeout=20)
        client.login(self.user, self.password)
        return client

    def append(self, *letters: bytes, folder: str = "INBOX") -> None:
        with self.client() as client:
            for letter in letters:
                client.append(folder, letter)

    def deliver(self, letter: bytes, *, to: str | None = None, sender: str = "someone@example.org") -> None:
        """Over LMTP, as an MTA delivers."""
        with smtplib.LMTP(self.host, self.lmtp) as lmtp:
            lmtp.sendmail(sender, [to or self.address], letter)

    def doveadm(self, *arguments: str) -> str:
        doveadm = program("doveadm", "dovecot-core")
        command = [doveadm, "-c", str(self.dir / "dovecot.conf"), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    def renumber(self) -> None:
        """Lose the uid list, as a restored server does: a new UIDVALIDITY, and every uid counts from 1 again."""
        self.kick()
        folder = self.dir / "mail" / self.user
        for path in [*folder.glob("dovecot-uidlist*"), *folder.glob("dovecot.index*")]:
            path.unlink(missing_ok=True)

    def kick(self) -> None:
        """Throw every connection of this user out."""
        with contextlib.suppress(subprocess.CalledProcessError):  # it fails where nobody is connected
            self.doveadm("kick", self.user)


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    """The server; a test asks for `dovecot`, which has a mailbox of its own."""
    with running_dovecot() as server:
        yield server


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """The server, for whoever is no test."""
    dovecot = program("dovecot", "dovecot-imapd dovecot-lmtpd")
    folder = Path(tempfile.mkdtemp(prefix="ffdc"))  # short: a Unix socket path ends at 107 bytes
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    users = _users()
    os.chown(folder / "mail", users["UID"], users["GID"])
    imap, lmtp = free_port(), free_port()
    config = folder / "dovecot.conf"
    config.write_text(filled(TEMPLATE, {"DIR": folder, "IMAP_PORT": imap, "LMTP_PORT": lmtp, **users}))
    process = subprocess.Popen([dovecot, "-F", "-c", str(config)])
    try:
        wait_for_port(imap)
        wait_for_port(lmtp)
        yield Dovecot(host=HOST, port=imap, user="reply", password="pw", lmtp=lmtp, dir=folder)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """An empty mailbox that no other test knows."""
    return Dovecot(
        host=dovecot_server.host,
        port=dovecot_server.port,
        user=f"reply{next(_numbers)}",
        password="pw",
        lmtp=dovecot_server.lmtp,
        dir=dovecot_server.dir,
    )


def _users() -> dict[str, object]:
    if os.getuid() == 0:  # Dovecot refuses to keep mail as root
        nobody = pwd.getpwnam("nobody")
        return {
            "UID": nobody.pw_uid,
            "GID": nobody.pw_gid,
            "INTERNAL_USER": "dovecot",
            "LOGIN_USER": "dovenull",
            "INTERNAL_GROUP": "dovecot",
        }
    name = pwd.getpwuid(os.getuid()).pw_name
    return {
        "UID": os.getuid(),
        "GID": os.getgid(),
        "INTERNAL_USER": name,
        "LOGIN_USER": name,
        "INTERNAL_GROUP": grp.getgrgid(os.getgid()).gr_name,
    }
