"""Does a mail server say that a letter did not arrive?"""

from inbox import delivery_report
from inbox.context import Context
from inbox.delivery_report import DeliveryReport
from inbox.delivery_report.untidy import looks_sent_by_a_server
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict


def check(mail: ParsedMail, context: Context) -> Verdict | None:
    """Bounce for a delivery report, or for what a server sends to a return path of ours."""
    report = delivery_report.read(mail)
    if report is not None:
        return Verdict(Kind.BOUNCE, f"{report.kind}-{_weight(report)}", _details(report))
    to_us = any(context.is_bounce_address(recipient.address) for recipient in mail.recipients)
    if to_us and looks_sent_by_a_server(mail):
        return Verdict(Kind.BOUNCE, "sent-to-return-path")
    return None


def _weight(report: DeliveryReport) -> str:
    if any(recipient.permanent for recipient in report.recipients):
        return "permanent"
    return "temporary" if report.recipients else "unknown"


def _details(report: DeliveryReport) -> dict[str, str]:
    first = next((recipient.status for recipient in report.recipients if recipient.status), "")
    return {"status": first, "recipients": str(len(report.recipients))}
