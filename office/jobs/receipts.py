"""A teacher is told what became of her mail: part by part, which file went nowhere, and her words that nobody got.

Words that name no message come back with a button for each family of that digest: one press, and they are sent.
"""

from dataclasses import dataclass
from datetime import datetime

from inbox.acknowledgement import forbidden
from inbox.reading import Result
from mailer.render import Choice, ChoiceKind, DoneLine, NoticeKind, NoticePage
from office.logs import log
from office.wiring import House
from school.command import LIFE, Command, StaffDeed
from school.conversation import Conversation
from school.letter import LetterKind
from school.people import Teacher
from school.reply_address import TokenKind

LOOP = "answers-our-automatic-mail"
QUIET = "asks-for-quiet"  #: what Exchange writes into people's mail as well
MOST_BUTTONS = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What she is told."""

    about: int  #: public id of the digest, or of the conversation: a reply to the receipt belongs there
    references: tuple[str, ...] = ()
    done: tuple[DoneLine, ...] = ()
    words: str = ""  #: hers that went to nobody
    until: datetime | None = None  #: when the answers leave
    reason: str = ""
    files: tuple[str, ...] = ()  #: names of hers that went to nobody
    places: tuple[Conversation, ...] = ()  #: whom the words may be for: one button each


def may_tell(house: House, teacher: Teacher, result: Result, now: datetime, *, by_a_person: bool) -> bool:
    """RFC 3834 and the day's cap; a command in answer to our receipt is a person's, and may be answered.

    So is a verified teacher's own mail from Exchange, whose mark for quiet says nothing about who wrote it.
    """
    reason = forbidden(result.mail, house.keys, house.directory.our_id, but=QUIET)
    if reason and not (reason == LOOP and by_a_person):
        return False
    return house.directory.may_tell_teacher(teacher, now)


def tell(house: House, teacher: Teacher, result: Result, receipt: Receipt, now: datetime) -> None:
    """One automatic mail to her. The caller holds the transaction, and asked whether it may go."""
    outcome = result.outcome
    held = [(house.postmark.new_public_id(), talk) for talk in receipt.places[:MOST_BUTTONS]]
    page = NoticePage(
        kind=NoticeKind.STAFF_RECEIPT if receipt.done or receipt.files else NoticeKind.UNDELIVERED,
        person=teacher.shown_name,
        subject=outcome.subject,
        words=receipt.words,
        done=receipt.done,
        until=receipt.until if receipt.until is not None and receipt.until > now else None,
        reason=receipt.reason,
        files=receipt.files,
        choices=tuple(_button(house, public_id, talk) for public_id, talk in held),
    )
    letter, dispatch = house.staff_writer.to_teacher(
        page, teacher, outcome.spool_id, outcome.message_id, receipt.about, now, receipt.references
    )
    if house.outbox.plan(letter.run, LetterKind.NOTICE, now, [(letter, dispatch)], (), now).planned:
        house.commands.add(_command(public_id, talk, teacher, outcome.spool_id, now) for public_id, talk in held)
    log("notice.planned", mail=outcome.spool_id, notice=page.kind.value, teacher=teacher.id)


def files_of(result: Result) -> tuple[str, ...]:
    """Names of what she attached; not the pictures of a signature."""
    return tuple(dict.fromkeys(held.name for held in result.mail.attachments if not held.decoration))


def _button(house: House, public_id: int, talk: Conversation) -> Choice:
    return Choice(
        kind=ChoiceKind.CONVERSATION,
        address=house.postmark.reply_address(TokenKind.COMMAND, public_id),
        name=_who(house, talk),
        tag=house.postmark.tag(TokenKind.COMMAND, public_id),
    )


def _who(house: House, talk: Conversation) -> str:
    """As in "Mia Berg (Leo)"."""
    guardian, child = house.people.guardian(talk.guardian_id), house.people.child(talk.child_id)
    return f"{guardian.full_name if guardian else ''} ({child.first_name if child else ''})"


def _command(public_id: int, talk: Conversation, teacher: Teacher, spool_id: int, now: datetime) -> Command:
    return Command(
        public_id=public_id,
        teacher_id=teacher.id,
        deed=StaffDeed.PLACE,
        expires=now + LIFE,
        conversation_id=talk.id,
        spool_id=spool_id,
    )
