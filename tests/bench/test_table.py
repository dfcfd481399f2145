"""The table and the file of figures: what a measure says stands in both, and one that cannot say anything says why."""

import io
import json

import pytest
from rich.console import Console

from bench.__main__ import MEASURES, Measure, main
from bench.table import MalformedFigureError, rows_of

SWIFT = {"value": 1234.5, "unit": "letters/s", "peer": "a plain recipe", "peer_value": 411.5, "ratio": 3.0}


def measure(name, row):
    return Measure(name=name, what="something", run=lambda _quick: row)


def fails(_quick):
    raise ZeroDivisionError("nothing was sent")


def lacks(_quick):
    import a_library_nobody_has  # noqa: F401 - the import is what fails


def skips(_quick):
    pytest.skip("smtp-sink is not installed: apt-get install postfix")


@pytest.fixture
def bench(tmp_path):
    results = tmp_path / "results.json"

    def run(*arguments, measures):
        screen = io.StringIO()
        code = main(arguments, measures, results, Console(file=screen, width=200))
        written = json.loads(results.read_text("utf-8")) if results.exists() else None
        return code, screen.getvalue(), written

    return run


def test_a_measure_stands_in_the_table_and_in_the_file(bench):
    code, screen, written = bench(measures=[measure("prepare", SWIFT)])

    assert code == 0
    assert {**SWIFT, "measured": written["prepare"]["measured"]} == written["prepare"]
    line = next(line for line in screen.splitlines() if "prepare" in line and "│" in line)
    assert [cell.strip() for cell in line.strip("│").split("│")][:6] == [
        "prepare",
        "1,234",
        "letters/s",
        "a plain recipe",
        "412",
        "3",
    ]


def test_one_measure_may_have_several_keys(bench):
    several = {"trim": SWIFT, "trim.html": SWIFT}

    _, screen, written = bench(measures=[measure("trim", several)])

    assert set(written) == {"trim", "trim.html"}
    assert "trim.html" in screen


@pytest.mark.parametrize("key", ["trim", "trim.html"])
def test_only_picks_one_measure(bench, key):
    code, screen, written = bench(
        "--only", key, measures=[measure("deliver", SWIFT), measure("trim", {"trim": SWIFT, "trim.html": SWIFT})]
    )

    assert code == 0
    assert set(written) == {"trim", "trim.html"}
    assert "deliver" not in screen


def test_only_keeps_the_figures_of_earlier_runs(bench):
    both = [measure("deliver", SWIFT), measure("trim", {**SWIFT, "value": 7})]
    bench(measures=both)

    _, _, written = bench("--only", "trim", measures=[both[0], measure("trim", {**SWIFT, "value": 8})])

    assert (written["deliver"]["value"], written["trim"]["value"]) == (1234.5, 8)


def test_a_measure_nobody_knows_is_named_and_nothing_runs(bench, capsys):
    code, _, written = bench("--only", "speed", measures=[Measure(name="trim", what="", run=fails)])

    assert (code, written) == (2, None)
    assert "--only speed: there is trim" in capsys.readouterr().err


def test_a_measure_that_fails_is_told_and_the_next_one_runs(bench):
    code, screen, written = bench(measures=[Measure(name="deliver", what="", run=fails), measure("trim", SWIFT)])

    assert code == 1
    assert written["deliver"]["failed"] == "ZeroDivisionError: nothing was sent"
    assert written["trim"]["value"] == 1234.5
    assert "nothing was sent" in screen


@pytest.mark.parametrize(("run", "what"), [(lacks, "a_library_nobody_has"), (skips, "smtp-sink is not installed")])
def test_a_missing_peer_is_named_and_is_no_failure(bench, run, what):
    code, screen, written = bench(measures=[Measure(name="deliver", what="", run=run)])

    assert code == 0
    assert written["deliver"]["value"] is None
    assert "ratio" not in written["deliver"]
    assert f"missing peer: {what}" in screen


def test_a_measure_may_say_itself_that_its_peer_is_missing(bench):
    row = {"value": None, "unit": "letters/s", "peer": "smtp-source", "missing": "Debian's postfix"}

    code, screen, _ = bench(measures=[measure("deliver", row)])

    assert code == 0
    assert "missing peer: smtp-source (Debian's postfix)" in screen


def test_an_aim_that_was_not_reached_is_said_and_is_no_failure(bench):
    code, screen, _ = bench(measures=[measure("ingest", {**SWIFT, "aim": "ratio ≥ 4", "met": False})])

    assert code == 0
    assert "ratio ≥ 4: not met" in screen


@pytest.mark.parametrize("wrong", [{}, {"trim": 12}, {"trim": {"value": 12}}])
def test_a_measure_without_value_and_unit_is_refused(wrong):
    with pytest.raises(MalformedFigureError):
        rows_of("trim", wrong)


def test_every_figure_the_design_names_has_a_measure():
    assert [held.name for held in MEASURES] == ["prepare", "deliver", "ingest", "trim", "growth"]
