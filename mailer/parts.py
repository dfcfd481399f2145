"""MIME parts as bytes: text in the cheaper transfer encoding, enclosures in base64, boundaries from a seed.

A body never holds a line ending other than CRLF, a bare dot or a line over 76 characters, so no server can read an end
of message into it (SMTP smuggling).
"""

import hashlib
import re
from binascii import b2a_base64, b2a_qp
from dataclasses import dataclass
from urllib.parse import quote

from mailer.headers import FOLD, HeaderRefused, refuse_controls

BASE64_BYTES = 57  # 76 characters, RFC 2045 §6.8
CONTENT_TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(?:; ?[A-Za-z0-9-]+=[A-Za-z0-9.+_-]+)*")
ASCII_BYTES = bytes(range(128))
EXTENSION_VALUE = "!#$&+-.^_`|~"  # RFC 5987 attr-char, beside letters and digits


@dataclass(frozen=True, kw_only=True, slots=True)
class Enclosure:
    """A file that goes with a letter."""

    name: str
    content_type: str  #: with its parameters: `text/calendar; method=PUBLISH; charset=utf-8`
    data: bytes
    content_id: str = ""  #: without brackets; set for a picture the HTML shows as `cid:…`


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    head: bytes  #: Content-* fields, each ended by CRLF
    body: bytes  #: ended by CRLF


def text_part(subtype: str, text: str) -> Part:
    """A text part in UTF-8: quoted-printable for Latin, base64 where most letters would cost three signs a byte."""
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    if not raw.endswith(b"\n"):
        raw += b"\n"
    beyond_ascii = len(raw.translate(None, ASCII_BYTES))
    # Each such byte costs two signs more in quoted-printable; base64 costs a third of everything.
    if beyond_ascii * 6 > len(raw):
        encoding, body = b"base64", _base64(raw.replace(b"\n", b"\r\n"))  # RFC 2045 §6.8: canonical first
    else:
        encoding, body = b"quoted-printable", b2a_qp(raw, istext=True).replace(b"\n", b"\r\n")
    head = b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: %s\r\n'
    return Part(head=head % (subtype.encode("ascii"), encoding), body=body)


def multipart(subtype: str, seed: str, parts: tuple[Part, ...]) -> Part:
    """*parts* in one multipart. Its boundary comes from *seed* and cannot occur in quoted-printable or base64 text."""
    boundary = b"=_" + hashlib.sha256(f"{subtype}/{seed}".encode()).hexdigest()[:32].encode("ascii")
    pieces = [b"--%s\r\n%s\r\n%s" % (boundary, part.head, part.body) for part in parts]
    head = b'Content-Type: multipart/%s;\r\n boundary="%s"\r\n' % (subtype.encode("ascii"), boundary)
    return Part(head=head, body=b"".join(pieces) + b"--%s--\r\n" % boundary)


def enclosed(enclosure: Enclosure) -> Part:
    """The file in base64: an attachment, or a picture of the HTML part when it has a content id."""
    kind = refuse_controls("enclosure.content_type", enclosure.content_type)
    if not CONTENT_TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        raise HeaderRefused("enclosure.content_type", f"{kind!r} is no content type such as application/pdf")
    lines = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"]
    if enclosure.content_id:
        content_id = refuse_controls("enclosure.content_id", enclosure.content_id)
        if not re.fullmatch(r"[!-;=?-~]{1,70}", content_id):
            raise HeaderRefused("enclosure.content_id", "is not a content id")
        lines += [f"Content-ID: <{content_id}>", "Content-Disposition: inline"]
    else:
        lines.append("Content-Disposition: attachment;\r\n " + _filename(_named(enclosure, kind)))
    return Part(head=("\r\n".join(lines) + "\r\n").encode("ascii"), body=_base64(enclosure.data))


def _named(enclosure: Enclosure, kind: str) -> str:
    name = refuse_controls("enclosure.name", enclosure.name).strip() or "file"
    # A calendar opens with a tap only when its name says so.
    return f"{name}.ics" if kind.startswith("text/calendar") and not name.lower().endswith(".ics") else name


def _filename(name: str) -> str:
    """The name as a MIME parameter; outside plain ASCII, or when long, by RFC 2231 §3 and §4."""
    if re.fullmatch(r"[A-Za-z0-9 ()+,._-]{1,60}", name):
        return f'filename="{name}"'
    signs = [quote(sign, safe=EXTENSION_VALUE) for sign in name]
    chunks, room = [""], FOLD - len(" filename*00*=utf-8'';")
    for sign in signs:
        if len(chunks[-1]) + len(sign) > room:
            chunks.append("")
        chunks[-1] += sign
    if len(chunks) == 1:
        return f"filename*=utf-8''{chunks[0]}"
    first, *others = chunks
    return ";\r\n ".join([f"filename*0*=utf-8''{first}", *(f"filename*{n}*={c}" for n, c in enumerate(others, 1))])


def _base64(data: bytes) -> bytes:
    whole = b2a_base64(data, newline=False)
    step = BASE64_BYTES // 3 * 4
    return b"".join([whole[start : start + step] + b"\r\n" for start in range(0, len(whole), step)]) or b"\r\n"
