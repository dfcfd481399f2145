"""The service's side of the child that opens mails: started with the first mail, kept, and renewed now and then.

A child that dies takes nothing with it: it answers in the order it was asked, so the first job without an answer is
the one it died of. Where that is not certain (somebody killed it), the job is tried once more; the others go on with
the next child. The child is a program of its own, never a fork: it inherits no thread's lock and no connection.
"""

import fcntl
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import msgspec

from inbox.opener import frames
from inbox.opener.frames import BYTES_A_BYTE, OUT_OF_MEMORY, Buffer, Job, ParseJob, TrimJob
from inbox.opening import CannotOpen
from inbox.parse import ParsedMail
from inbox.trim import OurMarks, Trimmed
from school.errors import TemporaryError

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
TRIES = 2  # of a job whose child died of we know not what
ITS_OWN_FAULT = (-signal.SIGXCPU, OUT_OF_MEMORY)  # how a child ends that took too much
MOST_BYTES = 64_000_000  # of an answer, beside what a long mail may take
REASON = re.compile(r"[\w ./:()-]{1,200}", re.ASCII)
UNREADABLE = "the answer cannot be read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one mail may take, and how long one child serves."""

    processor_seconds: int = 10
    wall_seconds: float = 120.0  #: longer than a busy machine needs: what counts is the processor's time
    memory_bytes: int = 256 * 1024 * 1024  #: and twelve times the mail's own size
    jobs: int = 20_000


@dataclass(kw_only=True, slots=True)
class _Asked:
    """A job, and who waits for it."""

    job: Job
    read: Callable[[Buffer], Any]  # Any: what this kind of job is answered with
    future: Future[Any] = field(default_factory=Future)
    tries: int = 0


class OpenerProcess:
    """Opens mails in a child process. Every thread may ask."""

    def __init__(self, limits: Limits | None = None, module: str = "inbox.opener.child") -> None:
        self._limits = limits or Limits()
        self._module = module
        self._lock = threading.RLock()  # who asks next; never held while an answer is waited for
        self._child: _Child | None = None
        self._children: set[_Child] = set()
        self._stillborn = 0  # children in a row that did not come up
        weakref.finalize(self, _end_all, self._children)

    def parse(self, raw: bytes) -> "Future[ParsedMail]":
        job = ParseJob(raw=raw)
        return self._ask(_Asked(job=job, read=lambda data: frames.mail_of(job, data)))

    def trim(self, text: str, html: str, ours: OurMarks) -> "Future[Trimmed]":
        return self._ask(_Asked(job=TrimJob(text=text, html=html, ours=ours), read=frames.trimmed_of))

    def close(self) -> None:
        """End the child. What was asked and not answered fails as temporary; a later question starts a new child."""
        with self._lock:
            self._child = None
            _end_all(self._children)

    @property
    def pid(self) -> int | None:
        """The child that is asked next; None before the first question."""
        return self._child.pid if self._child else None

    def _ask(self, asked: _Asked) -> "Future[Any]":
        with self._lock:
            if self._child is None or self._child.taken >= self._limits.jobs or self._child.gone:
                self._renew()
            assert self._child is not None  # made just now
            self._child.take(asked)
        return asked.future

    def _renew(self) -> None:
        if self._child is not None:
            self._child.retire()
            self._child = None
        try:
            child = _Child(self._module, self._limits)
        except OSError as exc:
            raise TemporaryError(f"the process that opens mails cannot be started ({type(exc).__name__})") from exc
        self._child = child
        self._children.add(child)
        arguments = (child, weakref.ref(self), self._children)
        threading.Thread(target=_attend, args=arguments, name="opener", daemon=True).start()

    def _over(self, dead: "_Child", asked: Sequence[_Asked]) -> None:
        """A child died: *asked*, and what it was asked besides, is asked of the next one, if one comes up at all."""
        with self._lock:
            if self._child is dead:
                self._child = None
            self._stillborn = 0 if dead.started else self._stillborn + 1
            left = (*asked, *dead.left())
            if self._stillborn >= TRIES:
                self._stillborn = 0
                _fail(
                    left, "the process that opens mails does not start, or is of another version: restart the service"
                )
                return
            for one in left:
                try:
                    self._ask(one)
                except TemporaryError as exc:
                    one.future.set_exception(exc)


class _Child:
    """One child process, and what it was asked."""

    def __init__(self, module: str, limits: Limits) -> None:
        self.limits = limits
        self.taken = 0
        self.gone = self.killed = self.started = False
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", module, str(limits.processor_seconds), str(limits.memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback's last words may be a mail's
            bufsize=0,
            env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": os.environ.get("PATH", "")},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._answers = frames.Incoming(self._out.fileno())
        for pipe in (self._in, self._out):
            _widen(pipe.fileno())

    @property
    def pid(self) -> int:
        return self._process.pid

    def take(self, asked: _Asked) -> None:
        self.taken += 1
        self._asked.put(asked)
        with suppress(OSError, ValueError):  # it is dead: whoever waits for its answer finds that out
            frames.send(self._in.fileno(), frames.job_bytes(asked.job))

    def retire(self) -> None:
        """End when everything taken is answered."""
        self._asked.put(None)

    def next(self) -> _Asked | None:
        return self._asked.get()

    def left(self) -> list[_Asked]:
        """What it was asked and nobody has looked at yet."""
        found = []
        with suppress(Empty):
            while True:
                found.append(self._asked.get_nowait())
        return [one for one in found if one is not None]

    def start(self) -> None:
        """Broken when it does not come up, or is of another version than we are."""
        said = self._answers.frame(seconds=START_SECONDS, most=len(frames.READY))
        if said != frames.READY:
            raise frames.Broken
        self.started = True

    def answer(self, asked: _Asked) -> bytes:
        """Broken when it died, or takes too long."""
        most = MOST_BYTES + BYTES_A_BYTE * asked.job.size
        return self._answers.frame(seconds=self.limits.wall_seconds, most=most)

    def end(self) -> int | None:
        """Gone for certain; how it had ended before, or None if it had not."""
        self.gone = True
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.1)  # a pipe's end is seen a moment before the end of the process
        code = self._process.poll()
        self._process.kill()
        self._process.wait()
        self._in.close()
        self._out.close()
        return code

    def kill(self) -> None:
        self.killed = self.gone = True
        self._process.kill()
        self._asked.put(None)


def _attend(child: _Child, owner: "weakref.ref[OpenerProcess]", children: "set[_Child]") -> None:
    """In a thread: every answer to whoever waits for it, as long as the child lives."""
    asked: _Asked | None = None
    with suppress(frames.Broken, OSError):
        child.start()
        while (asked := child.next()) is not None:
            _settle(asked, child.answer(asked))
    code = child.end()
    children.discard(child)
    opener = owner()
    if child.killed or opener is None:
        _fail([*([asked] if asked else []), *child.left()], "the process that opens mails was ended")
    elif asked is not None or not child.started:
        reason = _why(code, child.limits)
        log.warning("opener.ended reason=%s", reason.replace(" ", "-"))
        opener._over(child, _once_more(asked, code, reason) if asked else ())  # noqa: SLF001 - its other half


def _settle(asked: _Asked, answer: bytes) -> None:
    status, data = answer[:1], memoryview(answer)[1:]
    if status != frames.DONE:
        reason = bytes(data).decode("ascii", "replace")
        asked.future.set_exception(CannotOpen(reason if REASON.fullmatch(reason) else UNREADABLE))
        return
    try:
        found = asked.read(data)
    except (msgspec.MsgspecError, ValueError, OverflowError):
        asked.future.set_exception(CannotOpen(UNREADABLE))
    else:
        asked.future.set_result(found)


def _once_more(asked: _Asked, code: int | None, reason: str) -> Sequence[_Asked]:
    """The job the child died of, if it may not have been its fault."""
    asked.tries += 1
    if code in ITS_OWN_FAULT or asked.tries >= TRIES:
        asked.future.set_exception(CannotOpen(reason))
        return ()
    return (asked,)


def _why(code: int | None, limits: Limits) -> str:
    """In plain words, for the office."""
    if code is None:
        return f"it takes more than {limits.wall_seconds:g} seconds"
    if code == -signal.SIGXCPU:
        return f"it takes more than {limits.processor_seconds} seconds of processor time"
    if code == OUT_OF_MEMORY:
        return "it needs too much memory"
    return f"what opened it was ended ({signal.Signals(-code).name if code < 0 else code})"


def _fail(left: Iterable[_Asked], why: str) -> None:
    for one in left:
        one.future.set_exception(TemporaryError(why))


def _end_all(children: "set[_Child]") -> None:
    for child in list(children):
        child.kill()


def _widen(pipe: int) -> None:
    """Room for several mails, where the system lets us choose."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, frames.PIPE_BYTES)
