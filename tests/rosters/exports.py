"""Invented exports for tests: the Novak and Berg families, and ways to spoil a copy of them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from school.roster.read import RosterReading, read_roster

TODAY = date(2026, 9, 4)
HERE = Path(__file__).parent

Files = Mapping[str, bytes]


def files_of(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((HERE / folder).iterdir())}


def novak_berg() -> dict[str, bytes]:
    """A new copy of the OneRoster 1.1 export."""
    return files_of("novak_berg")


def spoilt(files: Files, name: str, old: str, new: str) -> dict[str, bytes]:
    """The files with one text replaced in one of them; the text must be there."""
    text = files[name].decode()
    assert old in text, f"{old!r} is not in {name}"
    return {**files, name: text.replace(old, new).encode()}


def with_line(files: Files, name: str, *lines: str) -> dict[str, bytes]:
    """The files with lines added at the end of one of them."""
    return {**files, name: files[name] + "".join(f"{line}\n" for line in lines).encode()}


def lines(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def read(files: Files) -> RosterReading:
    return read_roster(files, TODAY)


def said(reading: RosterReading) -> list[str]:
    """The notes as the office reads them, with their level."""
    return [f"{note.level} {note}" for note in reading.notes]
