"""A digest, an answer and a notice as their templates see them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from mailer import markdown
from mailer.phrases import Phrases
from mailer.render import staff_words
from mailer.render.mailto import mailto
from mailer.render.pages import (
    AnswerPage,
    Choice,
    ChoiceKind,
    DigestEntry,
    DigestPage,
    NoticeKind,
    NoticePage,
    SchoolFace,
)
from mailer.signs import one_line


@dataclass(frozen=True, slots=True)
class TurnView:
    at: str
    html: Markup
    text: str
    attachments: tuple[str, ...]
    files: tuple[str, ...]
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryView:
    number: int
    guardian: str
    relation: str
    subject: str  #: a subject teacher's role, as a word
    turns: tuple[TurnView, ...]
    button: str
    href: str
    address: str
    tag: str
    not_mine_href: str
    not_mine_address: str
    not_mine_tag: str
    picks: tuple["ChoiceView", ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class ChildView:
    child: str
    class_title: str
    entries: tuple[EntryView, ...]
    opens_home: bool  #: the heading "thanks and news from home" stands above it
    opens_picks: bool  #: the heading that ends it, for mails whose child she picks


@dataclass(frozen=True, slots=True)
class DigestView:
    teacher: str
    day: str
    count: int
    waiting: int  #: how many of them wait for an answer
    children: tuple[ChildView, ...]
    rhythms: tuple["ChoiceView", ...]
    urgent: bool
    preheader: str


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


@dataclass(frozen=True, slots=True)
class ChoiceView:
    label: str
    href: str
    address: str
    tag: str
    quiet: bool  #: the way out, shown smaller: the office, "no"


@dataclass(frozen=True, slots=True)
class NoticeView:
    kind: str
    person: str
    headline: str
    lines: tuple[str, ...]
    words_html: Markup
    words_text: str
    choices: tuple[ChoiceView, ...]
    subject: str
    preheader: str


def digest(page: DigestPage, phrases: Phrases, face: SchoolFace) -> DigestView:
    groups = [tuple(held) for _, held in groupby(page.entries, key=lambda entry: (entry.from_home, entry.child_id))]
    before = [False, *(entries[0].from_home for entries in groups)]
    children = tuple(
        _child(entries, phrases, face, after_home=home) for entries, home in zip(groups, before, strict=False)
    )
    return DigestView(
        teacher=one_line(page.teacher),
        day=phrases.day(page.day),
        count=len(page.entries),
        waiting=sum(not entry.from_home for entry in page.entries),
        children=children,
        rhythms=tuple(_rhythm(choice, phrases) for choice in page.rhythms),
        urgent=page.urgent,
        # No name here: an inbox shows this beside the subject, on a lock screen too.
        preheader=phrases("Press the button under a message to answer it."),
    )


def digest_foot(phrases: Phrases) -> str:
    """The first words of what stands below the last item."""
    said = phrases("Only you get this mail. Please do not forward it: it holds families’ words about their children.")
    return " ".join(said.split()[:4])[:16]


def digest_breaks(phrases: Phrases) -> tuple[str, ...]:
    """The headings between items that are no child's name."""
    return (phrases("Thanks and news from home"), phrases("Which child is it about?"))


def _child(entries: tuple[DigestEntry, ...], phrases: Phrases, face: SchoolFace, *, after_home: bool) -> ChildView:
    return ChildView(
        child=one_line(entries[0].child),
        class_title=one_line(entries[0].class_title),
        entries=tuple(_entry(entry, phrases, face) for entry in entries),
        opens_home=entries[0].from_home and not after_home,
        opens_picks=after_home and not entries[0].from_home,
    )


def _entry(entry: DigestEntry, phrases: Phrases, face: SchoolFace) -> EntryView:
    return EntryView(
        number=entry.number,
        guardian=one_line(entry.guardian),
        relation=_relation(entry.relation, phrases),
        subject=one_line(entry.role[:1].upper() + entry.role[1:]),
        turns=tuple(
            TurnView(
                at=phrases.moment(turn.at, face.zone),
                html=Markup(markdown.text_to_html(turn.words, phrases.direction)),  # noqa: S704  # escaped, then nh3
                text=markdown.quoted(turn.words),
                attachments=tuple(one_line(name) for name in turn.attachments),
                files=tuple(one_line(name) for name in turn.files),
                earlier=tuple(one_line(name) for name in turn.earlier),
            )
            for turn in entry.turns
        ),
        button=phrases("Answer %(guardian)s", guardian=one_line(entry.guardian)),
        href=mailto(entry.reply_to, answering(entry.subject), tag=entry.tag) if entry.reply_to else "",
        address=entry.reply_to,
        tag=entry.tag,
        picks=tuple(_pick(choice, phrases) for choice in entry.picks),
        closed=entry.closed,
        not_mine_href=_not_mine(entry, phrases),
        not_mine_address=entry.not_mine,
        not_mine_tag=entry.not_mine_tag,
    )


def _not_mine(entry: DigestEntry, phrases: Phrases) -> str:
    words = phrases("Not for me")
    return mailto(entry.not_mine, words, words, entry.not_mine_tag) if entry.not_mine else ""


def _pick(choice: Choice, phrases: Phrases) -> ChoiceView:
    label = phrases("It was about %(child)s", child=one_line(choice.name))
    plain = phrases.plain(label)
    return ChoiceView(
        label=label,
        href=mailto(choice.address, plain, plain, choice.tag) if choice.address else "",
        address=choice.address,
        tag=choice.tag,
        quiet=False,
    )


def _rhythm(choice: Choice, phrases: Phrases) -> ChoiceView:
    label = {
        "daily": phrases("once a day"),
        "twice": phrases("twice a day"),
        "weekly": phrases("once a week"),
    }.get(choice.name, one_line(choice.name))
    subject = phrases("My digest: %(how)s", how=label)
    plain = phrases.plain(subject)
    return ChoiceView(
        label=label,
        href=mailto(choice.address, plain, plain, choice.tag),
        address=choice.address,
        tag=choice.tag,
        quiet=True,
    )


def _relation(relation: str, phrases: Phrases) -> str:
    """The roster's word in the reader's language where we know it; as written where we do not."""
    known = {
        "mother": phrases("mother"),
        "father": phrases("father"),
        "parent": phrases("parent"),
        "guardian": phrases("guardian"),
        "grandparent": phrases("grandparent"),
        "relative": phrases("relative"),
    }
    return known.get(relation.strip().lower(), one_line(relation))


def answer(page: AnswerPage, phrases: Phrases) -> AnswerView:
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


def answering(subject: str) -> str:
    """As in "Re: …", once, however often the mail went to and fro."""
    rest = one_line(subject)
    while rest[:3].lower() == "re:":
        rest = rest[3:].strip()
    return f"Re: {rest}".strip()


def notice(page: NoticePage, phrases: Phrases, face: SchoolFace) -> NoticeView:
    headline, lines = WORDS[page.kind](page, phrases, face)
    return NoticeView(
        kind=page.kind.value,
        person=one_line(page.person),
        headline=headline,
        lines=tuple(lines),
        words_html=Markup(markdown.text_to_html(page.words, phrases.direction)),  # noqa: S704  # escaped, then nh3
        words_text=markdown.quoted(page.words),
        choices=tuple(_choice(choice, page, phrases) for choice in page.choices),
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
    return tuple(phrases.plain(_choice(choice, page, phrases).label) for choice in page.choices)


def _choice(choice: Choice, page: NoticePage, phrases: Phrases) -> ChoiceView:
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
            return _rhythm(choice, phrases)
    plain = phrases.plain(label)
    return ChoiceView(
        label=label,
        href=mailto(choice.address, answering(page.subject) if page.subject else plain, plain, choice.tag),
        address=choice.address,
        tag=choice.tag,
        quiet=choice.kind in {ChoiceKind.OFFICE, ChoiceKind.NO, ChoiceKind.KEEP},
    )
