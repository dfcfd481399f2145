"""Which pictures of a mail only decorate it: told by where the HTML shows them, then by how large they are shown.

A mail brings pictures nobody meant to send: the logo of a signature, those of the letter it quotes, a smile. They are
parts like a photograph. What tells them apart is whose line they stand in. A picture in quoted words, in a signature
or in legal text is not the author's; one among her own words is, unless it is as small as a logo. A picture that the
HTML does not show (an iPhone puts it between two texts) was attached by hand.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from inbox.attachments import Attachment
from inbox.trim import SpanKind, Trimmed, trim

#: What a signature's logo may weigh, and how far its shorter side may reach; a photograph is beyond one of them.
MAX_LOGO_BYTES = 50_000
MAX_LOGO_SIDE = 200
#: And its longer side: a strip cut out of a screenshot is as low as a logo, and says something.
MAX_LOGO_LENGTH = 400
#: In a signature also a banner or a portrait is decoration; a photograph added below it is not.
MAX_SIGNATURE_SIDE = 400
#: A smile, a sign before a telephone number, a counting pixel: nothing anybody would send for itself.
MAX_ICON_SIDE = 32

_IMAGE_TAG = re.compile(r"<img\b[^<>]{0,3000}>", re.IGNORECASE)
_SOURCE = re.compile(r"\bsrc\s{0,3}=\s{0,3}(?:\"([^\"]{0,1000})\"|'([^']{0,1000})'|([^\s\"'>]{1,1000}))", re.IGNORECASE)
_WIDTH = re.compile(r"\bwidth\s{0,3}[=:]\s{0,3}[\"']?\s{0,3}(\d{1,5})(?![\d.%])", re.IGNORECASE)
_HEIGHT = re.compile(r"\bheight\s{0,3}[=:]\s{0,3}[\"']?\s{0,3}(\d{1,5})(?![\d.%])", re.IGNORECASE)
# One sign of the private use area stands for a picture while the text around it is cut into spans.
_FIRST_SIGN, _SIGNS = 0xE000, 200
_ANY_SIGN = re.compile(f"[{chr(_FIRST_SIGN)}-{chr(_FIRST_SIGN + _SIGNS - 1)}]")
_HEAD_BYTES = 256 * 1024  # a JPEG tells its size behind what the camera noted
_SIZED_BY = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's start-of-frame markers, ITU-T T.81 table B.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """How one attachment offers itself to the HTML."""

    content_id: str = ""  #: without brackets
    location: str = ""
    inline: bool = False  #: Content-Disposition


@dataclass(frozen=True, slots=True)
class _Place:
    """One place where the HTML shows a picture."""

    kind: SpanKind
    width: int | None  #: as written there
    height: int | None


def with_decoration(attachments: Sequence[Attachment], embedded: Sequence[Embedded], html: str) -> list[Attachment]:
    """The attachments, those marked that only decorate the mail; *embedded* tells of each how it may be shown."""
    if not any(_offers(item, offer) for item, offer in zip(attachments, embedded, strict=True)):
        return list(attachments)
    places, has_words = _places(html)
    marked = [
        replace(item, decoration=_decorates(item, offer, places))
        for item, offer in zip(attachments, embedded, strict=True)
    ]
    if has_words or not all(item.decoration for item in marked):
        return marked
    # The mail says nothing and has nothing else: whoever sent it meant what is in it.
    return [replace(item, decoration=_is_icon(item, ())) for item in marked]


def _offers(item: Attachment, offer: Embedded) -> bool:
    return bool(offer.content_id or offer.location) and _is_picture(item)


def _is_picture(item: Attachment) -> bool:
    return item.declared_type.startswith("image/") or item.sniffed_type.startswith("image/")


def _decorates(item: Attachment, offer: Embedded, places: dict[str, list[_Place]]) -> bool:
    if not _offers(item, offer):
        return False
    shown = places.get(offer.content_id) or places.get(offer.location) or []
    if not shown:
        # Its HTML got lost on the way; or it was never shown, and only small ones are made to be.
        return offer.inline and bool(offer.content_id) and _is_logo(item, ())
    if _is_icon(item, shown):
        return True
    kinds = {place.kind for place in shown}
    if SpanKind.NEW in kinds:
        return _is_logo(item, shown)
    if SpanKind.QUOTED in kinds:
        return True
    side = _shorter_side(item, shown)
    return side is not None and side < MAX_SIGNATURE_SIDE


def _is_logo(item: Attachment, shown: Sequence[_Place]) -> bool:
    sizes = _sizes(item, shown)
    small = all(min(size) <= MAX_LOGO_SIDE and max(size) <= MAX_LOGO_LENGTH for size in sizes)
    return bool(sizes) and small and len(item.data) <= MAX_LOGO_BYTES


def _is_icon(item: Attachment, shown: Sequence[_Place]) -> bool:
    sizes = _sizes(item, shown)
    return bool(sizes) and all(max(size) <= MAX_ICON_SIDE for size in sizes)


def _shorter_side(item: Attachment, shown: Sequence[_Place]) -> int | None:
    """Of the largest showing; None when nothing tells how large the picture is."""
    return max((min(size) for size in _sizes(item, shown)), default=None)


def _sizes(item: Attachment, shown: Sequence[_Place]) -> list[tuple[int, int]]:
    """Width and height of each showing as far as they are known: as written beside it, else the picture's own."""
    own = picture_size(item.data)
    found = [_scaled(own, place) for place in shown] or [own]
    return [size for size in found if size is not None]


def _scaled(own: tuple[int, int] | None, place: _Place) -> tuple[int, int] | None:
    if place.width is not None and place.height is not None:
        return place.width, place.height
    if own is None or not all(own):
        return None
    if place.width is not None:
        return place.width, own[1] * place.width // own[0]
    if place.height is not None:
        return own[0] * place.height // own[1], place.height
    return own


# ---- where ----


def _places(html: str) -> tuple[dict[str, list[_Place]], bool]:
    """Where each picture is shown, by what its `src` names; and whether the author wrote any words of her own."""
    tags: list[re.Match[str]] = []

    def sign(tag: re.Match[str]) -> str:
        if len(tags) >= _SIGNS or not _source(tag[0]):
            return tag[0]
        tags.append(tag)
        return f"{tag[0]}{chr(_FIRST_SIGN + len(tags) - 1)}"

    trimmed = trim("", _IMAGE_TAG.sub(sign, _ANY_SIGN.sub("", html)))
    places: dict[str, list[_Place]] = {}
    for number, tag in enumerate(tags):
        kind = _kind_at(trimmed, trimmed.body.find(chr(_FIRST_SIGN + number)))
        width, height = _WIDTH.search(tag[0]), _HEIGHT.search(tag[0])
        place = _Place(kind, int(width[1]) if width else None, int(height[1]) if height else None)
        places.setdefault(_source(tag[0]), []).append(place)
    return places, bool(_ANY_SIGN.sub("", trimmed.new_text).strip())


def _source(tag: str) -> str:
    match = _SOURCE.search(tag)
    value = next((group for group in match.groups() if group), "") if match else ""
    if value[:4].lower() == "cid:":
        return unquote(value[4:])
    return value


def _kind_at(trimmed: Trimmed, position: int) -> SpanKind:
    """What the span at that place is; where it cannot be found, the author's words: in doubt it is hers."""
    spans = (span.kind for span in trimmed.spans if span.start <= position < span.end)
    return next(spans, SpanKind.NEW)


# ---- how large ----


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels by the picture's own head (PNG, GIF, JPEG); None for anything else."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack_from(">II", data, 16)
        if data.startswith(b"GIF8"):
            return struct.unpack_from("<HH", data, 6)
        return _jpeg_size(data) if data.startswith(b"\xff\xd8") else None
    except struct.error:
        return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    data, position = data[:_HEAD_BYTES], 2
    while True:  # until the data ends
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        mark, kind, length = struct.unpack_from(">BBH", data, position)
        if mark != 0xFF:
            return None
        if kind in _SIZED_BY:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        position += 2 + length
