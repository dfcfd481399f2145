"""`term import/list`, `item add/list/remove`, `plan`, `proof`, `approve`."""

import sys
from datetime import date, datetime
from pathlib import Path

import click

from office.cli.groups import item, program, term
from office.cli.letters import DAY
from office.cli.options import Call, command
from office.item_files import read_folder, read_item_file
from office.item_sheet import KnownAudiences
from office.jobs.issues import content_hash, issue_of, items_of
from office.jobs.plans import forecast_lines
from office.jobs.proofs import write_proofs
from office.term_files import read as read_term_file
from school.errors import InputError
from school.issue import Item

KINDS = ("news", "event", "question", "try")


@command(term, "import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_(call: Call, file: Path) -> None:
    """Terms and holidays from an .ics or CSV file; importing it again replaces what it said before."""
    found = read_term_file(file, today=call.now.astimezone(call.house.zone).date())
    with call.house.database.transaction():
        call.house.terms.add_terms(found.terms)
        call.house.terms.replace_holidays(found.holidays, source=file.name)
    call.answer(
        {"terms": len(found.terms), "holidays": len(found.holidays), "notes": [str(note) for note in found.notes]},
        *(str(note) for note in found.notes),
        f"{len(found.terms)} terms and {len(found.holidays)} holidays kept.",
    )


@command(term, "list")
def list_terms(call: Call) -> None:
    """Terms and holidays as kept."""
    terms, holidays = call.house.terms.terms(), call.house.terms.holidays()
    call.answer(
        {
            "terms": [
                {
                    "id": one.id,
                    "title": one.title,
                    "kind": one.kind,
                    "begins": one.begins.isoformat(),
                    "ends": one.ends.isoformat(),
                }
                for one in terms
            ],
            "holidays": [
                {"name": day.name, "first": day.first.isoformat(), "last": day.last.isoformat()} for day in holidays
            ],
        },
        *(f"{one.begins} to {one.ends}  {one.title}" for one in terms),
        *(f"{day.first} to {day.last}  {day.name} (closed)" for day in holidays),
    )


@command(item, "add")
@click.argument("path", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--title", help="Without a file: the item's title.")
@click.option(
    "--body", "--text", "body", default="", help="Without a file: the words, in Markdown; - reads standard input."
)
@click.option("--date", "day", type=DAY, help="The issue it belongs to; default: what the file says.")
@click.option("--kind", type=click.Choice(KINDS), default="news", show_default=True)
@click.option("--audience", default="school", show_default=True, help="school, class:ID or child:ID.")
@click.option("--role", default=None, help="For a class item by a subject teacher: the subject.")
@click.option("--language", default=None, help="Language of the words; default: the school's.")
@click.option("--begins", default=None, help="An event's begin, school time: 2026-12-04 15:30.")
@click.option("--ends", default=None, help="An event's end.")
@click.option("--place", default=None, help="An event's place.")
def add(call: Call, path: Path | None, title: str | None, body: str, day: datetime | None, **front: str | None) -> None:
    """Add what goes into an issue: a Markdown file, a folder of them, or words given here."""
    fallback = day.date() if day else None
    notes: tuple[str, ...] = ()
    if path is not None:
        found, notes = _from_files(call, path, fallback)
    elif title:
        found = (_from_words(call, title, body, fallback, front),)
    else:
        raise InputError("give a file or folder, or --title with --body")
    count = call.house.items.put(found, call.now)
    call.answer(
        {
            "added": count.added,
            "changed": count.changed,
            "unchanged": count.unchanged,
            "items": [one.id for one in found],
            "notes": list(notes),
        },
        *notes,
        f"{count.added} added, {count.changed} changed, {count.unchanged} unchanged.",
    )


def _from_files(call: Call, path: Path, fallback: date | None) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    house = call.house
    folder = read_folder(
        path,
        school_language=house.settings.school.language,
        zone=house.zone,
        audiences=KnownAudiences.of(house.people.roster()),
        fallback_date=fallback,
    )
    return folder.items, folder.notes


def _from_words(call: Call, title: str, body: str, day: date | None, front: dict[str, str | None]) -> Item:
    house = call.house
    if day is None:
        raise InputError("say which issue it belongs to with --date 2026-11-27")
    words = sys.stdin.read() if body == "-" else body
    lines = [f"title: {_quoted(title)}", *(f"{key}: {_quoted(value)}" for key, value in front.items() if value)]
    text = "---\n" + "\n".join(lines) + f"\n---\n{words}\n"
    name = f"{day.isoformat()}/{_slug(title, front)}.md"
    return read_item_file(
        text,
        name,
        day,
        house.settings.school.language,
        zone=house.zone,
        audiences=KnownAudiences.of(house.people.roster()),
    )


def _quoted(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "''") + "'"


def _slug(title: str, front: dict[str, str | None]) -> str:
    words = f"{front.get('audience') or ''} {title}".casefold()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in words).split()) or "item"


@command(item, "list")
@click.option("--date", "day", type=DAY, help="Only this issue.")
def list_items(call: Call, day: datetime | None) -> None:
    """What has been added, by issue."""
    by_date = call.house.items.by_date()
    shown = [(on, one) for on, items in sorted(by_date.items()) for one in items if not day or on == day.date()]
    call.answer(
        [
            {
                "id": one.id,
                "date": on.isoformat(),
                "kind": one.kind.value,
                "audience": str(one.audience),
                "languages": sorted(one.texts),
            }
            for on, one in shown
        ],
        *(
            f"{on}  {one.kind.value:8} {one.audience!s:12} {one.id} ({', '.join(sorted(one.texts))})"
            for on, one in shown
        ),
    )


@command(item, "remove")
@click.argument("item_id")
def remove(call: Call, item_id: str) -> None:
    """Take an item out."""
    if not call.house.items.remove(item_id):
        raise InputError(f"there is no item {item_id}: see 'fridayfolder item list'")
    call.answer({"removed": item_id}, f"{item_id} is gone.")


@command(program, "plan")
@click.option("--term", "term_id", help="Only this term's id.")
def plan(call: Call, term_id: str | None) -> None:
    """Forecast every send of the term: how many letters, and what is missing."""
    lines = forecast_lines(call.house, term_id, call.now)
    call.answer(
        [
            {
                "date": line.date.isoformat(),
                "at": line.at.isoformat(),
                "starts": line.starts.isoformat(),
                "state": str(line.state),
                "letters": line.letters,
                "missing": list(line.missing),
            }
            for line in lines
        ],
        *(
            f"{line.date:%a %Y-%m-%d} {line.at:%H:%M}  {line.state!s:12} {line.letters:5} letters"
            + (f", the service starts at {line.starts:%H:%M}" if line.starts != line.at else "")
            + "".join(f"\n    {missing}" for missing in line.missing)
            for line in lines
        ),
    )


@command(program, "proof")
@click.argument("day", metavar="DATE", type=DAY)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("proof"), show_default=True)
@click.option("--send", is_flag=True, help="Also mail the most frequent letter of each language to the office.")
def proof(call: Call, day: datetime, out: Path, send: bool) -> None:
    """Write every distinct rendering of an issue, with an index: who gets it, and who gets none and why."""
    made = write_proofs(call.house, day.date(), out, call.now, send=send)
    call.answer(
        {
            "issue": made.issue_id,
            "letters": made.letters,
            "renderings": made.renderings,
            "skipped": made.skipped,
            "index": str(made.index),
            "content": made.content_hash,
            "sent_to_office": made.canaries,
            "warnings": [{"letters": letters, "words": words} for letters, words in made.warnings],
        },
        *(f"  {letters} letter(s): {words}" for letters, words in made.warnings),
        *((f"{made.canaries} letter(s) go to the office with the next delivery.",) if send else ()),
        f"{made.letters} letters in {made.renderings} renderings, {made.skipped} guardians get none: {made.index}",
    )


@command(program, "approve")
@click.argument("day", metavar="DATE", type=DAY)
def approve(call: Call, day: datetime) -> None:
    """Sign exactly the content the issue has now; any later edit voids it."""
    issue = issue_of(call.house, day.date())
    signed = content_hash(items_of(call.house, issue))
    call.house.items.approve(issue.date, signed, call.now)
    call.answer({"issue": issue.id, "content": signed}, f"Issue {issue.id} is approved as it stands.")
