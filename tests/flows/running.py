"""`fridayfolder run` as a process of its own, and schools prepared once for many tests."""

import contextlib
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from imapclient import IMAPClient

from office.demo.oneroster_zip import to_oneroster_zip
from office.demo.sample_school import sample_school
from tests.flows.driver import Office, new_office

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
PATIENCE = 100.0  # ends what hangs; how fast a service is, on two cores with a load of ten, is no fact of it
BIG_FAMILIES = 80


class Service:
    """A running service; its log is kept in a file."""

    def __init__(self, office: Office, *words: str, now: str, name: str = "service") -> None:
        self.log_path = office.folder / f"{name}.log"
        self._began_at = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("ab") as log, (office.folder / f"{name}.out").open("ab") as out:
            self.process = subprocess.Popen(
                office.command(*(words or ("run",)), now=now),
                stdout=out,
                stderr=log,
                env=office.environment(),
                cwd=office.folder,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text("utf-8")

    def stop(self) -> float:
        """Seconds from SIGTERM to the end; the exit code must be 0. It must have started."""
        self.until(lambda: b"service.started" in self.log_path.read_bytes()[self._began_at :], "it starts")
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        assert code == 0, f"exit {code}\n{self.log}"
        return time.monotonic() - began

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def until(self, true: Callable[[], object], what: str = "", seconds: float = PATIENCE) -> float:
        """Seconds until *true()* held; fails when the service ends before, or it takes too long."""
        began = time.monotonic()
        while not true():
            assert self.process.poll() is None, f"the service ended by itself\n{self.log[-3000:]}"
            assert time.monotonic() - began < seconds, f"never: {what}\n{self.log[-3000:]}"
            time.sleep(0.02)
        return time.monotonic() - began

    def says(self, words: str) -> bool:
        return words in self.log


@contextlib.contextmanager
def service(office: Office, *words: str, now: str, name: str = "service") -> Iterator[Service]:
    """Killed at the end, if it still runs."""
    running = Service(office, *words, now=now, name=name)
    try:
        yield running
    finally:
        running.kill()


def rows(office: Office, sql: str) -> list[tuple]:
    """What stands in the SQLite file, read beside the service."""
    with contextlib.closing(sqlite3.connect(office.folder / "fridayfolder.db", timeout=30)) as database:
        return database.execute(sql).fetchall()


def count(office: Office, what: str) -> int:
    return rows(office, f"select count(*) from {what}")[0][0]


def mail_settings(mailbox, **more: str) -> dict[str, str]:
    return {
        "IMAP_HOST": mailbox.host,
        "IMAP_PORT": str(mailbox.port),
        "IMAP_USER": mailbox.user,
        "IMAP_PASSWORD": mailbox.password,
        **more,
    }


def drop(mailbox, *mails: bytes) -> None:
    """Into the mailbox, as a mail server does."""
    with IMAPClient(mailbox.host, port=mailbox.port, ssl=False, timeout=20) as client:
        client.login(mailbox.user, mailbox.password)
        for raw in mails:
            client.append("INBOX", raw)


@pytest.fixture(scope="session")
def prepared_small(tmp_path_factory) -> Office:
    """Two families, three guardians, one item."""
    return _filled(new_office(tmp_path_factory.mktemp("small") / "school", in_process=True), ROSTER)


@pytest.fixture(scope="session")
def prepared_big(tmp_path_factory) -> Office:
    """Some hundred guardians."""
    folder = tmp_path_factory.mktemp("big")
    return _filled(new_office(folder / "school", in_process=True), big_roster(folder))


def big_roster(folder: Path) -> Path:
    path = folder / "roster.zip"
    path.write_bytes(to_oneroster_zip(sample_school(BIG_FAMILIES, today=date(2026, 11, 27))))
    return path


def _filled(office: Office, roster: Path) -> Office:
    office.run("roster", "import", str(roster))
    office.run("item", "add", "--title", "Winter fair", "--body", "Bring *soup*.", "--date", "2026-11-27")
    return office


def copy_of(office: Office, folder: Path, **settings: str) -> Office:
    """The same school in another folder, with mail servers of its own. Only its services are processes."""
    shutil.copytree(office.folder, folder)
    return Office(folder=folder, settings={**office.settings, **settings}, in_process=True)
