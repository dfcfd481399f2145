"""What a server's answers say about the address itself: counted for the office, and the few that close it.

Only the table of server replies closes an address (mailer/server_replies.py). Everything else is counted: "mailbox full
since 3 May", until the address takes a letter again.
"""

import logging
from datetime import datetime
from typing import Protocol

from mailer.outcome import Decision, mailbox_trouble
from mailer.patience import patiently
from mailer.server_replies import Action
from school.sending import Claimed

log = logging.getLogger(__name__)


class Trouble(Protocol):
    @property
    def repeated(self) -> bool:
        """The trouble before was the same."""


class AddressStore(Protocol):
    """Where an address's trouble is noted."""

    def record(self, address: str, kind: str, code: str, reason: str, now: datetime) -> Trouble: ...
    def suppress(self, address: str, now: datetime) -> None: ...
    def forgive(self, address: str) -> bool: ...


def note_address(addresses: AddressStore, letter: Claimed, decision: Decision, now: datetime) -> None:
    """A refusal counts once a letter, not at each of its retries."""
    result, kind = decision.result, decision.address_trouble
    if decision.action is Action.SENT:
        if mailbox_trouble(letter.code):  # noted when this letter was put off; the mailbox has room again
            patiently(addresses.forgive, letter.address)
        return
    if not kind or (kind == "soft" and mailbox_trouble(letter.code)):
        return
    trouble = patiently(addresses.record, letter.address, kind, result.code, result.reason, now)
    if decision.action is Action.SUPPRESS or (decision.action is Action.SUPPRESS_REPEATED and trouble.repeated):
        patiently(addresses.suppress, letter.address, now)
        log.warning("address.suppressed letter=%d code=%s", letter.id, result.code)
