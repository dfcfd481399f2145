"""Drives a whole school through the commands alone, each in a process of its own, as an office would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-c", "from office.cli import main; main()")
ROOT = Path(__file__).parents[2]


@dataclass
class Office:
    """One installation: a folder, and the settings in its environment."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    now: str = "2026-11-27T15:15:00+00:00"

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
        return subprocess.run(
            self.command(*words, now=now),
            capture_output=True,
            text=True,
            env=self.environment(),
            cwd=self.folder,
            timeout=120,
            check=False,
        )


def new_office(folder: Path, **settings: str) -> Office:
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
    office = Office(folder=folder, settings=given)
    office.run("init")
    return office
