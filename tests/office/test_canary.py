"""The office can have an issue's letters in its own mailbox before any family has."""

from email import message_from_bytes, policy

import pytest

from tests.flows.running import copy_of, count, prepared_small

__all__ = ["prepared_small"]
DAY = "2026-11-27"


@pytest.fixture
def office(tmp_path, prepared_small, smtp_sink):
    return copy_of(prepared_small, tmp_path / "school", SMTP_PORT=str(smtp_sink.port))


def test_one_letter_of_each_language_goes_to_the_office_and_none_to_a_family(office, tmp_path, smtp_sink):
    made = office.run("proof", DAY, "--out", str(tmp_path / "book"), "--send")
    assert made["sent_to_office"] >= 1
    assert office.run("deliver")["sent"] == made["sent_to_office"]

    for held in smtp_sink.messages:
        assert held.recipients == ("office@school.test",)
        message = message_from_bytes(held.content, policy=policy.default)
        assert "Winter fair" in message.get_body(("html",)).get_content()
        assert "Winter fair" in message.get_body(("plain",)).get_content()
        assert b"reply+" not in held.content.partition(b"\r\n\r\n")[2]  # nobody can answer for a family
    assert count(office, "slot where name = 'newsletter'") == 0
    assert office.run("publish", "--date", DAY)["planned"] == 3


def test_the_same_content_is_sent_once_and_an_edit_again(office, tmp_path):
    first = office.run("proof", DAY, "--out", str(tmp_path / "book"), "--send")["sent_to_office"]

    assert office.run("proof", DAY, "--out", str(tmp_path / "book"), "--send")["sent_to_office"] == 0
    office.run("item", "add", "--title", "Hats", "--body", "Lost.", "--date", DAY)
    assert office.run("proof", DAY, "--out", str(tmp_path / "book"), "--send")["sent_to_office"] == first


def test_without_being_asked_nothing_is_sent(office, tmp_path):
    office.run("proof", DAY, "--out", str(tmp_path / "book"))

    assert count(office, "letter") == 0


def test_a_canary_is_no_issue_to_compare_with(office, tmp_path):
    office.run("proof", DAY, "--out", str(tmp_path / "book"), "--send")

    assert office.run("publish", "--date", DAY, "--dry-run")["before"] is None
