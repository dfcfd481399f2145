"""Automatic letters to the school's own people: a teacher's receipt, and what the office must know."""

from dataclasses import dataclass, replace
from datetime import datetime

from mailer.compose import Draft
from mailer.postmark import Postmark, letter
from mailer.render import LetterPress, NoticePage
from school.letter import Dispatch, Letter, LetterKind
from school.people import Teacher
from school.reply_address import TokenKind

OFFICE = "office"  #: recipient of the office's letters: no person of the roster


@dataclass(frozen=True, kw_only=True)
class StaffNoticeWriter:
    press: LetterPress
    postmark: Postmark

    def to_teacher(  # noqa: PLR0917 - what, to whom, in answer to what
        self,
        page: NoticePage,
        teacher: Teacher,
        spool_id: int,
        answers: str,
        about: int,
        now: datetime,
        references: tuple[str, ...] = (),
    ) -> tuple[Letter, Dispatch]:
        """The receipt of a teacher's mail about the digest or conversation *about*: so is a reply to it ("stop 3").

        Never sent twice, from nobody (RFC 3834 §3.3), and its ids carry our loop mark.
        """
        postmark = self.postmark
        public_id = postmark.new_public_id()
        loop_mark = postmark.anchor(TokenKind.CONFIRM, public_id)
        rendered = self.press.notice(page)
        draft = Draft(
            kind=LetterKind.NOTICE,
            from_name=postmark.school_name,
            from_address=postmark.from_addresses[LetterKind.NOTICE],
            to_name=teacher.shown_name,
            to_address=teacher.address,
            reply_to=postmark.reply_address(TokenKind.STAFF, about),
            subject=postmark.tagged(rendered.subject, TokenKind.STAFF, about),
            date=now,
            message_id=postmark.message_id(TokenKind.CONFIRM, public_id),
            in_reply_to=answers,
            references=tuple(held for held in (loop_mark, *references, answers) if held),
            text=rendered.text,
            html=rendered.html,
            language=rendered.language,
            boundary_seed=str(public_id),
        )
        return self._finished(draft, public_id, f"notice:{spool_id}", teacher.id, now)

    def to_office(self, page: NoticePage, run: str, address: str, now: datetime) -> tuple[Letter, Dispatch]:
        """A letter to the office: at least once, like every alert."""
        postmark = self.postmark
        public_id = postmark.new_public_id()
        rendered = self.press.notice(page)
        draft = Draft(
            kind=LetterKind.DIGEST,
            from_name=postmark.school_name,
            from_address=postmark.from_addresses[LetterKind.DIGEST],
            to_name=page.person,
            to_address=address,
            reply_to="",
            subject=rendered.subject,
            date=now,
            message_id=postmark.message_id(TokenKind.CONFIRM, public_id),
            references=(postmark.anchor(TokenKind.CONFIRM, public_id),),
            text=rendered.text,
            html=rendered.html,
            language=rendered.language,
            boundary_seed=str(public_id),
        )
        return self._finished(draft, public_id, run, OFFICE, now)

    def _finished(
        self, draft: Draft, public_id: int, run: str, recipient_id: str, now: datetime
    ) -> tuple[Letter, Dispatch]:
        at_most_once = draft.kind.at_most_once
        finished = letter(
            run=run,
            kind=draft.kind,
            recipient_id=recipient_id,
            draft=draft,
            raw=self.postmark.finish(draft, now),
            envelope_from="" if at_most_once else self.postmark.return_path(public_id),
            now=now,
        )
        if not at_most_once:
            finished = replace(finished, priority=1)  # the office waits for nobody's digest
        dispatch = Dispatch(
            public_id=public_id,
            kind=draft.kind,
            run=run,
            recipient_id=recipient_id,
            message_id=draft.message_id,
            created=now,
        )
        return finished, dispatch
