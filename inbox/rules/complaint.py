"""Does a provider report that its user called our letter spam?"""

from inbox.context import Context
from inbox.delivery_report import feedback
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict


def check(mail: ParsedMail, _: Context) -> Verdict | None:
    """Complaint for a feedback report (RFC 5965), tidy or not."""
    report = feedback.read(mail)
    if report is None:
        return None
    return Verdict(Kind.COMPLAINT, "feedback-report", {"feedback": report.feedback_type})
