"""A digest as its template sees it: a group for each child, an entry for each conversation."""

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from mailer import markdown
from mailer.phrases import Phrases
from mailer.render.buttons import ButtonView, answering, rhythm
from mailer.render.mailto import mailto
from mailer.render.pages import Choice, DigestEntry, DigestPage, SchoolFace
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
    picks: tuple[ButtonView, ...]
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
    rhythms: tuple[ButtonView, ...]
    urgent: bool
    preheader: str


def view(page: DigestPage, phrases: Phrases, face: SchoolFace) -> DigestView:
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
        rhythms=tuple(rhythm(choice, phrases) for choice in page.rhythms),
        urgent=page.urgent,
        # No name here: an inbox shows this beside the subject, on a lock screen too.
        preheader=phrases("Press the button under a message to answer it."),
    )


def foot(phrases: Phrases) -> str:
    """The first words of what stands below the last item."""
    said = phrases("Only you get this mail. Please do not forward it: it holds families’ words about their children.")
    return " ".join(said.split()[:4])[:16]


def breaks(phrases: Phrases) -> tuple[str, ...]:
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


def _pick(choice: Choice, phrases: Phrases) -> ButtonView:
    label = phrases("It was about %(child)s", child=one_line(choice.name))
    plain = phrases.plain(label)
    return ButtonView(
        label=label,
        href=mailto(choice.address, plain, plain, choice.tag) if choice.address else "",
        address=choice.address,
        tag=choice.tag,
        quiet=False,
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
