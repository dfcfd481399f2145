"""One line per decision: an event and key=value pairs. Ids only; never an address, a name, a token or a body.

Whatever an exception or a library says may quote a mail, so their own words are never logged: of an error its type and
its place in the code, of a library's warning its name and place.
"""

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import TextIO

OURS = ("fridayfolder", "school", "mailer", "inbox", "storage", "office")
_FLOORS = re.compile(rf"/({'|'.join(OURS)})/([a-z_]+/)?[a-z_]+[.]py$")
LOGGER = logging.getLogger("fridayfolder")


def log(event: str, *, level: str = "info", **facts: str | float | None) -> None:
    """Write one line: `letter.sent issue=12 family=7`."""
    line = " ".join([event, *(f"{name}={value}" for name, value in facts.items() if value is not None)])
    LOGGER.log(logging.getLevelNamesMapping()[level.upper()], "%s", line)


def where(error: BaseException) -> str:
    """`ValueError at inbox/parse.py:120`: all of an exception that may be logged. The place is the last of our own."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    own = [frame for frame in frames if _FLOORS.search(frame.filename.replace(chr(92), "/"))]
    last = (own or frames)[-1]
    return f"{type(error).__name__} at {_place(last.filename, last.lineno)}"


def set_up(*, verbose: bool) -> None:
    """Log to standard error: everything if *verbose*, else only what somebody must act on; a command says the rest."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(handler)
    root.addHandler(_Handler(logging.DEBUG if verbose else logging.ERROR))
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG if verbose else logging.INFO)
    # An error nobody caught is one line as well; a traceback ends with words that may be a mail's.
    sys.excepthook = _uncaught
    threading.excepthook = lambda held: _uncaught(held.exc_type, held.exc_value, held.exc_traceback)


def as_service() -> None:
    """From now on every decision is logged: nobody watches what a service answers."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Handler):
            handler.setLevel(min(handler.level, logging.INFO))


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, with its own level: the loggers of a program that embeds us stay as they are."""

    def __init__(self, level: int) -> None:
        super().__init__(sys.stderr)
        self.setLevel(level)
        self.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s"))

        # Libraries speak up only when they are worried.
        self.addFilter(lambda record: _ours(record) or record.levelno >= logging.WARNING)


class _OneLine(logging.Formatter):
    """A record in one line, without an exception's words, and without a library's."""

    def format(self, record: logging.LogRecord) -> str:
        words = record.getMessage() if _ours(record) else f"library.warned name={record.name} at={_place_of(record)}"
        if record.exc_info and record.exc_info[1] is not None:
            words += f" error={where(record.exc_info[1])}"
        said = {
            "msg": " ".join(words.splitlines()),
            "args": None,
            "exc_info": None,
            "exc_text": None,
            "stack_info": None,
        }
        return super().format(logging.makeLogRecord({**record.__dict__, **said}))


def _ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


def _place_of(record: logging.LogRecord) -> str:
    return _place(record.pathname, record.lineno)


def _place(path: str, line: int | None) -> str:
    return f"{'/'.join(path.replace(chr(92), '/').split('/')[-2:])}:{line}"


def _uncaught(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log("program.failed", level="error", error=where(error) if error else kind.__name__)
