"""What somebody may rely on who knows only the table of commands: one document, one line, an exit code."""

import json
import stat

import pytest

from tests.flows.driver import Office, new_office
from tests.flows.scenario import ROSTER


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Office:
    return new_office(tmp_path_factory.mktemp("new") / "school", in_process=True)


@pytest.mark.parametrize(
    "words",
    [
        ("roster", "import", "missing.csv"),
        ("no-such-command",),
        ("plan", "--no-such-option"),
        ("tray", "file", "seven", "--child", "c-anna"),
        ("tray", "dismiss", "7"),
        ("publish", "--date", "tomorrow"),
        ("conversations", "show", "7"),
        ("plan",),
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_one_document_and_exit_2(office, words):
    done = office.process(*words, "--json")

    assert done.returncode == 2
    assert list(json.loads(done.stdout)) == ["error"]
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr == f"fridayfolder: {json.loads(done.stdout)['error']}\n"


def test_a_time_without_zone_is_refused(office):
    done = office.process("roster", "show", now="2026-11-27T15:15:00")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no zone" in done.stderr


def test_the_shared_options_may_stand_before_the_command(office):
    config = ("--config", str(office.folder / "config.toml"))

    for words in (("--json", *config, "roster", "show"), ("roster", "--json", *config, "show")):
        done = office.plain_process(*words)
        assert (done.returncode, next(iter(json.loads(done.stdout)))) == (0, "children"), done.stderr


def test_the_database_file_is_for_its_owner_only(office):
    assert stat.S_IMODE((office.folder / "fridayfolder.db").stat().st_mode) == 0o600


def test_a_database_that_was_never_made_says_so(office):
    other = Office(folder=office.folder, settings={**office.settings, "DATABASE_URL": "sqlite:o.db"}, in_process=True)

    assert "fridayfolder init" in other.run("tray", "list", expect=2)["error"]


def test_publish_without_any_term_says_what_is_missing(tmp_path):
    office = new_office(tmp_path / "school", in_process=True)

    nothing = office.run("publish")

    assert (nothing["issue"], nothing["planned"], nothing["skipped"]) == (None, 0, [])
    assert "term import" in nothing["notes"][0]


def test_ids_are_the_rosters_own(tmp_path):
    office = new_office(tmp_path / "school", in_process=True)
    office.run("roster", "import", str(ROSTER))

    shown = office.run("roster", "show")

    assert {held["id"] for held in shown["children"]} == {"c-anna", "c-leo", "c-ida"}
    assert {held["id"] for held in shown["guardians"]} == {"g-eva", "g-jon", "g-mia"}
    assert {held["id"] for held in shown["teachers"]} == {"t-horn", "t-ruiz", "t-cole"}
