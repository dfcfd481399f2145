"""The proof book's first page: which letter goes to whom, what to look at, and who gets none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from school.issue import Issue

REASONS = {
    "no-address": "the school has no e-mail address of hers",
    "suppressed": "her mailbox refused our mail, or she asked us to stop",
    "no-child": "the roster ties no child to her",
    "barred": "she may not hear about any of her children",
    "nothing-to-say": "there is nothing for her this week",
    "address-unusable": "her address cannot be written to",
}
STYLE = """
:root { color-scheme: light dark; --paper:#f4f0e8; --card:#fff; --ink:#2b2a27; --soft:#635e55; --rule:#e4dccd;
  --warn:#7a3d12; --tint:#fbeee0; --link:#1f5f74; }
@media (prefers-color-scheme: dark) { :root { --paper:#191816; --card:#252320; --ink:#f0ece4; --soft:#b9b2a5;
  --rule:#403c35; --warn:#f3bb8b; --tint:#3f2e20; --link:#7fb3c5; } }
* { box-sizing: border-box; }
body { margin:0; background:var(--paper); color:var(--ink);
  font:16px/1.6 -apple-system,'Segoe UI','Noto Sans',sans-serif; }
main { max-width:860px; margin:0 auto; padding:28px 16px 48px; }
h1, h2 { font-family:Georgia,'Noto Serif',serif; line-height:1.3; margin:0; }
h1 { font-size:29px; } h2 { font-size:21px; }
p { margin:0 0 10px; } .soft { color:var(--soft); font-size:14px; } a { color:var(--link); }
section { background:var(--card); border-radius:16px; padding:22px 24px; margin:16px 0 0; }
.numbers { display:flex; flex-wrap:wrap; gap:8px 28px; padding:0; margin:16px 0 0; list-style:none; }
.numbers b { font:700 26px/1.2 Georgia,'Noto Serif',serif; display:block; }
.warn { background:var(--tint); color:var(--warn); border-radius:10px; padding:8px 14px; font-size:15px; }
details { border-top:1px solid var(--rule); margin-top:12px; padding-top:10px; }
summary { cursor:pointer; font-weight:600; }
iframe { width:375px; max-width:100%; height:640px; border:1px solid var(--rule); border-radius:12px; margin-top:12px;
  background:var(--paper); }
li { margin:0 0 4px; }
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexLine:
    """One distinct letter in the index."""

    page: str
    text: str
    subject: str
    language: str
    classes: tuple[str, ...]
    items: int
    size_bytes: int
    readers: tuple[str, ...]
    warnings: tuple[str, ...]


def index_page(school: str, issue: Issue, lines: Sequence[IndexLine], absent: Sequence[tuple[str, str]]) -> str:
    """The page as HTML; *absent* are (name, reason) of guardians without a letter."""
    parts = [*_head(school, issue, lines, absent), *(_letter(line) for line in lines), *_absent(absent)]
    title = f"{school}: proof of {issue.id}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head>\n<body><main>\n" + "\n".join(parts) + "\n</main></body></html>\n"
    )


def _head(school: str, issue: Issue, lines: Sequence[IndexLine], absent: Sequence[tuple[str, str]]) -> Iterator[str]:
    letters = sum(len(line.readers) for line in lines)
    largest = max((line.size_bytes for line in lines), default=0)
    warned = sum(bool(line.warnings) for line in lines)
    numbers = (
        (str(letters), "letters"),
        (str(len(lines)), "distinct"),
        (str(len(absent)), "guardians without one"),
        (f"{largest / 1000:.0f} KB", "the largest"),
        (str(warned), "with something to look at"),
    )
    yield f'<p class="soft">{escape(school)}</p><h1>Proof of {issue.id}</h1>'
    shown = "".join(f"<li><b>{number}</b> {escape(what)}</li>" for number, what in numbers)
    yield f'<section><ul class="numbers">{shown}</ul>'
    yield f'<p class="soft">{escape(_languages(lines))}. Nothing has been planned or sent.</p></section>'


def _languages(lines: Sequence[IndexLine]) -> str:
    ordered = sorted(lines, key=lambda line: line.language)
    counted = (
        (language, sum(len(line.readers) for line in group))
        for language, group in groupby(ordered, key=lambda line: line.language)
    )
    return "Languages: " + (", ".join(f"{language} {count}" for language, count in counted) or "none")


def _letter(line: IndexLine) -> str:
    classes = ", ".join(title for title in line.classes if title) or "no class"
    many = f"{len(line.readers)} guardian{'' if len(line.readers) == 1 else 's'}"
    warnings = "".join(f'<p class="warn">{escape(warning)}</p>' for warning in line.warnings)
    return (
        f'<section><h2>{escape(classes)}</h2><p class="soft">{escape(line.language)} · {many} · {line.items} items · '
        f"{line.size_bytes / 1000:.0f} KB · {escape(line.subject)}</p>{warnings}"
        f'<p><a href="{line.page}">Letter</a> · <a href="{line.text}">Text</a></p>'
        f"<details><summary>Who gets it</summary><ul>{_list(line.readers)}</ul></details>"
        # sandbox: a letter runs nothing, and the proof does not rely on it
        f'<details><summary>On a phone</summary><iframe src="{line.page}" sandbox loading="lazy" '
        f'title="{escape(line.subject)}"></iframe></details></section>'
    )


def _absent(absent: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not absent:
        return
    yield "<section><h2>Who gets no letter, and why</h2>"
    for reason, group in groupby(sorted(absent, key=lambda gap: (gap[1], gap[0])), key=lambda gap: gap[1]):
        names = [name for name, _ in group]
        why = REASONS.get(reason, reason)
        yield f"<details><summary>{len(names)}: {escape(why)}</summary><ul>{_list(names)}</ul></details>"
    yield "</section>"


def _list(names: Iterable[str]) -> str:
    return "".join(f"<li>{escape(name)}</li>" for name in names)
