"""A mail as DKIM reads it: its fields and body as they came, and their canonical forms (RFC 6376 §3.4).

Every step is linear: a hostile body of blanks costs no more than any other.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inbox.limits import MAX_FIELDS, MAX_HEADER_BLOCK_BYTES

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_NEXT_FIELD = re.compile(rb"\r\n(?![ \t])")
_SIGNATURE_TAG = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_BLANKS = re.compile(rb"[ \t]+")
_RUNS = (b" " * 64, b" " * 8, b"  ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field; *name* in lower case, *raw* all of it without the line end."""

    name: str
    raw: bytes

    @property
    def value(self) -> bytes:
        return self.raw.partition(b":")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    fields: tuple[Field, ...]
    body: bytes

    def values(self, name: str) -> list[bytes]:
        return [field.value for field in self.fields if field.name == name]

    def signed(self, names: Sequence[str], form: str) -> bytes:
        """The named fields in canonical form; of a repeated one the last first (RFC 6376 §5.4.2)."""
        left: dict[str, list[Field]] = {}
        for field in self.fields:
            left.setdefault(field.name, []).append(field)
        head, _ = FORMS[form]
        return b"".join([head(left[name].pop()) + b"\r\n" for name in names if left.get(name)])


def message_of(raw: bytes) -> Message | None:
    """The mail cut where its first empty line is; None when its head is not plainly a list of fields.

    Lone line feeds count as line ends, as they do wherever we read mail.
    """
    whole = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = _NEXT_FIELD.split(head) if len(head) <= MAX_HEADER_BLOCK_BYTES else []
    named = [_FIELD.match(line) for line in lines]
    if not lines or len(lines) > MAX_FIELDS or not all(named):
        return None
    fields = [
        Field(name=found[1].decode("ascii").lower(), raw=line)
        for found, line in zip(named, lines, strict=True)
        if found is not None
    ]
    return Message(fields=tuple(fields), body=body)


def without_signature(value: bytes) -> bytes:
    """A DKIM-Signature's value with its b= tag emptied: so it was when it was signed."""
    return _SIGNATURE_TAG.sub(rb"\1", value, count=1)


def _head_simple(field: Field) -> bytes:
    return field.raw


def _head_relaxed(field: Field) -> bytes:
    return field.name.encode() + b":" + _BLANKS.sub(b" ", field.value.replace(b"\r\n", b"")).strip(b" \t")


def _body_simple(body: bytes) -> bytes:
    return _no_empty_lines_at_the_end(body) or b"\r\n"


def _body_relaxed(body: bytes) -> bytes:
    body = body.replace(b"\t", b" ")
    for run in _RUNS:  # long ones first saves passes
        body = body.replace(run, b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    return _no_empty_lines_at_the_end(body.replace(b" \r\n", b"\r\n"))


def _no_empty_lines_at_the_end(body: bytes) -> bytes:
    """Its last line ended once; empty when there is none."""
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""


Form = tuple[Callable[[Field], bytes], Callable[[bytes], bytes]]
#: Canonicalisation of a field and of the body, by its name in c=.
FORMS: dict[str, Form] = {"simple": (_head_simple, _body_simple), "relaxed": (_head_relaxed, _body_relaxed)}
