"""A teacher's answer as its template sees it."""

from dataclasses import dataclass

from markupsafe import Markup

from mailer import markdown
from mailer.phrases import Phrases
from mailer.render.buttons import answering
from mailer.render.mailto import mailto
from mailer.render.pages import AnswerPage
from mailer.signs import one_line


@dataclass(frozen=True, slots=True)
class AnswerView:
    guardian: str
    teacher: str
    child: str
    class_title: str
    html: Markup
    text: str
    subject: str
    href: str
    address: str
    tag: str
    ref: str
    files: str  #: what the teacher attached and nobody got, as one list
    preheader: str


def view(page: AnswerPage, phrases: Phrases) -> AnswerView:
    return AnswerView(
        guardian=one_line(page.guardian),
        teacher=one_line(page.teacher),
        child=one_line(page.child),
        class_title=one_line(page.class_title),
        html=Markup(markdown.text_to_html(page.words, phrases.direction)),  # noqa: S704  # escaped, then nh3
        text=markdown.rewrapped(page.words),
        subject=answering(page.subject),
        href=mailto(page.reply_to, answering(page.subject), tag=page.tag),
        address=page.reply_to,
        tag=page.tag,
        ref=one_line(page.visible_ref),
        files=phrases.all_of(one_line(name) for name in page.attachments) if page.attachments else "",
        preheader=one_line(page.words)[:120],
    )


def thanks(phrases: Phrases) -> str:
    return phrases("Thank you for your message. It was good to hear from you.")
