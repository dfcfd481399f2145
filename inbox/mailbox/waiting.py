"""Waiting for the server to announce something (IDLE, RFC 2177), in rounds, so that a dead connection shows."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from inbox.mailbox.client import Client

STOP_SECONDS = 1.0  # how soon a stop is noticed while waiting


def idle(client: Client, until: float, round_seconds: float, stop: threading.Event) -> bool:
    """Was anything announced? Leaves IDLE regularly, so that a dead connection shows within minutes."""
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        round_ends = time.monotonic() + min(left, round_seconds)
        client.idle()
        news = _listen(client, round_ends, stop)
        _text, late = client.idle_done()
        if _announces([*news, *late]):
            return True
    return False


def _listen(client: Client, until: float, stop: threading.Event) -> list[Any]:
    """What the server said; returns early when it said anything, or when the connection may be dead."""
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        began = time.monotonic()
        wait = min(left, STOP_SECONDS)
        answers: list[Any] = client.idle_check(wait)
        # At the end of the connection the library answers [] at once, for ever; leaving IDLE will show it.
        if answers or time.monotonic() - began < wait / 2:
            return answers
    return []


def _announces(answers: Sequence[Any]) -> bool:
    return any(
        isinstance(answer, tuple) and len(answer) > 1 and answer[1] in {b"EXISTS", b"RECENT"} for answer in answers
    )
