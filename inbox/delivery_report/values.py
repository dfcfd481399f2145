"""The values of a delivery report."""

from dataclasses import dataclass
from enum import StrEnum


class ReportKind(StrEnum):
    """How the report is written."""

    DSN = "dsn"  #: fields for machines (RFC 3464)
    ARF = "arf"  #: a reader's complaint (RFC 5965)
    UNTIDY = "untidy"  #: prose


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecipient:
    """One address a letter did not reach."""

    address: str
    permanent: bool
    status: str = ""  #: RFC 3463, such as 5.1.1; empty when the report has none


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What a report says; *original_message_id* is the letter's, read from the part that came back."""

    kind: ReportKind
    recipients: tuple[FailedRecipient, ...] = ()
    original_message_id: str | None = None
    feedback_type: str = ""
