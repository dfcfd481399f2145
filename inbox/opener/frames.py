"""What travels between the service and the child that opens mails: frames of msgpack, checked by type on arrival.

Never pickle: whoever got the better of the child could then tell the service what to run.
"""

import hashlib
import os
import select
import time
from dataclasses import replace
from pathlib import Path

import msgspec

from inbox.headers import Headers
from inbox.parse import ParsedMail
from inbox.trim import OurMarks, Trimmed

LENGTH_BYTES = 8
PIPE_BYTES = 1 << 20  # what Linux lets anybody ask for: a handful of mails wait without stopping either side
DONE, FAILED = b"+", b"-"
Buffer = bytes | bytearray | memoryview
OUT_OF_MEMORY = 70  #: the child's exit code
BYTES_A_BYTE = 12  # a mail as text takes four bytes a character, and is held a few times over


class ParseJob(msgspec.Struct, frozen=True, tag="parse"):
    raw: bytes

    @property
    def size(self) -> int:
        return len(self.raw)


class TrimJob(msgspec.Struct, frozen=True, tag="trim"):
    text: str
    html: str
    ours: OurMarks

    @property
    def size(self) -> int:
        return len(self.text) + len(self.html)


Job = ParseJob | TrimJob

_encode = msgspec.msgpack.Encoder().encode
_jobs: msgspec.msgpack.Decoder[Job] = msgspec.msgpack.Decoder(Job)
_mails = msgspec.msgpack.Decoder(tuple[tuple[tuple[str, bytes], ...], ParsedMail])
_trimmed = msgspec.msgpack.Decoder(Trimmed)


def _what_travels() -> bytes:
    """Another one when this file or one of the values that travel is another one."""
    _, values = msgspec.json.schema_components([ParseJob, TrimJob, ParsedMail, Trimmed])
    described = msgspec.json.encode(values, order="deterministic") + Path(__file__).read_bytes()
    return hashlib.sha256(described).digest()


#: What a child says first. A program replaced under a running service makes a child that may speak otherwise; every
#: mail would look unreadable to us, and be set aside. Such a child is none of ours.
READY = _what_travels()


class Broken(Exception):  # noqa: N818 - an end, expected on either side
    """The other side is gone, or said nothing in time."""


def job_bytes(job: Job) -> bytes:
    return _encode(job)


def job_of(data: Buffer) -> Job:
    return _jobs.decode(data)


def answer_bytes(answer: ParsedMail | Trimmed) -> bytes:
    """A mail travels without its raw bytes: the service has them. Its headers are made anew there, index and all."""
    if isinstance(answer, ParsedMail):
        return _encode((answer.headers.fields, replace(answer, raw=b"", headers=Headers())))
    return _encode(answer)


def mail_of(job: ParseJob, data: Buffer) -> ParsedMail:
    """Raises msgspec.MsgspecError for whatever is none."""
    fields, mail = _mails.decode(data)
    return replace(mail, raw=job.raw, headers=Headers(fields))


def trimmed_of(data: Buffer) -> Trimmed:
    return _trimmed.decode(data)


# ---- over a pipe ----


def send(pipe: int, *pieces: bytes) -> None:
    """One frame. OSError when nobody reads any more."""
    length = sum(map(len, pieces))
    rest = memoryview(b"".join((length.to_bytes(LENGTH_BYTES, "big"), *pieces)))
    while rest:
        rest = rest[os.write(pipe, rest) :]


class Incoming:
    """The frames that come over a pipe. Whatever is there is taken at once: a busy process seldom gets round to it."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._held = bytearray()

    def frame(self, *, seconds: float | None = None, most: int | None = None) -> bytes:
        """The next one, whole, within *seconds*; Broken when there is none, or it would be longer than *most* bytes."""
        until = None if seconds is None else time.monotonic() + seconds
        self._fill(LENGTH_BYTES, until)
        length = int.from_bytes(self._held[:LENGTH_BYTES], "big")
        if most is not None and length > most:
            raise Broken
        end = LENGTH_BYTES + length
        self._fill(end, until)
        with memoryview(self._held) as held:
            found = bytes(held[LENGTH_BYTES:end])
        del self._held[:end]
        return found

    def _fill(self, length: int, until: float | None) -> None:
        while len(self._held) < length:
            if until is not None and not _readable(self._pipe, until - time.monotonic()):
                raise Broken
            got = os.read(self._pipe, PIPE_BYTES)
            if not got:
                raise Broken
            self._held += got


def _readable(pipe: int, seconds: float) -> bool:
    poll = select.poll()  # select.select cannot watch a descriptor above 1023
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(max(0, seconds * 1000)))
