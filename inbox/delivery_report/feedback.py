"""A reader's complaint: a provider reports that its user called a letter spam (RFC 5965)."""

import re

from inbox.delivery_report import returned
from inbox.delivery_report.values import DeliveryReport, FailedRecipient, ReportKind
from inbox.parse import ParsedMail

_TYPE = re.compile(r"^feedback-type\s?:\s*([\w-]{1,40})", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(
    r"^(?:original-rcpt-to|x-hmxmroriginalrecipient|x-original-rcpt-to)\s?:\s*<?([^<>\s]{3,254})",
    re.IGNORECASE | re.MULTILINE,
)
# Microsoft's reports have no feedback part: they are the letter itself under this field (JMRP).
_MICROSOFT = re.compile(r"^x-hmxmroriginalrecipient\s?:", re.IGNORECASE | re.MULTILINE)


def read(mail: ParsedMail) -> DeliveryReport | None:
    """The complaint in the mail; None for any other mail."""
    report = next((part.text for part in mail.report_parts if part.content_type == "message/feedback-report"), "")
    if not report and mail.report_type != "feedback-report" and not _may_be_microsofts(mail):
        return None
    letter = returned.split(mail, mail.text)
    if not report and mail.report_type != "feedback-report" and not _MICROSOFT.search(letter.letter[:4_000]):
        return None
    kind = _TYPE.search(report)
    recipient = _RECIPIENT.search(report) or _RECIPIENT.search(letter.letter[:4_000])
    failed = (FailedRecipient(address=recipient[1], permanent=True),) if recipient and "@" in recipient[1] else ()
    return DeliveryReport(
        kind=ReportKind.ARF,
        recipients=failed,
        original_message_id=letter.message_id(),
        feedback_type=kind[1].lower() if kind else "abuse",
    )


def _may_be_microsofts(mail: ParsedMail) -> bool:
    """Is its field anywhere? Most mails are no reports, and looking for the returned letter takes its time."""
    texts = (mail.text, returned.attached(mail))
    return any("hmxmroriginalrecipient" in text[: returned.MAX_CHARACTERS].lower() for text in texts)
