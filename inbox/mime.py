"""The parts of a mail, found by one walk over its bytes that never recurses deep and never copies twice."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from itertools import pairwise

from inbox import charset, limits
from inbox.headers import Headers, decode_words, text_of
from inbox.limits import MAX_CONTENT_FIELD_BYTES, header_block

_TYPE = re.compile(r"\s*([\w.+-]{1,80})/([\w.+-]{1,120})")
# RFC 2045 §5.1, without what takes more than one look: RFC 2231, encoded words, backslashes, comments.
_QUOTED_VALUE = r'"([\w !#$%&+,./:<>@^{|}~=()\'-]*)"'
_PLAIN_VALUE = r"([\w!#$%&+./^{|}~-]+)"
_PARAMETER = re.compile(rf";[ ]?([A-Za-z][A-Za-z-]*)=(?:{_QUOTED_VALUE}|{_PLAIN_VALUE})(?=;|$)", re.ASCII)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One leaf of the tree (a nested message is a leaf too): its headers, its bytes and where it stood."""

    headers: Headers
    content_type: str
    charset: str | None
    filename: str
    disposition: str
    parameters: dict[str, str]
    raw: bytes
    containers: tuple[str, ...]  #: content types of the multiparts around it, outermost first
    branch: tuple[int, ...]  #: its place in each of them

    def data(self) -> bytes:
        """The bytes with the transfer encoding undone; damage costs the damaged bytes only."""
        return undo_transfer_encoding(self.raw, self.headers.one("content-transfer-encoding") or "")


@dataclass(frozen=True, slots=True)
class _Node:
    """One entity still to be read: its headers and where its body stands."""

    headers: Headers
    start: int
    end: int
    containers: tuple[str, ...] = ()
    branch: tuple[int, ...] = ()


def walk(raw: bytes, start: int, end: int, headers: Headers, problems: list[str]) -> Iterator[Part]:
    """Every leaf in order, at most MAX_PARTS of them and MAX_DEPTH deep; what is cut is named in *problems*."""
    todo = [_Node(headers, start, end)]
    leaves = 0
    while todo:
        node = todo.pop()
        content_type, parameters = content_type_of(node.headers, node.containers)
        if content_type.startswith("multipart/") and parameters.get("boundary"):
            inside = _inside(raw, node, content_type, parameters["boundary"], problems)
            if inside:
                todo.extend(reversed(inside))
                continue
            content_type = "text/plain"
        leaves += 1
        if leaves > limits.MAX_PARTS:
            problems.append(limits.TOO_MANY_PARTS)
            return
        yield _leaf(raw, node, content_type, parameters)


def _inside(raw: bytes, node: _Node, content_type: str, boundary: str, problems: list[str]) -> list[_Node]:
    """The entities inside a multipart; none when it is too deep or has no boundary line, and is then read as text."""
    if len(node.containers) >= limits.MAX_DEPTH:
        problems.append(limits.TOO_DEEP)
        return []
    inside = [
        _Node(Headers(block.fields), block.body_start, end, (*node.containers, content_type), (*node.branch, index))
        for index, (block, end) in enumerate(_children(raw, node.start, node.end, boundary, problems))
    ]
    if not inside:
        problems.append("no-parts")
    return inside


def _leaf(raw: bytes, node: _Node, content_type: str, parameters: dict[str, str]) -> Part:
    disposition, also = _field_parameters(node.headers, "content-disposition")
    return Part(
        headers=node.headers,
        content_type=content_type,
        charset=parameters.get("charset"),
        filename=also.get("filename") or parameters.get("name") or "",
        disposition=disposition.strip().lower(),
        parameters=parameters,
        raw=raw[node.start : node.end],
        containers=node.containers,
        branch=node.branch,
    )


def _children(
    raw: bytes, start: int, end: int, boundary: str, problems: list[str]
) -> Iterator[tuple[limits.HeaderBlock, int]]:
    """The header block and the end of each part between the boundaries (RFC 2046 §5.1.1); the last may be missing."""
    mark = b"\n--" + boundary.encode("utf-8", "replace")
    cuts: list[tuple[int, int]] = []
    position = start - 1
    while (found := _find_line(raw, mark, position, start, end)) >= 0:
        newline = raw.find(b"\n", found + 1, end)
        after = end if newline < 0 else newline + 1
        tail = raw[found + len(mark) : min(after, found + len(mark) + 80)].strip()
        position = max(found + 1, after - 1)
        if tail not in (b"", b"--"):
            continue
        cuts.append((found + 1, after))
        if tail == b"--":
            break
        if len(cuts) > limits.MAX_PARTS:
            problems.append(limits.TOO_MANY_PARTS)
            break
    else:
        cuts.append((end, end))
    for (_, begin), (stop, _) in pairwise(cuts):
        block = header_block(raw, begin, stop)
        problems.extend(block.problems)
        # The line break before a boundary belongs to the boundary.
        yield block, max(block.body_start, stop - (2 if raw[stop - 2 : stop] == b"\r\n" else 1 if stop < end else 0))


def _find_line(raw: bytes, mark: bytes, position: int, start: int, end: int) -> int:
    """Where the line break before the next boundary stands; one before *start* for a boundary right there."""
    if position < start and raw.startswith(mark[1:], start, end):
        return start - 1
    return raw.find(mark, max(position, start), end)


def content_type_of(headers: Headers, containers: tuple[str, ...] = ()) -> tuple[str, dict[str, str]]:
    """The content type in lower case and its parameters; text/plain when absent or unreadable (RFC 2045 §5.2)."""
    value, parameters = _field_parameters(headers, "content-type")
    match = _TYPE.match(value)
    if match is None:
        in_digest = bool(containers) and containers[-1] == "multipart/digest"
        return ("message/rfc822" if in_digest else "text/plain"), parameters
    return f"{match[1]}/{match[2]}".lower(), parameters


def _field_parameters(headers: Headers, name: str) -> tuple[str, dict[str, str]]:
    """The bare value of a MIME field and its parameters, RFC 2231 continuations joined."""
    values = headers.raw(name)
    if not values:
        return "", {}
    text = text_of(values[0][:MAX_CONTENT_FIELD_BYTES])
    if (plain := _plain_parameters(text)) is not None:
        return text.partition(";")[0], plain
    holder = Message()
    parameters: dict[str, str] = {}
    try:
        holder["Content-Type"] = text
        for key, value in holder.get_params(failobj=[], unquote=True)[1:]:
            joined = value if isinstance(value, str) else _from_rfc2231(value)
            parameters.setdefault(key.lower(), decode_words(joined).replace("\0", "").strip())
    except Exception:  # noqa: BLE001 - the library raises what it likes on hostile parameters; the part stays readable
        parameters = {}
    return text.partition(";")[0], parameters


def _plain_parameters(text: str) -> dict[str, str] | None:
    """The parameters where all are written as nearly every program writes them; None for the library to read."""
    position = text.find(";")
    if position < 0:
        return {}
    if '"' in text[:position] or "(" in text[:position]:
        return None
    parameters: dict[str, str] = {}
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            return None
        parameters.setdefault(match[1].lower(), match[3] if match[2] is None else match[2].strip())
        position = match.end()
    return parameters


def _from_rfc2231(value: tuple[str | None, str | None, str]) -> str:
    return charset.decode(value[2].encode("latin-1", "replace"), value[0] or "us-ascii")[0]


def undo_transfer_encoding(data: bytes, encoding: str) -> bytes:
    """The decoded bytes; unknown encodings and 8bit give the bytes as they are."""
    name = encoding.partition(";")[0].strip(" \"'").lower()
    if name == "quoted-printable":
        return binascii.a2b_qp(data)
    if name != "base64":
        return data
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = _NOT_BASE64.sub(b"", data)
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
