"""An issue with far more or fewer letters than the last one is asked about first; a dry run says who and why."""

import csv
import io

import pytest

from tests.flows.driver import new_office
from tests.flows.running import rows

WEEKS = ("2026-11-20", "2026-11-27", "2026-12-04")
HEADER = ("student id", "student given name", "student family name", "class", "guardian id", "guardian given name",
          "guardian family name", "guardian email")  # fmt: skip


def roster(folder, families: int):
    path = folder / "sheet.csv"
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(HEADER)
    for number in range(families):
        sheet.writerow(
            (f"s{number}", f"Kid{number}", "Lopez", "3B", f"g{number}", f"Maria{number}", "Lopez",
             f"parent{number}@example.org")
        )  # fmt: skip
    path.write_text(text.getvalue(), "utf-8")
    return str(path)


@pytest.fixture
def office(tmp_path):
    office = new_office(tmp_path / "school", in_process=True)
    office.run("roster", "import", roster(tmp_path, 100))
    for day in WEEKS:
        office.run("item", "add", "--title", f"Fair {day}", "--body", "Bring soup.", "--date", day)
    assert office.run("publish", "--date", WEEKS[0])["planned"] == 100
    return office


def change(office, tmp_path, families: int) -> None:
    office.run("roster", "import", roster(tmp_path, families), "--accept-removals")


def test_the_dry_run_says_who_is_new_and_who_is_gone_and_keeps_nothing(office, tmp_path):
    change(office, tmp_path, 98)

    found = office.run("publish", "--date", WEEKS[1], "--dry-run")

    assert (found["letters"], found["before"], found["letters_before"]) == (98, f"issue:{WEEKS[0]}", 100)
    assert (found["gone"], found["added"], found["refused"]) == (["g98", "g99"], [], None)
    assert rows(office, f"select count(*) from run where id = 'issue:{WEEKS[1]}'") == [(0,)]


@pytest.mark.parametrize("families", [120, 80, 119, 81])
def test_up_to_a_fifth_more_or_fewer_letters_go_unasked(office, tmp_path, families):
    change(office, tmp_path, families)

    assert office.run("publish", "--date", WEEKS[1])["planned"] == families


@pytest.mark.parametrize("families", [121, 79, 200, 1])
def test_more_than_that_is_refused_in_one_line_and_nothing_is_planned(office, tmp_path, families):
    change(office, tmp_path, families)

    error = office.run("publish", "--date", WEEKS[1], expect=1)["error"]

    assert f"makes {families} letters, the last one (issue:{WEEKS[0]}) made 100: more than 20% apart" in error
    assert f"publish --date {WEEKS[1]} --accept-audience" in error
    assert rows(office, "select count(*) from letter") == [(100,)]
    assert rows(office, f"select count(*) from run where id = 'issue:{WEEKS[1]}'") == [(0,)]
    assert office.run("publish", "--date", WEEKS[1], "--dry-run")["refused"] == error
    assert office.run("publish", "--date", WEEKS[1], "--accept-audience")["planned"] == families
    assert office.run("publish", "--date", WEEKS[1])["existing"] == families  # once accepted, twice is as good as once


def test_the_next_issue_is_compared_with_what_was_accepted(office, tmp_path):
    change(office, tmp_path, 150)
    office.run("publish", "--date", WEEKS[1], "--accept-audience")

    assert office.run("publish", "--date", WEEKS[2])["planned"] == 150


def test_a_cancelled_issue_is_no_measure_and_a_setting_turns_the_question_off(office, tmp_path):
    office.run("sending", "cancel", f"issue:{WEEKS[0]}")
    change(office, tmp_path, 10)
    assert office.run("publish", "--date", WEEKS[1])["planned"] == 10
    change(office, tmp_path, 100)
    office.settings["NEWSLETTER_AUDIENCE_CHANGE"] = "1"

    assert office.run("publish", "--date", WEEKS[2])["planned"] == 100


def test_a_few_families_of_a_small_school_are_no_matter(office, tmp_path):
    change(office, tmp_path, 30)
    office.run("publish", "--date", WEEKS[1], "--accept-audience")
    change(office, tmp_path, 12)

    assert office.run("publish", "--date", WEEKS[2])["planned"] == 12


def test_the_ledger_sums_up_to_the_audience_with_reasons(office, tmp_path, smtp_sink):
    office.settings["SMTP_PORT"] = str(smtp_sink.port)
    smtp_sink.refuse |= {
        "parent1@example.org": "550 5.1.1 no such user",
        "parent2@example.org": "452 4.2.2 mailbox full",
        "parent3@example.org": "554 5.6.0 never",
    }
    office.run("deliver")

    shown = office.run("sending", "show", f"issue:{WEEKS[0]}")
    said = office.process("sending", "show", f"issue:{WEEKS[0]}").stdout

    assert (shown["sent"], shown["failed"], shown["deferred"], shown["audience"]) == (97, 2, 1, 100)
    assert shown["reasons"]["deferred"] == {"the mailbox is full": 1}
    assert sum(shown["reasons"]["failed"].values()) == 2
    assert "deferred: 1\n  1: the mailbox is full\n" in said
    assert said.endswith("audience: 100\n")
    (line,) = office.run("sending", "list")
    assert (line["run"], line["letters"], line["finished"], line["sent"]) == (f"issue:{WEEKS[0]}", 100, 99, 97)
