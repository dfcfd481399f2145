"""An automatic mail to one guardian: where her message went, whom it was about, whether it was hers, whether to stop.

Only to her registered address; it quotes nothing, and the words of the mail it answers are not in it. Its ids carry our
loop mark, so an automatic answer to it is never answered (RFC 3834 §2).
"""

from dataclasses import dataclass
from datetime import datetime

from mailer.compose import Draft
from mailer.postmark import Postmark, letter
from mailer.render import Choice as Button
from mailer.render import ChoiceKind, LetterPress, NoticeKind, NoticePage
from school.conversation import Conversation
from school.letter import Dispatch, Letter, LetterKind
from school.people import Guardian
from school.reply_address import Token, TokenKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One button to be: the public id its address carries, what is on it, and the child's name."""

    public_id: int
    kind: ChoiceKind
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Everything one automatic mail is made of."""

    spool_id: int  #: the mail that caused it: at most one automatic mail each
    kind: NoticeKind
    guardian: Guardian
    language: str
    options: tuple[Option, ...]
    answers: str = ""  #: Message-ID of the mail it answers, or of our letter that mail was about
    reply_public_id: int | None = None  #: the letter a plain Reply belongs to; None: the notice itself
    subject: str = ""  #: of the mail it answers; empty where its author may be somebody else
    at: datetime | None = None
    child: str = ""
    child_ids: tuple[str, ...] = ()  #: the children it names: asked again when it is sent
    teachers: tuple[str, ...] = ()
    reason: str = ""
    reply_talk: Conversation | None = None  #: a plain Reply belongs to this conversation
    until: datetime | None = None  #: when somebody reads it


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenNotice:
    letter: Letter
    dispatch: Dispatch
    labels: tuple[str, ...]  #: the words on each button, as its mail will hold them


@dataclass(frozen=True, kw_only=True)
class NoticeWriter:
    press: LetterPress
    postmark: Postmark

    def write(self, notice: Notice, now: datetime) -> WrittenNotice:
        """The finished letter, what routing keeps of it, and the words of its buttons."""
        postmark = self.postmark
        public_id = postmark.new_public_id()
        page = self._page(notice)
        rendered = self.press.notice(page)
        back = _reply_token(notice, public_id)
        draft = Draft(
            kind=LetterKind.NOTICE,
            from_name=postmark.school_name,
            from_address=postmark.from_addresses[LetterKind.NOTICE],
            to_name=notice.guardian.full_name,
            to_address=notice.guardian.address,
            reply_to=postmark.reply_address(back.kind, back.public_id, back.ordinal),
            subject=postmark.tagged(rendered.subject, back.kind, back.public_id, back.ordinal),
            date=now,
            message_id=postmark.message_id(TokenKind.CONFIRM, public_id),
            in_reply_to=notice.answers,
            references=(postmark.anchor(TokenKind.CONFIRM, public_id), *([notice.answers] if notice.answers else ())),
            text=rendered.text,
            html=rendered.html,
            language=rendered.language,
            boundary_seed=str(public_id),
        )
        finished = letter(
            run=f"notice:{notice.spool_id}",
            kind=LetterKind.NOTICE,
            recipient_id=notice.guardian.id,
            draft=draft,
            raw=postmark.finish(draft, now),
            envelope_from="",  # RFC 3834 §3.3: nothing comes back, so nothing can go round
            now=now,
            child_ids=notice.child_ids,
        )
        dispatch = Dispatch(
            public_id=public_id,
            kind=LetterKind.NOTICE,
            run=finished.run,
            recipient_id=notice.guardian.id,
            message_id=finished.message_id,
            created=now,
        )
        return WrittenNotice(letter=finished, dispatch=dispatch, labels=self.press.labels(page))

    def _page(self, notice: Notice) -> NoticePage:
        return NoticePage(
            kind=notice.kind,
            person=notice.guardian.full_name,
            language=notice.language,
            subject=notice.subject,
            at=notice.at,
            child=notice.child,
            teachers=notice.teachers,
            reason=notice.reason,
            until=notice.until,
            choices=tuple(
                Button(
                    kind=option.kind,
                    address=self.postmark.reply_address(TokenKind.CONFIRM, option.public_id),
                    name=option.name,
                    tag=self.postmark.tag(TokenKind.CONFIRM, option.public_id),
                )
                for option in notice.options
            ),
        )


def _reply_token(notice: Notice, public_id: int) -> Token:
    """What a plain Reply to it belongs to."""
    if notice.reply_talk is not None:
        talk = notice.reply_talk
        return Token(kind=TokenKind.THREAD, public_id=talk.public_id, ordinal=talk.generation)
    reply_id = public_id if notice.reply_public_id is None else notice.reply_public_id
    return Token(kind=TokenKind.DISPATCH, public_id=reply_id)
