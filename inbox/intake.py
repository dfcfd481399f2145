"""One stored mail from its raw bytes to its outcome: read, sort, match, trim, collect, decide.

`read` is a pure function of the mail, the people and the letters kept; only `Directory` asks the database, and nothing
here writes. Whatever it meets, it answers with an outcome; an exception means a fault of ours, and the mail waits.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from inbox import evidence as signs
from inbox.acknowledgement import forbidden
from inbox.authentication import Word, word_on
from inbox.carriers import Carrier
from inbox.classify import Context, classify
from inbox.digest_answer import Deed
from inbox.digest_items import Digest, with_items
from inbox.lookups import Carried, carried
from inbox.match import Directory, Lead, Match, Standing, leads, match, match_claimed
from inbox.new_words import new_spans, our_marks, told_by_letter, words_of
from inbox.parse import ParsedMail
from inbox.reading import Answer, Arrived, Reading, Result
from inbox.reported import is_return_path, report_result
from inbox.route import Case, PlannedFiling, State, Suggestion, decide
from inbox.staff import DigestReply, StaffWords, of_conversation, of_digest, only_conversation, only_digest
from inbox.trim import OurMarks, Trimmed
from inbox.verdict import Kind, Verdict
from inbox.watched import watched
from school.choice import Choice
from school.command import Command
from school.conversation import Conversation
from school.filing import Filing, Outcome, Seen, Suggested
from school.message_id import token_of
from school.people import Guardian, Teacher
from school.short_reference import without_tags

OLD = timedelta(days=60)  #: an answer to an older letter is flagged, and filed all the same (inbound.md §9.1)


def read(arrived: Arrived, reading: Reading, directory: Directory, now: datetime, *, claimed_by: str = "") -> Result:
    """What this mail is, whose it is, and where its words go, by the roster of *now*: access is never by an old one.

    *claimed_by*: the guardian who said, from her own address, that this mail is hers.
    """
    mail = reading.opener.parse(arrived.raw).result()
    has = carried(mail, arrived.envelope_to, reading, directory)
    result = _read(arrived, mail, has, reading, directory, now, claimed_by)
    return replace(result, invalid_tokens=has.invalid) if has.invalid else result


def _read(  # noqa: PLR0917 - as read, with what the mail carries
    arrived: Arrived,
    mail: ParsedMail,
    has: Carried,
    reading: Reading,
    directory: Directory,
    now: datetime,
    claimed_by: str,
) -> Result:
    held = leads(has.found, directory, now, reading.accept)
    context = _context(mail, has.found, reading, directory)
    guesses = directory.guesses(mail.author or "", has.invalid, arrived.arrived) if has.invalid else 0
    context = replace(context, since_sending=_since_sending(arrived, held), guesses=guesses)
    verdict = classify(mail, context)
    opened = _opened(arrived, mail, verdict)
    if verdict.kind in {Kind.BOUNCE, Kind.COMPLAINT}:
        return report_result(opened, arrived, mail, reading, directory)
    if verdict.kind is not Kind.HUMAN:
        return Result(outcome=opened, mail=mail)
    call = _Call(
        mail=mail,
        context=context,
        opened=opened,
        leads=held,
        reading=reading,
        directory=directory,
        now=now,
        damaged=bool(has.invalid) and not any(lead.signed for lead in held),
    )
    return call.claimed(claimed_by) if claimed_by else call.human()


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
        subject=without_tags(mail.subject),
        content_key=mail.content_key,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """A person's mail, and everything needed to say what becomes of it."""

    mail: ParsedMail
    context: Context
    opened: Outcome
    leads: tuple[Lead, ...]
    reading: Reading
    directory: Directory
    now: datetime
    damaged: bool = False  #: it carries only what nobody signed

    @property
    def today(self) -> date:
        return self.now.astimezone(self.reading.zone).date()

    def human(self) -> Result:
        word = self._word()
        matched = match(self.mail.author, self.leads, word.vouched, self.directory, self.today)
        if matched.verdict:
            trimmed = self._trim(our_marks(self.leads, self.reading))
            return watched(self._not_matched(matched), trimmed, self.reading.words)
        digest = self._digest(matched)
        trimmed = self._trimmed(with_items(our_marks(matched.leads, self.reading), digest), matched)
        machine = self._second_look(trimmed)
        if machine is not None:
            return machine
        found = _with_word(self._matched(matched, trimmed, digest), matched, word)
        return watched(found, trimmed, self.reading.words)

    def _word(self) -> Word:
        """Who vouches for the author; name servers are asked for nobody we do not know."""
        keys = self.reading.dkim_keys if self.context.sender_known else None
        return word_on(self.mail, self.reading.trusted_authserv_ids, self.opened.at, keys)

    def _matched(self, matched: Match, trimmed: Trimmed, digest: Digest) -> Result:
        if matched.choice is not None:
            return self._button(matched, trimmed)
        if matched.command is not None:
            return self._command(matched.command, trimmed)
        if matched.teacher is not None:
            return self._teacher(matched.teacher, matched.leads, trimmed, digest)
        return self._guardian(matched, trimmed)

    def _trim(self, ours: OurMarks) -> Trimmed:
        return self.reading.opener.trim(self.mail.text, self.mail.html, ours).result()

    def _trimmed(self, ours: OurMarks, matched: Match) -> Trimmed:
        """With the letter's own lines where its quotation is unmarked: Outlook's families answer between them."""
        trimmed = self._trim(ours)
        if matched.author is None:
            return trimmed
        told = told_by_letter(trimmed, ours, matched.leads, self.directory, matched.author)
        return self._trim(told) if told else trimmed

    def claimed(self, guardian_id: str) -> Result:
        """The same for a mail whose author we were told; no further automatic mail comes of it."""
        matched = match_claimed(guardian_id, self.leads, self.directory, self.today)
        if matched.verdict:
            return self._not_matched(matched)
        trimmed = self._trimmed(our_marks(matched.leads, self.reading), matched)
        return watched(self._guardian(matched, trimmed, may_tell=False), trimmed, self.reading.words)

    def _second_look(self, trimmed: Trimmed) -> Result | None:
        """What only the lack of new words can show: an absence notice that says so in its subject alone."""
        if trimmed.new_text:
            return None
        verdict = classify(self.mail, replace(self.context, new_text=trimmed.new_text))
        if verdict.kind is Kind.HUMAN:
            return None
        outcome = replace(self.opened, kind=verdict.kind.value, reasons=(verdict.reason,))
        return Result(outcome=outcome, mail=self.mail)

    def _not_matched(self, matched: Match) -> Result:
        claims = bool(matched.claim_guardian_id) and self._could_press(matched)
        tell = "claim" if claims and self._may_tell(matched.claim_guardian_id) else ""
        outcome = replace(
            self.opened,
            state=matched.verdict,
            reasons=(matched.reason,),
            claim_guardian_id=matched.claim_guardian_id,
            tell=tell,
        )
        return Result(outcome=outcome, mail=self.mail, leads=self.leads)

    def _may_tell(self, guardian_id: str) -> bool:
        """No rule of mail forbids it, the school can, and the day's cap leaves room for one more."""
        if not self.reading.policy.may_tell or forbidden(self.mail, self.reading.keys, self.directory.our_id):
            return False
        addressee = self.directory.addressee(guardian_id, self.today)
        return addressee is not None and self.directory.may_tell(addressee.guardian, self.now)

    def _could_press(self, matched: Match) -> bool:
        """Would a button of hers count? By a signed address always; by a tag, where somebody vouches for her mails.

        A mail that carries only damaged tokens is answered to nobody but a verified author (inbound.md §9.1).
        """
        if matched.vouched:
            return True
        verified = bool(self.reading.trusted_authserv_ids) or self.reading.dkim_keys is not None
        others = matched.reason == "unknown-address" and verified  # the registered guardian's own mails may be
        return not self.damaged and (not self.reading.shape.fixed or others)

    # ---- a guardian ----

    def _guardian(self, matched: Match, trimmed: Trimmed, *, may_tell: bool = True) -> Result:
        assert matched.author is not None
        case = self._case(matched, trimmed)
        decision = decide(case)
        may_tell = may_tell and self._could_press(matched)
        if decision.tell and not (may_tell and self._may_tell(matched.author.guardian.id)):
            decision = decide(replace(case, policy=replace(case.policy, may_tell=False)))
        outcome = replace(
            self.opened,
            state=decision.state.value,
            reasons=(*decision.reasons, *_old_letter(matched.leads, self.now)),
            author_id=matched.author.guardian.id,
            filings=tuple(_filing(planned, trimmed) for planned in decision.filings),
            suggestions=tuple(_suggested(held) for held in decision.suggestions),
            evidence=tuple(_seen(found) for found in case.evidence),
            attachments=tuple(held.name for held in self.mail.attachments if not held.decoration),
            tell=decision.tell,
        )
        return Result(outcome=outcome, mail=self.mail, leads=matched.leads, places=case.candidates)

    def _case(self, matched: Match, trimmed: Trimmed) -> Case:
        author = matched.author
        assert author is not None
        assert matched.standing is not None
        places = signs.candidates(author, matched.leads)
        everyday = self.reading.words.everyday
        source = signs.Source(author=author, leads=matched.leads, trimmed=trimmed, everyday=everyday)
        return Case(
            standing=matched.standing,
            candidates=places,
            evidence=signs.collect(source, places),
            trimmed=trimmed,
            attachments=sum(not held.decoration for held in self.mail.attachments),
            words=self.reading.words,
            policy=self.reading.policy,
            subject=self.opened.subject,
            fresh=not self.mail.referenced_ids,
            legal_flag=any(taught.barred for taught in author.children),
            children_gone=signs.children_gone(author, matched.leads, places),
        )

    def _button(self, matched: Match, trimmed: Trimmed) -> Result:
        """A button pressed: it is carried out once; words typed beside it are nobody's button and go to the office."""
        choice = matched.choice
        assert choice is not None
        assert matched.author is not None
        opened = replace(self.opened, author_id=choice.guardian_id, reasons=(f"button-{choice.deed}",))
        if choice.used_at is not None:
            opened = replace(opened, reasons=("button-pressed-before",))
        elif choice.expires <= self.now:
            late = replace(opened, state=State.TRIAGE.value, reasons=("button-too-late",))
            return Result(outcome=late, mail=self.mail)
        if self._says_more(trimmed.new_text, choice, matched.author.guardian):
            place = Suggested(child_id=choice.child_id, role=choice.role, why=("button",))
            opened = replace(
                opened,
                state=State.TRIAGE.value,
                reasons=(*opened.reasons, "with-words"),
                suggestions=(place,) if choice.child_id else (),
            )
        return Result(outcome=opened, mail=self.mail, choice=choice if choice.used_at is None else None)

    def _says_more(self, text: str, choice: Choice, guardian: Guardian) -> bool:
        """Is there more than the button's own words, thanks and a name?"""
        left = " ".join(text.split()).replace(" ".join(choice.label.split()), " ")
        for name in (guardian.full_name, guardian.given_name, guardian.family_name):
            left = left.replace(name, " ") if name else left
        left = left.strip(" .,!-–—")
        return bool(left) and not self.reading.words.only_thanks(left)

    # ---- a teacher ----

    def _digest(self, matched: Match) -> Digest:
        """The items of the digest that is answered; none for any other mail."""
        dispatch = only_digest(matched.leads) if matched.teacher is not None else None
        if dispatch is None:
            return Digest(items=())
        return self.directory.digest(dispatch, self.mail.referenced_ids)

    def _command(self, command: Command, trimmed: Trimmed) -> Result:
        """A button of a digest: it is carried out once; words typed beside it go to the office."""
        opened = replace(self.opened, teacher_id=command.teacher_id, reasons=(f"button-{command.deed}",))
        if command.used_at is not None:
            return Result(outcome=replace(opened, reasons=("button-pressed-before",)), mail=self.mail)
        if command.expires <= self.now:
            late = replace(opened, state=State.TRIAGE.value, reasons=("button-too-late",))
            return Result(outcome=late, mail=self.mail)
        if any(line.strip() and line.strip() != self.opened.subject.strip() for line in trimmed.new_text.split("\n")):
            opened = replace(opened, state=State.TRIAGE.value, reasons=(*opened.reasons, "with-words"))
        return Result(outcome=opened, mail=self.mail, command=command)

    def _teacher(self, teacher: Teacher, held: tuple[Lead, ...], trimmed: Trimmed, digest: Digest) -> Result:
        """A teacher's words go out only to the guardians of the conversations they name, never to a guess."""
        opened = replace(self.opened, teacher_id=teacher.id)
        talk, whole = only_conversation(held), only_digest(held)
        if talk is None and (whole is None or not digest.items):
            reason = "teacher-names-no-single-conversation"
            return Result(outcome=replace(opened, state=State.TRIAGE.value, reasons=(reason,)), mail=self.mail)
        if not trimmed.new_text:
            reason = "teacher-wrote-nothing"
            return Result(outcome=replace(opened, state=State.TRIAGE.value, reasons=(reason,)), mail=self.mail)
        words = self.reading.words
        if talk is not None:
            said = of_conversation(talk, trimmed.new_text, words, teacher)
        else:
            assert whole is not None  # asked above
            said = of_digest(whole, digest, trimmed, words, teacher)
        return self._said(said, teacher, opened, trimmed)

    def _said(self, said: StaffWords, teacher: Teacher, opened: Outcome, trimmed: Trimmed) -> Result:
        if said.handed is not None:
            reason = HANDED[said.handed.deed]
            below = replace(opened, state=State.TRIAGE.value, reasons=(reason, "with-words"))
            outcome = below if said.handed.below else replace(opened, reasons=(reason,))
            return Result(outcome=outcome, mail=self.mail, handed=said.handed)
        if said.digest is not None:
            return self._digest_answer(said.digest, teacher, opened)
        assert said.answers is not None  # one of the three is set
        spans = new_spans(trimmed)
        filing = _answer_filing(said.answers, teacher, words_of(trimmed, spans), spans)
        outcome = replace(opened, state=State.FILED.value, reasons=("teacher-answer",), filings=(filing,))
        answer = Answer(conversation=said.answers, teacher=teacher, text=filing.text)
        return Result(outcome=outcome, mail=self.mail, answer=answer)

    def _digest_answer(self, reply: DigestReply, teacher: Teacher, opened: Outcome) -> Result:
        if not reply.tasks and not reply.unplaced:
            return Result(outcome=replace(opened, state=State.COURTESY.value, reasons=("courtesy",)), mail=self.mail)
        filings = tuple(
            _answer_filing(task.item.conversation, teacher, task.text)
            for task in reply.tasks
            if task.deed is Deed.ANSWER and task.item.conversation is not None
        )
        state = State.ASKED if reply.unplaced else State.FILED
        reasons = ("teacher-digest-answer", *reply.why)
        outcome = replace(opened, state=state.value, reasons=reasons, filings=filings)
        return Result(outcome=outcome, mail=self.mail, digest=reply)


HANDED = {
    Deed.NOT_MINE: "not-mine",
    Deed.OFFICE: "teacher-to-office",
    Deed.ALSO_FOR: "teacher-also-for",
    Deed.PASS_ON: "teacher-passes-on",
    Deed.STOP: "teacher-stop",
}


def _answer_filing(talk: Conversation, teacher: Teacher, text: str, spans: tuple[tuple[int, int], ...] = ()) -> Filing:
    return Filing(
        child_id=talk.child_id,
        class_id=talk.class_id,
        role=talk.role,
        spans=spans,
        text=text,
        teacher_ids=(teacher.id,),
        conversation_id=talk.id,
    )


def _with_word(result: Result, matched: Match, word: Word) -> Result:
    """With who vouched among the evidence, where that alone makes the author known."""
    if matched.standing is not Standing.VOUCHED:
        return result
    said = Seen(sign="author", place=word.by, strength=word.vouched.value, child_id="", role="")
    return replace(result, outcome=replace(result.outcome, evidence=(said, *result.outcome.evidence)))


def _since_sending(arrived: Arrived, held: tuple[Lead, ...]) -> timedelta | None:
    """From the newest letter it answers to its arrival; None when it answers none."""
    sent = [lead.dispatch.created for lead in held if lead.dispatch]
    return arrived.arrived - max(sent) if sent else None


def _old_letter(held: tuple[Lead, ...], now: datetime) -> tuple[str, ...]:
    return ("old-letter",) if any(lead.dispatch and lead.dispatch.created + OLD < now for lead in held) else ()


def _suggested(held: Suggestion) -> Suggested:
    return Suggested(child_id=held.place.child.id, role=held.place.role, why=held.why)


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


def _context(mail: ParsedMail, found: tuple[Carrier, ...], reading: Reading, directory: Directory) -> Context:
    author = mail.author or ""
    return Context(
        our_addresses=reading.our_addresses,
        is_ours=lambda message_id: token_of(message_id, reading.keys) is not None,
        is_bounce_address=lambda address: is_return_path(address, reading),
        has_token=bool(found),
        sender_known=bool(directory.guardians_at(author) or directory.teachers_at(author)),
    )
