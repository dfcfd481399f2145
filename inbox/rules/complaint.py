"""Does a provider report that its user called our letter spam?"""

from inbox import delivery_report
from inbox.context import Context
from inbox.delivery_report import ReportKind
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict


def check(mail: ParsedMail, _: Context) -> Verdict | None:
    """Complaint for a feedback report (RFC 5965), tidy or not."""
    report = delivery_report.read(mail)
    if report is None or report.kind is not ReportKind.ARF:
        return None
    return Verdict(Kind.COMPLAINT, "feedback-report", {"feedback": report.feedback_type})
