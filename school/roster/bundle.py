"""The files of one export, by name: folders in the zip, capitals and what a computer leaves behind are looked past."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from school.roster.notes import Notes

#: Files that hold what we do not need and must not have: skipped on purpose, and said.
SENSITIVE = {
    "demographics.csv": "birth dates and ethnicity are not needed",
    "userflags.csv": "special needs and benefits are not needed",
    "userprofiles.csv": "accounts and passwords are not needed",
    "results.csv": "marks are not needed",
}


@dataclass(frozen=True, slots=True)
class Bundle:
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)  #: lower-case name → (name as shown, bytes)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.files

    def shown(self, name: str) -> str:
        return self.files[name.lower()][0]

    def data(self, name: str) -> bytes:
        return self.files[name.lower()][1]

    def has(self, *names: str) -> bool:
        return all(name in self for name in names)


def bundle(files: Mapping[str, bytes], notes: Notes) -> Bundle:
    """The CSV files by their last name. Two of one name are an error: nobody can tell which is today's."""
    taken: dict[str, tuple[str, bytes]] = {}
    for path, data in sorted(files.items()):
        shown = path.replace("\\", "/").rsplit("/", 1)[-1]
        name = shown.lower()
        if "__MACOSX" in path or shown.startswith("."):
            continue
        if name in SENSITIVE:
            notes.note(shown, None, f"was not read, on purpose: {SENSITIVE[name]}")
        elif not name.endswith((".csv", ".tsv", ".txt")):
            notes.note(shown, None, "is no CSV file: not read")
        elif name in taken:
            notes.error(path, None, f"there are two files called {shown}: leave only today's in the folder or zip")
        else:
            taken[name] = (shown, data)
    return Bundle(taken)
