"""A teacher's mailed answer, relayed: to that guardian alone, under the school's name, in her thread.

The teacher's own address is nowhere in it, and no quote travels along: a digest holds other families' words.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from mailer.compose import Draft
from mailer.postmark import Postmark, letter
from mailer.render import AnswerPage, LetterPress, Rendered
from school.conversation import Conversation, Message
from school.letter import Dispatch, Letter, LetterKind
from school.people import Child, ClassGroup, Guardian, Teacher
from school.reply_address import TokenKind

MOST_REFERENCES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """Everything one relayed answer is made of."""

    spool_id: int  #: the teacher's mail: one answer each, however often it is processed
    conversation: Conversation
    guardian: Guardian
    language: str
    child: Child
    class_group: ClassGroup | None
    teacher: Teacher
    words: str
    seq: int = 0  #: the item's number where one mail answers several
    not_before: datetime | None = None  #: it can be taken back until then; None = it goes at once
    files: tuple[str, ...] = ()  #: names of what the teacher attached: none of it travels


@dataclass(frozen=True, kw_only=True)
class AnswerWriter:
    press: LetterPress
    postmark: Postmark

    def letter(self, relay: Relay, now: datetime) -> tuple[Letter, Dispatch]:
        """The answer as a finished letter, and what routing keeps of it."""
        postmark, talk = self.postmark, relay.conversation
        asked = next((turn for turn in reversed(talk.messages) if turn.author == "guardian"), None)
        page = AnswerPage(
            guardian=relay.guardian.full_name,
            language=relay.language,
            teacher=relay.teacher.shown_name,
            child=relay.child.first_name,
            words=relay.words,
            subject=asked.subject if asked else "",
            reply_to=postmark.reply_address(TokenKind.THREAD, talk.public_id, talk.generation),
            tag=postmark.tag(TokenKind.THREAD, talk.public_id, talk.generation),
            class_title=relay.class_group.title if relay.class_group else "",
            attachments=relay.files,
        )
        public_id = postmark.new_public_id()
        draft = self._draft(relay, asked, self.press.answer(page), page.reply_to, str(public_id), now=now)
        finished = letter(
            run=f"answer:{relay.spool_id}",
            kind=LetterKind.ANSWER,
            recipient_id=relay.guardian.id,
            draft=draft,
            raw=postmark.finish(draft, now),
            envelope_from=postmark.return_path(public_id),
            now=now,
            child_ids=(relay.child.id,),
            seq=relay.seq,
        )
        if relay.not_before is not None and relay.not_before > now:
            waits = relay.not_before - now
            finished = replace(finished, not_before=relay.not_before, expires=finished.expires + waits)
        dispatch = Dispatch(
            public_id=public_id,
            kind=LetterKind.ANSWER,
            run=finished.run,
            recipient_id=relay.guardian.id,
            message_id=finished.message_id,
            created=now,
            conversation_ids=(talk.id,),
        )
        return finished, dispatch

    def _draft(
        self,
        relay: Relay,
        asked: Message | None,
        rendered: Rendered,
        reply_to: str,
        boundary_seed: str,
        *,
        now: datetime,
    ) -> Draft:
        postmark, talk = self.postmark, relay.conversation
        return Draft(
            kind=LetterKind.ANSWER,
            from_name=f"{relay.teacher.shown_name} · {postmark.school_name}",
            from_address=postmark.from_addresses[LetterKind.ANSWER],
            to_name=relay.guardian.full_name,
            to_address=relay.guardian.address,
            reply_to=reply_to,
            subject=postmark.tagged(rendered.subject, TokenKind.THREAD, talk.public_id, talk.generation),
            date=now,
            message_id=postmark.message_id(TokenKind.THREAD, talk.public_id, talk.generation),
            in_reply_to=asked.message_id if asked else "",
            references=chain(postmark.anchor(TokenKind.THREAD, talk.public_id, talk.generation), asked),
            text=rendered.text,
            html=rendered.html,
            language=rendered.language,
            boundary_seed=boundary_seed,
        )


def chain(anchor: str, asked: Message | None) -> tuple[str, ...]:
    """References of an answer: our anchor, then the parent's own chain and id, the newest ones if there are many.

    RFC 5322 §3.6.4; at most ten, for some servers cut the field at 998 characters.
    """
    if asked is None:
        return (anchor,)
    known = [held for held in (*asked.references, asked.message_id) if held and held != anchor]
    return (anchor, *tuple(dict.fromkeys(known))[-(MOST_REFERENCES - 1) :])
