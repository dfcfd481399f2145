"""A newsletter as its templates see it: the edition's items and sections in the guardian's words, ready to be set.

What is the same for every family of one language (an item's words, its date box, its calendar file) is prepared once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from mailer import invitation, markdown
from mailer.phrases import Library, Phrases
from mailer.render.mailto import mailto
from mailer.render.marks import marks
from mailer.render.pages import Enclosure, NewsletterLinks, SchoolFace
from mailer.signs import family_names_first, one_line
from school.issue import Edition, Event, Item, ItemKind, ItemText, Section
from school.people import CLASS_TEACHER, Guardian

CACHED_ITEMS = 20_000  # a town's week: an item from each of its classes; some 5 KB each


@dataclass(frozen=True, slots=True)
class EventView:
    month: str
    number: str
    weekday: str
    day: str
    when: str
    place: str


@dataclass(frozen=True, slots=True)
class ItemView:
    kind: str
    title: str
    language: str
    direction: str
    align: str  #: by its own direction: an English item in an Arabic letter still begins at the left
    html: Markup
    text: str
    event: EventView | None
    marks: tuple[str, ...]  #: lines a quote of it may show
    enclosure: Enclosure | None


@dataclass(frozen=True, slots=True)
class SectionView:
    ordinal: int
    child: str
    class_title: str
    subject: str  #: "Music" for a subject teacher's section; empty at the class teacher's desk
    teachers: str
    starts_child: bool
    items: tuple[ItemView, ...]
    button: str
    href: str
    address: str
    tag: str
    ref: str


@dataclass(frozen=True, slots=True)
class NewsletterView:
    guardian: str
    day: str
    day_and_month: str
    children: str
    summary: tuple[tuple[str, str], ...]  #: (for whom, what): the letter's contents
    shared: tuple[ItemView, ...]
    sections: tuple[SectionView, ...]
    preheader: str
    has_enclosures: bool
    enclosures: tuple[Enclosure, ...]
    reply_href: str
    contact_href: str
    unsubscribe_word: str
    unsubscribe_href: str
    unsubscribe_address: str
    unsubscribe_tag: str
    unsubscribe_url: str


class Newsdesk:
    """Turns editions into views; keeps what families share."""

    def __init__(self, face: SchoolFace, library: Library) -> None:
        self._face = face
        self._library = library
        self._written: dict[tuple[date, str], tuple[str, str]] = {}
        self._items: dict[tuple[str, str, str], tuple[Item, ItemView]] = {}

    def _days(self, day: date, phrases: Phrases) -> tuple[str, str]:
        """(the whole date, day and month), written once per issue and language."""
        key = (day, phrases.region)
        if key not in self._written:
            self._written[key] = (phrases.day(day), phrases.day_and_month(day))
        return self._written[key]

    def view(self, edition: Edition, links: NewsletterLinks, phrases: Phrases) -> NewsletterView:
        stamp = edition.issue.due
        shared = tuple(self._item(item, edition.language, phrases, stamp) for item in edition.shared)
        sections = tuple(self._sections(edition, links, phrases))
        everything = (*shared, *(item for section in sections for item in section.items))
        enclosures = tuple(dict.fromkeys(item.enclosure for item in everything if item.enclosure))
        whole_day, day = self._days(edition.issue.date, phrases)
        children = tuple(dict.fromkeys(section.child for section in edition.sections))
        names = phrases.all_of(one_line(child.first_name) for child in children)
        return NewsletterView(
            guardian=called(edition.guardian),
            day=whole_day,
            day_and_month=day,
            children=names,
            summary=_summary(shared, sections, phrases),
            shared=shared,
            sections=sections,
            preheader=one_line(
                " · ".join(dict.fromkeys(item.title for item in everything[:3])) or phrases.plain(names)
            ),
            has_enclosures=bool(enclosures),
            enclosures=enclosures,
            reply_href=mailto(links.reply_to, one_line(f"Re: {day}"), tag=links.tag),
            contact_href=mailto(self._face.contact_address),
            unsubscribe_word=phrases("unsubscribe"),
            # The body is a word the inbox knows in this language, and nothing but it.
            unsubscribe_href=mailto(links.unsubscribe_mail, "unsubscribe", phrases("unsubscribe"), links.tag),
            unsubscribe_address=links.unsubscribe_mail,
            unsubscribe_tag=links.tag,
            unsubscribe_url=links.unsubscribe_url if links.unsubscribe_url.startswith("https:") else "",
        )

    def _sections(self, edition: Edition, links: NewsletterLinks, phrases: Phrases) -> Iterator[SectionView]:
        before = ""
        _, day = self._days(edition.issue.date, phrases)
        subject = phrases.plain(phrases("News of %(day)s", day=day))
        for section in edition.sections:
            child = one_line(section.child.first_name)
            address = links.section_reply.get(section.ordinal, "") if section.ordinal else ""
            tag = links.section_tag.get(section.ordinal, "")
            yield SectionView(
                ordinal=section.ordinal,
                child=child,
                class_title=one_line(section.class_group.title),
                subject=subject_of(section),
                teachers=phrases.all_of(one_line(teacher.shown_name) for teacher in section.teachers),
                starts_child=section.child.id != before,
                items=tuple(self._item(item, edition.language, phrases, edition.issue.due) for item in section.items),
                button=_button(section, phrases),
                href=mailto(address, one_line(f"Re: {subject} ({child})"), tag=tag) if address else "",
                address=address,
                tag=tag,
                ref=one_line(links.section_ref.get(section.ordinal, "")) if section.ordinal else "",
            )
            before = section.child.id

    def _item(self, item: Item, language: str, phrases: Phrases, stamp: datetime) -> ItemView:
        """One item in one language, prepared once; prepared anew when an item of the same id has other words.

        Readers of several languages share a text that is written in one; only an event's date is in their own.
        """
        tag, words = self._words(item, language, phrases)
        key = (item.id, tag, phrases.region if item.event else "")
        known = self._items.get(key)
        if known is not None and (known[0] is item or known[0] == item):
            return known[1]
        if len(self._items) >= CACHED_ITEMS:
            del self._items[next(iter(self._items))]  # the oldest
        view = self._prepare(item, tag, words, phrases, stamp)
        self._items[key] = (item, view)
        return view

    def _prepare(self, item: Item, tag: str, words: ItemText, phrases: Phrases, stamp: datetime) -> ItemView:
        title = one_line(words.title)
        direction = self._library.direction(tag)
        text = markdown.to_text(words.body)
        return ItemView(
            kind=item.kind.value,
            title=title,
            language=tag,
            direction=direction,
            align="right" if direction == "rtl" else "left",
            html=Markup(markdown.to_html(words.body, direction)),  # noqa: S704  # cleaned by nh3
            text=text,
            event=self._event(item.event, phrases) if item.event else None,
            marks=marks(title, words.body),
            enclosure=self._enclosure(item, title, text, stamp) if item.event else None,
        )

    def _words(self, item: Item, language: str, phrases: Phrases) -> tuple[str, ItemText]:
        """Her language as the roster writes it, as our catalog does ("zh-Hans" for "zh-CN"), else the school's."""
        for tag in (language, phrases.language):
            if tag in item.texts:
                return tag, item.texts[tag]
        return item.text_for(phrases.language, self._face.language)

    def _event(self, event: Event, phrases: Phrases) -> EventView:
        day = event.begins.astimezone(self._face.zone).date()
        return EventView(
            month=phrases.month(day),
            number=phrases.number_of_day(day),
            weekday=phrases.weekday(day),
            day=phrases.day(day),
            when=phrases.span(event.begins, event.ends, self._face.zone),
            place=one_line(event.place),
        )

    def _enclosure(self, item: Item, title: str, text: str, stamp: datetime) -> Enclosure | None:
        if item.kind is not ItemKind.EVENT or item.event is None:
            return None
        domain = self._face.contact_address.rpartition("@")[2]
        data = invitation.calendar_file(
            uid=f"{item.issue_date.isoformat()}-{item.id}@{domain}",
            event=item.event,
            title=title,
            words=text,
            stamp=stamp,
            organiser=self._face.name,
        )
        return Enclosure(name=invitation.file_name(item.event, title), content_type=invitation.CONTENT_TYPE, data=data)


def called(guardian: Guardian) -> str:
    """How the letter greets her: by given name; where the family name stands first, by the whole name."""
    if family_names_first(guardian.family_name):
        return one_line(f"{guardian.family_name}{guardian.given_name}")
    return one_line(guardian.given_name or guardian.family_name)


def subject_of(section: Section) -> str:
    """As in "Music" at the music teacher's desk; empty at the class teacher's."""
    if section.role == CLASS_TEACHER:
        return ""
    return one_line(section.class_group.subject or section.role[:1].upper() + section.role[1:])


def fingerprints(view: NewsletterView) -> dict[int, tuple[str, ...]]:
    """The lines that stand in one section of this letter and nowhere else in it, by ordinal."""
    seen = Counter(mark for item in view.shared for mark in item.marks)
    for section in view.sections:
        seen.update(set(_marks(section.items)))
    return {
        section.ordinal: tuple(dict.fromkeys(mark for mark in _marks(section.items) if seen[mark] == 1))
        for section in view.sections
        if section.ordinal
    }


def _marks(items: Iterable[ItemView]) -> Iterator[str]:
    return (mark for item in items for mark in item.marks)


def _button(section: Section, phrases: Phrases) -> str:
    child = one_line(section.child.first_name)
    if not section.teachers:
        return phrases("Write to the school about %(child)s", child=child)
    if len(section.teachers) > 2:
        return phrases("Write to %(child)s’s teachers", child=child)
    names = phrases.all_of(one_line(teacher.shown_name) for teacher in section.teachers)
    return phrases("Write to %(teacher)s about %(child)s", teacher=names, child=child)


def _summary(
    shared: tuple[ItemView, ...], sections: tuple[SectionView, ...], phrases: Phrases
) -> tuple[tuple[str, str], ...]:
    """For whom, and what: one line for everyone, one per child with items."""
    lines: list[tuple[str, str]] = []
    if shared:
        lines.append((phrases("For everyone"), _titles((item.title for item in shared), phrases)))
    by_child: dict[str, list[str]] = {}
    for section in sections:
        by_child.setdefault(section.child, []).extend(item.title for item in section.items)
    lines += [(child, _titles(titles, phrases)) for child, titles in by_child.items() if titles]
    return tuple(lines)


def _titles(titles: Iterable[str], phrases: Phrases) -> str:
    return " · ".join(phrases.isolated(title) for title in dict.fromkeys(titles))
