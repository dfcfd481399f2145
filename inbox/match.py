"""Whose mail is this, and which letter does it answer? A token routes, the From address identifies; both must agree.

The table of the specification (who wrote × what the mail carries) is `match` below: an answer is an author with her
standing, or an outcome that ends the matter here: held, unmatched, or for the office. What was only looked up (a tag,
a printed line, a provider's id) says which letter is meant and never who wrote: that takes our receiving server's word.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Protocol

from inbox.authentication import Vouched
from inbox.carriers import QUOTED_LINE, Carrier
from inbox.digest_items import Digest
from school.audience import Addressee
from school.choice import Choice
from school.command import Command
from school.conversation import Conversation
from school.letter import Dispatch, DispatchSection
from school.people import Guardian, Teacher
from school.reply_address import Token, TokenKind


class Directory(Protocol):
    """What matching asks of the people and the letters kept."""

    def guardians_at(self, address: str) -> tuple[Guardian, ...]: ...

    def teachers_at(self, address: str) -> tuple[Teacher, ...]: ...

    def addressee(self, guardian_id: str, today: date) -> Addressee | None: ...

    def teachers_of(self, child_id: str, role: str, today: date) -> tuple[Teacher, ...]: ...

    def dispatch(self, public_id: int) -> Dispatch | None: ...

    def conversation(self, public_id: int) -> Conversation | None: ...

    def choice(self, public_id: int) -> Choice | None: ...

    def command(self, public_id: int) -> Command | None: ...

    def digest(self, dispatch: Dispatch, quoted: tuple[str, ...] = ()) -> Digest:
        """The items of a teacher's digest, as they were printed. *quoted*: ids of the mails her reply answers."""
        ...

    def letter_lines(self, dispatch: Dispatch, quoted: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
        """Every line of that letter, to tell what was typed among *quoted*; none where nothing was, or it is not kept.

        *names*: the words in it that differ from family to family.
        """
        ...

    def meaning(self, signs: str) -> Token | None:
        """What the eight signs of a subject's tag stand for."""
        ...

    def section(self, signs: str) -> Token | None:
        """The section that this line was printed under."""
        ...

    def our_id(self, provider_id: str) -> str | None:
        """The Message-ID of ours that a mail provider replaced."""
        ...

    def guesses(self, address: str, tokens: frozenset[str], at: datetime) -> int:
        """How many different invalid tokens this address tried in the hour before *at*, these included."""
        ...

    def may_tell(self, guardian: Guardian, now: datetime) -> bool:
        """May one more automatic mail go to her today?"""
        ...


class Standing(Enum):
    """How sure we are that the author is who From says."""

    TOKEN = "token"  # noqa: S105 - no password: the signed address of her very own letter came along
    FAMILY = "family"  #: a signed address of the other parent's letter came along
    VOUCHED = "vouched"  #: our receiving server vouches for the From domain


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """What one valid token means: a letter (and perhaps its section), a conversation, or a button."""

    carrier: Carrier
    guardian_id: str = ""  #: empty for a teacher's token
    dispatch: Dispatch | None = None
    section: DispatchSection | None = None
    quoted: DispatchSection | None = None  #: only its printed line was found: it says the letter, and hints at itself
    conversation: Conversation | None = None
    choice: Choice | None = None
    command: Command | None = None

    @property
    def is_staff(self) -> bool:
        return self.carrier.token.kind in {TokenKind.STAFF, TokenKind.COMMAND}

    @property
    def signed(self) -> bool:
        return self.carrier.signed

    @property
    def revoked(self) -> bool:
        """Did the school take back what this mail was sent to? Then a person decides, whatever else it carries."""
        if self.conversation is not None and not self.is_staff:
            return self.carrier.token.ordinal != self.conversation.generation
        return self.dispatch is not None and self.dispatch.revoked


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Exactly one of author, teacher and verdict is set."""

    author: Addressee | None = None
    standing: Standing | None = None
    teacher: Teacher | None = None
    leads: tuple[Lead, ...] = ()  #: those of the author's family (or the teacher's conversations)
    choice: Choice | None = None  #: the author pressed this button
    command: Command | None = None  #: the teacher pressed this button of her digest
    verdict: str = ""  #: held | unmatched | triage
    reason: str = ""
    claim_guardian_id: str = ""  #: the registered guardian who may be asked "was this you?"
    vouched: bool = False  #: our receiving server vouches for this mail's author


def leads(found: tuple[Carrier, ...], directory: Directory, now: datetime, accept: timedelta) -> tuple[Lead, ...]:
    """What the tokens of a mail mean today; unknown and expired ones mean nothing."""
    read = (_lead(carrier, directory) for carrier in found)
    return tuple(lead for lead in read if lead and not _expired(lead, now, accept))


def match(
    author_address: str | None, held: tuple[Lead, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    """Who wrote, how surely, and which leads are hers."""
    matched = _match(author_address, held, vouched, directory, today)
    return replace(matched, vouched=True) if vouched is Vouched.OK else matched


def _match(
    author_address: str | None, held: tuple[Lead, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    teachers = directory.teachers_at(author_address) if author_address else ()
    guardians = directory.guardians_at(author_address) if author_address else ()
    if not guardians:
        # To a stranger nothing says that a reference exists; to a teacher none says it but her own.
        held = tuple(lead for lead in held if lead.signed or (teachers and not lead.guardian_id))
    pressed = tuple(lead for lead in held if lead.choice)
    staff = tuple(lead for lead in held if lead.is_staff)
    family = tuple(lead for lead in held if lead.guardian_id)
    if pressed:
        return _match_choice(pressed, guardians, vouched, directory, today)
    if any(lead.command for lead in staff):
        return _match_command(staff, teachers, vouched)
    if staff and (teachers or not family):
        return _match_teacher(staff, teachers, vouched, directory, today)
    if family:
        return _match_token(family, guardians, vouched, directory, today)
    return _match_vouched(guardians, teachers, vouched, directory, today)


def match_claimed(guardian_id: str, held: tuple[Lead, ...], directory: Directory, today: date) -> Match:
    """The author is this guardian, who said so herself; the leads that are of her family."""
    author = directory.addressee(guardian_id, today)
    if author is None:
        return Match(verdict="triage", reason="guardian-left")
    family = tuple(lead for lead in held if lead.guardian_id and not lead.choice)
    return _as_author(author, family, directory, today) or Match(author=author, standing=Standing.VOUCHED)


# ---- a guardian's own button ----


def _match_choice(
    pressed: tuple[Lead, ...], guardians: tuple[Guardian, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    """A button counts from the very address its mail went to; nobody is asked about it again: that could go round."""
    choice = pressed[0].choice
    assert choice is not None
    if len(pressed) > 1:
        return Match(verdict="triage", reason="several-buttons")
    if choice.guardian_id not in {guardian.id for guardian in guardians}:
        return Match(verdict="held", reason="button-of-another-address")
    if vouched is Vouched.BAD:
        return Match(verdict="held", reason="author-failed-authentication")
    if not pressed[0].signed and vouched is not Vouched.OK:
        return Match(verdict="held", reason="button-not-verified")
    author = directory.addressee(choice.guardian_id, today)
    if author is None:
        return Match(verdict="triage", reason="guardian-left")
    return Match(author=author, standing=Standing.TOKEN, leads=pressed, choice=choice)


# ---- a guardian with a letter's token ----


def _match_token(
    family: tuple[Lead, ...], guardians: tuple[Guardian, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    if not guardians:
        return _of_a_stranger(family, directory, today)
    found = [_as_author(author, family, directory, today) for author in _present(guardians, directory, today)]
    matches = [held for held in found if held is not None]
    own = [held for held in matches if held.author and held.author.guardian.id in _recipients(held.leads)]
    if not matches or len(own or matches) > 1:
        # Two guardians of one address each have a letter in here: a person sees which of them wrote.
        other = "token-of-another-family" if any(lead.signed for lead in family) else "reference-of-another-family"
        return Match(verdict="held", reason="several-authors" if matches else other)
    matched = (own or matches)[0]
    assert matched.author is not None
    claim = matched.author.guardian.id if own else ""
    if any(lead.revoked for lead in matched.leads):
        living = _as_author(matched.author, tuple(lead for lead in family if not lead.revoked), directory, today)
        if living is None or living.standing is not Standing.TOKEN:
            return Match(verdict="triage", reason="tokens-revoked")
        matched = living  # what was sent to her since quotes what was sent before
    if vouched is Vouched.BAD:
        return Match(verdict="held", reason="author-failed-authentication", claim_guardian_id=claim)
    if matched.standing is Standing.VOUCHED and vouched is not Vouched.OK:
        return Match(verdict="held", reason="author-not-verified", claim_guardian_id=claim)
    return matched


def _of_a_stranger(family: tuple[Lead, ...], directory: Directory, today: date) -> Match:
    """A valid token from an address we do not know: held, and only the registered guardian may be asked about it."""
    recipients = {lead.guardian_id for lead in family}
    if any(lead.revoked for lead in family):
        return Match(verdict="triage", reason="tokens-revoked")
    if not any(directory.addressee(guardian_id, today) for guardian_id in recipients):
        return Match(verdict="triage", reason="guardian-left")
    claim = recipients.pop() if len(recipients) == 1 else ""
    return Match(verdict="held", reason="unknown-address", claim_guardian_id=claim)


def _as_author(author: Addressee, family: tuple[Lead, ...], directory: Directory, today: date) -> Match | None:
    """The match in which *author* wrote: her own leads and her family's; None when there are none.

    Leads of families she does not belong to are left out: they are somebody else's.
    """
    own = [lead for lead in family if lead.guardian_id == author.guardian.id]
    kin = [lead for lead in family if lead not in own and _shares_a_child(author, lead, directory, today)]
    if not own and not kin:
        return None
    if not own and not _one_family(kin, directory, today):
        return None
    standing = _standing(own, kin)
    return Match(author=author, standing=standing, leads=tuple(lead for lead in family if lead in own or lead in kin))


def _standing(own: list[Lead], kin: list[Lead]) -> Standing:
    if any(lead.signed for lead in own):
        return Standing.TOKEN
    return Standing.FAMILY if any(lead.signed for lead in kin) else Standing.VOUCHED


def _recipients(held: tuple[Lead, ...]) -> frozenset[str]:
    return frozenset(lead.guardian_id for lead in held)


def _present(guardians: tuple[Guardian, ...], directory: Directory, today: date) -> tuple[Addressee, ...]:
    found = (directory.addressee(guardian.id, today) for guardian in guardians)
    return tuple(author for author in found if author is not None)


def _shares_a_child(author: Addressee, lead: Lead, directory: Directory, today: date) -> bool:
    """May both today hear about one child? Parents forward each other the letter."""
    return bool(_children(author) & _children(directory.addressee(lead.guardian_id, today)))


def _one_family(kin: list[Lead], directory: Directory, today: date) -> bool:
    """Do the other parents whose letters came along have a child in common?"""
    held = [_children(directory.addressee(guardian_id, today)) for guardian_id in {lead.guardian_id for lead in kin}]
    return bool(frozenset.intersection(*held))


def _children(addressee: Addressee | None) -> frozenset[str]:
    return frozenset(taught.child.id for taught in addressee.hears_about) if addressee else frozenset()


# ---- a guardian without a token ----


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
        claim = guardians[0].id if len(guardians) == 1 else ""
        return Match(verdict="held", reason="author-not-verified", claim_guardian_id=claim)
    if len(guardians) > 1:
        return Match(verdict="triage", reason="shared-address")
    author = directory.addressee(guardians[0].id, today)
    if author is None:
        return Match(verdict="triage", reason="guardian-left")
    return Match(author=author, standing=Standing.VOUCHED)


# ---- a teacher ----


def _match_teacher(
    staff: tuple[Lead, ...], teachers: tuple[Teacher, ...], vouched: Vouched, directory: Directory, today: date
) -> Match:
    """A teacher with a staff token, so far as she is in charge today; several may share one address."""
    if not teachers:
        return Match(verdict="held", reason="staff-address-used-by-a-stranger", leads=staff)
    if vouched is Vouched.BAD:
        return Match(verdict="held", reason="author-failed-authentication", leads=staff)
    if vouched is not Vouched.OK and not any(lead.signed for lead in staff):
        return Match(verdict="held", reason="author-not-verified", leads=staff)
    for teacher in teachers:
        allowed = tuple(lead for lead in staff if _may_answer(teacher, lead, directory, today))
        if allowed:
            return Match(teacher=teacher, leads=allowed)
    return Match(verdict="triage", reason="teacher-no-longer-in-charge", leads=staff)


def _match_command(staff: tuple[Lead, ...], teachers: tuple[Teacher, ...], vouched: Vouched) -> Match:
    """A button of a digest counts from the very teacher's address that digest went to."""
    pressed = [lead.command for lead in staff if lead.command]
    signed = all(lead.signed for lead in staff if lead.command)
    teacher = next((held for held in teachers if held.id == pressed[0].teacher_id), None)
    if len(pressed) > 1:
        return Match(verdict="triage", reason="several-buttons")
    if teacher is None:
        return Match(verdict="held", reason="button-of-another-address")
    if vouched is Vouched.BAD:
        return Match(verdict="held", reason="author-failed-authentication")
    if not signed and vouched is not Vouched.OK:
        return Match(verdict="held", reason="button-not-verified")
    return Match(teacher=teacher, leads=staff, command=pressed[0])


def _may_answer(teacher: Teacher, lead: Lead, directory: Directory, today: date) -> bool:
    if lead.conversation is None:
        return lead.dispatch is not None and lead.dispatch.recipient_id == teacher.id
    audience = directory.teachers_of(lead.conversation.child_id, lead.conversation.role, today)
    return teacher.id in {held.id for held in audience}


# ---- what a token means ----


def _lead(carrier: Carrier, directory: Directory) -> Lead | None:
    match carrier.token.kind:
        case TokenKind.DISPATCH | TokenKind.SECTION:
            return _letter_lead(carrier, directory)
        case TokenKind.THREAD | TokenKind.STAFF:
            return _talk_lead(carrier, directory)
        case TokenKind.CONFIRM if carrier.presses:  # in References it is only the mark of our automatic mail
            choice = directory.choice(carrier.token.public_id)
            return Lead(carrier=carrier, guardian_id=choice.guardian_id, choice=choice) if choice else None
        case TokenKind.COMMAND if carrier.presses:
            command = directory.command(carrier.token.public_id)
            return Lead(carrier=carrier, command=command) if command else None
    return None


def _letter_lead(carrier: Carrier, directory: Directory) -> Lead | None:
    token = carrier.token
    dispatch = directory.dispatch(token.public_id)
    if dispatch is None:
        return None
    section = None
    if token.kind is TokenKind.SECTION:
        section = next((held for held in dispatch.sections if held.ordinal == token.ordinal), None)
    if carrier.place == QUOTED_LINE:
        return Lead(carrier=carrier, guardian_id=dispatch.recipient_id, dispatch=dispatch, quoted=section)
    return Lead(carrier=carrier, guardian_id=dispatch.recipient_id, dispatch=dispatch, section=section)


def _talk_lead(carrier: Carrier, directory: Directory) -> Lead | None:
    """A conversation; or a digest, which by itself names none of those it holds."""
    token = carrier.token
    talk = directory.conversation(token.public_id)
    if talk is not None:
        guardian_id = talk.guardian_id if token.kind is TokenKind.THREAD else ""
        return Lead(carrier=carrier, guardian_id=guardian_id, conversation=talk)
    digest = directory.dispatch(token.public_id) if token.kind is TokenKind.STAFF else None
    return Lead(carrier=carrier, dispatch=digest) if digest else None


def _expired(lead: Lead, now: datetime, accept: timedelta) -> bool:
    """Is the letter, or the conversation's last word, too old? Buttons say so themselves when they are pressed."""
    last = lead.dispatch.created if lead.dispatch else lead.conversation.last_at if lead.conversation else None
    return last is not None and last + accept < now
