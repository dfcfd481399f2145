"""One sender at a time on SQLite: a lock file held for the life of the process, freed by the system when it dies."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from school.errors import TemporaryError


class SenderBusy(TemporaryError):  # noqa: N818 - it names a state, not a fault
    """Another process is sending."""


class SenderLock:
    """Held between enter and exit; SenderBusy at once when another process holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        file = self.path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            file.close()
            raise SenderBusy(
                f"letters are already being sent by process {holder} (lock {self.path}): "
                "let it finish, or stop it first"
            ) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()  # closing frees the lock
            self._file = None
