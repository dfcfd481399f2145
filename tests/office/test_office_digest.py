"""The office's daily letter: once a day while something waits, with names, reasons and who was not told."""

import zlib
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from office.jobs.digests import plan_digests
from office.jobs.tray import dismiss
from storage.tables import Letter, LetterBody
from tests.office.linden import EVA, JON, MIA, Linden, copy_of, open_school


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    yield linden
    linden.house.database.close()


def told(linden: Linden) -> list[str]:
    """The office's daily letters, as text."""
    plan_digests(linden.house, linden.today, linden.now)
    rows = Letter.select().where(Letter.run.startswith("office:")).order_by(Letter.id)
    mails = [
        message_from_bytes(zlib.decompress(bytes(LetterBody.get_by_id(row.id).packed)), policy=policy.default)
        for row in rows
    ]
    assert all(mail["To"].addresses[0].addr_spec == "office@school.test" for mail in mails)
    assert all(row.kind == "digest" for row in rows)
    return [" ".join(mail.get_body(("plain",)).get_content().split()) for mail in mails]


def test_nothing_waits_and_nothing_is_sent(linden):
    linden.arrive(linden.reply(EVA, "Anna sees the dentist on Monday."))

    assert told(linden) == []


def test_one_line_for_each_mail_with_its_reason_and_suggested_children(linden):
    first = linden.arrive(linden.reply(JON, "We shall come to the fair with the whole family."))
    second = linden.arrive(linden.reply(EVA, "I want to make a formal complaint."))

    (text,) = told(linden)

    assert "2 messages wait for a person" in text
    assert f"Mail {first.spool_id}: it may be about several children · perhaps about Ida Berg, Ida Berg (music)" in text
    assert "Leo Berg" in text
    assert "Ida Berg" in text
    assert f"Mail {second.spool_id}: words that only the office may read (safeguarding)" in text
    assert "complaint" not in text
    assert "whole family" not in text


def test_once_a_day_and_again_the_next_day_until_nothing_waits(linden):
    outcome = linden.arrive(linden.reply(JON, "We shall come to the fair with the whole family."))
    assert len(told(linden)) == len(told(linden)) == 1
    linden.now += timedelta(days=1)
    assert len(told(linden)) == 2

    dismiss(linden.house, outcome.spool_id, "seen", linden.now)
    linden.now += timedelta(days=1)

    assert len(told(linden)) == 2


@pytest.mark.parametrize("state", ["failed", "sent?", "expired"])
def test_a_parent_whose_receipt_was_lost_is_listed_once(linden, state):
    outcome = linden.arrive(linden.reply(MIA, "Leo is ill"))
    assert (outcome.state, outcome.tell) == ("filed", "receipt")
    Letter.update(state=state, finished_at=linden.now).where(Letter.kind == "notice").execute()

    (text,) = told(linden)

    assert "A parent was not told where her message went:" in text
    assert f"Mail {outcome.spool_id}" in text
    linden.now += timedelta(days=1)
    assert len(told(linden)) == 1


def test_a_receipt_that_was_sent_is_not_listed(linden):
    linden.arrive(linden.reply(MIA, "Leo is ill"))
    Letter.update(state="sent", finished_at=linden.now).where(Letter.kind == "notice").execute()

    assert told(linden) == []


def test_addresses_that_fail_are_told_in_plain_words(linden):
    linden.arrive(linden.reply(JON, "We shall come to the fair with the whole family."))
    linden.house.health.suppress("eva@example.org", linden.now, "5.1.1", "no such mailbox")

    (text,) = told(linden)

    assert "eva@example.org: no such mailbox since 27 November; no letters go there" in text
