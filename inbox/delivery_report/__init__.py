"""Which letters did not arrive, from the reports mail servers send: tidy (RFC 3464, RFC 5965) or not."""

from dataclasses import replace

from inbox.delivery_report import feedback, tidy, untidy
from inbox.delivery_report.values import DeliveryReport, FailedRecipient, ReportKind
from inbox.parse import ParsedMail

__all__ = ["DeliveryReport", "FailedRecipient", "ReportKind", "read"]


def read(mail: ParsedMail) -> DeliveryReport | None:
    """The report in the mail, by the first reader that finds one; None for any other mail."""
    report = feedback.read(mail) or tidy.read(mail)
    if report is None or report.recipients or report.kind is ReportKind.ARF:
        return report or untidy.read(mail)
    # A status part without recipients: the prose beside it may name them.
    told = untidy.read(mail)
    return replace(report, recipients=told.recipients) if told else report
