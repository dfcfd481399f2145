"""`make bench`: measures speed and memory against peers in the same run, prints one table, writes `bench/results.json`.

A measure that fails is told and the others go on; the exit code is then 1. A peer that is not installed is named.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.table import FAILED, MISSING, Row, rows_of, save, table

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """Something to measure. Its keys are its name, or begin with its name and a full stop."""

    name: str
    what: str
    run: Callable[[bool], Mapping[str, Any]]  #: with True: smaller and sooner done


# Each measure is imported when it is its turn: one that lacks a library keeps no other from running.


def _prepare(_quick: bool) -> Mapping[str, Any]:
    from bench.prepare import measure

    return measure()


def _deliver(_quick: bool) -> Mapping[str, Any]:
    from bench.deliver import measure

    return measure()


def _ingest(quick: bool) -> Mapping[str, Any]:
    from bench.ingest import QUICK_MAILS, measure

    return measure(QUICK_MAILS) if quick else measure()


def _trim(_quick: bool) -> Mapping[str, Any]:
    from bench.trim import measure

    return measure()


def _growth(quick: bool) -> Mapping[str, Any]:
    from bench.growth import QUICK_SIZES, measure

    return measure(QUICK_SIZES) if quick else measure()


MEASURES: tuple[Measure, ...] = (
    Measure(name="prepare", what="roster to signed letters", run=_prepare),
    Measure(name="deliver", what="outbox to mail server", run=_deliver),
    Measure(name="ingest", what="mailbox to the child's record", run=_ingest),
    Measure(name="trim", what="an answer without its quotes", run=_trim),
    Measure(name="growth", what="a town instead of a school", run=_growth),
)


def main(
    arguments: Sequence[str],
    measures: Sequence[Measure] = MEASURES,
    results: Path = RESULTS,
    console: Console | None = None,
) -> int:
    """The exit code: 0, 1 when a measure failed, 2 for a measure nobody knows."""
    chosen = _options(measures).parse_args(arguments)
    console = console or Console()
    wanted = [held for held in measures if chosen.only is None or held.name == chosen.only.split(".")[0]]
    if not wanted:
        print(f"--only {chosen.only}: there is {', '.join(held.name for held in measures)}", file=sys.stderr)
        return 2
    rows: dict[str, Row] = {}
    for measure in wanted:
        console.print(f"[dim]measuring {measure.name}: {measure.what} …[/dim]")
        rows |= _dated(_guarded(measure, chosen.quick))
        save(rows, results, keep_others=chosen.only is not None)  # after each: what is measured is not lost
    console.print(table(rows))
    console.print(f"[dim]written to {results.name}[/dim]")
    return 1 if any(FAILED in row for row in rows.values()) else 0


def _options(measures: Sequence[Measure]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", metavar="KEY", help=f"one of {', '.join(held.name for held in measures)}")
    parser.add_argument("--quick", action="store_true", help="fewer mails and smaller schools: a look, not a figure")
    return parser


def _guarded(measure: Measure, quick: bool) -> dict[str, Row]:
    """The measure's rows, or one that says why there are none."""
    try:
        return rows_of(measure.name, measure.run(quick))
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.startswith("bench"):
            return _failure(measure, exc)
        return {measure.name: {"value": None, "unit": "", MISSING: exc.name}}
    except pytest.skip.Exception as exc:  # how the tests' peers say that a program is not installed
        return {measure.name: {"value": None, "unit": "", MISSING: str(exc)}}
    except Exception as exc:  # noqa: BLE001 - one measure that fails keeps no other from running
        return _failure(measure, exc)


def _failure(measure: Measure, exc: Exception) -> dict[str, Row]:
    traceback.print_exception(exc, file=sys.stderr)
    return {measure.name: {"value": None, "unit": "", FAILED: f"{type(exc).__name__}: {exc}".splitlines()[0]}}


def _dated(rows: Mapping[str, Row]) -> dict[str, Row]:
    at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
    return {key: {**row, "measured": at} for key, row in rows.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
