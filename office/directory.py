"""What the inbox asks while it matches a mail: people, letters, conversations, buttons, and whether one may be told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from school.audience import Addressee
from school.choice import Choice
from school.conversation import Conversation
from school.letter import Dispatch
from school.people import Guardian, Teacher
from storage.address_health import AddressHealth
from storage.choices import ChoiceStore
from storage.conversations import ConversationStore
from storage.outbox import Outbox
from storage.people import PeopleStore

DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Directory:
    people: PeopleStore
    outbox: Outbox
    conversations: ConversationStore
    choices: ChoiceStore
    health: AddressHealth
    automatic_per_day: int  #: automatic mails to one address in 24 hours, all kinds together

    def guardians_at(self, address: str) -> tuple[Guardian, ...]:
        return self.people.guardians_at(address)

    def teachers_at(self, address: str) -> tuple[Teacher, ...]:
        return self.people.teachers_at(address)

    def addressee(self, guardian_id: str, today: date) -> Addressee | None:
        return self.people.addressee(guardian_id, today)

    def teachers_of(self, child_id: str, role: str, today: date) -> tuple[Teacher, ...]:
        return self.people.teachers_of(child_id, role, today)

    def dispatch(self, public_id: int) -> Dispatch | None:
        return self.outbox.dispatch(public_id)

    def conversation(self, public_id: int) -> Conversation | None:
        return self.conversations.by_public_id(public_id)

    def choice(self, public_id: int) -> Choice | None:
        return self.choices.by_public_id(public_id)

    def may_tell(self, guardian: Guardian, now: datetime) -> bool:
        """Has she an address that works, and got fewer automatic mails than the cap in the last 24 hours?

        The cap is the address's: guardians who share one share the cap.
        """
        if not guardian.address or self.health.suppressed(guardian.address):
            return False
        sharing = {guardian.id, *(held.id for held in self.people.guardians_at(guardian.address))}
        return self.choices.automatic_mails(sharing, now - DAY) < self.automatic_per_day
