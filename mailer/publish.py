"""An issue's letters: each guardian's edition rendered, composed and signed, one by one, never all in memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mailer.address import on_the_wire
from mailer.compose import Draft, HeaderRefused
from mailer.edition import ItemShelf, for_guardian
from mailer.letter_size import LongLetters, too_long
from mailer.postmark import Postmark, letter
from mailer.render import LetterPress, NewsletterLinks, Rendered
from mailer.render.mailto import mailto
from school.audience import Addressee
from school.errors import PermanentError
from school.issue import Edition, Issue, Skipped
from school.letter import Dispatch, DispatchSection, Letter, LetterKind
from school.reply_address import TokenKind


class LetterTooLongError(PermanentError):
    """Every letter of an issue would be cut by mail programs; the text says what to shorten."""


class _TooLongToSend(Exception):  # noqa: N818 - one letter's state; the others go on
    def __init__(self, words: str) -> None:
        super().__init__(words)


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """How this school's newsletter is made."""

    press: LetterPress
    postmark: Postmark
    school_language: str
    suppressed: Callable[[str], bool]  #: does mail to this address go nowhere?
    stopped: Callable[[str], bool]  #: did this guardian (by id) ask for no weekly letter?

    def letters(
        self,
        issue: Issue,
        shelf: ItemShelf,
        addressees: Iterable[Addressee],
        skipped: list[Skipped],
        now: datetime,
        *,
        long_letters: LongLetters | None = None,
    ) -> Iterator[tuple[Letter, Dispatch]]:
        """Each guardian's finished letter and what routing keeps of it; who gets none is added to *skipped*.

        Letters near the cut are added to *long_letters*. LetterTooLongError at the end when each one would be cut.
        """
        made, cut = 0, ""
        for addressee in addressees:
            edition = self.edition(issue, shelf, addressee)
            if isinstance(edition, Skipped):
                skipped.append(edition)
                continue
            try:
                finished = self.letter(edition, now, long_letters)
            except HeaderRefused as exc:
                skipped.append(Skipped(guardian_id=addressee.guardian.id, reason="address-unusable", detail=str(exc)))
            except _TooLongToSend as exc:
                cut = str(exc)
                skipped.append(Skipped(guardian_id=addressee.guardian.id, reason="too-long", detail=cut))
            else:
                made += 1
                yield finished
        if cut and not made:
            raise LetterTooLongError(f"issue {issue.id}: no letter can go out; each has about {cut}")

    def edition(self, issue: Issue, shelf: ItemShelf, addressee: Addressee) -> Edition | Skipped:
        if self.stopped(addressee.guardian.id):
            return Skipped(guardian_id=addressee.guardian.id, reason="stopped")
        address = addressee.guardian.address
        suppressed = bool(address) and self.suppressed(on_the_wire(address))
        return for_guardian(issue, addressee, shelf, self.school_language, suppressed=suppressed)

    def letter(
        self, edition: Edition, now: datetime, long_letters: LongLetters | None = None
    ) -> tuple[Letter, Dispatch]:
        """One guardian's letter; the same edition with the same public id gives the same bytes."""
        public_id = self.postmark.new_public_id()
        links = self.links(edition, public_id)
        rendered = self.press.newsletter(edition, links)
        self._check_length(edition, rendered, long_letters)
        run = f"issue:{edition.issue.id}"
        draft = self._draft(edition, rendered, links, public_id, now)
        finished = letter(
            run=run,
            kind=LetterKind.NEWSLETTER,
            recipient_id=edition.guardian.id,
            draft=draft,
            raw=self.postmark.finish(draft, now),
            envelope_from=self.postmark.return_path(public_id),
            now=now,
            child_ids=tuple(dict.fromkeys(section.child.id for section in edition.sections)),
        )
        return finished, self._dispatch(edition, rendered, public_id, finished)

    def _check_length(self, edition: Edition, rendered: Rendered, long_letters: LongLetters | None) -> None:
        long = too_long(edition, rendered.html, self.school_language)
        if long is not None and long.cut:
            raise _TooLongToSend(long.words())
        if long is not None and long_letters is not None:
            long_letters.add(long)

    def links(self, edition: Edition, public_id: int) -> NewsletterLinks:
        """Every signed address of one letter."""
        postmark = self.postmark
        ordinals = [section.ordinal for section in edition.sections if section.ordinal]
        reply_to = postmark.reply_address(TokenKind.DISPATCH, public_id)
        return NewsletterLinks(
            reply_to=reply_to,
            section_reply={
                ordinal: postmark.reply_address(TokenKind.SECTION, public_id, ordinal) for ordinal in ordinals
            },
            section_ref={ordinal: f"Ref {postmark.visible_ref(public_id, ordinal)}" for ordinal in ordinals},
            section_tag={ordinal: postmark.tag(TokenKind.SECTION, public_id, ordinal) for ordinal in ordinals},
            tag=postmark.tag(TokenKind.DISPATCH, public_id),
            unsubscribe_mail=reply_to,
            unsubscribe_url=postmark.unsubscribe_link(public_id),
        )

    def _draft(
        self, edition: Edition, rendered: Rendered, links: NewsletterLinks, public_id: int, now: datetime
    ) -> Draft:
        postmark = self.postmark
        domain = postmark.from_addresses[LetterKind.NEWSLETTER].rpartition("@")[2]
        return Draft(
            kind=LetterKind.NEWSLETTER,
            from_name=postmark.school_name,
            from_address=postmark.from_addresses[LetterKind.NEWSLETTER],
            to_name=edition.guardian.full_name,
            to_address=edition.guardian.address,
            reply_to=links.reply_to,
            subject=postmark.tagged(rendered.subject, TokenKind.DISPATCH, public_id),
            date=now,
            message_id=postmark.message_id(TokenKind.DISPATCH, public_id),
            references=(postmark.anchor(TokenKind.DISPATCH, public_id),),
            text=rendered.text,
            html=rendered.html,
            language=rendered.language,
            enclosures=rendered.attachments,
            list_id=f"{postmark.school_name} <weekly.{domain}>",
            unsubscribe_mail=mailto(links.unsubscribe_mail, "unsubscribe", tag=links.tag),
            unsubscribe_url=links.unsubscribe_url,
            feedback_id=f"{edition.issue.id}:newsletter:0:{domain.replace('.', '-')}",
            boundary_seed=str(public_id),
        )

    def _dispatch(self, edition: Edition, rendered: Rendered, public_id: int, finished: Letter) -> Dispatch:
        return Dispatch(
            public_id=public_id,
            kind=LetterKind.NEWSLETTER,
            run=finished.run,
            recipient_id=edition.guardian.id,
            message_id=finished.message_id,
            created=finished.not_before,
            sections=tuple(
                DispatchSection(
                    ordinal=section.ordinal,
                    child_id=section.child.id,
                    class_id=section.class_group.id,
                    role=section.role,
                    fingerprints=rendered.fingerprints.get(section.ordinal, ()),
                    visible_ref=self.postmark.visible_ref(public_id, section.ordinal),
                )
                for section in edition.sections
                if section.ordinal
            ),
        )
