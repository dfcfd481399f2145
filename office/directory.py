"""What the inbox asks while it matches a mail: people from the roster, letters from the outbox, conversations."""

from dataclasses import dataclass
from datetime import date

from school.audience import Addressee
from school.conversation import Conversation
from school.letter import Dispatch
from school.people import Guardian, Teacher
from storage.conversations import ConversationStore
from storage.outbox import Outbox
from storage.people import PeopleStore


@dataclass(frozen=True, kw_only=True)
class Directory:
    people: PeopleStore
    outbox: Outbox
    conversations: ConversationStore

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
