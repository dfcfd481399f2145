"""Drives a whole school through the commands alone, as an office would.

Each command is a process of its own; with `in_process` the same command line runs inside the test, which is faster and
says the same: one test of each flow runs it as processes.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from inbox.opener import OpenerProcess
from office.cli.main import program
from office.wiring import House

PROGRAM = (sys.executable, "-c", "from office.cli import main; main()")
ROOT = Path(__file__).parents[2]
OPENER = OpenerProcess()  # one child opens the mails of all commands that run inside the test


@dataclass
class Office:
    """One installation: a folder, and the settings in its environment."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    now: str = "2026-11-27T15:15:00+00:00"
    in_process: bool = False

    def environment(self) -> dict[str, str]:
        ours = {f"FRIDAYFOLDER_{name}": value for name, value in self.settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FRIDAYFOLDER_")}
        return {**kept, **ours, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}

    def command(self, *words: str, now: str | None = None) -> list[str]:
        options = ("--config", str(self.folder / "config.toml"), "--now", now or self.now)
        return [*PROGRAM, *words, *options]

    def run(self, *words: str, now: str | None = None, expect: int = 0) -> Any:
        """The command's JSON document; the exit code must be the expected one."""
        done = self.process(*words, "--json", now=now)
        assert done.returncode == expect, f"{words}: exit {done.returncode}\n{done.stderr}\n{done.stdout}"
        return json.loads(done.stdout)

    def process(self, *words: str, now: str | None = None) -> subprocess.CompletedProcess[str]:
        if self.in_process:
            return self._inside(*words, now=now)
        return subprocess.run(
            self.command(*words, now=now),
            capture_output=True,
            text=True,
            env=self.environment(),
            cwd=self.folder,
            timeout=120,
            check=False,
        )

    def _inside(self, *words: str, now: str | None) -> subprocess.CompletedProcess[str]:
        return self.plain_process(*self.command(*words, now=now)[len(PROGRAM) :])

    def plain_process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The program called with exactly these words, inside the test."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with (
            mock.patch.dict(os.environ, self.environment(), clear=True),
            mock.patch.object(House, "opener", property(lambda _: OPENER)),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            contextlib.chdir(self.folder),
        ):
            try:
                program.main(arguments, prog_name="fridayfolder")
            except SystemExit as exc:
                code = exc.code if isinstance(exc.code, int) else 1
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def new_office(folder: Path, *, in_process: bool = False, **settings: str) -> Office:
    """An installation with a fresh configuration, keys and database."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {
        "SCHOOL_NAME": "Hillside School",
        "SCHOOL_CONTACT": "office@school.test",
        "MAIL_NEWS": "news@school.test",
        "REPLIES_DOMAIN": "school.test",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_SECURITY": "none",
        "IMAP_SECURITY": "none",
        **settings,
    }
    office = Office(folder=folder, settings=given, in_process=in_process)
    office.run("init")
    return office
