"""Items from Markdown files, as teachers write them; what is not understood is named with its file and line.

    ---
    title: Winter picnic
    kind: event
    audience: school
    begins: 2026-12-04 15:30
    ends: 18:00
    place: School garden
    ---
    Bring *soup*.

A translation stands beside it as `picnic.es.md`. A folder named after a day (`2026-11-27`) dates every file in it.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from office.front_matter import Entry, split
from office.item_sheet import SHARED_KEYS, KnownAudiences, Reader, as_date, item_of, stem_and_language
from school.errors import InputError
from school.issue import Event, Item, ItemText

SHOWN_PROBLEMS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemFolder:
    items: tuple[Item, ...]
    notes: tuple[str, ...]  #: what was left out or filled in, one line each


def read_item_file(
    text: str,
    name: str,
    fallback_date: date | None,
    school_language: str,
    *,
    zone: ZoneInfo,
    audiences: KnownAudiences | None = None,
) -> Item:
    """The item in one file's *text*; event times are the school's, in *zone*.

    *name* is its path below the folder being read: it gives the id (`2026-11-27/3B/picnic`) and, as `picnic.es.md`,
    the language. Without *audiences* a class or child is taken as written.
    """
    reader = Reader(school_language=school_language, zone=zone, audiences=audiences, fallback_date=fallback_date)
    return item_of(split(text, name), reader)


def read_folder(
    path: Path,
    *,
    school_language: str,
    zone: ZoneInfo,
    audiences: KnownAudiences | None = None,
    fallback_date: date | None = None,
) -> ItemFolder:
    """Every item in a folder, or in one file and its translations; InputError lists what is wrong in all of them.

    Reading the same folder again gives the same ids, so adding it twice changes nothing and an edit changes its item.
    """
    reader = Reader(school_language=school_language, zone=zone, audiences=audiences, fallback_date=fallback_date)
    files, notes = _files(path)
    problems: list[str] = []
    items: dict[str, Item] = {}
    for name in sorted(files):
        if _original(name, files) is not None:
            continue
        try:
            item, remarks = _item_with_translations(name, files, reader)
        except InputError as exc:
            problems.append(str(exc))
            continue
        if item.id in items:
            problems.append(f"{name}:1: another file gives the same item {item.id}: rename one of them")
        items[item.id] = item
        notes += remarks
    if problems:
        more = [f"and {len(problems) - SHOWN_PROBLEMS} more"] if len(problems) > SHOWN_PROBLEMS else []
        raise InputError("\n".join([*problems[:SHOWN_PROBLEMS], *more]))
    return ItemFolder(items=tuple(items.values()), notes=tuple(notes))


# ---- files ----


def _files(path: Path) -> tuple[dict[str, Path], list[str]]:
    """({name: path} of the Markdown files, notes); names begin with the folder itself where it is named after a day."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    if path.is_file():
        siblings = [other for other in path.parent.iterdir() if other.name.startswith(f"{path.stem}.")]
        found, root = (
            [path, *(other for other in siblings if other.suffix.lower() == ".md" and other != path)],
            path.parent,
        )
    else:
        found, root = sorted(other for other in path.rglob("*") if other.is_file()), path
    resolved = root.resolve().name
    prefix = f"{resolved}/" if as_date(resolved) else ""
    files: dict[str, Path] = {}
    notes: list[str] = []
    for file in found:
        relative = file.relative_to(root)
        if any(part.startswith(".") for part in relative.parts):
            continue
        # macOS writes names decomposed, Windows composed: one id for both.
        name = unicodedata.normalize("NFC", f"{prefix}{relative.as_posix()}")
        if file.suffix.lower() == ".md":
            files[name] = file
        else:
            notes.append(f"{name}: left out, for it is no .md file")
    return files, notes


def _read_text(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = path.read_bytes()[: exc.start].count(b"\n") + 1
        raise InputError(f"{name}:{line}: is not UTF-8 text: save the file as UTF-8") from exc
    except OSError as exc:
        raise InputError(f"{name}: cannot be read ({exc.strerror})") from exc


def _original(name: str, files: Collection[str]) -> str | None:
    """`picnic.md` for `picnic.es.md` where both are there."""
    stem, language = stem_and_language(name)
    original = f"{stem}.md"
    return original if language and original in files else None


# ---- translations ----


def _item_with_translations(name: str, files: Mapping[str, Path], reader: Reader) -> tuple[Item, list[str]]:
    if stem_and_language(name)[1]:
        raise InputError(f"{name}:1: is a translation by its name, but {stem_and_language(name)[0]}.md is not there")
    front = split(_read_text(files[name], name), name)
    item = item_of(front, reader)
    notes = [
        f"{name}:{entry.line}: {key} has no body.{key.partition('.')[2]}; these families read the text untranslated"
        for key, entry in front.entries.items()
        if key.startswith("title.") and front.body and f"body.{key.partition('.')[2]}" not in front.entries
    ]
    shared = {key: entry for key, entry in front.entries.items() if key.removeprefix("event.") in SHARED_KEYS}
    texts = dict(item.texts)
    for other in sorted(files):
        if _original(other, files) == name:
            for language, text in _translation(other, files[other], item, shared, reader).items():
                if language in texts:
                    raise InputError(f"{other}:1: {name} has a text in {language} already: keep one")
                texts[language] = text
    return replace(item, texts=texts), notes


def _translation(
    name: str, path: Path, item: Item, shared: Mapping[str, Entry], reader: Reader
) -> Mapping[str, ItemText]:
    """The texts of a translation. What it says beyond its title it may repeat, but not change."""
    front = split(_read_text(path, name), name)
    own = {key.removeprefix("event."): entry for key, entry in front.entries.items()}
    inherited = {key: entry for key, entry in shared.items() if key.removeprefix("event.") not in own}
    translated = item_of(replace(front, entries={**inherited, **front.entries}), reader)
    same = {
        "kind": translated.kind is item.kind,
        "audience": translated.audience == item.audience,
        "date": translated.issue_date == item.issue_date,
        "role": translated.role == item.role,
        "begins": _times(translated.event)[:1] == _times(item.event)[:1],
        "ends": _times(translated.event)[1:] == _times(item.event)[1:],
    }
    for key, agrees in same.items():
        if not agrees:
            raise front.problem(
                f"{key} differs from the original's: change it there, a translation follows", own.get(key)
            )
    return translated.texts


def _times(event: Event | None) -> tuple[datetime, ...]:
    return (event.begins, event.ends) if event else ()
