"""OneRoster's `manifest.csv`: which version, and which files are snapshots, changes or not there."""

from collections.abc import Mapping
from dataclasses import dataclass

from school.roster.bundle import Bundle
from school.roster.notes import Notes
from school.roster.tables import read_table

FILE = "manifest.csv"
MODES = frozenset({"absent", "bulk", "delta"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    version: str = ""  #: "1.1" or "1.2"; empty when not said
    modes: Mapping[str, str]  #: lower-case file name → "absent", "bulk", "delta"; only what is said

    def mode(self, name: str) -> str:
        """What the manifest says, else "bulk": a file that is there is meant."""
        return self.modes.get(name.lower(), "bulk")


def read_manifest(files: Bundle, notes: Notes) -> Manifest:
    """The manifest; without one every file is a snapshot. Contradictions with the files are notes."""
    if FILE not in files:
        notes.warning(FILE, None, "is missing: every file was read as a full snapshot")
        return Manifest(modes={})
    shown = files.shown(FILE)
    table = read_table(shown, files.data(FILE), ("propertyName", "value"), ("propertyName", "value"), notes)
    modes: dict[str, str] = {}
    version = ""
    for row in table.rows:
        name, value = row["propertyName"], row["value"].lower()
        if name.lower() == "oneroster.version":
            version = ".".join(value.removeprefix("v").split(".")[:2])
        if not name.lower().startswith("file."):
            continue  # source.systemName may be blank or even say "absent": nothing depends on it
        if value in MODES:
            modes[f"{name[5:].lower()}.csv"] = value
        elif value:
            notes.warning(shown, row.line, f"{name} is '{row['value']}': write absent, bulk or delta; read as bulk")
    if version not in ("", "1.0", "1.1", "1.2"):
        notes.warning(shown, None, f"says OneRoster {version}: read like 1.1 or 1.2, whichever the files resemble")
    _compare(files, modes, shown, notes)
    return Manifest(version=version, modes=modes)


def _compare(files: Bundle, modes: Mapping[str, str], shown: str, notes: Notes) -> None:
    wanted = ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments")
    for name in wanted:
        mode = modes.get(f"{name.lower()}.csv", "")
        if mode in ("bulk", "delta") and f"{name}.csv" not in files:
            notes.error(shown, None, f"promises {name}.csv ({mode}), which is not in the export")
        if mode == "absent" and f"{name}.csv" in files:
            notes.warning(shown, None, f"says {name}.csv is absent, and it is here: not read")
