"""What bounces said of an address is counted, forgotten after quiet weeks, and closes it only when asked to."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.address_health import AddressHealth, BounceKind

MAY = datetime(2026, 5, 3, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def health(database):
    return AddressHealth(database)


def test_trouble_adds_up(health):
    health.record("ana@example.org", BounceKind.SOFT, "452 4.2.2", "mailbox full", MAY)
    health.record("ana@example.org", "hard", "550 5.2.1", "the mailbox is disabled", MAY + WEEK)

    (trouble,) = health.listing()
    assert (trouble.hard, trouble.soft, trouble.since, trouble.last) == (1, 1, MAY, MAY + WEEK)
    assert trouble.code == "550 5.2.1"


def test_quiet_weeks_are_forgiven(health):
    health.record("ana@example.org", "hard", "550 5.2.1", "disabled", MAY)

    assert health.record("ana@example.org", "hard", "550 5.2.1", "disabled", MAY + 3 * WEEK).hard == 1
    assert health.record("ana@example.org", "hard", "550 5.2.1", "disabled", MAY + 4 * WEEK).hard == 2


def test_the_same_trouble_twice_in_a_row_is_told_however_it_was_heard(health):
    codes = ("550 5.2.2", "550 5.2.1", "5.2.1", "552 5.2.2")

    told = [health.record("ana@example.org", "hard", code, "", MAY + n * WEEK).repeated for n, code in enumerate(codes)]

    assert told == [False, False, True, False]
    assert not health.record("ana@example.org", "hard", "552 5.2.2", "", MAY + 9 * WEEK).repeated  # long ago


def test_passing_trouble_is_forgiven_and_nothing_else(health):
    health.record("ana@example.org", "soft", "452 4.2.2", "the mailbox is full", MAY)
    health.record("ben@example.org", "hard", "552 5.2.2", "the mailbox is full", MAY)
    health.suppress("cem@example.org", MAY)

    assert health.forgive("Ana@example.org")
    assert not health.forgive("ben@example.org")
    assert not health.forgive("cem@example.org")
    assert [one.address for one in health.listing()] == ["cem@example.org", "ben@example.org"]


def test_trouble_that_is_long_over_is_told_no_more_but_a_closed_address_is(health):
    for name, when in (("ana", MAY), ("ben", MAY), ("cem", MAY + WEEK)):
        health.record(f"{name}@example.org", "hard", "552 5.2.2", "the mailbox is full", when)
    health.suppress("ben@example.org", MAY)

    assert health.forget(MAY + 3 * WEEK) == 1
    assert [one.address for one in health.listing()] == ["ben@example.org", "cem@example.org"]


def test_a_record_alone_closes_nothing(health):
    for week in range(10):
        health.record("ana@example.org", "hard", "550", "refused", MAY + week * WEEK)

    assert not health.suppressed("ana@example.org")


def test_a_closed_address_stays_closed_until_the_office_opens_it(health):
    health.suppress("ana@example.org", MAY, "550 5.1.1", "no such mailbox")

    assert health.suppressed("Ana@Example.org")
    assert not health.suppressed("ben@example.org")
    assert health.reactivate("ANA@example.org")
    assert not health.suppressed("ana@example.org")
    assert not health.reactivate("ana@example.org")


def test_closing_keeps_what_was_known(health):
    health.record("ana@example.org", "hard", "550 5.1.1", "no such mailbox", MAY)
    health.suppress("ana@example.org", MAY + WEEK)
    health.suppress("ana@example.org", MAY + 2 * WEEK)

    (trouble,) = health.listing()
    assert (trouble.hard, trouble.code, trouble.suppressed) == (1, "550 5.1.1", True)


@pytest.mark.parametrize(
    ("reason", "closed", "words"),
    [
        ("mailbox full", False, "mailbox full since 3 May"),
        ("the mailbox is full", False, "mailbox is full since 3 May"),
        ("no such mailbox", True, "no such mailbox since 3 May; no letters go there"),
        ("", False, "letters come back since 3 May"),
    ],
)
def test_the_office_reads_plain_words(health, reason, closed, words):
    trouble = health.record("ana@example.org", "soft", "4.2.2", reason, MAY)
    if closed:
        health.suppress("ana@example.org", MAY)
        trouble = health.listing()[0]

    assert trouble.words() == words


def test_the_worst_come_first(health):
    health.record("a@example.org", "soft", "", "", MAY)
    health.record("b@example.org", "hard", "", "", MAY)
    health.suppress("c@example.org", MAY)

    assert [trouble.address[0] for trouble in health.listing()] == ["c", "b", "a"]
