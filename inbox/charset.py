"""Text from the bytes of a part, whatever its label says."""

import codecs
import re

import charset_normalizer

RESCUED = "charset-rescued"

# What mail programs write, and what they mean by it: the larger set that contains the named one (WHATWG Encoding §4.2).
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "big5": "big5hkscs",
}
# Python's own codecs that no mail uses; some take quadratic time or read escapes.
_REFUSED = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_SAMPLE_BYTES = 4 * 1024
_FEW = 8
_HALF = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes, label: str | None) -> tuple[str, bool]:
    """The text, and whether the label was of no use: the declared charset, else UTF-8, else the likeliest."""
    text, rescued = _decoded(data, label)
    # UTF-7 and its like can write one half of a surrogate pair, which is no character and can be kept nowhere.
    return (text if text.isascii() else _HALF.sub("\ufffd", text)), rescued


def _decoded(data: bytes, label: str | None) -> tuple[str, bool]:
    codec = _codec(label)
    rescued = label is not None and codec is None
    for name in (codec, "utf-8"):
        if name is None:
            continue
        try:
            text = data.decode("utf-8" if name == "cp1252" and _is_utf8(data) else name)
        except (UnicodeError, ValueError):
            rescued = True
        else:
            return text, rescued
    return _likeliest(data), True


def _codec(label: str | None) -> str | None:
    """The codec the label means; None for an unknown or refused one."""
    try:
        found = codecs.lookup((label or "us-ascii").strip(" '\"").lower()[:40].replace("cp-", "cp"))
    except (LookupError, ValueError):
        return None
    if found.name in _REFUSED or not found._is_text_encoding:  # noqa: SLF001 - the only way to tell rot13 from a charset
        return None
    return _MEANT.get(found.name, found.name)


def _is_utf8(data: bytes) -> bool:
    """Whether 8-bit text labelled as ASCII or Latin-1 is UTF-8: other text almost never passes by chance."""
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _likeliest(data: bytes) -> str:
    sample = data[:_SAMPLE_BYTES]
    if _CONTROLS.search(sample):
        return data.decode("cp1252", "replace")  # not text; whatever can be read of it is shown
    if sum(byte > 127 for byte in sample) < _FEW:
        return data.decode("cp1252", "replace")  # a few accents in Latin letters: too little to guess from
    best = charset_normalizer.from_bytes(sample, steps=3, chunk_size=256).best()
    return data.decode(_MEANT.get(best.encoding, best.encoding) if best else "cp1252", "replace")
