"""The demo as a folder to look through: every letter, digest, answer and conversation, beside one index page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from office.demo.check import Checked
from office.demo.reading import header, html_of
from office.demo.sample_school import SampleSchool
from office.demo.servers import Delivered
from office.wiring import House
from school.conversation import Conversation

MOST_SHOWN = 200
"""A page of more links helps nobody; the rest is in the database."""

STYLE = """
:root { color-scheme: light; --ink: #23302f; --soft: #5d6c6a; --line: #dfe5e2; --tint: #f4f7f5; --leaf: #1f5f5b; }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, "Noto Sans", sans-serif; color: var(--ink); }
.two { display: grid; grid-template-columns: minmax(320px, 32%) 1fr; height: 100vh; }
nav { overflow: auto; padding: 22px; background: var(--tint); border-right: 1px solid var(--line); }
iframe { width: 100%; height: 100%; border: 0; background: white; }
h1 { font: 600 24px/1.2 Georgia, "Noto Serif", serif; margin: 0 0 4px; color: var(--leaf); }
h2 { font-size: 15px; margin: 22px 0 6px; }
p { margin: 0 0 12px; color: var(--soft); }
summary { cursor: pointer; font-weight: 600; padding: 7px 0; }
summary span, .quiet { color: var(--soft); font-weight: 400; }
ul { list-style: none; margin: 0 0 8px; padding: 0; }
li a { display: block; padding: 4px 8px; border-radius: 6px; color: inherit; text-decoration: none; }
li a:hover, li a:focus { background: white; box-shadow: 0 0 0 1px var(--line); }
.good { color: #1d6b3a; font-weight: 600; } .bad { color: #a02020; font-weight: 600; }
main { max-width: 46em; margin: 0 auto; padding: 28px 24px; }
.turn { max-width: 85%; margin: 0 0 14px; padding: 10px 14px; border-radius: 12px; background: var(--tint); }
.teacher { margin-inline-start: auto; background: #e3efe9; }
.turn b { display: block; font-size: 13px; color: var(--soft); } .turn div { white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
td, th { text-align: start; vertical-align: top; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); }
@media (max-width: 760px) { .two { display: block; } nav { height: 50vh; } iframe { height: 50vh; } }
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What the pages show."""

    school: SampleSchool
    letters: Sequence[Delivered]
    digests: Mapping[str, bytes]
    answers: Mapping[str, bytes]
    checked: Sequence[Checked]


def write_pages(folder: Path, house: House, shown: Shown, problems: Sequence[str]) -> Path:
    """The index page, after everything it links to has been written beside it."""
    folder.mkdir(exist_ok=True)
    names = _names(shown.school)
    ids = {guardian.address: guardian.id for guardian in shown.school.roster.guardians}
    letters = [(names[ids[held.recipients[0]]], ids[held.recipients[0]], held.raw) for held in shown.letters]
    letters.sort(key=lambda letter: (letter[1][2].isdigit(), letter[0]))  # the cast first
    children = _children(shown.school, names)
    digests = [(names[teacher], teacher, raw) for teacher, raw in sorted(shown.digests.items())]
    answers = [(header(raw, "To").partition(" <")[0].strip('"'), str(n), raw) for n, raw in _numbered(shown.answers)]
    talks = house.conversations.listing(today=shown.school.today)
    sections = (
        _section("Letters", "one to each guardian", _mails(folder / "letters", letters, children), opened=True),
        _section("Where each mail went", "and why", [_table(folder, shown.checked, names)]),
        _section("Digests", "one to each teacher", _mails(folder / "digests", digests)),
        _section("Answers", "from teachers to families", _mails(folder / "answers", answers)),
        _section("Conversations", "as the teachers see them", _talks(folder / "conversations", talks, names)),
    )
    index = folder / "index.html"
    index.write_text(_page(shown.school.name, _index(shown, sections, problems)), "utf-8")
    return index


def _index(shown: Shown, sections: Iterable[str], problems: Sequence[str]) -> str:
    mails = len(shown.checked)
    word = (
        f'<p class="good">All {mails} mails are where they should be.</p>'
        if not problems
        else f'<p class="bad">{len(problems)} problems:</p><ul><li>{"</li><li>".join(map(escape, problems))}</li></ul>'
    )
    ids = {guardian.address: guardian.id for guardian in shown.school.roster.guardians}
    first = min((ids[held.recipients[0]] for held in shown.letters), key=lambda held: (held[2].isdigit(), held))
    return (
        f'<div class="two"><nav><h1>{escape(shown.school.name)}</h1><p>One invented week, '
        f"from Friday&nbsp;{shown.school.today:%d&nbsp;%B&nbsp;%Y}.</p>{word}{''.join(sections)}</nav>"
        f'<iframe name="sheet" title="The sheet you chose" src="letters/{escape(first)}.html"></iframe></div>'
    )


def _mails(folder: Path, mails: Sequence[tuple[str, str, bytes]], hints: Mapping[str, str] | None = None) -> list[str]:
    """A link for each (name, file, raw) mail, written as a page and as .eml; the hint is its subject, or *hints*."""
    folder.mkdir(exist_ok=True)
    links = []
    for name, file, raw in mails[:MOST_SHOWN]:
        (folder / f"{file}.html").write_text(html_of(raw), "utf-8")
        (folder / f"{file}.eml").write_bytes(raw)
        hint = hints.get(file, "") if hints else header(raw, "Subject")
        links.append(_link(f"{folder.name}/{file}.html", name, hint))
    if len(mails) > MOST_SHOWN:
        links.append(f'<li class="quiet">and {len(mails) - MOST_SHOWN} more, in fridayfolder.db</li>')
    return links


def _talks(folder: Path, talks: Sequence[Conversation], names: Mapping[str, str]) -> list[str]:
    folder.mkdir(exist_ok=True)
    links = []
    for talk in talks[:MOST_SHOWN]:
        title = f"{names[talk.guardian_id]} about {names[talk.child_id]}"
        turns = "".join(
            f'<div class="turn {turn.author}"><b>{escape(names[turn.author_id])}, {turn.at:%A %H:%M}</b>'
            f'<div dir="auto">{escape(turn.text)}</div>{_files(turn.attachments)}</div>'
            for turn in talk.messages
        )
        place = escape(f"{talk.class_id}, {talk.role}")
        body = f'<main><h1 dir="auto">{escape(title)}</h1><p>{place}</p>{turns}</main>'
        (folder / f"{talk.id}.html").write_text(_page(title, body), "utf-8")
        links.append(_link(f"{folder.name}/{talk.id}.html", title, _count(len(talk.messages), "message")))
    return links


def _files(names: Iterable[str]) -> str:
    return "".join(f'<span class="quiet">with {escape(name)}</span>' for name in names)


def _table(folder: Path, checked: Sequence[Checked], names: Mapping[str, str]) -> str:
    """A link to the table of all mails."""
    (folder / "mails").mkdir(exist_ok=True)
    rows = []
    for number, held in enumerate(checked[: 5 * MOST_SHOWN], start=1):
        (folder / "mails" / f"{number}.eml").write_bytes(held.mail.raw)
        mark = '<td class="bad">✗</td>' if held.problems else '<td class="good">✓</td>'
        cells = (
            f'<a href="mails/{number}.eml">{escape(held.mail.what)}</a>',
            escape(names.get(held.mail.author_id, "somebody")),
            escape(held.mail.client),
            escape(_place(held, names)),
            escape(", ".join(held.reasons)),
        )
        rows.append(f"<tr>{mark}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    titles = ("", "Mail", "From", "Written with", "Where it is", "Why")
    head = "".join(f"<th>{title}</th>" for title in titles)
    table = f"<table><tr>{head}</tr>{''.join(rows)}</table>"
    body = f'<main style="max-width:none"><h1>Where each mail went</h1>{table}</main>'
    (folder / "mails.html").write_text(_page("Where each mail went", body), "utf-8")
    return _link("mails.html", "Every mail and its place", _count(len(checked), "mail"))


def _section(title: str, hint: str, links: Sequence[str], *, opened: bool = False) -> str:
    state = " open" if opened else ""
    return (
        f"<details{state}><summary>{escape(title)} <span>{escape(hint)}</span></summary>"
        f"<ul>{''.join(links)}</ul></details>"
    )


def _link(href: str, title: str, hint: str) -> str:
    return (
        f'<li><a href="{escape(href)}" target="sheet"><bdi>{escape(title)}</bdi> '
        f'<span class="quiet"><bdi>{escape(hint)}</bdi></span></a></li>'
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>{body}</body></html>\n'
    )


def _names(school: SampleSchool) -> dict[str, str]:
    roster = school.roster
    names = {child.id: child.full_name for child in roster.children}
    names |= {guardian.id: guardian.full_name for guardian in roster.guardians}
    return names | {teacher.id: teacher.shown_name for teacher in roster.teachers}


def _children(school: SampleSchool, names: Mapping[str, str]) -> dict[str, str]:
    """The children a guardian hears about, by her id."""
    hers: dict[str, list[str]] = {}
    for tie in school.roster.guardianships:
        hers.setdefault(tie.guardian_id, []).append(names[tie.child_id].partition(" ")[0])
    return {guardian: ", ".join(children) for guardian, children in hers.items()}


def _place(held: Checked, names: Mapping[str, str]) -> str:
    if held.state != "filed":
        return held.state
    return f"{names[held.mail.expected.child_id]}, {held.mail.expected.role}" if not held.problems else held.where


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _numbered(answers: Mapping[str, bytes]) -> Iterable[tuple[int, bytes]]:
    return enumerate(answers.values(), start=1)
