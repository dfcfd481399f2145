"""A teacher types inside the quoted digest, in a plain-text mail program that marks each quoted line."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

from office.demo.clients.original import answer_buttons, read_original


def inside(
    digest: bytes, words: dict[int, str], author: tuple[str, str], at: datetime, *, below: str = "", mark: str = ""
) -> bytes:
    """The reply with *words* right under the quoted items of these numbers, and *below* at the very end.

    *mark*: what the program puts before the typed lines as well.
    """
    original = read_original(digest)
    lines = [f"On {original.date:%d %b %Y}, {original.from_name} <{original.from_address}> wrote:"]
    number = 0
    for line in text_of(digest).split("\n"):
        lines.append(f"> {line}".rstrip())
        if line.startswith("["):
            number = int(line[1 : line.index("]")])
        if line.startswith("reply+") and number in words and words[number] not in lines:
            lines += [mark, mark + words[number], mark]
    body = "\r\n".join([*lines, *(["", below] if below else [])])
    head = (
        f"From: {author[0]} <{author[1]}>\r\nTo: {original.reply_to}\r\nSubject: Re: {original.subject}\r\n"
        f"Date: {format_datetime(at)}\r\nMessage-ID: <{abs(hash((body, at.isoformat())))}@school.test>\r\n"
        f"In-Reply-To: {original.message_id}\r\nReferences: {original.message_id}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return (head + body + "\r\n").encode()


def typed_into_html(raw: bytes, digest: bytes, under: dict[int, str], *, split: bool = False) -> bytes:
    """The HTML reply *raw* with words behind the buttons of items; *split*: the program ends and reopens its quote."""
    mail = message_from_bytes(raw, policy=policy.default)
    part = mail.get_body(("html",))
    if part is None:
        return raw
    html = part.get_content()
    answering = [button.address for button in answer_buttons(digest)]
    for number, words in under.items():
        at = html.find("</a>", html.find(answering[number - 1]))
        typed = f"<div>{words}</div>"
        typed = f"</td></tr></table></blockquote>{typed}<blockquote type=cite><table><tr><td>" if split else typed
        html = html[: at + 4] + typed + html[at + 4 :]
    made = EmailMessage(policy=policy.SMTP)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"):
        if mail[name]:
            made[name] = str(mail[name])
    made.set_content(html, subtype="html")
    return made.as_bytes()


def text_of(digest: bytes) -> str:
    part = message_from_bytes(digest, policy=policy.default).get_body(("plain",))
    return part.get_content().replace("\r\n", "\n")
