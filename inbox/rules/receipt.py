"""Is it a read receipt or a calendar answer?"""

from inbox.context import Context
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict

_RECEIPT = "disposition-notification"
_ANSWERS = frozenset({"reply", "counter", "declinecounter", "refresh"})  # RFC 5546 §1.4


def check(mail: ParsedMail, _: Context) -> Verdict | None:
    """System for an MDN (RFC 8098), and for an iTIP answer (RFC 5546) sent by a calendar."""
    if mail.report_type == _RECEIPT or any(part.content_type.endswith(_RECEIPT) for part in mail.report_parts):
        return Verdict(Kind.SYSTEM, "read-receipt")
    for part in mail.report_parts:
        method = part.parameters.get("method", "").lower()
        if part.content_type == "text/calendar" and (method in _ANSWERS or "\nMETHOD:REPLY" in part.text.upper()):
            return Verdict(Kind.SYSTEM, "calendar-reply")
    return None
