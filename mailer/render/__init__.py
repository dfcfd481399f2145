"""From values to finished words: the press, and the values it takes and gives."""

from mailer.render.pages import (
    AnswerPage,
    Choice,
    ChoiceKind,
    DigestEntry,
    DigestPage,
    DigestTurn,
    DoneLine,
    Enclosure,
    NewsletterLinks,
    NoticeKind,
    NoticePage,
    Rendered,
    SchoolFace,
    TrayLine,
)
from mailer.render.press import LetterPress, template_folder
from mailer.template_error import TemplateError

__all__ = [
    "AnswerPage",
    "Choice",
    "ChoiceKind",
    "DigestEntry",
    "DigestPage",
    "DigestTurn",
    "DoneLine",
    "Enclosure",
    "LetterPress",
    "NewsletterLinks",
    "NoticeKind",
    "NoticePage",
    "Rendered",
    "SchoolFace",
    "TemplateError",
    "TrayLine",
    "template_folder",
]
