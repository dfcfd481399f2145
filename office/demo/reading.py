"""Letters read as their receivers read them: the words a screen shows, the buttons, the headers."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from office.demo.clients.quoting import plain_text


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def html_of(raw: bytes) -> str:
    """The letter's HTML part; empty when it has none."""
    return _part(parsed(raw), "html")


def words_in(raw: bytes) -> str:
    """Every word the letter shows, in one line."""
    message = parsed(raw)
    return " ".join(plain_text(_part(message, "html") or _part(message, "plain"), link="").split())


def header(raw: bytes, name: str) -> str:
    return " ".join(str(parsed(raw)[name] or "").split())


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    if part is None or part.get_content_subtype() != subtype:
        return ""
    return str(part.get_content())
