"""The child that opens mails: one job in, one answer out, each within limits of processor time and memory.

It holds no key and no password, opens no connection, and ends at once when the service does.
"""

import math
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from inbox.opener import frames
from inbox.opener.frames import BYTES_A_BYTE, OUT_OF_MEMORY, Job, ParseJob, TrimJob
from inbox.parse import ParsedMail, parse
from inbox.trim import OurMarks, Trimmed, trim
from inbox.trim.patterns import patterns

SWITCH_SECONDS = 0.0005  # who fills the pipe waits no longer than that for the thread that empties it

Parse = Callable[[bytes], ParsedMail]
Trim = Callable[[str, str, OurMarks], Trimmed]


def main(parse_mail: Parse = parse, trim_body: Trim = trim) -> None:
    """Serve whoever started us, until they are gone. The arguments: processor seconds, and bytes of memory."""
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # sent to the whole group; the service decides, and we end with it
    sys.setswitchinterval(SWITCH_SECONDS)
    answers, jobs = _own_output(), SimpleQueue[bytes]()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    patterns()  # the words of fifty languages, before the first mail's time is counted
    frames.send(answers, frames.READY)
    while True:
        job = frames.job_of(jobs.get())
        _limit(job, seconds, memory)
        frames.send(answers, *_answer(job, parse_mail, trim_body))


def _own_output() -> int:
    """The pipe of the answers; whatever prints meanwhile, prints nowhere."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def _listen(jobs: "SimpleQueue[bytes]") -> None:
    """In a thread, so that the end of the service ends us in the middle of whatever we do."""
    service = frames.Incoming(0)
    try:
        while True:
            jobs.put(service.frame())
    except frames.Broken:
        os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _limit(job: Job, seconds: int, memory: int) -> None:
    """What this job may take. Whoever takes more processor time is ended by the kernel, wherever it is."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))
    with suppress(ValueError, OSError):  # macOS knows the limit and does not take it
        resource.setrlimit(resource.RLIMIT_AS, (memory + BYTES_A_BYTE * job.size, resource.RLIM_INFINITY))


def _answer(job: Job, parse_mail: Parse, trim_body: Trim) -> tuple[bytes, bytes]:
    try:
        return frames.DONE, frames.answer_bytes(_done(job, parse_mail, trim_body))
    except MemoryError:
        return frames.FAILED, b"it needs too much memory"
    except Exception as exc:  # noqa: BLE001 - a fault of ours in one mail; the next one is opened all the same
        return frames.FAILED, _where(exc).encode()


def _done(job: Job, parse_mail: Parse, trim_body: Trim) -> ParsedMail | Trimmed:
    match job:
        case ParseJob(raw=raw):
            return parse_mail(raw)
        case TrimJob(text=text, html=html, ours=ours):
            return trim_body(text, html, ours)


def _where(exc: BaseException) -> str:
    """The error's type and place; its words may be a mail's."""
    last = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} at {'/'.join(Path(last.filename).parts[-2:])}:{last.lineno}"


if __name__ == "__main__":
    main()
