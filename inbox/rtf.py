"""Words from Outlook's rich text: unpacked (MS-OXRTFCP), then as the HTML it was made from (MS-OXRTFEX), or as text.

Outlook keeps the HTML of a mail inside its rich text, piece by piece; what rich text needs besides is marked and left
out here. No layout is read: only words, line ends and tags.
"""

import codecs
import re
import struct
from dataclasses import dataclass, field
from itertools import islice

MAX_RTF_BYTES = 512 * 1024  # unpacked; as much as of HTML is ever read
MAX_TOKENS = 200_000
MAX_GROUPS = 500
_HEADER = struct.Struct("<IIII")
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_RING = 4096
# What the ring holds before the first byte, MS-OXRTFCP §2.1.3.1.
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    r"\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\(?P<sign>[^a-zA-Z])"
    r"|(?P<bracket>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n\\]"
)
_SAID = {"par": "\n", "line": "\n", "tab": "\t", "cell": "\t", "row": "\n", "emdash": "—", "endash": "–"}
_SAID |= {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "sect": "\n"}
_SIGNS = {"~": "\u00a0", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
# Groups that hold no words of the text.
_UNREAD = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "listtable"})
# \fcharset of a font: the code page its bytes are in.
_CODE_PAGES = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 161: "cp1253", 162: "cp1254"}
_CODE_PAGES |= {163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250"}


@dataclass(frozen=True, slots=True)
class RichText:
    """The words of one rich text, as `text` or as `html`; the other is empty."""

    text: str = ""
    html: str = ""


def unpacked(data: bytes) -> bytes:
    """The rich text of a PR_RTF_COMPRESSED value, at most MAX_RTF_BYTES; ValueError when it is none."""
    if len(data) < _HEADER.size:
        raise ValueError("too short for rich text")
    _, _, kind, _ = _HEADER.unpack_from(data)
    if kind == _PLAIN:
        return data[_HEADER.size : _HEADER.size + MAX_RTF_BYTES]
    if kind != _COMPRESSED:
        raise ValueError("not Outlook's rich text")
    return _expand(data, _HEADER.size)


def _expand(data: bytes, position: int) -> bytes:
    """One bit a token, least first: a byte as it is, or two bytes that say where in the ring and how many (§2.2)."""
    out = bytearray(_START)
    base, end = len(_START), len(data)
    while position < end and len(out) < MAX_RTF_BYTES:
        control = data[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[position : position + 1]
                position += 1
                continue
            if position + 1 >= end:
                return bytes(out[base:])
            reference = data[position] << 8 | data[position + 1]
            position += 2
            back = (len(out) - (reference >> 4)) % _RING
            if not back:
                return bytes(out[base:])  # a reference to the place written next ends the text
            _repeat(out, back, (reference & 15) + 2)
    return bytes(out[base:])


def _repeat(out: bytearray, back: int, count: int) -> None:
    """Append *count* bytes from *back* bytes ago; what is being written may be read again."""
    start = len(out) - back
    piece = bytes(out[max(0, start) : max(0, start) + count])
    out += (piece * (count // len(piece) + 1))[:count]


def read_rtf(data: bytes) -> RichText:
    """The words; the HTML where the rich text was made from one."""
    reader = _Reader()
    for token in islice(_TOKEN.finditer(data[:MAX_RTF_BYTES].decode("latin-1")), MAX_TOKENS):
        reader.take(token)
    reader.flush()
    # Letters beyond the first 65,536 are written in two halves.
    words = "".join(reader.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return RichText(html=words) if reader.from_html else RichText(text=words)


@dataclass(slots=True)
class _Group:
    """What holds between two braces."""

    unread: bool = False
    tag: bool = False  #: inside {\*\htmltag}: the HTML as it was
    rtf_only: bool = False  #: between \htmlrtf and \htmlrtf0: what only rich text needs
    font: int = 0
    skip: int = 1  #: how many signs follow \u for readers that know no Unicode


@dataclass(slots=True)
class _Reader:
    out: list[str] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    from_html: bool = False
    code_page: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    bytes_read: bytearray = field(default_factory=bytearray)  #: of a letter that takes several
    font_defined: int = 0
    to_skip: int = 0
    starred: bool = False  #: the group began with \*: unread unless it is known
    too_deep: int = 0

    def take(self, token: re.Match[str]) -> None:
        if (byte := token["byte"]) is not None:
            self._byte(int(byte, 16))
            return
        if bracket := token["bracket"]:
            self._bracket(bracket)
        elif (word := token["word"]) is not None:
            self._word(word.lower(), token["number"])
        elif (sign := token["sign"]) is not None:
            self._sign(sign)
        elif (text := token["text"]) is not None:
            self._text(text)

    def flush(self) -> None:
        """The bytes read so far become letters."""
        if self.bytes_read:
            page = self.fonts.get(self.groups[-1].font, self.code_page)
            self._say(self.bytes_read.decode(page, "replace"))
            self.bytes_read.clear()

    def _byte(self, value: int) -> None:
        if self.to_skip:
            self.to_skip -= 1
        else:
            self.bytes_read.append(value)

    def _say(self, text: str) -> None:
        group = self.groups[-1]
        if not group.unread and not (self.from_html and group.rtf_only):
            self.out.append(text)

    def _bracket(self, bracket: str) -> None:
        self.flush()
        self.starred = False
        self.to_skip = 0
        if bracket == "{":
            if len(self.groups) > MAX_GROUPS:
                self.too_deep += 1
                return
            above = self.groups[-1]
            self.groups.append(_Group(above.unread, above.tag, above.rtf_only, above.font, above.skip))
        elif self.too_deep:
            self.too_deep -= 1
        elif len(self.groups) > 1:
            self.groups.pop()

    def _text(self, text: str) -> None:
        self.flush()
        if self.to_skip:
            skipped = min(self.to_skip, len(text))
            text, self.to_skip = text[skipped:], self.to_skip - skipped
        # Bytes above ASCII should be escaped; where they are not, they are in the code page, too.
        self._say(text if text.isascii() else text.encode("latin-1").decode(self.code_page, "replace"))

    def _sign(self, sign: str) -> None:
        self.flush()
        if sign == "*":
            self.starred = True
        elif self.to_skip:
            self.to_skip -= 1
        elif sign in _SIGNS:
            self._say(_SIGNS[sign])

    def _word(self, word: str, number: str | None) -> None:
        self.flush()
        group, value = self.groups[-1], int(number) if number else None
        starred, self.starred = self.starred, False
        if starred or word in _UNREAD:
            group.unread = not (word == "htmltag" and not group.unread)
            group.tag = word == "htmltag"
        elif word == "htmlrtf":
            group.rtf_only = value != 0
        elif word in _SAID:
            # The line ends of the HTML stand in its tags' groups as \par; outside them they are the rich text's own.
            self._say(_SAID[word])
        elif value is not None:
            self._set(group, word, value)
        if word == "fromhtml":
            self.from_html = True

    def _set(self, group: _Group, word: str, value: int) -> None:
        if word == "u":
            self._say(chr(value & 0xFFFF))  # a signed number
            self.to_skip = group.skip
        elif word == "uc":
            group.skip = min(max(value, 0), 8)
        elif word == "f":
            group.font = self.font_defined = value
        elif word == "fcharset" and value in _CODE_PAGES:
            self.fonts[self.font_defined] = _CODE_PAGES[value]
        elif word == "ansicpg":
            self.code_page = _code_page(value)


def _code_page(number: int) -> str:
    known = {65001: "utf-8", 936: "gb18030", 950: "big5hkscs", 10000: "mac-roman"}
    name = known.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"
