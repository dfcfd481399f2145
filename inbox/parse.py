"""A mail as values: `parse` answers for any bytes, and names what it had to cut or mend.

Nothing here raises. A limit or a damage becomes an entry in `ParsedMail.problems`, so that the mail is still filed
or shown to the office, and the mail after it is read.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from inbox import charset, limits
from inbox.addresses import loose_addresses, strict_mailboxes
from inbox.attachments import Attachment, attachment
from inbox.flowed import unflow
from inbox.headers import Headers, text_of
from inbox.mime import Part, content_type_of, walk
from inbox.pictures import Embedded, with_decoration
from inbox.server_words import ServerWord, server_words
from inbox.winmail import Winmail, read_winmail

#: Where a mail says whom it was for, the deliverer's own words first (inbound.md S2).
RECIPIENT_HEADERS = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Gm-Original-To",
    "To",
    "Cc",
    "Resent-To",
    "Resent-Cc",
)
_REPORT_TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/feedback-report",
        "message/disposition-notification",
        "text/rfc822-headers",
        "text/calendar",
    }
)
_WINMAIL_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_MAX_RECIPIENTS = 200
_MAX_REFERENCES = 200
_ANGLED = re.compile(r"<([^<>\s]{1,998})>")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address the mail was for, and the header that says so."""

    header: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPart:
    """A part made for machines: a delivery status, a feedback report, a receipt, a calendar answer, a returned mail."""

    content_type: str
    parameters: dict[str, str]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMail:
    """Everything one mail says, guarded; see each field."""

    headers: Headers
    author: str | None  #: the only mailbox of the only From; None when it could be read in two ways
    author_name: str
    subject: str
    date: datetime | None  #: aware
    message_id: str | None  #: without angle brackets
    referenced_ids: tuple[str, ...]  #: In-Reply-To, then References from the nearest
    recipients: tuple[Recipient, ...]
    content_type: str  #: of the whole mail
    report_type: str  #: of a multipart/report (RFC 6522), else empty
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    report_parts: tuple[ReportPart, ...]
    content_key: str
    problems: tuple[str, ...]
    server_words: tuple[
        ServerWord, ...
    ] = ()  #: what receiving servers say of the author; whom to believe is not asked here
    raw: bytes  #: as it came; for the readers of untidy delivery reports, which want the whole mail


def parse(raw: bytes) -> ParsedMail:
    """The mail as values, whatever the bytes."""
    problems: list[str] = []
    block = limits.header_block(raw, 0, len(raw))
    problems.extend(block.problems)
    if not block.fields:
        problems.append(limits.NO_HEADERS)
    headers = Headers(block.fields)
    content_type, parameters = content_type_of(headers)
    parts = _Parts(problems)
    for part in walk(raw, block.body_start, len(raw), headers, problems):
        parts.take(part)
    author, author_name = _author(headers)
    text, html = parts.bodies()
    return ParsedMail(
        headers=headers,
        author=author,
        author_name=author_name,
        subject=headers.one("Subject") or "",
        date=_date(headers, problems),
        message_id=next(iter(message_ids(_first(headers, "Message-ID"))), None),
        referenced_ids=referenced_ids(_first(headers, "References"), _first(headers, "In-Reply-To")),
        recipients=_recipients(headers),
        content_type=content_type,
        report_type=parameters.get("report-type", "").lower() if content_type == "multipart/report" else "",
        text=text,
        html=html,
        attachments=tuple(with_decoration(parts.attachments, parts.embedded, html)),
        report_parts=tuple(parts.reports),
        content_key=_content_key(raw, headers, author, text or html, parts.attachments),
        problems=tuple(dict.fromkeys(problems)),
        server_words=server_words(headers),
        raw=raw,
    )


def message_ids(value: str) -> tuple[str, ...]:
    """The ids of an id header, in order: between angle brackets, else whatever stands there without blanks.

    Exchange and iOS put commas between them; damaged ones are left out.
    """
    found = _ANGLED.findall(value)
    if not found:
        found = [word for word in re.split(r"[\s,<>]+", value) if "@" in word or (word and word == value.strip("<> "))]
    return tuple(found[:_MAX_REFERENCES])


def referenced_ids(references: str, in_reply_to: str) -> tuple[str, ...]:
    """Message-IDs this letter answers, nearest first, without angle brackets, each once."""
    return tuple(dict.fromkeys((*message_ids(in_reply_to), *reversed(message_ids(references)))))


class _Parts:
    """Sorts the leaves of a mail: what is read, what is kept as a file, what is for machines."""

    def __init__(self, problems: list[str]) -> None:
        self.attachments: list[Attachment] = []
        self.embedded: list[Embedded] = []  #: of each attachment
        self.reports: list[ReportPart] = []
        self._bodies: dict[str, list[tuple[tuple[int, ...], str]]] = {"text/plain": [], "text/html": []}
        self._wrapped = {"text/plain": "", "text/html": ""}  #: in winmail.dat
        self._problems = problems

    def take(self, part: Part) -> None:
        in_report = "multipart/report" in part.containers
        if part.content_type in _REPORT_TYPES or (in_report and part.content_type.startswith("message/")):
            self.reports.append(
                ReportPart(content_type=part.content_type, parameters=part.parameters, text=self._text(part))
            )
            if in_report or part.content_type != "text/calendar":
                return
        if part.content_type in self._bodies and part.disposition != "attachment" and not part.filename:
            self._take_body(part)
        elif part.raw.strip() and part.content_type != "text/calendar":
            self._keep(part)

    def bodies(self) -> tuple[str, str]:
        """The plain text and the HTML: the first of each alternative, parts that follow one another joined."""
        text, html = ("\n".join(text for _, text in held) for held in self._bodies.values())
        if text.strip() or html.strip() or not any(self._wrapped.values()):
            return text, html
        return self._wrapped["text/plain"], self._wrapped["text/html"]

    def _take_body(self, part: Part) -> None:
        bodies = self._bodies[part.content_type]
        if part.containers[-1:] == ("multipart/alternative",) and any(at == part.branch[:-1] for at, _ in bodies):
            return
        text = self._text(part)
        if part.content_type == "text/plain" and part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
        bodies.append((part.branch[:-1] if part.containers[-1:] == ("multipart/alternative",) else part.branch, text))

    def _keep(self, part: Part) -> None:
        name = part.filename or _default_name(part)
        if part.content_type in _WINMAIL_TYPES or name.lower() == "winmail.dat":
            wrapped = read_winmail(part.data())
            self._take_wrapped(wrapped)
            if not wrapped.damaged:
                return
            self._problems.append("winmail-unread")
        self.attachments.append(attachment(name, part.content_type, part.data()))
        self.embedded.append(
            Embedded(
                content_id=(part.headers.one("Content-ID") or "").strip(" <>"),
                location=part.headers.one("Content-Location") or "",
                inline=part.disposition == "inline",
            )
        )

    def _take_wrapped(self, wrapped: Winmail) -> None:
        """What Outlook wrapped: its files like any, its words where the mail has no other."""
        for held in wrapped.files:
            declared = held.content_type or "application/octet-stream"
            self.attachments.append(attachment(held.name or "attachment", declared, held.data))
            self.embedded.append(Embedded(content_id=held.content_id))
        for content_type, text in (("text/plain", wrapped.text), ("text/html", wrapped.html)):
            self._wrapped[content_type] = self._wrapped[content_type] or self._cleaned(text)

    def _text(self, part: Part) -> str:
        text, rescued = charset.decode(part.data(), part.charset)
        if rescued:
            self._problems.append(charset.RESCUED)
        return self._cleaned(text)

    def _cleaned(self, text: str) -> str:
        if len(text) > limits.MAX_BODY_CHARACTERS:
            self._problems.append(limits.BODY_TOO_LARGE)
            text = text[: limits.MAX_BODY_CHARACTERS]
        if "\r" in text:
            text = "\n".join(text.split("\r\n")).replace("\r", "\n")  # faster than one replacement more
        return text.replace("\0", "").removeprefix("\ufeff")


def _default_name(part: Part) -> str:
    if part.content_type == "message/rfc822":
        return "message.eml"
    return f"attachment.{part.content_type.rpartition('/')[2]}"


def _author(headers: Headers) -> tuple[str | None, str]:
    fields = headers.raw("From")
    if len(fields) != 1:
        return None, ""
    mailboxes = strict_mailboxes(text_of(fields[0]))
    if mailboxes is None or len(mailboxes) != 1:
        return None, headers.one("From") or ""
    return mailboxes[0].address, mailboxes[0].name


def _recipients(headers: Headers) -> tuple[Recipient, ...]:
    found: dict[Recipient, None] = {}
    for header in RECIPIENT_HEADERS:
        for value in headers.raw(header):
            for address in loose_addresses(text_of(value)):
                found[Recipient(header, address)] = None
                if len(found) >= _MAX_RECIPIENTS:
                    return tuple(found)
    return tuple(found)


def _first(headers: Headers, name: str) -> str:
    return headers.one(name) or ""


def _date(headers: Headers, problems: list[str]) -> datetime | None:
    value = headers.one("Date")
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value[:200])
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        date.astimezone(UTC)  # a year that no time zone can shift is no date
    except (ValueError, TypeError, OverflowError, IndexError):
        problems.append("bad-date")
        return None
    return date


def _content_key(raw: bytes, headers: Headers, author: str | None, text: str, attachments: list[Attachment]) -> str:
    """The same for every delivery of one mail: Received and Delivered-To differ, these do not.

    A mail with neither id nor date is known by its bytes alone: two of those that look alike are two mails.
    """
    pieces = [
        author or _first(headers, "From"),
        _first(headers, "Date"),
        _first(headers, "Message-ID"),
        _first(headers, "Subject"),
        text.strip(),
        *(hashlib.sha256(item.data).hexdigest() for item in attachments),
    ]
    if not _first(headers, "Date") and not _first(headers, "Message-ID"):
        pieces.append(hashlib.sha256(raw).hexdigest())
    digest = hashlib.sha256()
    for piece in pieces:
        data = piece.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
