"""One guarded way to read a header, which answers for every mail and never raises."""

import binascii
import re
from dataclasses import dataclass, field

from inbox import charset

# RFC 2047 §2, a little wider: some programs leave blanks in the text. Bounded, so that it stays linear.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,2000})\?=")
_BLANKS = re.compile(r"[\x00-\x20\x7f\u0085\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one mail in their order; names match in any case, values are decoded and on one line."""

    fields: tuple[tuple[str, bytes], ...] = ()
    _by_name: dict[str, list[bytes]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """A mail is asked for some thirty fields, so they are sorted by name once."""
        for name, value in self.fields:
            self._by_name.setdefault(name.lower(), []).append(value)

    def raw(self, name: str) -> tuple[bytes, ...]:
        """Every value of the field as it came, unfolded."""
        return tuple(self._by_name.get(name.lower(), ()))

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the field, decoded, in order."""
        return tuple(decoded(value) for value in self.raw(name))

    def one(self, name: str) -> str | None:
        """The first value of the field, decoded; None when the mail has none."""
        values = self._by_name.get(name.lower())
        return decoded(values[0]) if values else None

    def names(self) -> tuple[str, ...]:
        """The names of all fields, in order, as written."""
        return tuple(name for name, _ in self.fields)


def text_of(value: bytes) -> str:
    """The raw value as text: UTF-8 (RFC 6532), else what old programs wrote; encoded words stay as they are."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def decoded(value: bytes) -> str:
    """The value with encoded words read and every control character turned into a blank (no header can hide in it)."""
    text = decode_words(text_of(value))
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _BLANKS.sub(" ", text).strip()


def decode_words(text: str) -> str:
    """The text with its encoded words read; neighbours of one charset are joined before decoding, since some
    programs cut a character in two (RFC 2047 §5 forbids it, yet they do).
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    position, pending, label = 0, b"", ""
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        name = match[1].partition("*")[0].lower()  # RFC 2231 §5: a language may follow
        if between.strip() or (pending and name != label):
            out.append(charset.decode(pending, label)[0] if pending else "")
            pending = b""
        if between.strip() or not position:
            out.append(between)
        pending, label, position = pending + _word_bytes(match[2], match[3]), name, match.end()
    if pending:
        out.append(charset.decode(pending, label)[0])
    return "".join(out) + text[position:]


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return data
