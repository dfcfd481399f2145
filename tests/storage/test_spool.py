"""The spool keeps each delivery once, whole, and remembers what became of it."""

import contextlib
import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest

from school.delivery import Delivery
from school.errors import TemporaryError
from storage.database import Database
from storage.spool import SpoolStore

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
RAW = b"From: eva@example.org\r\nSubject: Re: x\r\n\r\nL\xe9o is ill\r\n\x00"


def delivery(uid: int = 1, raw: bytes = RAW, **changes) -> Delivery:
    fields = {"account": "inbox", "folder": "INBOX", "uidvalidity": 7, "uid": uid, "arrived": NOW, "raw": raw}
    return Delivery(**(fields | changes))


@pytest.fixture
def spool(database) -> SpoolStore:
    return SpoolStore(database)


def finish(spool: SpoolStore, spool_id: int, **changes) -> None:
    fields = {
        "kind": "human",
        "state": "filed",
        "reasons": ["C3"],
        "author_id": "g1",
        "content_key": "k1",
        "message_id": "a@b",
        "now": NOW,
    }
    spool.finish(spool_id, **(fields | changes))


def test_the_bytes_come_back_as_they_came(spool):
    spool_id = spool.keep(delivery(envelope_to=("reply+t@school.test",)), NOW)

    assert spool.raw(spool_id) == RAW
    kept = spool.spooled(spool_id)
    assert (kept.uid, kept.size, kept.state, kept.arrived) == (1, len(RAW), "received", NOW)
    assert kept.envelope_to == ("reply+t@school.test",)


def test_the_same_key_is_kept_once(spool):
    first = spool.keep(delivery(raw=b"first"), NOW)

    assert spool.keep(delivery(raw=b"second"), NOW) is None
    assert spool.raw(first) == b"first"
    assert spool.counts_by_state() == {"received": 1}


@pytest.mark.parametrize("change", [{"account": "b"}, {"folder": "Junk"}, {"uidvalidity": 8}, {"uid": 2}])
def test_any_part_of_the_key_makes_another_mail(spool, change):
    spool.keep(delivery(), NOW)

    assert spool.keep(delivery(**change), NOW) is not None


def test_several_in_one_commit_say_which_were_new(spool):
    spool.keep(delivery(2), NOW)

    ids = spool.keep_all([delivery(3), delivery(2), delivery(1)], NOW)

    assert [spool_id is None for spool_id in ids] == [False, True, False]
    assert spool.spooled(ids[0]).uid == 3
    assert spool.spooled(ids[2]).uid == 1


def test_the_mark_follows_what_is_kept_and_never_goes_back(spool):
    assert spool.mark("inbox", "INBOX", 7) == 0
    spool.keep(delivery(5), NOW)
    spool.keep(delivery(3), NOW)

    assert spool.mark("inbox", "INBOX", 7) == 5
    assert spool.mark("inbox", "INBOX", 8) == 0


def test_a_mail_below_a_gap_leaves_the_mark(spool):
    spool.keep(delivery(9), NOW, advance=False)
    assert spool.mark("inbox", "INBOX", 7) == 0

    spool.advance_mark("inbox", "INBOX", 7, 9, NOW)

    assert spool.mark("inbox", "INBOX", 7) == 9


def test_a_failing_commit_keeps_neither_bytes_nor_mark(spool):
    with pytest.raises(TypeError):
        spool.keep_all([delivery(1), delivery(2, raw=None)], NOW)

    assert spool.counts_by_state() == {}
    assert spool.mark("inbox", "INBOX", 7) == 0


def test_known_uids_are_found_among_thousands(spool):
    spool.keep_all([delivery(uid) for uid in (1, 700, 1500)], NOW)

    assert spool.known_uids("inbox", "INBOX", 7, range(1, 2000)) == {1, 700, 1500}
    assert spool.known_uids("inbox", "INBOX", 8, range(1, 2000)) == set()
    assert spool.known_uids("inbox", "INBOX", 7, []) == set()


def test_only_decided_mails_may_leave_the_folder(spool):
    first = spool.keep(delivery(1), NOW)
    spool.keep(delivery(2), NOW)
    finish(spool, first)

    assert spool.finished_uids("inbox", "INBOX", 7, [1, 2, 3]) == {1}


def test_waiting_mails_come_oldest_first_and_troubled_ones_last(spool):
    first, second, third = (spool.keep(delivery(uid), NOW) for uid in (1, 2, 3))
    spool.failed_attempt(first, "parse", NOW)
    finish(spool, second)

    assert spool.waiting(10) == [third, first]
    assert spool.waiting(1) == [third]


def test_the_third_failure_sets_a_mail_aside_with_its_bytes(spool):
    spool_id = spool.keep(delivery(), NOW)

    assert [spool.failed_attempt(spool_id, "parse", NOW) for _ in range(3)] == [1, 2, 3]

    assert spool.spooled(spool_id).state == "poison"
    assert spool.waiting(10) == []
    assert spool.raw(spool_id) == RAW


def test_what_was_decided_is_read_back(spool):
    spool_id = spool.keep(delivery(), NOW)

    finish(spool, spool_id, reasons=("C1", "C6"))

    kept = spool.spooled(spool_id)
    assert (kept.kind, kept.state, kept.reasons, kept.author_id) == ("human", "filed", ("C1", "C6"), "g1")
    assert (kept.content_key, kept.message_id) == ("k1", "a@b")


def test_a_copy_points_to_the_first_of_its_content(spool):
    first, second = spool.keep(delivery(1), NOW), spool.keep(delivery(2), NOW)
    finish(spool, first)

    assert spool.first_with_content_key("k1", second) == first
    assert spool.first_with_content_key("k1", first) is None
    spool.note_copy(second, first)

    assert spool.spooled(second).copy_of == first
    assert spool.waiting(10) == []
    assert spool.counts_by_state() == {"filed": 1, "copy": 1}


def test_two_workers_with_the_same_content_find_one_first(database, spool):
    ids = [spool.keep(delivery(uid), NOW) for uid in (1, 2)]
    start, firsts = threading.Barrier(2), []

    def work(spool_id: int) -> None:
        start.wait(10)
        with database.transaction():
            found = spool.first_with_content_key("k1", spool_id)
            finish(spool, spool_id)
        firsts.append(found)
        database.close()

    threads = [threading.Thread(target=work, args=(spool_id,)) for spool_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(found is None for found in firsts) == [False, True]


def test_unknown_ids_are_named(spool):
    with pytest.raises(KeyError):
        spool.raw(99)
    with pytest.raises(KeyError):
        spool.spooled(99)


def test_the_doors_numbers_never_repeat(spool):
    ids = [spool.keep_at_door(RAW, ("reply+a@school.test",), NOW) for _ in range(3)]

    assert [spool.spooled(spool_id).uid for spool_id in ids] == [1, 2, 3]
    assert {spool.spooled(spool_id).account for spool_id in ids} == {"door"}


def test_a_lease_keeps_two_pollers_apart(spool):
    assert spool.take_lease("mailbox:inbox", "a", 60)
    assert not spool.take_lease("mailbox:inbox", "b", 60)
    assert spool.take_lease("mailbox:inbox", "a", 60)  # its holder may prolong it
    assert spool.take_lease("mailbox:other", "b", 60)


def test_a_lease_that_ran_out_or_was_given_back_is_free(spool):
    spool.take_lease("x", "a", -1)
    assert spool.take_lease("x", "b", 60)

    spool.release_lease("x", "a")  # not its holder
    assert not spool.take_lease("x", "a", 60)
    spool.release_lease("x", "b")
    assert spool.take_lease("x", "a", 60)


def test_a_lease_runs_by_the_databases_clock(database, spool):
    from storage.tables import Lease

    spool.take_lease("x", "a", 60)

    until = Lease.get_by_id("x").until
    assert timedelta(seconds=50) < until - datetime.now(UTC) < timedelta(seconds=70)


def test_threads_keep_the_same_mail_once(database, spool):
    """Four threads keep the same forty mails: each is kept by exactly one of them."""
    start, kept = threading.Barrier(4), []

    def poll() -> None:
        start.wait(10)
        ids = [spool.keep(delivery(uid), NOW) for uid in range(1, 41)]
        kept.extend(spool_id for spool_id in ids if spool_id is not None)
        database.close()

    threads = [threading.Thread(target=poll) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(kept) == len(set(kept)) == 40
    assert spool.counts_by_state() == {"received": 40}


def test_a_locked_database_is_a_temporary_trouble(tmp_path):
    database = Database(f"sqlite:{tmp_path}/x.db")
    database.migrate()
    database.engine.execute_sql("PRAGMA busy_timeout = 50")
    spool = SpoolStore(database)

    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TemporaryError, match="cannot be used now"):
            spool.keep(delivery(), NOW)

    assert spool.keep(delivery(), NOW) is not None
    database.close()
