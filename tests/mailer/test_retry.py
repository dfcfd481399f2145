"""First retry in 5–20 minutes, then at least half an hour apart, until the kind's time is over."""

from datetime import UTC, datetime, timedelta

import pytest

from mailer.retry import expires, wait_before
from school.letter import LetterKind

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("spread", range(40))
def test_the_first_retry_opens_a_greylist(spread):
    assert 5 * MINUTE < wait_before(1, spread) < 20 * MINUTE


def test_first_retries_are_spread():
    assert len({wait_before(1, letter_id) for letter_id in range(100)}) == 15


@pytest.mark.parametrize("attempt", range(2, 40))
def test_later_retries_are_half_an_hour_apart(attempt):
    assert 30 * MINUTE <= wait_before(attempt, 1) <= timedelta(hours=8)


def test_waits_never_shrink():
    waits = [wait_before(attempt, 7) for attempt in range(1, 20)]

    assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("kind", "hours"),
    [(LetterKind.NEWSLETTER, 72), (LetterKind.DIGEST, 48), (LetterKind.ANSWER, 120), (LetterKind.NOTICE, 48)],
)
def test_each_kind_is_given_up_in_its_time(kind, hours):
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)

    assert expires(kind, noon) == noon + timedelta(hours=hours)


def test_every_letter_is_tried_at_least_five_times():
    """RFC 5321 §4.5.4.1 wants more than one retry; our shortest life has room for six tries."""
    for kind in LetterKind:
        noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
        at, tries = noon, 1
        while (at := at + wait_before(tries, 14)) < expires(kind, noon):
            tries += 1
        assert tries >= 5
