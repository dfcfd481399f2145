"""Bounces and complaints: which letter of ours they are about (RFC 3464, RFC 5965).

A report counts only with a return token of ours or our own Message-ID inside: anybody can write a report. No server
tries for a month (RFC 5321 §4.5.4.1: four or five days), so a return token counts no longer.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from inbox.delivery_report import DeliveryReport
from inbox.delivery_report import read as read_report
from inbox.parse import ParsedMail
from inbox.reading import Arrived, Reading, Result
from school.filing import Outcome
from school.letter import Dispatch
from school.message_id import token_of
from school.reply_address import Token, TokenKind, token_in_address

RETURN_PATH_LIFE = timedelta(days=30)


class Sent(Protocol):
    """What is asked of the letters kept."""

    def dispatch(self, public_id: int) -> Dispatch | None: ...


def report_result(opened: Outcome, arrived: Arrived, mail: ParsedMail, reading: Reading, sent: Sent) -> Result:
    """What a report says, and of which letter; about no letter of ours it changes nothing."""
    report = read_report(mail)
    token = _reported_letter(arrived, mail, report, reading)
    if token is not None and token.kind is TokenKind.BOUNCE and _too_old(token, arrived, sent):
        return Result(
            outcome=replace(opened, reasons=(*opened.reasons, "return-path-too-old")), mail=mail, report=report
        )
    if token is None:
        opened = replace(opened, reasons=(*opened.reasons, "not-about-a-letter-of-ours"))
    return Result(outcome=opened, mail=mail, report=report, reported=token)


def _too_old(token: Token, arrived: Arrived, sent: Sent) -> bool:
    letter = sent.dispatch(token.public_id)
    return letter is not None and letter.created + RETURN_PATH_LIFE < arrived.arrived


def _reported_letter(
    arrived: Arrived, mail: ParsedMail, report: DeliveryReport | None, reading: Reading
) -> Token | None:
    addresses = (*arrived.envelope_to, *(recipient.address for recipient in mail.recipients))
    for address in addresses:
        if is_return_path(address, reading):
            return token_in_address(address, reading.shape, reading.keys)
    inside = report.original_message_id if report is not None else None
    return token_of(inside, reading.keys) if inside else None


def is_return_path(address: str, reading: Reading) -> bool:
    """Is this one of our signed return paths (VERP)?"""
    token = token_in_address(address, reading.shape, reading.keys)
    return token is not None and token.kind is TokenKind.BOUNCE
