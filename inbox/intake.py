"""One stored mail from its raw bytes to its outcome: read, sort, match, trim, collect, decide.

`read` is a pure function of the mail, the people and the letters kept; only `Directory` asks the database, and nothing
here writes. Whatever it meets, it answers with an outcome; an exception means a fault of ours, and the mail waits.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from inbox import evidence as signs
from inbox.authentication import vouched
from inbox.carriers import Carrier, carriers
from inbox.classify import Context, classify
from inbox.delivery_report import DeliveryReport
from inbox.delivery_report import read as read_report
from inbox.match import Directory, Lead, Match, leads, match
from inbox.parse import ParsedMail, parse
from inbox.route import Case, PlannedFiling, Policy, State, decide
from inbox.trim import OurMarks, SpanKind, Trimmed, trim
from inbox.verdict import Kind, Verdict
from inbox.words import WordLists
from school.conversation import Conversation
from school.filing import Filing, Outcome, Seen, Suggested
from school.message_id import token_of
from school.people import Teacher
from school.reply_address import AddressShape, Keys, Token, TokenKind, token_in_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """One stored mail, as the spool hands it over."""

    spool_id: int
    raw: bytes
    arrived: datetime  #: aware
    envelope_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How this school reads its mail: its keys, its addresses, its choices, its words."""

    keys: Keys
    shape: AddressShape
    zone: ZoneInfo
    our_addresses: frozenset[str]  #: lower case; mail from these is our own echo
    trusted_authserv_ids: frozenset[str]
    accept: timedelta  #: how long a letter's address is accepted
    policy: Policy
    words: WordLists
    school_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A teacher's words for one guardian, in one conversation."""

    conversation: Conversation
    teacher: Teacher
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The outcome, and what follows from it outside: an answer to relay, a bounce to note."""

    outcome: Outcome
    mail: ParsedMail
    answer: Answer | None = None
    report: DeliveryReport | None = None
    reported: Token | None = None  #: the letter the report is about; None when it names none of ours


def read(arrived: Arrived, reading: Reading, directory: Directory, now: datetime) -> Result:
    """What this mail is, whose it is, and where its words go, by the roster of *now*: access is never by an old one."""
    mail = parse(arrived.raw)
    found = carriers(mail, arrived.envelope_to, reading.shape, reading.keys)
    verdict = classify(mail, _context(mail, found, reading, directory))
    opened = _opened(arrived, mail, verdict)
    if verdict.kind in {Kind.BOUNCE, Kind.COMPLAINT}:
        return _report(opened, arrived, mail, reading)
    if verdict.kind is not Kind.HUMAN:
        return Result(outcome=opened, mail=mail)
    held = leads(found, directory, now, reading.accept)
    return _human(opened, mail, held, reading, directory, today=now.astimezone(reading.zone).date())


def _opened(arrived: Arrived, mail: ParsedMail, verdict: Verdict) -> Outcome:
    """The outcome of a mail that nobody needs to see; every other one starts from it."""
    return Outcome(
        spool_id=arrived.spool_id,
        kind="bounce" if verdict.kind is Kind.COMPLAINT else verdict.kind.value,
        state=State.IGNORED.value,
        reasons=(verdict.reason,),
        at=arrived.arrived,
        message_id=mail.message_id or "",
        references=tuple(reversed(mail.referenced_ids)),
        subject=mail.subject,
        content_key=mail.content_key,
    )


def _human(
    opened: Outcome, mail: ParsedMail, held: tuple[Lead, ...], reading: Reading, directory: Directory, *, today: date
) -> Result:
    matched = match(mail.author, held, vouched(mail, reading.trusted_authserv_ids), directory, today)
    if matched.verdict:
        return Result(outcome=_not_matched(opened, matched), mail=mail)
    trimmed = trim(mail.text, mail.html, _our_marks(held, reading))
    if matched.teacher is not None:
        return _teacher_wrote(opened, mail, matched.teacher, matched.leads, trimmed)
    return Result(outcome=_guardian_wrote(opened, mail, matched, trimmed, reading), mail=mail)


def _guardian_wrote(opened: Outcome, mail: ParsedMail, matched: Match, trimmed: Trimmed, reading: Reading) -> Outcome:
    assert matched.author is not None
    assert matched.standing is not None
    places = signs.candidates(matched.author, matched.leads)
    collected = signs.collect(matched, places, trimmed)
    decision = decide(
        Case(
            standing=matched.standing,
            candidates=places,
            evidence=collected,
            trimmed=trimmed,
            attachments=len(mail.attachments),
            words=reading.words,
            policy=reading.policy,
        )
    )
    return replace(
        opened,
        state=decision.state.value,
        reasons=decision.reasons,
        author_id=matched.author.guardian.id,
        filings=tuple(_filing(planned, trimmed) for planned in decision.filings),
        suggestions=tuple(
            Suggested(child_id=held.place.child.id, role=held.place.role, why=held.why) for held in decision.suggestions
        ),
        evidence=tuple(_seen(found) for found in collected),
        attachments=tuple(attachment.name for attachment in mail.attachments if attachment.allowed),
        tell=decision.tell,
    )


def _seen(found: signs.Evidence) -> Seen:
    return Seen(
        sign=found.sign.value,
        place=found.place,
        strength=found.strength.value,
        child_id=found.child_id,
        role=found.role,
    )


def _filing(planned: PlannedFiling, trimmed: Trimmed) -> Filing:
    return Filing(
        child_id=planned.place.child.id,
        class_id=planned.place.class_group.id,
        role=planned.place.role,
        spans=planned.spans,
        text=words_of(trimmed, planned.spans),
        teacher_ids=tuple(teacher.id for teacher in planned.place.teachers),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class NewWords:
    """All new words of a mail and where they stand: what a person files by hand."""

    text: str
    spans: tuple[tuple[int, int], ...]


def new_words(arrived: Arrived, reading: Reading, directory: Directory, now: datetime) -> NewWords:
    """The mail's own words, whatever was decided about it."""
    mail = parse(arrived.raw)
    found = carriers(mail, arrived.envelope_to, reading.shape, reading.keys)
    held = leads(found, directory, now, reading.accept)
    trimmed = trim(mail.text, mail.html, _our_marks(held, reading))
    spans = tuple((span.start, span.end) for span in trimmed.spans if span.kind is SpanKind.NEW)
    return NewWords(text=words_of(trimmed, spans), spans=spans)


def words_of(trimmed: Trimmed, spans: tuple[tuple[int, int], ...]) -> str:
    """The words of these spans, as the teacher reads them."""
    return "\n".join(trimmed.body[start:end].strip("\n") for start, end in spans).strip()


def _teacher_wrote(
    opened: Outcome, mail: ParsedMail, teacher: Teacher, held: tuple[Lead, ...], trimmed: Trimmed
) -> Result:
    """A teacher's answer goes out only when exactly one conversation is named and something was written."""
    talks = {lead.conversation.id: lead.conversation for lead in held if lead.conversation}
    if len(talks) != 1 or not trimmed.new_text:
        reason = "teacher-wrote-nothing" if len(talks) == 1 else "teacher-names-no-single-conversation"
        outcome = replace(opened, state=State.TRIAGE.value, reasons=(reason,), teacher_id=teacher.id)
        return Result(outcome=outcome, mail=mail)
    talk = next(iter(talks.values()))
    filing = Filing(
        child_id=talk.child_id,
        class_id=talk.class_id,
        role=talk.role,
        spans=tuple((span.start, span.end) for span in trimmed.spans if span.kind is SpanKind.NEW),
        text=trimmed.new_text,
        teacher_ids=(teacher.id,),
        conversation_id=talk.id,
    )
    outcome = replace(
        opened, state=State.FILED.value, reasons=("teacher-answer",), teacher_id=teacher.id, filings=(filing,)
    )
    return Result(outcome=outcome, mail=mail, answer=Answer(conversation=talk, teacher=teacher, text=trimmed.new_text))


def _report(opened: Outcome, arrived: Arrived, mail: ParsedMail, reading: Reading) -> Result:
    """A bounce or complaint; it counts only with a return token of ours or our own Message-ID inside (RFC 3464)."""
    report = read_report(mail)
    token = _reported_letter(arrived, mail, report, reading)
    if token is None:
        opened = replace(opened, reasons=(*opened.reasons, "not-about-a-letter-of-ours"))
    return Result(outcome=opened, mail=mail, report=report, reported=token)


def _reported_letter(
    arrived: Arrived, mail: ParsedMail, report: DeliveryReport | None, reading: Reading
) -> Token | None:
    addresses = (*arrived.envelope_to, *(recipient.address for recipient in mail.recipients))
    for address in addresses:
        if _is_return_path(address, reading):
            return token_in_address(address, reading.shape, reading.keys)
    inside = report.original_message_id if report is not None else None
    return token_of(inside, reading.keys) if inside else None


def _not_matched(opened: Outcome, matched: Match) -> Outcome:
    return replace(
        opened,
        state=matched.verdict,
        reasons=(matched.reason,),
        claim_guardian_id=matched.claim_guardian_id,
        tell="claim" if matched.claim_guardian_id else "",
    )


def _context(mail: ParsedMail, found: tuple[Carrier, ...], reading: Reading, directory: Directory) -> Context:
    author = mail.author or ""
    return Context(
        our_addresses=reading.our_addresses,
        is_ours=lambda message_id: token_of(message_id, reading.keys) is not None,
        is_bounce_address=lambda address: _is_return_path(address, reading),
        has_token=bool(found),
        sender_known=bool(directory.guardians_at(author) or directory.teachers_at(author)),
    )


def _is_return_path(address: str, reading: Reading) -> bool:
    token = token_in_address(address, reading.shape, reading.keys)
    return token is not None and token.kind is TokenKind.BOUNCE


def _our_marks(held: tuple[Lead, ...], reading: Reading) -> OurMarks:
    """What our own letter looks like in a quote, so that trimming knows each child's section."""
    sections = [section for lead in held if lead.dispatch for section in lead.dispatch.sections]
    domains = {reading.shape.domain, reading.keys.domain, *(held.rpartition("@")[2] for held in reading.our_addresses)}
    return OurMarks(
        domains=tuple(sorted(domains)),
        local_parts=tuple(sorted({held.rpartition("@")[0] for held in reading.our_addresses})),
        visible_refs={section.ordinal: (section.visible_ref,) for section in sections if section.visible_ref},
        section_lines={section.ordinal: section.fingerprints for section in sections},
        school_name=reading.school_name,
    )
