"""The page of promises names tests that are there, and says where each figure is checked."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "safety.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| Never")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:60])
def test_each_promise_names_a_test_file_that_is_there(row):
    named = re.findall(r"`(tests/[a-z_/]+\.py)`", row)

    assert named
    for path in named:
        assert "def test_" in (ROOT / path).read_text("utf-8")


def test_what_is_said_to_run_nightly_has_a_nightly_test():
    for row in ROWS:
        if "nightly" in row:
            files = re.findall(r"`(tests/[a-z_/]+\.py)`", row)
            assert any("nightly" in (ROOT / path).read_text("utf-8") for path in files), row
