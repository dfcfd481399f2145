"""The caps put on a mail before anything is parsed, and its header block cut to them.

The standard library's parser takes seconds, or all of the stack, for mail made to hurt it: 1 MB of References, ten
thousand parts, fifteen hundred levels. So the bytes are measured first, and what is over a limit is cut and named.
"""

import re
from dataclasses import dataclass

MAX_HEADER_BLOCK_BYTES = 64 * 1024
MAX_FIELD_BYTES = 8 * 1024
MAX_CONTENT_FIELD_BYTES = 2 * 1024  # the standard library's parameter parser is quadratic
MAX_FIELDS = 1_000
MAX_DEPTH = 20
MAX_PARTS = 200
MAX_BODY_CHARACTERS = 2 * 1024 * 1024  # of decoded text; far above anything a person types
MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024

HEADER_BLOCK_TOO_LARGE = "header-block-too-large"
FIELD_TOO_LARGE = "header-too-large"
TOO_MANY_FIELDS = "too-many-headers"
NO_HEADERS = "no-headers"
TOO_DEEP = "too-deep"
TOO_MANY_PARTS = "too-many-parts"
BODY_TOO_LARGE = "body-too-large"

_MAX_NAME_BYTES = 200
# What opens a header: printable ASCII without a space, then a colon (RFC 5322 §3.6.8).
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_BLANK = (b" ", b"\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderBlock:
    """One header block as (name, unfolded raw value) pairs, and where the body begins."""

    fields: tuple[tuple[str, bytes], ...]
    body_start: int
    problems: tuple[str, ...] = ()


def header_block(raw: bytes, start: int, end: int) -> HeaderBlock:
    """The fields that stand at *start*, each within its cap; a line that is no field ends the block.

    A first line `From …` (mbox) is stepped over. An over-long field keeps its first and last half of the
    cap: in References our own id is the first and the nearest is the last.
    """
    problems: list[str] = []
    fields: list[tuple[str, bytes]] = []
    position = _after_mbox_line(raw, start, end)
    first, body_start = position, end
    lines: list[bytes] = []
    while position < end:
        newline = raw.find(b"\n", position, end)
        after = end if newline < 0 else newline + 1
        line = raw[position : min(after, position + MAX_HEADER_BLOCK_BYTES)].rstrip(b"\r\n")
        continues = line[:1] in _BLANK and bool(lines)
        if not continues and _FIELD.match(line, 0, _MAX_NAME_BYTES) is None:
            # An empty line ends the block; so does a line that cannot be a header (RFC 5322 §2.2), which is then body.
            body_start = after if not line else position
            break
        if position - first > MAX_HEADER_BLOCK_BYTES:
            problems.append(HEADER_BLOCK_TOO_LARGE)
            body_start = _after_blank_line(raw, position, end)
            break
        if continues:
            lines.append(line)
        else:
            _keep(lines, fields, problems)
            lines = [line]
        position = after
    _keep(lines, fields, problems)
    return HeaderBlock(fields=tuple(fields), body_start=body_start, problems=tuple(dict.fromkeys(problems)))


def _keep(lines: list[bytes], fields: list[tuple[str, bytes]], problems: list[str]) -> None:
    if not lines:
        return
    if len(fields) >= MAX_FIELDS:
        problems.append(TOO_MANY_FIELDS)
        return
    whole = lines[0].strip() if len(lines) == 1 else b" ".join([line.strip() for line in lines])
    name, _, value = whole.partition(b":")
    if len(value) > MAX_FIELD_BYTES:
        problems.append(FIELD_TOO_LARGE)
        half = MAX_FIELD_BYTES // 2
        value = value[:half].rpartition(b" ")[0] + b" " + value[-half:].partition(b" ")[2]
    fields.append((name.strip().decode("ascii", "replace"), value.strip()))


def _after_mbox_line(raw: bytes, start: int, end: int) -> int:
    """Where the headers begin: past leading blank lines and one mbox separator."""
    position = start
    while position < end and raw[position] in b"\r\n":
        position += 1
    if raw.startswith((b"From ", b">From "), position):
        newline = raw.find(b"\n", position, end)
        return end if newline < 0 else newline + 1
    return position if start == 0 else start


def _after_blank_line(raw: bytes, position: int, end: int) -> int:
    found = [at + width for mark, width in ((b"\n\n", 2), (b"\n\r\n", 3)) if (at := raw.find(mark, position, end)) >= 0]
    return min(found, default=end)
