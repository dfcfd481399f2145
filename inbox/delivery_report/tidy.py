"""A delivery status written for machines: recipient by recipient, action and status (RFC 3464)."""

import re
from collections.abc import Iterator

from inbox.addresses import loose_addresses
from inbox.delivery_report import returned
from inbox.delivery_report.values import DeliveryReport, FailedRecipient, ReportKind
from inbox.parse import ParsedMail

_FIELD = re.compile(r"([A-Za-z][\w-]{1,40})\s?:\s*(.{0,998})")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<!\d)([45])\d\d(?:[ -]|$)")
# The address we wrote to comes first: behind an alias the final one is another.
_RECIPIENT_FIELDS = ("original-recipient", "final-recipient", "x-actual-recipient")
#: Not failures: told because somebody asked to be told.
_GOOD_ACTIONS = frozenset({"delivered", "relayed", "expanded"})
MAX_RECIPIENTS = 500
MAX_CHARACTERS = 64 * 1024


def read(mail: ParsedMail) -> DeliveryReport | None:
    """The delivery status in the mail; None when it has none."""
    texts = [part.text for part in mail.report_parts if part.content_type.endswith("delivery-status")]
    if not texts:
        return None
    recipients = unique(list(_recipients("\n\n".join(texts)))[:MAX_RECIPIENTS])
    letter = returned.split(mail, mail.text)
    if not recipients and mail.report_type != "delivery-status":
        return None
    return DeliveryReport(kind=ReportKind.DSN, recipients=recipients, original_message_id=letter.message_id())


def fields_in(text: str) -> tuple[FailedRecipient, ...]:
    """Recipients from status fields that a program pasted into its prose."""
    return unique(list(_recipients(text))[:MAX_RECIPIENTS])


def unique(recipients: list[FailedRecipient]) -> tuple[FailedRecipient, ...]:
    """Each address once, the first word on it."""
    seen: dict[str, FailedRecipient] = {}
    for recipient in recipients:
        seen.setdefault(recipient.address.lower(), recipient)
    return tuple(seen.values())


def _recipients(text: str) -> Iterator[FailedRecipient]:
    for block in _blocks(text[:MAX_CHARACTERS]):
        action = block.get("action", "").split()[0].strip(";,").lower() if block.get("action", "").split() else ""
        if action in _GOOD_ACTIONS:
            continue
        address = next((found for name in _RECIPIENT_FIELDS if (found := _address(block.get(name, "")))), None)
        if address is None:
            continue
        status = status_in(block.get("status", "")) or status_in(block.get("diagnostic-code", ""))
        permanent = status[0] != "4" if status else action != "delayed"
        if action == "delayed":
            permanent = False
        yield FailedRecipient(address=address, permanent=permanent, status=status)


def status_in(text: str) -> str:
    """The first enhanced status code (RFC 3463) in the text; empty when there is none."""
    match = _STATUS.search(text)
    return match[1] if match else ""


def is_temporary_code(text: str) -> bool | None:
    """Whether the first SMTP reply code in the text is temporary; None when there is no code."""
    match = _SMTP_CODE.search(text)
    return None if match is None else match[1] == "4"


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """The fields of each paragraph, folded lines joined; a recipient field opens a new block even without a gap."""
    block: dict[str, str] = {}
    last = ""
    for line in text.split("\n"):
        match = _FIELD.match(line)
        if not line.strip():
            yield block
            block, last = {}, ""
        elif line[:1] in " \t" and last and match is None:
            block[last] += " " + line.strip()
        elif match or (match := _FIELD.match(line.strip())):
            name = match[1].lower()
            if name in _RECIPIENT_FIELDS and name in block:
                yield block
                block = {}
            last = name
            block.setdefault(name, match[2].strip())
    yield block


def _address(value: str) -> str | None:
    """The address of `rfc822; <eva@x>`; None for a type that is no mail address."""
    kind, semicolon, rest = value.partition(";")
    if semicolon and kind.strip().lower() not in ("rfc822", "utf-8", "smtp", "rfc-822"):
        rest = rest if "@" in rest else ""
    found = loose_addresses((rest if semicolon else value).strip())
    return found[0] if found else None
