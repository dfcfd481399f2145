"""The one place where real parts are built from the settings and joined. Everything else is handed what it needs."""

import random
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from inbox.carriers import carriers
from inbox.dkim_keys import DkimKeys
from inbox.door import Door
from inbox.mailbox import Mailbox
from inbox.opener import OpenerProcess
from inbox.opening import CannotOpen
from inbox.reading import Reading
from inbox.route import Policy
from mailer.answer import AnswerWriter
from mailer.digest import DigestWriter
from mailer.notice import NoticeWriter
from mailer.postmark import Postmark
from mailer.publish import Publisher
from mailer.render import LetterPress
from mailer.sign import DkimSigner
from mailer.smtp import SmtpSettings
from mailer.staff_notice import StaffNoticeWriter
from mailer.xoauth2 import Tokens
from office import chosen
from office.config import FIRST_ACCOUNT
from office.directory import Directory
from office.sender_domain import system_lookup, unanswered_is_none
from office.settings import ImapLogin, Settings
from school.calendar import Rhythm
from school.office_hours import OfficeHours
from school.reply_address import AddressShape, Keys, token_in_address
from storage.address_health import AddressHealth
from storage.choices import ChoiceStore
from storage.commands import CommandStore
from storage.conversations import ConversationStore
from storage.database import Database
from storage.guesses import GuessStore
from storage.items import ItemStore
from storage.letter_bytes import LetterBytes
from storage.office_view import OfficeView
from storage.outbox import Outbox
from storage.people import PeopleStore
from storage.preferences import PreferenceStore
from storage.retention import Retention
from storage.revocation import RevocationStore
from storage.rhythms import RhythmStore
from storage.search import Search
from storage.slots import SlotStore
from storage.spool import SpoolStore
from storage.terms import TermStore

KEY_SECONDS = 2.0  #: to wait for one public key


@dataclass(frozen=True)
class House:
    """One school's service: its settings, and every part made from them when it is first asked for."""

    settings: Settings
    folder: Path  #: where config.toml lies; relative paths in it start here

    def close(self) -> None:
        """Give back this thread's connections, so far as any were opened."""
        opened = self.__dict__
        for mailbox in opened.get("mailboxes", ()):
            mailbox.close()
        if (opener := opened.get("opener")) is not None:
            opener.close()
        if (database := opened.get("database")) is not None:
            database.close()

    # ---- storage ----

    @cached_property
    def database(self) -> Database:
        database = Database(chosen.database_url(self.settings.database.url, self.folder))
        database.check()
        return database

    @cached_property
    def people(self) -> PeopleStore:
        return PeopleStore(self.database)

    @cached_property
    def conversations(self) -> ConversationStore:
        return ConversationStore(self.database, self.people, self.postmark.new_public_id)

    @cached_property
    def choices(self) -> ChoiceStore:
        return ChoiceStore(self.database)

    @cached_property
    def commands(self) -> CommandStore:
        return CommandStore(self.database)

    @cached_property
    def guesses(self) -> GuessStore:
        return GuessStore(self.database)

    @cached_property
    def revocations(self) -> RevocationStore:
        return RevocationStore(self.database)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.database)

    @cached_property
    def health(self) -> AddressHealth:
        return AddressHealth(self.database)

    @cached_property
    def rhythms(self) -> RhythmStore:
        return RhythmStore(self.database)

    @cached_property
    def preferences(self) -> PreferenceStore:
        return PreferenceStore(self.database)

    @cached_property
    def spool(self) -> SpoolStore:
        return SpoolStore(self.database)

    @cached_property
    def items(self) -> ItemStore:
        return ItemStore(self.database)

    @cached_property
    def slots(self) -> SlotStore:
        return SlotStore(self.database)

    @cached_property
    def terms(self) -> TermStore:
        return TermStore(self.database)

    @cached_property
    def search(self) -> Search:
        return Search(self.database, self.people)

    @cached_property
    def retention(self) -> Retention:
        return Retention(self.database)

    @cached_property
    def office_view(self) -> OfficeView:
        return OfficeView(self.database)

    @cached_property
    def directory(self) -> Directory:
        return Directory(
            people=self.people,
            outbox=self.outbox,
            conversations=self.conversations,
            choices=self.choices,
            commands=self.commands,
            letter_bytes=LetterBytes(self.database),
            postmark=self.postmark,
            press=self.press,
            health=self.health,
            tried=self.guesses,
            automatic_per_day=self.settings.routing.automatic_per_day,
        )

    # ---- time ----

    @cached_property
    def zone(self) -> ZoneInfo:
        return chosen.zone(self.settings)

    @cached_property
    def rhythm(self) -> Rhythm:
        return chosen.rhythm(self.settings)

    @property
    def start_offset(self) -> timedelta:
        """How long after its time the service begins an issue that is due on the full hour."""
        spread = timedelta(minutes=self.settings.newsletter.spread_minutes)
        return self.rhythm.start_offset(self.settings.replies.domain, spread)

    @cached_property
    def hours(self) -> OfficeHours | None:
        """When the school works; None where no hours are set."""
        return chosen.hours(self.settings)

    # ---- letters ----

    @cached_property
    def keys(self) -> Keys:
        return chosen.keys(self.settings)

    @cached_property
    def shape(self) -> AddressShape:
        return chosen.shape(self.settings)

    @cached_property
    def postmark(self) -> Postmark:
        return Postmark(
            school_name=self.settings.school.name,
            from_addresses=chosen.from_addresses(self.settings),
            shape=self.shape,
            keys=self.keys,
            random_bytes=secrets.token_bytes,
            signer=self._signer(),
            unsubscribe_url=self.settings.newsletter.unsubscribe_url,
        )

    @cached_property
    def press(self) -> LetterPress:
        templates = self.settings.newsletter.templates
        return LetterPress(self.folder / templates if templates else None, chosen.face(self.settings))

    @property
    def publisher(self) -> Publisher:
        """Made anew for each run: who gets no letter is asked once and holds for the run."""
        closed, stopped = self.health.closed(), self.preferences.stopped()
        return Publisher(
            press=self.press,
            postmark=self.postmark,
            school_language=self.settings.school.language,
            suppressed=lambda address: address.strip().lower() in closed,
            stopped=stopped.__contains__,
        )

    @cached_property
    def digest_writer(self) -> DigestWriter:
        return DigestWriter(press=self.press, postmark=self.postmark, bodies=self.settings.digest.bodies)

    @cached_property
    def answer_writer(self) -> AnswerWriter:
        return AnswerWriter(press=self.press, postmark=self.postmark)

    @cached_property
    def notice_writer(self) -> NoticeWriter:
        return NoticeWriter(press=self.press, postmark=self.postmark)

    @cached_property
    def staff_writer(self) -> StaffNoticeWriter:
        return StaffNoticeWriter(press=self.press, postmark=self.postmark)

    @property
    def office_address(self) -> str:
        """Who gets mail that needs a person."""
        return self.settings.mail.office or self.settings.school.contact

    def _signer(self) -> DkimSigner | None:
        dkim = self.settings.dkim
        if not dkim.domain:
            return None
        return DkimSigner(dkim.domain, dkim.selector, dkim.key.encode())

    # ---- mail in and out ----

    @cached_property
    def tokens(self) -> Tokens:
        """Tokens of the provider in [oauth], for every login that is not by password."""
        return Tokens(chosen.oauth_client(self.settings), monotonic)

    @cached_property
    def smtp(self) -> SmtpSettings:
        return chosen.smtp(self.settings, self.tokens if self.settings.smtp.login == "xoauth2" else None)

    @cached_property
    def mailboxes(self) -> tuple[Mailbox, ...]:
        """The mailboxes replies arrive in, the one of [imap] first; none when they all come through the door."""
        imap = self.settings.imap
        first = (self._mailbox(FIRST_ACCOUNT, imap),) if imap.host else ()
        return first + tuple(self._mailbox(further.account, further) for further in imap.more)

    def _mailbox(self, account: str, imap: ImapLogin) -> Mailbox:
        return Mailbox(
            chosen.mailbox(account, imap),
            self.spool,
            random=random.random,
            token=self.tokens.new if imap.login == "xoauth2" else None,
            has_our_token=self._has_our_token,
        )

    @cached_property
    def door(self) -> Door | None:
        """The listener for mail handed over by LMTP or SMTP; None while its port is 0."""
        if not self.settings.door.port:
            return None
        return Door(chosen.door(self.settings), self.spool, self._can_be_ours, lambda: datetime.now(UTC))

    def _has_our_token(self, header_block: bytes) -> bool:
        try:
            mail = self.opener.parse(header_block).result()
        except CannotOpen:
            return False  # it stays where it is
        return bool(carriers(mail, (), self.shape, self.keys))

    def _can_be_ours(self, address: str) -> bool:
        """A signed address, the fixed address itself, or a return path: anything else is refused before it is sent."""
        local, _, domain = address.strip("<>").lower().rpartition("@")
        if token_in_address(address, self.shape, self.keys) is not None:
            return True
        return domain == self.shape.domain.lower() and local == self.shape.mailbox.lower() != ""

    @cached_property
    def opener(self) -> OpenerProcess:
        """Opens every mail that came; its process starts with the first one."""
        return OpenerProcess()

    @cached_property
    def reading(self) -> Reading:
        routing = self.settings.routing
        return Reading(
            keys=self.keys,
            shape=self.shape,
            zone=self.zone,
            our_addresses=frozenset(address.lower() for address in chosen.from_addresses(self.settings).values()),
            trusted_authserv_ids=frozenset(held.lower() for held in routing.trusted_authserv_ids),
            accept=timedelta(days=self.settings.replies.accept_days),
            policy=Policy(
                single_strong=routing.single_strong,
                courtesy_characters=routing.courtesy_characters,
            ),
            words=chosen.words(self.settings, self.folder),
            school_name=self.settings.school.name,
            provider_domain=self.settings.smtp.provider_id_domain,
            dkim_keys=self.dkim_keys,
            opener=self.opener,
        )

    @cached_property
    def dkim_keys(self) -> DkimKeys | None:
        """Where other domains' public keys are asked for; None unless the school verifies signatures itself."""
        if not self.settings.routing.verify_dkim:
            return None
        return DkimKeys(ask=unanswered_is_none(lambda: system_lookup(KEY_SECONDS)), clock=monotonic)
