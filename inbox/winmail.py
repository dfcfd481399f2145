"""What Outlook wrapped in winmail.dat (MS-OXTNEF): the words of a mail and its files, read in one bounded pass.

Read here and not by tnefparse: its last release is of 2021, it copies the rest of the file for every attribute, so that
a megabyte of small ones takes seconds, and it opens mails inside mails without end. Whatever is damaged ends the
reading; what stood before it is kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from inbox import charset
from inbox.limits import MAX_BODY_CHARACTERS, MAX_PARTS
from inbox.rtf import read_rtf, unpacked

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_ATTRIBUTES = 10_000
MAX_PROPERTIES = 5_000
MAX_VALUES = 1_000

_ATTRIBUTE = struct.Struct("<BHHI")
_NUMBER = struct.Struct("<I")
# Attributes, MS-OXTNEF §2.1.3.2.
_BODY, _CODE_PAGE, _MESSAGE, _BEGINS_FILE = 0x800C, 0x9007, 0x9003, 0x9002
_FILE_TITLE, _FILE_DATA, _FILE = 0x8010, 0x800F, 0x9005
# Properties, MS-OXPROPS.
_TEXT, _RICH_TEXT, _HTML, _INTERNET_CODE_PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_DATA, _SHORT_NAME, _LONG_NAME, _MIME_TYPE, _CONTENT_ID, _SHOWN_NAME = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712, 0x3001
# Property types, MS-OXCDATA §2.11.1: how many bytes a value takes (padded to four), or that it tells itself.
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_STRING8, _UNICODE, _OBJECT, _BINARY, _MULTIPLE = 0x1E, 0x1F, 0x0D, 0x102, 0x1000
_TELLING = frozenset({_STRING8, _UNICODE, _OBJECT, _BINARY})
_INTERFACE_BYTES = 16  # an object's value begins with the name of its interface


@dataclass(slots=True, kw_only=True)
class WrappedFile:
    """One file inside."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    data: bytes = b""


@dataclass(slots=True, kw_only=True)
class Winmail:
    """Everything read; *damaged* when the file ended before it should, or holds more than is taken out."""

    text: str = ""
    html: str = ""
    files: list[WrappedFile] = field(default_factory=list)
    damaged: bool = False


def read_winmail(data: bytes) -> Winmail:
    """The words and files; whatever the bytes. A damaged piece costs nothing but itself."""
    reader = _Reader()
    try:
        for name, value in _attributes(data):
            reader.take(name, value)
    except (struct.error, ValueError):
        reader.found.damaged = True
    found = reader.found
    files = [held for held in found.files if held.data]
    found.files, found.damaged = files[:MAX_PARTS], found.damaged or len(files) > MAX_PARTS
    return found


@dataclass(slots=True)
class _Reader:
    found: Winmail = field(default_factory=Winmail)
    code_page: str = "cp1252"

    def take(self, name: int, value: bytes) -> None:
        try:
            self._take(name, value)
        except (struct.error, ValueError):
            self.found.damaged = True

    def _take(self, name: int, value: bytes) -> None:
        found = self.found
        if name == _CODE_PAGE:
            self.code_page = f"cp{_NUMBER.unpack_from(value)[0]}"
        elif name == _BEGINS_FILE:
            found.files.append(WrappedFile())
        elif name == _MESSAGE:
            _take_message(found, value, self.code_page)
        elif name == _BODY and not found.text:
            found.text = _words(value, self.code_page)
        elif found.files:
            _take_file(found.files[-1], name, value, self.code_page)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Name and value of each; ValueError where one claims more bytes than there are."""
    if not data.startswith(SIGNATURE):
        raise ValueError("not TNEF")
    position = len(SIGNATURE) + 2  # a key nobody uses
    for _ in range(MAX_ATTRIBUTES):
        if position >= len(data):
            return
        _, name, _, length = _ATTRIBUTE.unpack_from(data, position)
        start = position + _ATTRIBUTE.size
        if start + length > len(data):
            raise ValueError("cut off")
        yield name, data[start : start + length]
        position = start + length + 2  # a checksum: what it would refuse is better read than lost
    raise ValueError("too many attributes")


def _take_message(found: Winmail, block: bytes, code_page: str) -> None:
    rich = b""
    html: tuple[int, bytes] | None = None
    for name, kind, value in _properties(block):
        if name == _INTERNET_CODE_PAGE:
            code_page = f"cp{_NUMBER.unpack_from(value)[0]}"
        elif name == _TEXT and kind in _TELLING:
            found.text = _string(kind, value, code_page)
        elif name == _HTML and kind in _TELLING:
            html = kind, value
        elif name == _RICH_TEXT and kind == _BINARY:
            rich = value
    if html is not None:
        found.html = _string(html[0], html[1], code_page)
    elif rich:
        _take_rich_text(found, rich)


def _take_rich_text(found: Winmail, rich: bytes) -> None:
    """Only where there is nothing better: the HTML it was made from, else its own words."""
    words = read_rtf(unpacked(rich))
    found.html = words.html
    found.text = found.text or words.text


def _take_file(held: WrappedFile, name: int, value: bytes, code_page: str) -> None:
    if name == _FILE_TITLE and not held.name:
        held.name = _words(value, code_page)
    elif name == _FILE_DATA:
        held.data = value
    elif name == _FILE:
        _take_file_properties(held, value, code_page)


def _take_file_properties(held: WrappedFile, block: bytes, code_page: str) -> None:
    names: dict[int, str] = {}
    for name, kind, value in _properties(block):
        if name == _DATA and kind in {_BINARY, _OBJECT}:
            held.data = value[_INTERFACE_BYTES:] if kind == _OBJECT else value
        elif kind in {_STRING8, _UNICODE}:
            names[name] = _string(kind, value, code_page)
    held.name = names.get(_LONG_NAME) or held.name or names.get(_SHORT_NAME) or names.get(_SHOWN_NAME, "")
    held.content_type = names.get(_MIME_TYPE, "").lower()
    held.content_id = names.get(_CONTENT_ID, "").strip("<>")


def _properties(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Name, type and first value of each property (MS-OXTNEF §2.1.3.4)."""
    (count,) = _NUMBER.unpack_from(block)
    position = _NUMBER.size
    for _ in range(min(count, MAX_PROPERTIES)):
        kind, name = struct.unpack_from("<HH", block, position)
        position = _after_name(block, position + 4, name)
        values, single = 1, kind & ~_MULTIPLE
        if kind & _MULTIPLE or single in _TELLING:
            (values,) = _NUMBER.unpack_from(block, position)
            position += _NUMBER.size
        if values > MAX_VALUES:
            raise ValueError("too many values")
        first: bytes | None = None
        for _ in range(values):
            start, length = position, _SIZES.get(single, 0)
            if single in _TELLING:
                (length,) = _NUMBER.unpack_from(block, position)
                start += _NUMBER.size
            if start + length > len(block) or (not length and single not in _TELLING):
                raise ValueError("cut off")
            first = block[start : start + length] if first is None else first
            position = start + length + -length % 4
        yield name, single, first or b""


def _after_name(block: bytes, position: int, name: int) -> int:
    """Past the long name that properties from 0x8000 have: a set's id, then a number or a word."""
    if name < 0x8000:
        return position
    kind, length = struct.unpack_from("<II", block, position + 16)
    return position + 24 + (length + -length % 4 if kind else 0)


def _string(kind: int, value: bytes, code_page: str) -> str:
    if kind == _UNICODE:
        return value[: 4 * MAX_BODY_CHARACTERS].decode("utf-16-le", "replace").partition("\0")[0]
    return _words(value, code_page)


def _words(value: bytes, code_page: str) -> str:
    known = {"cp65001": "utf-8", "cp20127": "us-ascii", "cp28591": "latin-1", "cp936": "gb18030"}
    label = known.get(code_page, code_page)
    return charset.decode(value[: 4 * MAX_BODY_CHARACTERS].rstrip(b"\0"), label)[0].partition("\0")[0]
