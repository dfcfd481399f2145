"""Bounces and complaints: counted on the one address the letter went to, never on a family, never told a teacher."""

from datetime import datetime

from inbox.delivery_report import DeliveryReport, FailedRecipient, ReportKind
from mailer.server_replies import Action, ServerReply, meaning
from office.logs import log
from office.wiring import House
from school.reply_address import Token
from storage.outbox import LetterRecord


def note_bounce(house: House, report: DeliveryReport, about: Token, now: datetime) -> None:
    """Count the report on the letter's own address; the table of server replies says when that address is closed."""
    letter = _letter(house, report, about)
    if letter is None:
        return
    if report.kind is ReportKind.ARF:
        house.health.suppress(letter.address, now, reason="reported our letters as unwanted")
        log("address.complained", level="warning", letter=letter.id, recipient=letter.recipient_id)
        return
    for failed in report.recipients[:1] or (FailedRecipient(address=letter.address, permanent=True),):
        _count(house, letter, failed, now)


def _letter(house: House, report: DeliveryReport, about: Token) -> LetterRecord | None:
    dispatch = house.outbox.dispatch(about.public_id)
    message_id = dispatch.message_id if dispatch else report.original_message_id
    return house.outbox.letter_by_message_id(message_id) if message_id else None


def _count(house: House, letter: LetterRecord, failed: FailedRecipient, now: datetime) -> None:
    said = meaning(ServerReply(code=550 if failed.permanent else 450, enhanced=failed.status))
    kind = "hard" if failed.permanent else "soft"
    trouble = house.health.record(letter.address, kind, failed.status, said.words, now)
    closes = said.action is Action.SUPPRESS or (said.action is Action.SUPPRESS_REPEATED and trouble.repeated)
    if failed.permanent and closes:
        house.health.suppress(letter.address, now, failed.status, said.words)
    log(
        "address.bounced",
        level="warning",
        letter=letter.id,
        recipient=letter.recipient_id,
        status=failed.status or kind,
        suppressed=str(failed.permanent and closes).lower(),
    )
