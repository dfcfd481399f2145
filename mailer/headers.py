"""Header fields as bytes: folded, encoded and checked by us, because the standard library bends some of them.

`email.policy.SMTP` writes long unstructured tokens as encoded words (List-Unsubscribe then fails silently) and, in
Python 3.11.7, turns a decoded line break into a new header line (CVE-2024-6923). Here a control character is refused
before anything is written, and `check_header_block` looks once more at the finished bytes.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable
from functools import lru_cache

from mailer.address import AddressRefused, wire_address
from school.errors import PermanentError

FOLD = 78  # RFC 5322 §2.1.1: lines should be no longer
MAX_LINE = 998  # RFC 5322 §2.1.1: lines must not be longer
MAX_ENCODED_WORD = 75  # RFC 2047 §2
MAX_REFERENCES = 10

# C0, DEL, C1 (with NEL) and the two Unicode line ends: each breaks lines in some program. Lone surrogates are no text.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
MESSAGE_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
URI = re.compile(r"(?:https|mailto):[!-;=?-~]+")
TOKEN = re.compile(r"[!-~]+(?: [!-~]+)*")
LIST_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
FIELD_LINE = re.compile(rb"([!-9;-~]+):[ -~]*")
CONTINUATION = re.compile(rb"[ \t][\t -~]*[!-~][\t -~]*")
Q_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 §5 (3)


class HeaderRefused(PermanentError):  # noqa: N818 - it names what became of the header
    """A header field cannot be written as asked; *field* names it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


def refuse_controls(field: str, text: str) -> str:
    """*text* itself; HeaderRefused when it holds a line break or another control character."""
    if found := CONTROLS.search(text):
        raise HeaderRefused(field, f"holds the control character U+{ord(found[0]):04X}: remove it")
    return text


def without_controls(text: str) -> str:
    """Somebody else's text made fit for a header: each control character becomes a space."""
    return " ".join(CONTROLS.sub(" ", text).split())


@lru_cache(maxsize=1024)  # a run has one subject per language and one sender
def unstructured(name: str, field: str, text: str) -> bytes:
    """A field of free text, such as Subject. Foldable at spaces; otherwise in encoded words (RFC 2047)."""
    words = refuse_controls(field, text).split(" ")
    if _plain(text, words):
        return _folded(name, words)
    return _folded(name, _encoded_words(text, FOLD - len(name) - 2))


def mailbox(name: str, field: str, shown: str, address: str) -> bytes:
    """A field with exactly one mailbox: `"Ms Horn via School" <answers@school.example>`."""
    wire = _wire(field, address)
    refuse_controls(f"{field}_name", shown)
    if not shown.strip():
        return _folded(name, [wire])
    return _folded(name, [*_phrase(name, shown), f"<{wire}>"])


def token(name: str, field: str, value: str) -> bytes:
    """A structured field of printable ASCII, never in encoded words (RFC 2047 §5)."""
    refuse_controls(field, value)
    if not TOKEN.fullmatch(value):
        raise HeaderRefused(field, "takes printable ASCII only")
    return _folded(name, value.split(" "))


def message_id(name: str, field: str, value: str) -> bytes:
    """A field with our own Message-ID, given without angle brackets."""
    refuse_controls(field, value)
    if not MESSAGE_ID.fullmatch(value) or len(value) > MAX_LINE - 4:
        raise HeaderRefused(field, "is not a Message-ID (left@right, no spaces, no brackets)")
    return _folded(name, [f"<{value}>"])


def message_ids(name: str, field: str, values: Iterable[str]) -> bytes:
    """A field of Message-IDs, nothing when none is left.

    Other programs' damaged ids are left out: quoting them would damage ours. At most ten ids and 998 characters: the
    first is our own anchor, the nearest ones thread the conversation.
    """
    seen = dict.fromkeys(refuse_controls(field, value).strip("<> ") for value in values)
    ids = [f"<{value}>" for value in seen if MESSAGE_ID.fullmatch(value) and len(value) <= MAX_LINE - 4]
    ids = ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]]
    while len(ids) > 1 and len(" ".join(ids)) > MAX_LINE:
        del ids[1]
    return _folded(name, ids) if ids else b""


def uris(name: str, field: str, values: Iterable[str]) -> bytes:
    """A field of URIs in angle brackets, one on a line (RFC 2369 §2)."""
    checked = []
    for value in values:
        refuse_controls(field, value)
        if not URI.fullmatch(value) or len(value) > MAX_LINE - 4:
            raise HeaderRefused(field, "is not an https: or mailto: address in printable ASCII")
        checked.append(f"<{value}>")
    joined = ",\r\n ".join(checked)
    return f"{name}: {joined}\r\n".encode("ascii") if checked else b""


def list_id(name: str, field: str, value: str) -> bytes:
    """`Weekly news <weekly.school.example>` or the id alone; a title outside ASCII is left out (RFC 2919 §2)."""
    title, _, bracketed = refuse_controls(field, value).rpartition("<")
    identifier = bracketed.strip("> ")
    if not LIST_ID.fullmatch(identifier) or len(identifier) > FOLD - 4:
        raise HeaderRefused(field, "is not a list id such as weekly.school.example")
    title = title.strip()
    words = title.split(" ") if title and ATOMS.fullmatch(title) and _plain(title, title.split(" ")) else []
    return _folded(name, [*words, f"<{identifier}>"])


def check_header_block(raw: bytes) -> None:
    """Raise HeaderRefused unless the header of *raw* is well formed: the last look before it leaves.

    Printable ASCII, CRLF line ends only, lines up to 998, no empty continuation, no field twice (RFC 5322 §3.6; only
    DKIM-Signature may repeat, and From and To must stand there).
    """
    block, separator, _ = raw.partition(b"\r\n\r\n")
    if not separator:
        raise HeaderRefused("header", "has no end")
    seen: set[bytes] = set()
    for line in block.split(b"\r\n"):
        if len(line) > MAX_LINE:
            raise HeaderRefused("header", "has a line longer than 998 characters")
        if CONTINUATION.fullmatch(line) and seen:
            continue
        found = FIELD_LINE.fullmatch(line)
        if not found:
            raise HeaderRefused("header", "has a line that is no header field")
        name = found[1].lower()
        if name in seen and name != b"dkim-signature":
            raise HeaderRefused(name.decode("ascii"), "stands twice in the header")
        seen.add(name)
    if not {b"from", b"to", b"date", b"message-id"} <= seen:
        raise HeaderRefused("header", "lacks From, To, Date or Message-ID")


def _wire(field: str, address: str) -> str:
    refuse_controls(field, address)
    wire = wire_address(address)
    if isinstance(wire, AddressRefused):
        raise HeaderRefused(field, wire.explanation)
    return wire


@lru_cache(maxsize=1024)
def _phrase(name: str, shown: str) -> tuple[str, ...]:
    """A display name as tokens: atoms, a quoted string (foldable at its spaces), or encoded words."""
    words = shown.split(" ")
    if not _plain(shown, words):
        return tuple(_encoded_words(shown, FOLD - len(name) - 2))
    if ATOMS.fullmatch(shown):
        return tuple(words)
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return tuple(f'"{escaped}"'.split(" "))


def _plain(text: str, words: list[str]) -> bool:
    """May *text* stand as it is: ASCII, single spaces, nothing too long to fold, nothing like an encoded word?"""
    return text.isascii() and "=?" not in text and all(0 < len(word) <= 60 for word in words)


def _folded(name: str, tokens: Iterable[str]) -> bytes:
    """The field with a line break before each token that would pass column 78."""
    lines: list[str] = []
    line = f"{name}:"
    for part in tokens:
        if len(line) + 1 + len(part) > FOLD and line:
            lines.append(line)
            line = f" {part}"
        else:
            line = f"{line} {part}"
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _encoded_words(text: str, first_width: int) -> list[str]:
    """*text* in words of RFC 2047, each at most 75 long and split between characters only (§5)."""
    quoted = ["_" if sign == " " else sign if sign in Q_PLAIN else _q(sign) for sign in text]
    if sum(map(len, quoted)) <= len(text.encode()) * 4 // 3 + 2:
        room = _rooms(first_width, MAX_ENCODED_WORD - len("=?utf-8?q??="))
        return [f"=?utf-8?q?{''.join(chunk)}?=" for chunk in _chunks(quoted, room)]
    room = [characters // 4 * 3 for characters in _rooms(first_width, MAX_ENCODED_WORD - len("=?utf-8?b??="))]
    chunks = _chunks([sign.encode().decode("latin-1") for sign in text], room)
    return [f"=?utf-8?b?{_base64(''.join(chunk))}?=" for chunk in chunks]


def _rooms(first_width: int, room: int) -> list[int]:
    """How many characters fit into the first encoded word, and into each later one."""
    return [min(first_width - len("=?utf-8?q??="), room), room]


def _chunks(pieces: list[str], room: list[int]) -> list[list[str]]:
    """*pieces* in groups whose joint length fits: the first group `room[0]`, the others `room[1]`."""
    chunks: list[list[str]] = [[]]
    left = room[0]
    for piece in pieces:
        if len(piece) > left:
            chunks.append([])
            left = room[1]
        chunks[-1].append(piece)
        left -= len(piece)
    return chunks


def _q(sign: str) -> str:
    return "".join(f"={byte:02X}" for byte in sign.encode())


def _base64(latin: str) -> str:
    return b2a_base64(latin.encode("latin-1"), newline=False).decode("ascii")
