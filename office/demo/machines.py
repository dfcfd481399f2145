"""What machines send back to a letter: vacation notices, bounces, read receipts, calendar answers. Pure functions."""

import hashlib
from datetime import datetime, timedelta
from email.utils import format_datetime

from office.demo.clients.original import Original, read_original
from office.demo.clients.writing import Answer, Part, common_headers, mailbox, message, multipart, text_part

AWAY = "I am away until Monday and read my mail then."
POSTMASTER = "Mail Delivery System <MAILER-DAEMON@mx.example.org>"


def vacation_notice(
    letter: bytes, author: tuple[str, str], at: datetime, words: str = AWAY, *, exchange: bool = False
) -> bytes:
    """An absence notice. A Unix vacation says `Auto-Submitted: auto-replied`; Exchange its own headers as well."""
    answer = _answer(letter, author, at, words)
    if exchange:
        headers = (
            *common_headers(answer, f"<{answer.chance('id', 32)}@mail.example.org>", "Automatic reply: "),
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("X-MS-Exchange-Inbox-Rules-Loop", author[1]),
            ("MIME-Version", "1.0"),
        )
        html = f"<html><body><div>{words}</div></body></html>"
        parts = (text_part("plain", words), text_part("html", html))
        return message(headers, multipart("alternative", f"_000_{answer.chance('boundary', 20)}_", parts))
    headers = (
        *common_headers(answer, f"<{answer.chance('id', 32)}@mx.example.org>", "Auto: "),
        ("Auto-Submitted", "auto-replied (vacation)"),
        ("Precedence", "bulk"),
        ("MIME-Version", "1.0"),
    )
    return message(headers, text_part("plain", words))


def bounce(
    letter: bytes, address: str, status: str = "5.1.1", *, at: datetime, envelope_from: str = "", reason: str = ""
) -> bytes:
    """A delivery report (RFC 3464) from the server that could not deliver *letter* to *address*.

    It goes to the letter's envelope sender: *envelope_from*, else its Return-Path.
    """
    original = read_original(letter)
    chance = _chance(letter, address, at)
    reason = reason or ("no such user" if status.startswith("5.1") else "mailbox is full")
    code = "550" if status.startswith("5") else "452"
    failed = status.startswith("5")
    shown = (
        "This is the mail system at host mx.example.org.\n\nI'm sorry to have to inform you that your message could\n"
        f"not be delivered to one or more recipients.\n\n<{address}>: host mx.example.org said: "
        f"{code} {status} {reason}"
    )
    arrived = format_datetime(at - timedelta(seconds=4))
    per_message = f"Reporting-MTA: dns; mx.example.org\r\nArrival-Date: {arrived}\r\n"
    per_recipient = (
        f"Final-Recipient: rfc822; {address}\r\nAction: {'failed' if failed else 'delayed'}\r\nStatus: {status}\r\n"
        f"Remote-MTA: dns; mx.example.org\r\nDiagnostic-Code: smtp; {code} {status} {reason}\r\n"
    )
    report = _plain_part("message/delivery-status", f"{per_message}\r\n{per_recipient}".encode())
    returned = _plain_part("text/rfc822-headers", original.head)
    headers = (
        ("From", POSTMASTER),
        ("To", envelope_from or original.return_path),
        ("Subject", "Undelivered Mail Returned to Sender" if failed else "Delayed Mail (still being retried)"),
        ("Date", format_datetime(at)),
        ("Message-ID", f"<{at:%Y%m%d%H%M%S}.{chance[:12]}@mx.example.org>"),
        ("Auto-Submitted", "auto-replied"),
        ("MIME-Version", "1.0"),
    )
    parts = (text_part("plain", shown), report, returned)
    return message(headers, multipart("report", f"{chance[:12].upper()}/mx", parts, "; report-type=delivery-status"))


def read_receipt(letter: bytes, author: tuple[str, str], at: datetime) -> bytes:
    """A receipt that says the letter was shown (RFC 8098)."""
    answer = _answer(letter, author, at, "Your message was read.")
    original = read_original(letter)
    report = (
        f"Reporting-UA: example.org; Mail\r\nFinal-Recipient: rfc822;{author[1]}\r\n"
        f"Original-Message-ID: {original.message_id}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    )
    headers = (
        *common_headers(answer, f"<{answer.uuid('id')}@example.org>", "Read: "),
        ("MIME-Version", "1.0"),
    )
    parts = (
        text_part("plain", answer.words),
        _plain_part("message/disposition-notification", report.encode()),
    )
    more = "; report-type=disposition-notification"
    return message(headers, multipart("report", answer.chance("boundary", 24), parts, more))


def calendar_accept(letter: bytes, author: tuple[str, str], at: datetime, uid: str, title: str) -> bytes:
    """A calendar's own answer to an invitation (RFC 5546 §3.2.3): nobody typed it."""
    answer = _answer(letter, author, at, f"{author[0]} has accepted: {title}")
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Example//Calendar//EN",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{at:%Y%m%dT%H%M%S}Z",
        f"SUMMARY:{title}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{author[1]}",
        f"ORGANIZER:mailto:{answer.to}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    headers = (
        *common_headers(answer, f"<calendar-{answer.uuid('id')}@example.org>", "Accepted: "),
        ("MIME-Version", "1.0"),
    )
    parts = (
        text_part("plain", answer.words),
        text_part("calendar", "\n".join(lines), more="; method=REPLY"),
    )
    return message(headers, multipart("alternative", answer.chance("boundary", 24), parts))


def _answer(letter: bytes, author: tuple[str, str], at: datetime, words: str) -> Answer:
    original: Original = read_original(letter)
    return Answer(
        words=words,
        author=author,
        at=at,
        to=original.reply_to or original.from_address,
        original=original,
        subject="",
        luck=_chance(letter, mailbox(*author) + words, at),
    )


def _plain_part(content_type: str, body: bytes) -> Part:
    return Part(head=(f"Content-Type: {content_type}",), body=body)


def _chance(letter: bytes, what: str, at: datetime) -> str:
    return hashlib.sha256(letter + what.encode() + at.isoformat().encode()).hexdigest()
