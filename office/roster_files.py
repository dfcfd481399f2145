"""The files of a roster export from disk: a folder, a zip, or one sheet; what is wrong with them is one line.

A zip comes from outside: its paths are never followed onto the disk, and what it claims about sizes is not believed.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from school.errors import InputError
from school.roster.bundle import SENSITIVE

MAX_FILE_BYTES = 100 * 1024 * 1024  # 100,000 users are about 20 MB
MAX_TOTAL_BYTES = 200 * 1024 * 1024
MAX_FILES = 1_000
TEXT_ENDINGS = (".csv", ".tsv", ".txt")
ENCRYPTED = 0x1  # PKWARE APPNOTE §4.4.4, bit 0


def read_files(
    path: Path, *, max_file_bytes: int = MAX_FILE_BYTES, max_total_bytes: int = MAX_TOTAL_BYTES
) -> Mapping[str, bytes]:
    """Path inside the export → bytes. Files with sensitive data are named with empty bytes: they are never loaded."""
    limits = _Limits(path, max_file_bytes, max_total_bytes)
    try:
        if path.is_dir():
            files = _from_folder(path, limits)
        elif not path.exists():
            raise InputError(f"{path}: there is no such file or folder")
        elif path.suffix.lower() == ".zip" or (path.suffix.lower() not in TEXT_ENDINGS and zipfile.is_zipfile(path)):
            files = _from_zip(path, limits)
        else:
            files = {path.name: limits.checked(path.name, path.read_bytes())}
    except OSError as problem:
        raise InputError(f"{path}: cannot be read ({problem.strerror or problem})") from problem
    if not any(name.lower().endswith(TEXT_ENDINGS) for name in files):
        found = ", ".join(sorted(files)[:5]) or "nothing"
        raise InputError(f"{path}: holds no .csv file (found {found}): export the roster as CSV")
    return files


class _Limits:
    """How many bytes may still be read from one export."""

    def __init__(self, path: Path, max_file_bytes: int, max_total_bytes: int) -> None:
        self.path = path
        self.max_file_bytes = max_file_bytes
        self.max_total_bytes = max_total_bytes
        self.left = max_total_bytes
        self.files = 0

    @property
    def next_bytes(self) -> int:
        """How much of the next file to read: one byte more than allowed shows that it is too large."""
        return min(self.max_file_bytes, self.left) + 1

    def checked(self, name: str, data: bytes) -> bytes:
        if len(data) > self.max_file_bytes:
            raise InputError(f"{self.path}: {name} is larger than {_megabytes(self.max_file_bytes)}: this is no roster")
        if len(data) > self.left:
            raise InputError(f"{self.path}: unpacks to more than {_megabytes(self.max_total_bytes)}: this is no roster")
        self.left -= len(data)
        return data

    def count(self) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise InputError(f"{self.path}: holds more than {MAX_FILES} files: name the folder of the export itself")


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MB" if size >= 1024 * 1024 else f"{size} bytes"


def _is_loaded(name: str) -> bool:
    last = PurePosixPath(name).name.lower()
    return last.endswith(TEXT_ENDINGS) and last not in SENSITIVE


def _from_folder(folder: Path, limits: _Limits) -> dict[str, bytes]:
    """The folder's own files, and those one folder below when it holds no CSV itself."""
    files: dict[str, bytes] = {}
    own = sorted(entry for entry in folder.iterdir() if entry.is_file())
    below = sorted(entry for entry in folder.glob("*/*") if entry.is_file())
    for entry in own if any(entry.suffix.lower() in TEXT_ENDINGS for entry in own) else own + below:
        limits.count()
        name = entry.relative_to(folder).as_posix()
        if not _is_loaded(name):
            files[name] = b""
            continue
        with entry.open("rb") as stream:
            files[name] = limits.checked(name, stream.read(limits.next_bytes))
    return files


def _from_zip(path: Path, limits: _Limits) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return _members(path, archive, limits)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as problem:
        raise InputError(f"{path}: is not a whole zip file ({problem}): export or copy it again") from problem


def _members(path: Path, archive: zipfile.ZipFile, limits: _Limits) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for member in archive.infolist():
        if member.is_dir():
            continue
        limits.count()
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name:
            raise InputError(f"{path}: the zip holds the path {name!r}, which leaves its folder: not read")
        if member.flag_bits & ENCRYPTED:
            raise InputError(f"{path}: {name} is encrypted: export the roster without a password")
        if name in files:
            raise InputError(f"{path}: holds {name} twice: export it again")
        if not _is_loaded(name):
            files[name] = b""
            continue
        with archive.open(member) as stream:
            files[name] = limits.checked(name, stream.read(limits.next_bytes))
    return files
