"""The letter that comes back inside a report: as a part of its own, or pasted below the prose."""

import re
from dataclasses import dataclass

from inbox.parse import ParsedMail, message_ids

MAX_CHARACTERS = 64 * 1024
# Fields that no notice writes in its prose; one of them opens the returned headers.
_OPENS = re.compile(
    r"[>|\s]{0,6}(?:Received|Return-Path|DKIM-Signature|DomainKey-Signature|Message-ID|MIME-Version|X-[A-Za-z][\w-]{1,40}"
    r"|Delivered-To|Envelope-to|ARC-Seal|Authentication-Results|Content-Type)\s?:",
    re.IGNORECASE,
)
# Or a rule that says what is below it, for servers that return the text without its headers.
_ANNOUNCES = re.compile(
    r"\s{0,6}-{2,}\s?[^-]{0,40}?\b(?:copy of|original message|original mail|returned|unsent|enclosed|below this line"
    r"|message text|message header|header of the)",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[>|\s]{0,6}[A-Za-z][\w-]{1,40}\s?:")
_MESSAGE_ID = re.compile(r"^[>|\s]{0,6}message-id\s?:\s{0,4}(.{0,998})", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(r"^[>|\s]{0,6}(?:X-Envelope-To|X-Original-To|To)\s?:\s{0,4}(.{0,998})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Returned:
    """What the notice says itself, and the text of the letter it returns."""

    notice: str
    letter: str

    def message_id(self) -> str | None:
        """The id of the letter that came back."""
        match = _MESSAGE_ID.search(self.letter)
        return next(iter(message_ids(match[1])), None) if match else None

    def to(self) -> str:
        """The To line of the letter that came back; empty when there is none."""
        match = _TO.search(self.letter)
        return match[1] if match else ""


def split(mail: ParsedMail, text: str) -> Returned:
    """The notice's own words, and the returned letter from wherever it stands."""
    text = text[:MAX_CHARACTERS]
    lines = text.split("\n")
    letter = attached(mail)
    for number, line in enumerate(lines):
        if _ANNOUNCES.match(line) or (_OPENS.match(line) and _goes_on(lines[number + 1 : number + 5])):
            return Returned("\n".join(lines[:number]), letter or "\n".join(lines[number:]))
    return Returned(text, letter)


def _goes_on(lines: list[str]) -> bool:
    """Whether more headers, or the rest of this one, follow."""
    return any(_FIELD.match(line) or line.startswith((" ", "\t")) for line in lines)


def attached(mail: ParsedMail) -> str:
    """The letter that came back as a part of its own; empty when none did."""
    for part in mail.report_parts:
        if part.content_type in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            return part.text[:MAX_CHARACTERS]
    for attachment in mail.attachments:
        if attachment.declared_type in ("message/rfc822", "text/rfc822-headers"):
            return attachment.data[:MAX_CHARACTERS].decode("utf-8", "replace").replace("\r\n", "\n")
    return ""
