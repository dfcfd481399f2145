"""The probe: one mail to a reply address of ours, through the real servers, to see in which shape it comes back.

Nobody but the mailbox gets it. What arrives also tells how far the mail server's clock is from ours.
"""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from inbox.carriers import carriers
from inbox.mailbox import Mailbox
from inbox.parse import parse
from mailer.compose import Draft
from mailer.server_replies import ServerReply
from mailer.smtp import SmtpTransport
from office.wiring import House
from school.letter import LetterKind
from school.reply_address import Token, TokenKind

PATIENCE_SECONDS = 60.0
CLOCK_SECONDS = 120  #: further apart, and mail services doubt our signatures and dates
GOOD, NOTE, BAD = "good", "note", "bad"


@dataclass(frozen=True, kw_only=True)
class Probe:
    house: House
    now: datetime  #: the date on the mail
    patience: float = PATIENCE_SECONDS

    def findings(self) -> Iterator[tuple[str, str]]:
        """(state, words) of everything the probe found out."""
        mailboxes = self.house.mailboxes
        if not mailboxes:
            yield NOTE, "there is no mailbox to look into: send a mail to a reply address and see 'fridayfolder poll'"
            return
        for mailbox in mailboxes:
            mailbox.fetch_new(self.now)
        public_id, nonce = self.house.postmark.new_public_id(), secrets.token_hex(8)
        address = self.house.postmark.reply_address(TokenKind.DISPATCH, public_id)
        sent_at = datetime.now(UTC)
        reply = self._send(address, public_id, nonce)
        if reply.code != 250:
            yield BAD, f"the mail server refused a reply address ({reply}): {self._other_shape()}"
            return
        spool_id = self._arrived(mailboxes, nonce)
        if spool_id is None:
            folders = " or ".join(mailbox.settings.folder for mailbox in mailboxes)
            yield (
                BAD,
                (
                    f"the probe was taken but did not arrive in {folders} within "
                    f"{self.patience:.0f} s: does mail to {self.house.shape.address('…')} reach this mailbox? "
                    "A service that runs meanwhile may have read it first"
                ),
            )
            return
        yield self._shape_of(spool_id, Token(kind=TokenKind.DISPATCH, public_id=public_id))
        yield from self._clock(spool_id, sent_at)

    def _send(self, address: str, public_id: int, nonce: str) -> ServerReply:
        postmark = self.house.postmark
        draft = Draft(
            kind=LetterKind.NOTICE,
            from_name=postmark.school_name,
            from_address=postmark.from_addresses[LetterKind.NOTICE],
            to_name="",
            to_address=address,
            reply_to="",
            subject=f"Friday Folder probe {nonce}",
            date=self.now,
            message_id=postmark.message_id(TokenKind.DISPATCH, public_id),
            text="A probe of our own; it can be deleted.\n",
            language="en",
            boundary_seed=nonce,
        )
        transport = SmtpTransport(self.house.smtp)
        transport.connect()
        try:
            return transport.send(postmark.return_path(public_id), address, postmark.finish(draft, self.now))
        finally:
            transport.close()

    def _arrived(self, mailboxes: tuple[Mailbox, ...], nonce: str) -> int | None:
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            for spool_id in chain.from_iterable(mailbox.fetch_new(self.now).spool_ids for mailbox in mailboxes):
                if nonce.encode() in self.house.spool.raw(spool_id):
                    return spool_id
            time.sleep(0.5)  # a server may offer no IDLE
        return None

    def _shape_of(self, spool_id: int, token: Token) -> tuple[str, str]:
        house = self.house
        mail = parse(house.spool.raw(spool_id))
        found = [held for held in carriers(mail, (), house.shape, house.keys) if held.by_address]
        places = ", ".join(held.place for held in found if held.token == token)
        if house.shape.fixed:
            words = "the fixed address arrives: answers are known by the letter's Message-ID, buttons by a tag"
            if not house.settings.routing.trusted_authserv_ids and not house.settings.routing.verify_dkim:
                return BAD, f"{words}; no button counts until routing.trusted_authserv_ids names your receiving server"
            return GOOD, words
        if places:
            return GOOD, f"the reply address arrives whole (in {places})"
        return BAD, f"the address arrives without its token: {self._other_shape()}"

    def _other_shape(self) -> str:
        shape = self.house.settings.replies.shape
        if shape == "catch-all":
            return 'let the server keep every address of replies.domain, or set replies.shape = "plus" or "fixed"'
        if shape == "plus":
            return 'let the server keep what stands after the plus sign, or set replies.shape = "fixed"'
        return "correct replies.mailbox and replies.domain"

    def _clock(self, spool_id: int, sent_at: datetime) -> Iterator[tuple[str, str]]:
        """The mailbox notes by its own clock when a mail came; that is never before we sent it."""
        apart = (self.house.spool.spooled(spool_id).arrived - sent_at).total_seconds()
        if -CLOCK_SECONDS <= apart <= CLOCK_SECONDS + self.patience:
            yield GOOD, "our clock and the mail server's agree"
        else:
            words = (
                f"our clock and the mail server's are {abs(apart):.0f} s apart: let this machine set its clock (NTP)"
            )
            yield BAD, words
