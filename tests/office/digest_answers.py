"""A teacher types inside the quoted digest, in a plain-text mail program that marks each quoted line."""

from datetime import datetime
from email import message_from_bytes, policy
from email.utils import format_datetime

from office.demo.clients.original import read_original


def inside(digest: bytes, words: dict[int, str], author: tuple[str, str], at: datetime, *, below: str = "") -> bytes:
    """The reply with *words* right under the quoted items of these numbers, and *below* at the very end."""
    original = read_original(digest)
    lines = [f"On {original.date:%d %b %Y}, {original.from_name} <{original.from_address}> wrote:"]
    number = 0
    for line in text_of(digest).split("\n"):
        lines.append(f"> {line}".rstrip())
        if line.startswith("["):
            number = int(line[1 : line.index("]")])
        if line.startswith("reply+") and number in words and words[number] not in lines:
            lines += ["", words[number], ""]
    body = "\r\n".join([*lines, *(["", below] if below else [])])
    head = (
        f"From: {author[0]} <{author[1]}>\r\nTo: {original.reply_to}\r\nSubject: Re: {original.subject}\r\n"
        f"Date: {format_datetime(at)}\r\nMessage-ID: <{abs(hash((body, at.isoformat())))}@school.test>\r\n"
        f"In-Reply-To: {original.message_id}\r\nReferences: {original.message_id}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return (head + body + "\r\n").encode()


def text_of(digest: bytes) -> str:
    part = message_from_bytes(digest, policy=policy.default).get_body(("plain",))
    return part.get_content().replace("\r\n", "\n")
