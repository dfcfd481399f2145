"""One item from one file's front matter and text, each key checked where it stands."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from difflib import get_close_matches
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from office.front_matter import Entry, FrontMatter
from school.calendar import due_instant
from school.issue import Audience, AudienceKind, Event, Item, ItemKind, ItemText
from school.roster.roster import Roster

LANGUAGE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*", re.IGNORECASE)  # BCP 47, as far as families' languages need it
SHARED_KEYS = ("kind", "audience", "date", "role", "begins", "ends", "place")
KEYS = ("title", "language", *SHARED_KEYS)
EVENT_KEYS = ("begins", "ends", "place")
MAX_TITLE = 200  # it becomes a headline and may become a subject


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownAudiences:
    """The classes and children of the roster, so that a misspelt one is found when the item is added."""

    classes: Mapping[str, str] = field(default_factory=dict)  #: id → title
    children: Collection[str] = ()

    @classmethod
    def of(cls, roster: Roster) -> "KnownAudiences":
        return cls(
            classes={group.id: group.title for group in roster.classes},
            children=frozenset(child.id for child in roster.children),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """What every file of one reading shares."""

    school_language: str
    zone: ZoneInfo
    audiences: KnownAudiences | None
    fallback_date: date | None


def item_of(front: FrontMatter, reader: Reader) -> Item:
    """The item of this file, in its own language and those its front matter adds; InputError names the line."""
    entries = _known_entries(front)
    stem, _ = stem_and_language(front.name)
    folder_date, below = _dated(stem)
    issue_date = _issue_date(front, entries, folder_date, reader)
    event = _event(front, entries, reader.zone)
    audience = _audience(front, entries, reader.audiences)
    role = entries["role"].value if "role" in entries else ""
    if role and audience.kind is AudienceKind.SCHOOL:
        raise front.problem("role goes with a class or a child, not with the school: leave it out", entries["role"])
    return Item(
        id=f"{issue_date}/{below}",
        issue_date=issue_date,
        kind=_kind(front, entries, event),
        audience=audience,
        texts=_texts(front, entries, reader.school_language),
        event=event,
        role=role,
    )


def _known_entries(front: FrontMatter) -> dict[str, Entry]:
    """The entries by their known key; an unknown key is refused with the nearest known one."""
    known: dict[str, Entry] = {}
    for written, entry in front.entries.items():
        key, dot, rest = written.partition(".")
        key = key.lower()
        if key == "event" and rest.lower() in EVENT_KEYS:
            name = rest.lower()
        elif key in {"title", "body"} and LANGUAGE.fullmatch(rest):
            name = f"{key}.{_tag(rest)}"
        elif key in KEYS and not dot:
            name = key
        else:
            near = get_close_matches(key, KEYS, n=1)
            advice = f"did you mean {near[0]}?" if near else f"known keys are {', '.join(KEYS)}, title.es, body.es"
            raise front.problem(f"unknown key '{written}': {advice}", entry)
        if name in known:
            raise front.problem(f"{name} stands here and in line {known[name].line}: keep one", entry)
        known[name] = entry
    return known


def _dated(stem: str) -> tuple[date | None, str]:
    """(the day of the innermost folder named after one, the path below it)."""
    parts = PurePosixPath(stem).parts
    for index in range(len(parts) - 2, -1, -1):
        if day := as_date(parts[index]):
            return day, "/".join(parts[index + 1 :])
    return None, stem


def as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-27") else None
    except ValueError:
        return None


def _issue_date(front: FrontMatter, entries: Mapping[str, Entry], folder: date | None, reader: Reader) -> date:
    entry = entries.get("date")
    if entry is None:
        day = folder or reader.fallback_date
        if day is None:
            raise front.problem("date is missing: add the day of the letter, such as 'date: 2026-11-27'")
        return day
    written = as_date(entry.value)
    if written is None:
        raise front.problem(f"date is '{entry.value}': write it as 2026-11-27", entry)
    if folder not in {None, written}:
        raise front.problem(f"date is {written}, but the folder says {folder}: keep one", entry)
    return written


def _kind(front: FrontMatter, entries: Mapping[str, Entry], event: Event | None) -> ItemKind:
    if "kind" not in entries:
        return ItemKind.EVENT if event else ItemKind.NEWS
    written = entries["kind"]
    known = [kind.value for kind in ItemKind]
    if written.value.lower() not in known:
        raise front.problem(f"unknown kind '{written.value}': write one of {', '.join(known)}", written)
    return ItemKind(written.value.lower())


def _audience(front: FrontMatter, entries: Mapping[str, Entry], known: KnownAudiences | None) -> Audience:
    # Never a default: what is meant for one child must not reach the school by a forgotten line.
    entry = entries.get("audience")
    if entry is None:
        raise front.problem("audience is missing: add 'audience: school', 'audience: class:3B' or 'audience: child:ID'")
    kind, _, written = (part.strip() for part in entry.value.partition(":"))
    if kind.lower() == AudienceKind.SCHOOL.value and not written:
        return Audience(kind=AudienceKind.SCHOOL)
    if kind.lower() not in {AudienceKind.CLASS.value, AudienceKind.CHILD.value} or not written:
        raise front.problem(f"unknown audience '{entry.value}': write school, class:ID or child:ID", entry)
    audience = Audience(kind=AudienceKind(kind.lower()), id=written)
    if known is None:
        return audience
    if audience.kind is AudienceKind.CHILD:
        if written not in known.children:
            raise front.problem(f"no child has the id '{written}': take it from the roster", entry)
        return audience
    return replace(audience, id=_class_id(front, entry, written, known.classes))


def _class_id(front: FrontMatter, entry: Entry, written: str, classes: Mapping[str, str]) -> str:
    """The class with that id, or the only one with that title."""
    if written in classes:
        return written
    named = [class_id for class_id, title in classes.items() if title.casefold() == written.casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        raise front.problem(f"{len(named)} classes are called '{written}': write one id of {', '.join(named)}", entry)
    near = get_close_matches(written, [*classes, *classes.values()], n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else "take its id from the roster"
    raise front.problem(f"no class has the id '{written}': {advice}", entry)


# ---- names and dates ----


def stem_and_language(name: str) -> tuple[str, str]:
    """(`2026-11-27/picnic`, "es") for `2026-11-27/picnic.es.md`."""
    path = PurePosixPath(name)
    stem, dot, suffix = path.stem.rpartition(".")
    if dot and stem and LANGUAGE.fullmatch(suffix):
        return str(path.with_name(stem)), _tag(suffix)
    return str(path.with_suffix("")), ""


# ---- texts ----


def _texts(front: FrontMatter, entries: Mapping[str, Entry], school_language: str) -> dict[str, ItemText]:
    language = _language(front, entries, school_language)
    title, body = _title_and_body(front, entries)
    texts = {language: ItemText(title=title, body=body)}
    for key, entry in entries.items():
        part, _, tag = key.partition(".")
        if not tag:
            continue
        if f"title.{tag}" not in entries:
            raise front.problem(f"{key} has no title.{tag}: add it", entry)
        if tag == language:
            raise front.problem(f"{key} is the file's own language: write it as {part}", entry)
        own_body = entries.get(f"body.{tag}")
        texts[tag] = ItemText(
            title=_clean_title(front, entries[f"title.{tag}"].value, entries[f"title.{tag}"]),
            body=own_body.value if own_body else body,
        )
    return texts


def _language(front: FrontMatter, entries: Mapping[str, Entry], school_language: str) -> str:
    by_name = stem_and_language(front.name)[1]
    entry = entries.get("language")
    if entry is None:
        return by_name or school_language
    if not LANGUAGE.fullmatch(entry.value):
        raise front.problem(f"language is '{entry.value}': write a tag such as en, es or zh-Hans", entry)
    written = _tag(entry.value)
    if by_name and by_name != written:
        raise front.problem(f"language is {written}, but the file's name says {by_name}: keep one", entry)
    return written


def _title_and_body(front: FrontMatter, entries: Mapping[str, Entry]) -> tuple[str, str]:
    """Title and text; without `title` a first line `# Heading` is the title."""
    entry = entries.get("title")
    if entry is not None:
        return _clean_title(front, entry.value, entry), front.body
    first, _, rest = front.body.partition("\n")
    if first.startswith("# "):
        return _clean_title(front, first.removeprefix("# "), None), rest.strip()
    raise front.problem("title is missing: add 'title: …' between the lines '---'")


def _clean_title(front: FrontMatter, written: str, entry: Entry | None) -> str:
    title = " ".join(written.split())
    if not title:
        raise front.problem("title is empty: write what the families read first", entry)
    if len(title) > MAX_TITLE:
        raise front.problem(f"title is longer than {MAX_TITLE} characters: move the rest into the text", entry)
    if any(unicodedata.category(sign) == "Cc" for sign in title):
        raise front.problem("title holds a control character: type it again", entry)
    return title


def _tag(written: str) -> str:
    """A language tag in its usual case: `zh-Hans`, `pt-BR` (RFC 5646 §2.1.1)."""

    def subtags() -> Iterator[str]:
        first, *rest = re.split(r"[-_]", written)
        yield first.lower()
        for part in rest:
            yield part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower()

    return "-".join(subtags())


# ---- events ----


def _event(front: FrontMatter, entries: Mapping[str, Entry], zone: ZoneInfo) -> Event | None:
    wanted = "kind" in entries and entries["kind"].value.lower() == ItemKind.EVENT.value
    if not wanted and not any(key in entries for key in EVENT_KEYS):
        return None
    for key in ("begins", "ends"):
        if key not in entries:
            raise front.problem(f"{key} is missing: an event needs it, such as '{key}: 2026-12-04 15:30'")
    begins = _moment(front, entries["begins"], "begins", zone, None)
    ends = _moment(front, entries["ends"], "ends", zone, _written_day(entries["begins"]))
    if ends < begins:
        raise front.problem("ends lies before begins: check both", entries["ends"])
    return Event(begins=begins, ends=ends, place=entries["place"].value if "place" in entries else "")


def _written_day(begins: Entry) -> date | None:
    return as_date(begins.value[: len("2026-11-27")])


def _moment(front: FrontMatter, entry: Entry, key: str, zone: ZoneInfo, day: date | None) -> datetime:
    """An aware time; *day* is the one meant where only a time is written."""
    try:
        if day and re.fullmatch(r"\d{1,2}:\d\d", entry.value):
            return due_instant(day, time.fromisoformat(entry.value.zfill(5)), zone)
        written_day, at = re.split(r"[ T]+", entry.value, maxsplit=1)
        moment = datetime.fromisoformat(f"{written_day}T{at.replace(' ', '').zfill(5)}")
    except ValueError as exc:
        raise front.problem(f"{key} is '{entry.value}': write day and time as 2026-12-04 15:30", entry) from exc
    return moment if moment.tzinfo else due_instant(moment.date(), moment.time(), zone)
