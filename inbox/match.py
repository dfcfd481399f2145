"""Whose mail is this, and which letter does it answer? A token routes, the From address identifies; both must agree.

The table of the specification (who wrote × what the mail carries) is `match` below: an answer is an author with her
standing, or an outcome that ends the matter here: held, unmatched, or for the office.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Protocol

from inbox.authentication import Vouched
from inbox.carriers import Carrier
from school.audience import Addressee
from school.conversation import Conversation
from school.letter import Dispatch, DispatchSection
from school.people import Guardian, Teacher
from school.reply_address import TokenKind


class Directory(Protocol):
    """What matching asks of the people and the letters kept."""

    def guardians_at(self, address: str) -> tuple[Guardian, ...]: ...

    def teachers_at(self, address: str) -> tuple[Teacher, ...]: ...

    def addressee(self, guardian_id: str, today: date) -> Addressee | None: ...

    def teachers_of(self, child_id: str, role: str, today: date) -> tuple[Teacher, ...]: ...

    def dispatch(self, public_id: int) -> Dispatch | None: ...

    def conversation(self, public_id: int) -> Conversation | None: ...


class Standing(Enum):
    """How sure we are that the author is who From says."""

    TOKEN = "token"  # noqa: S105 - no password: a signed address of this very family came along
    VOUCHED = "vouched"  #: our receiving server vouches for the From domain


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """What one valid token means: a letter (and perhaps its section), or a conversation."""

    carrier: Carrier
    guardian_id: str  #: empty for a digest, which went to a teacher
    dispatch: Dispatch | None = None
    section: DispatchSection | None = None
    conversation: Conversation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Exactly one of author, teacher and verdict is set."""

    author: Addressee | None = None
    standing: Standing | None = None
    teacher: Teacher | None = None
    leads: tuple[Lead, ...] = ()  #: those of the author's family (or the teacher's conversations)
    verdict: str = ""  #: held | unmatched | triage
    reason: str = ""
    claim_guardian_id: str = ""  #: the registered guardian who may be asked "was this you?"


def leads(found: tuple[Carrier, ...], directory: Directory, now: datetime, accept: timedelta) -> tuple[Lead, ...]:
    """What the tokens of a mail mean today; unknown and expired ones mean nothing."""
    read = (_lead(carrier, directory) for carrier in found)
    return tuple(lead for lead in read if lead and not _expired(lead, now, accept))


def match(
    author_address: str | None, held: tuple[Lead, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    """Who wrote, how surely, and which leads are hers."""
    teachers = directory.teachers_at(author_address) if author_address else ()
    staff = [lead for lead in held if _is_staff(lead)]
    if staff:
        return _match_teacher(staff, teachers, vouched, directory, today)
    family = tuple(lead for lead in held if lead.guardian_id)
    guardians = directory.guardians_at(author_address) if author_address else ()
    if family:
        return _match_token(family, guardians, vouched, directory, today)
    return _match_vouched(guardians, teachers, vouched, directory, today)


def _match_token(
    family: tuple[Lead, ...], guardians: tuple[Guardian, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    first = family[0].guardian_id
    if any(lead.dispatch and lead.dispatch.revoked for lead in family):
        return Match(verdict="triage", reason="family-left", leads=family)
    if directory.addressee(first, today) is None:
        return Match(verdict="triage", reason="guardian-left", leads=family)
    if not guardians:
        return Match(verdict="held", reason="unknown-address", leads=family, claim_guardian_id=first)
    author, hers = _author_among(guardians, family, directory, today)
    if author is None:
        return Match(verdict="held", reason="token-of-another-family", leads=family)
    if vouched is Vouched.BAD:
        return Match(verdict="held", reason="author-failed-authentication", leads=hers, claim_guardian_id=first)
    return Match(author=author, standing=Standing.TOKEN, leads=hers)


def _author_among(
    guardians: tuple[Guardian, ...], family: tuple[Lead, ...], directory: Directory, today: date
) -> tuple[Addressee | None, tuple[Lead, ...]]:
    """The one guardian at this address whose family holds the leads; None when that is nobody, or several families.

    The letter's own recipient comes first; else another guardian who shares a child with her: parents forward each
    other the letter.
    """
    here = {guardian.id for guardian in guardians}
    own = [lead for lead in family if lead.guardian_id in here]
    if own:
        author = directory.addressee(own[0].guardian_id, today)
        return author, tuple(lead for lead in family if lead.guardian_id == own[0].guardian_id)
    for guardian in guardians:
        author = directory.addressee(guardian.id, today)
        hers = tuple(lead for lead in family if author and _shares_a_child(author, lead, directory, today))
        if author and hers:
            return author, hers
    return None, ()


def _shares_a_child(author: Addressee, lead: Lead, directory: Directory, today: date) -> bool:
    recipient = directory.addressee(lead.guardian_id, today)
    if recipient is None:
        return False
    return bool(
        {taught.child.id for taught in author.hears_about} & {taught.child.id for taught in recipient.hears_about}
    )


def _match_vouched(
    guardians: tuple[Guardian, ...],
    teachers: tuple[Teacher, ...],
    vouched: Vouched,
    directory: Directory,
    today: date,
) -> Match:
    if not guardians:
        if teachers and vouched is Vouched.OK:
            return Match(verdict="triage", reason="teacher-without-conversation")
        return Match(verdict="unmatched", reason="unknown-sender")
    if vouched is not Vouched.OK:
        return Match(verdict="held", reason="author-not-verified", claim_guardian_id=guardians[0].id)
    if len(guardians) > 1:
        return Match(verdict="triage", reason="shared-address")
    author = directory.addressee(guardians[0].id, today)
    if author is None:
        return Match(verdict="triage", reason="guardian-left")
    return Match(author=author, standing=Standing.VOUCHED)


def _match_teacher(
    staff: list[Lead], teachers: tuple[Teacher, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    if not teachers:
        return Match(verdict="held", reason="staff-address-used-by-a-stranger", leads=tuple(staff))
    if vouched is Vouched.BAD:
        return Match(verdict="held", reason="author-failed-authentication", leads=tuple(staff))
    teacher = teachers[0]
    allowed = tuple(lead for lead in staff if _may_answer(teacher, lead, directory, today))
    if not allowed:
        return Match(verdict="triage", reason="teacher-no-longer-in-charge", leads=tuple(staff))
    return Match(teacher=teacher, leads=allowed)


def _may_answer(teacher: Teacher, lead: Lead, directory: Directory, today: date) -> bool:
    if lead.conversation is None:
        return lead.dispatch is not None and lead.dispatch.recipient_id == teacher.id
    audience = directory.teachers_of(lead.conversation.child_id, lead.conversation.role, today)
    return teacher.id in {held.id for held in audience}


def _is_staff(lead: Lead) -> bool:
    return lead.carrier.token.kind in {TokenKind.STAFF, TokenKind.COMMAND}


def _lead(carrier: Carrier, directory: Directory) -> Lead | None:
    token = carrier.token
    if token.kind in {TokenKind.DISPATCH, TokenKind.SECTION}:
        dispatch = directory.dispatch(token.public_id)
        if dispatch is None:
            return None
        section = next((held for held in dispatch.sections if held.ordinal == token.ordinal), None)
        section = section if token.kind is TokenKind.SECTION else None
        return Lead(carrier=carrier, guardian_id=dispatch.recipient_id, dispatch=dispatch, section=section)
    if token.kind in {TokenKind.THREAD, TokenKind.STAFF}:
        conversation = directory.conversation(token.public_id)
        if conversation is not None:
            guardian = conversation.guardian_id if token.kind is TokenKind.THREAD else ""
            return Lead(carrier=carrier, guardian_id=guardian, conversation=conversation)
        digest = directory.dispatch(token.public_id)
        return Lead(carrier=carrier, guardian_id="", dispatch=digest) if digest else None
    return None


def _expired(lead: Lead, now: datetime, accept: timedelta) -> bool:
    return lead.dispatch is not None and lead.dispatch.created + accept < now
