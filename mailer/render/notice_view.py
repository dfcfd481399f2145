"""A notice as its template sees it: what it says, kind by kind, and its buttons."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from mailer import markdown
from mailer.phrases import Phrases
from mailer.render import staff_words
from mailer.render.buttons import ButtonView, answering, rhythm
from mailer.render.mailto import mailto
from mailer.render.pages import Choice, ChoiceKind, NoticeKind, NoticePage, SchoolFace
from mailer.signs import one_line


@dataclass(frozen=True, slots=True)
class NoticeView:
    kind: str
    person: str
    headline: str
    lines: tuple[str, ...]
    words_html: Markup
    words_text: str
    choices: tuple[ButtonView, ...]
    subject: str
    preheader: str


def view(page: NoticePage, phrases: Phrases, face: SchoolFace) -> NoticeView:
    headline, lines = WORDS[page.kind](page, phrases, face)
    return NoticeView(
        kind=page.kind.value,
        person=one_line(page.person),
        headline=headline,
        lines=tuple(lines),
        words_html=Markup(markdown.text_to_html(page.words, phrases.direction)),  # noqa: S704  # escaped, then nh3
        words_text=markdown.quoted(page.words),
        choices=tuple(_button(choice, page, phrases) for choice in page.choices),
        subject=answering(page.subject) if page.subject else headline,
        preheader=phrases.plain(one_line(" ".join(lines)))[:120],
    )


def _receipt(page: NoticePage, phrases: Phrases, _face: SchoolFace) -> tuple[str, list[str]]:
    teachers, child = phrases.all_of(one_line(name) for name in page.teachers), one_line(page.child)
    if teachers:
        headline = phrases("Your message about %(child)s went to %(teacher)s", child=child, teacher=teachers)
    else:
        headline = phrases("Your message about %(child)s reached us", child=child)
    return headline, [
        phrases("Nothing more to do if that is right. If it was about someone else, press a button and send.")
    ]


def _ask(_page: NoticePage, phrases: Phrases, _face: SchoolFace) -> tuple[str, list[str]]:
    return phrases("Who was your message about?"), [
        phrases("We want to pass it to the right teacher, and we were not sure."),
        phrases("Press a button and send the mail that opens; you need not write anything."),
    ]


def _claim(page: NoticePage, phrases: Phrases, face: SchoolFace) -> tuple[str, list[str]]:
    when = phrases.moment(page.at, face.zone) if page.at else ""
    first = (
        phrases("On %(when)s we got an answer to your school letter from an address we do not know.", when=when)
        if when
        else phrases("We got an answer to your school letter from an address we do not know.")
    )
    if page.reason == "author-not-verified":
        first = phrases("We got a mail in your name, and could not check that it came from you.")
    return phrases("Was this message from you?"), [
        first,
        phrases("It waits until you tell us. If it was not from you, only the school office will deal with it."),
    ]


def _preference(_page: NoticePage, phrases: Phrases, _face: SchoolFace) -> tuple[str, list[str]]:
    return phrases("Shall we stop the weekly letter?"), [
        phrases("You asked us to stop. Press a button and send the mail that opens; nothing changes before that."),
        phrases("Teachers can still answer you."),
    ]


WORDS: dict[NoticeKind, Callable[[NoticePage, Phrases, SchoolFace], tuple[str, list[str]]]] = {
    NoticeKind.STAFF_RECEIPT: staff_words.receipt,
    NoticeKind.HOURS: staff_words.hours,
    NoticeKind.URGENT: staff_words.urgent,
    NoticeKind.ALERT: staff_words.alert,
    NoticeKind.OFFICE: staff_words.office,
    NoticeKind.RECEIPT: _receipt,
    NoticeKind.ASK: _ask,
    NoticeKind.CLAIM: _claim,
    NoticeKind.PREFERENCE: _preference,
    NoticeKind.UNDELIVERED: staff_words.undelivered,
}


def labels(page: NoticePage, phrases: Phrases) -> tuple[str, ...]:
    """The words on each button, which its mail holds as subject and body."""
    return tuple(phrases.plain(_button(choice, page, phrases).label) for choice in page.choices)


def _button(choice: Choice, page: NoticePage, phrases: Phrases) -> ButtonView:
    name = one_line(choice.name)
    match choice.kind:
        case ChoiceKind.CHILD:
            label = phrases("It was about %(child)s", child=name)
        case ChoiceKind.OFFICE:
            label = phrases("Something else: send it to the office")
        case ChoiceKind.YES:
            label = phrases("Yes, this was me")
        case ChoiceKind.NO:
            label = phrases("No, this was not me")
        case ChoiceKind.STOP:
            label = phrases("Yes, stop the weekly letter")
        case ChoiceKind.KEEP:
            label = phrases("No, go on sending it")
        case ChoiceKind.CONVERSATION:
            label = phrases("It was for %(name)s", name=name)
        case ChoiceKind.RHYTHM:
            return rhythm(choice, phrases)
    plain = phrases.plain(label)
    return ButtonView(
        label=label,
        href=mailto(choice.address, answering(page.subject) if page.subject else plain, plain, choice.tag),
        address=choice.address,
        tag=choice.tag,
        quiet=choice.kind in {ChoiceKind.OFFICE, ChoiceKind.NO, ChoiceKind.KEEP},
    )
