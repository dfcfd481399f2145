"""The decisions of a mailbox pass: how far the mark goes, what is fetched together, when to try again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.arrival import BATCH_BYTES, BATCH_MAILS, Progress, after_failure, batches, epoch, pause, shortened

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def failing(times: int, *, minutes: float = 0, refused: bool = False):
    trouble = None
    for _ in range(times):
        trouble = after_failure(trouble, NOON, refused=refused)
    return pause(trouble, NOON + timedelta(minutes=minutes), 0).total_seconds()


@pytest.mark.parametrize(
    ("times", "seconds"), [(0, 0), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (10_000, 60)]
)
def test_the_pause_doubles_up_to_a_minute(times, seconds):
    assert failing(times) == seconds


def test_after_ten_bad_minutes_we_knock_less_often():
    assert failing(8, minutes=9.9) == 60
    assert failing(8, minutes=10) == 128
    assert failing(50, minutes=10) == 600


def test_a_refused_login_waits_a_quarter_of_an_hour():
    assert failing(1, refused=True) == failing(9, refused=True) == 900


@given(st.integers(1, 40), st.floats(0, 1))
def test_jitter_takes_at_most_half(times, jitter):
    trouble = None
    for _ in range(times):
        trouble = after_failure(trouble, NOON, refused=False)

    whole, some = pause(trouble, NOON, 0), pause(trouble, NOON, jitter)

    assert whole / 2 <= some <= whole


@given(st.sets(st.integers(1, 60)), st.data())
def test_the_mark_never_passes_a_gap(uids, data):
    """I13: whatever order mails are kept in, everything up to the mark is kept."""
    ascending = sorted(uids)
    known = data.draw(st.sets(st.sampled_from(ascending))) if ascending else set()
    order = data.draw(st.permutations([uid for uid in ascending if uid not in known]))
    progress, kept = Progress(ascending, known), set(known)

    for uid in order:
        before = progress.complete
        progress.done([uid])
        kept.add(uid)
        assert before <= progress.complete
        assert {one for one in ascending if one <= progress.complete} <= kept
    assert progress.complete == max(ascending, default=0)


@given(st.dictionaries(st.integers(1, 10_000), st.integers(0, BATCH_BYTES * 2)), st.data())
def test_batches_hold_every_mail_once_and_are_small(sizes, data):
    alone = data.draw(st.sets(st.sampled_from(sorted(sizes)))) if sizes else set()

    groups = list(batches(sizes, alone))

    assert [uid for group in groups for uid in group] == list(sizes)
    for group in groups:
        assert len(group) <= BATCH_MAILS
        assert len(group) == 1 or sum(sizes[uid] for uid in group) <= BATCH_BYTES
        assert len(group) == 1 or not alone.intersection(group)


@pytest.mark.parametrize(
    ("uidnext", "exists", "marks", "expected"),
    [
        (9, 3, {7: 8}, 7),  # as it should be
        (9, 3, {}, 7),
        (4, 3, {7: 8}, 7 + 2**32),  # numbered anew
        (4, 3, {7: 8, 7 + 2**32: 3}, 7 + 2**32),
        (99, 3, {7: 8, 7 + 2**32: 3}, 7 + 2**32),  # beyond the old mark, still the new numbering
        (2, 1, {7: 8, 7 + 2**32: 3}, 7 + 2**33),  # and anew again
        (None, 3, {7: 8}, 7),
        (1, 3, {7: 8}, 7),  # three mails and no number given out: not true
        (4, None, {7: 8}, 7),
        (0, 0, {}, 7),
    ],
)
def test_a_folder_numbered_anew_gets_a_number_of_its_own(uidnext, exists, marks, expected):
    assert epoch(7, uidnext, exists, lambda number: marks.get(number, 0)) == expected


def test_a_shortened_mail_says_so_in_its_header():
    mail = shortened(b"From: a@example.org\r\nSubject: film\r\n\r\n", b"the beginning", 41_000_000)

    header, _, text = mail.partition(b"\r\n\r\n")
    assert header.startswith(b"From: a@example.org\r\nSubject: film\r\nX-Friday-Folder-Truncated: 41000000 bytes")
    assert text == b"the beginning"
