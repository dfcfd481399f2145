"""What a mail program knows of the letter it answers: its headers, its words, and where its buttons lead."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

from office.demo.clients.quoting import inside_body, plain_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """The letter being answered."""

    from_name: str
    from_address: str
    to_name: str
    to_address: str
    reply_to: str
    return_path: str  #: where a bounce goes; empty when the server noted none
    subject: str
    date: datetime | None
    message_id: str  #: with angle brackets, as an answer quotes it
    references: tuple[str, ...]
    head: bytes  #: the header block, as a bounce returns it
    text: str
    html: str  #: what stands inside `<body>`; empty for a plain letter

    @property
    def shown_from(self) -> str:
        return f"{self.from_name} <{self.from_address}>" if self.from_name else self.from_address

    @property
    def shown_to(self) -> str:
        return f"{self.to_name} <{self.to_address}>" if self.to_name else self.to_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """A mailto link of a letter, with the words a reader sees on and before it."""

    label: str
    address: str
    subject: str
    before: str  #: the text since the button before


def read_original(letter: bytes) -> Original:
    """The letter as a mail program shows it, read from its raw bytes."""
    message = message_from_bytes(letter, policy=policy.default)
    from_name, from_address = _mailbox(message, "From")
    to_name, to_address = _mailbox(message, "To")
    html = _content(message, "html")
    return Original(
        from_name=from_name,
        from_address=from_address,
        to_name=to_name,
        to_address=to_address,
        reply_to=_mailbox(message, "Reply-To")[1],
        return_path=_mailbox(message, "Return-Path")[1],
        subject=str(message["Subject"] or ""),
        date=parsedate_to_datetime(str(message["Date"])) if message["Date"] else None,
        message_id=str(message["Message-ID"] or "").strip(),
        references=tuple(str(message["References"] or "").split()),
        head=letter.replace(b"\r\n", b"\n").partition(b"\n\n")[0].replace(b"\n", b"\r\n") + b"\r\n",
        text=_content(message, "plain") or plain_text(html),
        html=inside_body(html),
    )


def mailto_addresses(letter: bytes) -> list[tuple[str, str]]:
    """(words on the button, address) of every mailto link of the letter, from top to bottom."""
    return [(button.label, button.address) for button in buttons(letter)]


def buttons(letter: bytes) -> list[Button]:
    """Every mailto link of the letter's HTML, from top to bottom."""
    reader = _Buttons()
    reader.feed(_content(message_from_bytes(letter, policy=policy.default), "html"))
    reader.close()
    return reader.found


def answer_buttons(digest: bytes) -> list[Button]:
    """The buttons of a digest that answer a message: the first one below each, not those that follow right after it."""
    return [button for button in buttons(digest) if button.before]


def section_button(letter: bytes, child_name: str) -> Button:
    """The first button that is about a child: the name stands on it, or nearest before it."""
    found = buttons(letter)
    for button in found:
        if child_name in button.label:
            return button
    for button in found:
        if child_name in button.before:
            return button
    raise LookupError(f"no button of this letter is about {child_name}: it has {[button.label for button in found]}")


class _Buttons(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Button] = []
        self._before: list[str] = []
        self._label: list[str] | None = None
        self._href = ""
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag in {"style", "script", "title"}:
            self._hidden += 1
        elif tag == "a" and href.lower().startswith("mailto:"):
            self._label, self._href = [], href

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script", "title"}:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "a" and self._label is not None:
            link = urlsplit(self._href)
            self.found.append(
                Button(
                    label=" ".join("".join(self._label).split()),
                    address=unquote(link.path),
                    # RFC 6068 §5: a plus sign in a mailto link is a plus sign, not a space.
                    subject=parse_qs(link.query.replace("+", "%2B")).get("subject", [""])[0],
                    before=" ".join("".join(self._before).split()),
                )
            )
            self._label, self._before = None, []

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            (self._before if self._label is None else self._label).append(data)


def _mailbox(message: EmailMessage, name: str) -> tuple[str, str]:
    return next(iter(getaddresses([str(message[name] or "")])), ("", ""))


def _content(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    if part is None or part.get_content_subtype() != subtype:
        return ""
    return str(part.get_content()).replace("\r\n", "\n")
