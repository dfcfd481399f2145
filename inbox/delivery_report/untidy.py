"""A delivery failure told in prose, by dozens of mail servers in as many ways.

What they share is read, not their wording: who sent it, an address where the notice names it (alone on a line, before
or after a reply code, in a quoted RCPT command), and never an address of the sender or of the one who tells.
"""

import email
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from flufl.bounce import all_failures

from inbox.addresses import addr_spec, loose_addresses
from inbox.delivery_report import returned
from inbox.delivery_report.tidy import fields_in, is_temporary_code, status_in, unique
from inbox.delivery_report.values import DeliveryReport, FailedRecipient, ReportKind
from inbox.parse import ParsedMail
from inbox.trim import html

MAX_RAW_BYTES = 256 * 1024
_SERVER = re.compile(
    r"(?:mailer-?daemon|postmaster|mail-?daemon|mdaemon|maildaemon|mail-delivery|mail\.delivery|bounces?|system-daemon"
    r"|mailsystem|mail-system|mailadministrator|uucp|daemon|amavis|smtp-?daemon|mailerdaemon)(?:[+-][\w.-]*)?@?",
    re.IGNORECASE,
)
_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
_SUBJECT = re.compile("|".join(_WORDS["subject"]), re.IGNORECASE)
_NOTICE = re.compile("|".join(_WORDS["notice"]), re.IGNORECASE)
_SERVICE = re.compile(r"smtp|mail|system|service|no-?reply|deliver|notif|daemon|admin|error", re.IGNORECASE)
_DELAY = re.compile(
    r"delay|will be retried|not yet been delivered|still trying|will (?:continue|keep) (?:to )?try|warning message only"
    r"|do not need to resend|temporar",
    re.IGNORECASE,
)
_GIVES_UP = re.compile(r"permanent|giving up|given up|no further|not going to try|fatal|too long|failed", re.IGNORECASE)
_ADDRESS = r"[\w!#$%&'*+/=?^`{|}~.-]{1,128}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}"
_ANY = re.compile(rf"({_ADDRESS})")
# An address opens the line, after nothing but blanks, quotes, brackets or a bullet.
_OPENS_LINE = re.compile(rf"[\s<\"'(\[*>•-]{{0,40}}({_ADDRESS})")
_NAMED = re.compile(
    rf"(?<!\w)(?:rcpt(?: to)?|recipients?|addressee?|address(?:es)?|users?|userid|mailbox|account|attempts|to|for"
    rf"|an|à|para)"
    rf"(?:\(e?s\))?\s?(?:was|is|full)?(?:\s?[:=]\s{{0,4}}|\s{{1,4}}|(?=<))[<\"'(\[]{{0,2}}({_ADDRESS})",
    re.IGNORECASE,
)
# The notice repeats the letter's own headers: To, then Subject within a few lines.
_ADDRESS_HEADER = re.compile(r"\s{0,20}(?:to|cc|from|reply-to|sender|message-?id)\s?:", re.IGNORECASE)
_OTHER_HEADER = re.compile(r"\s{0,20}(?:cc|subject|sent|date)\s?:", re.IGNORECASE)
_CODE = re.compile(
    r"(?<![\d.])[45]\d\d(?:[ -]|$)|[45]\.\d{1,3}\.\d{1,3}|user unknown|unknown (?:user|host)|mailbox full",
    re.IGNORECASE,
)
_NOT_RECIPIENT = re.compile(
    r"mail from|from\s?[:=]|sender|return-path|reply-to|message-id|contact|helpdesk|support|generated from"
    r"|mailto:|via |report to|by [\w.-]+ with",
    re.IGNORECASE,
)
_ROLE = re.compile(r"(?:postmaster|mailer-daemon|abuse|helpdesk|support|noreply|no-reply|hostmaster)@", re.IGNORECASE)


def looks_sent_by_a_server(mail: ParsedMail) -> bool:
    """Whether a mail server sent it: by its name, or by a null return path together with a failure's words."""
    sender = (mail.headers.one("From") or "").lower()
    address = mail.author or next(iter(loose_addresses(sender)), sender.strip(" <>"))
    if _SERVER.match(address) or mail.headers.one("X-Failed-Recipients"):
        return True
    path = (mail.headers.one("Return-Path") or "").strip(" <>").lower()
    null_path = mail.headers.one("Return-Path") is not None and (not path or bool(_SERVER.match(path)))
    by_name = re.search(r"mailer[- ]?daemon|mail delivery|postmaster|mail administrator|delivery subsystem", sender)
    if (null_path or by_name) and _SUBJECT.search(mail.subject):
        return True
    return _returns_a_letter(mail)


def _returns_a_letter(mail: ParsedMail) -> bool:
    """Whether a program under another name says so in the subject, names a refused address and adds the letter.

    A person who hands on such a report has a name of a person, and answers or forwards (Re:, Fwd:).
    """
    if mail.referenced_ids or ":" in mail.subject[:5] or not _SUBJECT.search(mail.subject):
        return False
    if not _SERVICE.search((mail.author or "").partition("@")[0]):
        return False
    found = returned.split(mail, mail.text)
    return bool(found.letter and _NOTICE.search(found.notice) and any(_named_plainly(found.notice)))


def read(mail: ParsedMail) -> DeliveryReport | None:
    """The failure told in the mail; None unless a server sent it and tells of one."""
    if not looks_sent_by_a_server(mail):
        return None
    text = mail.text if mail.text.strip() else html.to_lines(mail.html)[0] if mail.html else ""
    found = returned.split(mail, text)
    told = bool(_SUBJECT.search(mail.subject) or _NOTICE.search(found.notice))
    if not told and not mail.headers.one("X-Failed-Recipients"):
        return None
    recipients = _recipients(mail, found, text)
    return DeliveryReport(kind=ReportKind.UNTIDY, recipients=recipients, original_message_id=found.message_id())


def _recipients(mail: ParsedMail, found: returned.Returned, text: str) -> tuple[FailedRecipient, ...]:
    """The failed addresses by the surest source that has any."""
    header = loose_addresses(mail.headers.one("X-Failed-Recipients") or "")
    if header:
        return tuple(_judged(address, found.notice) for address in dict.fromkeys(header))
    fields = fields_in(text)
    if fields:
        return fields
    ours = _not_theirs(mail)
    for source in (_named_plainly, _named_at_all):
        addresses = [address for address in dict.fromkeys(source(found.notice)) if address.lower() not in ours]
        if addresses:
            return tuple(_judged(address, found.notice) for address in addresses)
    failures = _by_library(mail)
    if failures:
        return failures
    to = loose_addresses(found.to())
    return tuple(_judged(address, found.notice) for address in to[:1])


def _not_theirs(mail: ParsedMail) -> set[str]:
    """Addresses that tell or are told: never the ones that failed."""
    told = {r.address.lower() for r in mail.recipients if r.header in ("To", "Cc", "Delivered-To")}
    path = addr_spec((mail.headers.one("Return-Path") or "").strip(" <>"))
    return told | {address.lower() for address in (mail.author, path) if address}


def _named_plainly(notice: str) -> Iterator[str]:
    lines = notice.split("\n")
    for number, line in enumerate(lines):
        if len(line) > 2_000 or "@" not in line or _is_echoed(lines, number):
            continue
        named = _OPENS_LINE.match(line) or _NAMED.search(line) or (_ANY.search(line) if _CODE.search(line) else None)
        if named and not _NOT_RECIPIENT.search(line[: named.start(1)]) and not _ROLE.match(named[1]):
            address = addr_spec(named[1].strip(".'`"))
            if address:
                yield address


def _is_echoed(lines: list[str], number: int) -> bool:
    """Whether the line is a header of the letter that the notice is about."""
    if not _ADDRESS_HEADER.match(lines[number]):
        return False
    return any(_OTHER_HEADER.match(line) for line in lines[number + 1 : number + 4])


def _named_at_all(notice: str) -> Iterator[str]:
    for match in _ANY.finditer(notice[:16_000]):
        address = addr_spec(match[1].strip(".'`"))
        if address and not _ROLE.match(address):
            yield address


def _judged(address: str, notice: str) -> FailedRecipient:
    """The address with what the lines near it say of its status."""
    at = notice.find(address)
    near = notice[max(0, at - 200) : at + 600] if at >= 0 else notice[:2_000]
    after = notice[at : at + 600] if at >= 0 else near
    status = status_in(after) or status_in(near)
    if status:
        return FailedRecipient(address=address, permanent=status[0] != "4", status=status)
    temporary = is_temporary_code(after)
    if temporary is None:
        temporary = bool(_DELAY.search(notice[:4_000])) and not _GIVES_UP.search(notice[:4_000])
    return FailedRecipient(address=address, permanent=not temporary)


def _by_library(mail: ParsedMail) -> tuple[FailedRecipient, ...]:
    """What flufl.bounce's detectors know of the rest; nothing for mail that is large or damaged."""
    if mail.problems or len(mail.raw) > MAX_RAW_BYTES:
        return ()
    try:
        temporary, permanent = all_failures(email.message_from_bytes(mail.raw))
    except Exception:  # noqa: BLE001 - detectors for other people's damage raise what they like; none of it is ours
        return ()
    found = [FailedRecipient(address=_text(a), permanent=True) for a in sorted(permanent)]
    found += [FailedRecipient(address=_text(a), permanent=False) for a in sorted(temporary)]
    return unique(found)


def _text(address: bytes) -> str:
    return address.decode("ascii", "replace")
