"""The database's answer, however long it is locked or full: no letter begins meanwhile, and no result is lost."""

import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from school.errors import TemporaryError

log = logging.getLogger(__name__)
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

STORE_WAIT_SECONDS = 1.0  #: between tries while the database is locked or its disk is full


def patiently(call: Callable[Asked, Answer], *arguments: Asked.args, **named: Asked.kwargs) -> Answer:
    """What *call* returns, once it does not end in a TemporaryError any more."""
    while True:
        try:
            return call(*arguments, **named)
        except TemporaryError as exc:
            wait_for_store(exc)


def wait_for_store(trouble: TemporaryError) -> None:
    """A moment before the next try."""
    log.warning("delivery.store_waits reason=%s", trouble)
    time.sleep(STORE_WAIT_SECONDS)  # its own time-out has passed already
