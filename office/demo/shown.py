"""The demo's summary as words on a terminal, and as one JSON document."""

from typing import Any

from rich.console import Console
from rich.table import Table

from office.demo.week import DemoSummary


def document(summary: DemoSummary) -> dict[str, Any]:  # Any: JSON
    """The summary as JSON holds it; `correct` is what the exit code says."""
    return {
        "correct": not summary.problems,
        "families": summary.families,
        "children": summary.children,
        "guardians": summary.guardians,
        "teachers": summary.teachers,
        "items": summary.items,
        "letters": {"sent": summary.letters, "refused": summary.refused, "skipped": summary.skipped},
        "mails": summary.mails,
        "cases": [
            {"what": case.what, "count": case.count, "right": case.right, "states": case.states}
            for case in summary.cases
        ],
        "digests": summary.digests,
        "answers": summary.answers,
        "problems": list(summary.problems),
        "seconds": summary.seconds,
        "index": str(summary.index),
    }


def show(summary: DemoSummary, console: Console) -> None:
    """The table of all mails, and one sentence that says whether the week went well."""
    console.print(
        f"{summary.families} families, {summary.children} children, {summary.teachers} teachers. "
        f"{summary.letters} letters sent, {summary.refused} refused; no letter: {_skipped(summary)}."
    )
    table = Table("Mail to the school", "How many", "In the right place", "States")
    for case in summary.cases:
        right = f"[green]{case.right}[/]" if case.right == case.count else f"[red]{case.right}[/]"
        table.add_row(case.what, str(case.count), right, case.states)
    console.print(table)
    console.print(
        f"{summary.digests} digests to teachers, {summary.answers} answers back to families, in their threads."
    )
    for problem in summary.problems:
        console.print(f"[red]![/] {problem}", markup=True, highlight=False)
    mails = f"All {summary.mails} mails are where they should be." if not summary.problems else "Something went astray."
    console.print(f"{mails} {sum(summary.seconds.values()):.1f} s. Look through it: {summary.index}", soft_wrap=True)


def _skipped(summary: DemoSummary) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in summary.skipped.items()) or "nobody"
