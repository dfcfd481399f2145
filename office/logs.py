"""One line per decision: an event and key=value pairs. Ids only; never an address, a name, a token or a body.

Errors of ours are logged by their type and the place in the code: an exception's own text may quote a mail.
"""

import logging
import sys
import traceback

LOGGER = logging.getLogger("fridayfolder")


def log(event: str, *, level: str = "info", **facts: str | float | None) -> None:
    """Write one line: `letter.sent issue=12 family=7`."""
    line = " ".join([event, *(f"{name}={value}" for name, value in facts.items() if value is not None)])
    LOGGER.log(logging.getLevelNamesMapping()[level.upper()], "%s", line)


def where(error: BaseException) -> str:
    """`ValueError at inbox/parse.py:120`: all of an exception that may be logged."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    parts = frames[-1].filename.replace("\\", "/").split("/")
    return f"{type(error).__name__} at {'/'.join(parts[-2:])}:{frames[-1].lineno}"


def set_up(*, verbose: bool) -> None:
    """Log to standard error; libraries speak up only when something is wrong, for some of them quote what they read."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(logging.DEBUG if verbose else logging.INFO)
    LOGGER.propagate = False
    for name in ("imapclient", "mail.log", "peewee", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
