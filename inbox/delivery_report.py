"""Which letters did not arrive, from the reports mail servers send: tidy (RFC 3464, RFC 5965) or not."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from inbox.parse import ParsedMail


class ReportKind(StrEnum):
    """How the report is written."""

    DSN = "dsn"
    ARF = "arf"
    UNTIDY = "untidy"


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


def looks_sent_by_a_server(mail: ParsedMail) -> bool:
    return False


def read(mail: ParsedMail) -> DeliveryReport | None:
    return None
