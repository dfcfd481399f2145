"""What a parent attached: its name made safe, its type sniffed, and whether it may be handed on."""

import zipfile
from dataclasses import dataclass
from io import BytesIO

from inbox.limits import MAX_ATTACHMENT_BYTES

_OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = _OOXML + "wordprocessingml.document"
XLSX = _OOXML + "spreadsheetml.sheet"
#: What a school may get by mail: papers, photographs, plain text, office files without macros.
ALLOWED = frozenset({"application/pdf", "image/jpeg", "image/png", "image/heic", "text/plain", DOCX, XLSX})

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
)
_SAME = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/heif": "image/heic", "image/x-png": "image/png"}
# Programs that do not know a file's type say this; then the name's ending is the declaration.
_UNTOLD = frozenset({"application/octet-stream", "binary/octet-stream", "application/x-unknown"})
_BY_ENDING = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
    "txt": "text/plain",
    "docx": DOCX,
    "xlsx": XLSX,
}
_MAX_ZIP_ENTRIES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file of a mail; *reason* says why it is not *allowed*, and is empty when it is."""

    name: str
    declared_type: str
    sniffed_type: str
    data: bytes
    allowed: bool
    reason: str = ""
    decoration: bool = False  #: a logo, a quoted letter's picture: nothing the author meant to send (inbox/pictures.py)


def attachment(name: str, declared_type: str, data: bytes) -> Attachment:
    """The file with its verdict: on the list, of the type it says, within the size."""
    sniffed = sniff(data)
    reason = _objection(declared_type, name, sniffed, len(data))
    return Attachment(
        name=safe_name(name),
        declared_type=declared_type,
        sniffed_type=sniffed,
        data=data,
        allowed=not reason,
        reason=reason,
    )


def _objection(declared_type: str, name: str, sniffed: str, size: int) -> str:
    if size > MAX_ATTACHMENT_BYTES:
        return "attachment-too-large"
    declared = _SAME.get(declared_type, declared_type)
    ending = name.rpartition(".")[2].lower()
    if declared in _UNTOLD:
        declared = _BY_ENDING.get(ending, declared)
    if declared not in ALLOWED:
        return "type-not-allowed"
    if sniffed != declared:
        return "type-mismatch"
    return "" if _BY_ENDING.get(ending, declared) == declared else "name-mismatch"


_ENDINGS = {kind: ending for ending, kind in _BY_ENDING.items() if ending != "jpeg"}


def wrapped_name(file: Attachment) -> str:
    """The name under which it travels on: the ending is the one of its type, whatever the name says."""
    ending = file.name.rpartition(".")[2].lower()
    if _BY_ENDING.get(ending) == file.sniffed_type:
        return file.name
    return f"{file.name or 'file'}.{_ENDINGS[file.sniffed_type]}"


def sniff(data: bytes) -> str:
    """The type its first bytes show; application/octet-stream when they show none."""
    for magic, content_type in _MAGIC:
        if data.startswith(magic):
            return _inside_zip(data) if content_type == "application/zip" else content_type
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"):
        return "image/heic"
    return "text/plain" if _is_text(data[:4096]) else "application/octet-stream"


def _inside_zip(data: bytes) -> str:
    """Which office file the archive is; only its directory is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [info.filename for info in archive.infolist()[:_MAX_ZIP_ENTRIES]]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, UnicodeError):
        return "application/zip"
    if any(name.endswith("vbaProject.bin") for name in names):
        return "application/vnd.ms-office.macros"
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else "application/zip"


def _is_text(sample: bytes) -> bool:
    if b"\0" in sample or sample.lstrip()[:1] == b"<":
        return False
    return not any(byte < 9 or 13 < byte < 27 for byte in sample)


def safe_name(name: str) -> str:
    """The name as a label: no path, no control or direction characters, at most 120 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if character.isprintable() and character not in '<>:"|?*')
    return shown.strip(" .")[-120:]
