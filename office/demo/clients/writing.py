"""How an answer is written down: header lines, MIME parts and ids, each the way its mail program does it."""

import base64
import hashlib
import re
from binascii import b2a_qp
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from babel.dates import format_datetime as babel_datetime

from office.demo.clients.original import Original

FOLD = 76
BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#: An answer to an answer gets no second prefix.
PREFIX = re.compile(r"^\s*(?:re|aw|sv|rv|res|antwort|رد|回复|答复)\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """An attachment."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a person wants to say, before a mail program writes it down."""

    words: str
    author: tuple[str, str]  #: (name, address)
    at: datetime  #: aware; in the author's own time zone
    to: str
    original: Original | None  #: None: a new mail, begun with a button
    subject: str  #: for a new mail, or when the author changed it; empty: as the program makes it
    luck: str  #: where ids and boundaries come from: equal answers are equal bytes
    files: tuple[File, ...] = ()

    def subject_with(self, prefix: str) -> str:
        """The subject as typed, else the original's with the program's prefix."""
        if self.subject or self.original is None:
            return self.subject
        subject = self.original.subject
        return subject if PREFIX.match(subject) else f"{prefix}{subject}"

    def chance(self, label: str, length: int, alphabet: str = "0123456789abcdef") -> str:
        """*length* signs that look random and are not."""
        number = int.from_bytes(hashlib.sha512(f"{self.luck}/{label}".encode()).digest(), "big")
        signs = []
        for _ in range(length):
            number, place = divmod(number, len(alphabet))
            signs.append(alphabet[place])
        return "".join(signs)

    def uuid(self, label: str) -> str:
        digits = self.chance(label, 32)
        return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))

    def original_date(self, pattern: str, locale: str) -> str:
        """The original's date as the author's program writes it, in the author's own time."""
        if self.original is None or self.original.date is None:
            return ""
        return babel_datetime(
            self.original.date.astimezone(self.at.tzinfo), pattern, tzinfo=self.at.tzinfo, locale=locale
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A mail program."""

    name: str
    how: str  #: how it answers a letter, in a sentence
    language: str
    write: Callable[[Answer], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    head: tuple[str, ...]
    body: bytes


def message(headers: Iterable[tuple[str, str]], body: Part) -> bytes:
    """A finished mail with CRLF line ends; headers with no value are left out."""
    lines = [folded(name, value) for name, value in headers if value]
    return "\r\n".join([*lines, *body.head]).encode() + b"\r\n\r\n" + body.body


def common_headers(
    answer: Answer, message_id: str, prefix: str = "Re: ", chain: int = 20
) -> tuple[tuple[str, str], ...]:
    """What every program writes: who, to whom, when, what about, and which letter it answers (RFC 5322 §3.6.4)."""
    original = answer.original
    references = (*original.references, original.message_id)[-chain:] if original else ()
    return (
        ("From", mailbox(*answer.author)),
        ("To", mailbox(original.from_name if original else "", answer.to)),
        ("Subject", answer.subject_with(prefix)),
        ("Date", format_datetime(answer.at)),
        ("Message-ID", message_id),
        ("In-Reply-To", original.message_id if original else ""),
        ("References", " ".join(references)),
    )


def mailbox(name: str, address: str) -> str:
    if not name:
        return address
    if not name.isascii():
        return f"{Header(name, 'utf-8', maxlinelen=FOLD).encode(linesep=chr(13) + chr(10))} <{address}>"
    return f'"{name}" <{address}>' if re.search(r"[^\w\s'-]", name) else f"{name} <{address}>"


def folded(name: str, value: str) -> str:
    """One header field; over the width it is folded before a word, and words beyond ASCII are encoded (RFC 2047)."""
    if not value.isascii():
        value = Header(value, "utf-8", maxlinelen=FOLD, header_name=name).encode(linesep="\r\n")
        return f"{name}: {value}"
    line, lines = f"{name}:", []
    for word in value.split(" "):
        if len(line) + 1 + len(word) > FOLD and line.strip() != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line])


def text_part(subtype: str, text: str, charset: str = "utf-8", encoding: str = "", more: str = "") -> Part:
    """A text part; without *encoding* the one that fits the letters: none, quoted-printable or base64."""
    raw = text.replace("\n", "\r\n").encode(charset) + b"\r\n"
    encoding = encoding or fitting_encoding(text)
    head = [f'Content-Type: text/{subtype}; charset="{charset}"{more}']
    if encoding != "none":
        head.append(f"Content-Transfer-Encoding: {encoding}")
    return Part(head=tuple(head), body=encode(raw, encoding))


def encode(raw: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(raw).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        return b2a_qp(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return raw


def fitting_encoding(text: str) -> str:
    if text.isascii() and fits_a_line(text):
        return "none"
    beyond = sum(ord(sign) > 0x24F for sign in text)
    return "base64" if beyond * 4 > len(text) else "quoted-printable"


def fits_a_line(text: str) -> bool:
    """Is no line longer than a server takes (RFC 5322 §2.1.1)?"""
    return all(len(line.encode()) <= 998 for line in text.split("\n"))


def smallest_charset(text: str, *charsets: str) -> str:
    """The first of *charsets* that can write the text."""
    for charset in charsets[:-1]:
        try:
            text.encode(charset)
        except UnicodeEncodeError:
            continue
        return charset
    return charsets[-1]


def multipart(subtype: str, boundary: str, parts: Iterable[Part], more: str = "") -> Part:
    pieces = [
        f"--{boundary}\r\n".encode()
        + "\r\n".join(part.head).encode()
        + b"\r\n\r\n"
        + part.body.rstrip(b"\r\n")
        + b"\r\n"
        for part in parts
    ]
    head = (f'Content-Type: multipart/{subtype}; boundary="{boundary}"{more}',)
    return Part(head=head, body=b"".join(pieces) + f"--{boundary}--\r\n".encode())


def with_files(answer: Answer, body: Part, boundary: str) -> Part:
    """The body alone, or mixed with the attachments after it."""
    if not answer.files:
        return body
    files = (
        Part(
            head=(
                f'Content-Type: {file.content_type}; name="{file.name}"',
                f'Content-Disposition: attachment; filename="{file.name}"',
                "Content-Transfer-Encoding: base64",
            ),
            body=encode(file.data, "base64"),
        )
        for file in answer.files
    )
    return multipart("mixed", boundary, (body, *files))
