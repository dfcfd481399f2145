"""A mail that eats its reader's time, memory or life is set aside the third time; the mails around it are read."""

import os
import signal
import threading

import pytest

from inbox.opener import Limits, OpenerProcess
from office.jobs.reading import read_waiting
from office.jobs.tray import show_mail
from school.errors import InputError
from tests.office.linden import EVA, Linden, copy_of, open_school


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    linden.house.__dict__["opener"] = OpenerProcess(Limits(processor_seconds=1), module="tests.inbox.hungry_child")
    yield linden
    linden.house.close()


@pytest.fixture
def linden_on_postgresql(published, tmp_path, postgres_url):
    linden = open_school(tmp_path / "postgres", database_url=postgres_url)
    linden.house.__dict__["opener"] = OpenerProcess(Limits(processor_seconds=1), module="tests.inbox.hungry_child")
    yield linden
    linden.house.close()


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (b"processor", "it takes more than 1 seconds of processor time"),
        (b"memory", "it needs too much memory"),
        (b"itself", "what opened it was ended (SIGSEGV)"),
    ],
)
def test_a_bomb_is_set_aside_the_third_time_and_stops_no_other(linden, caplog, what, reason):
    bomb = b"X-Eat: " + what + b"\r\n" + linden.reply(EVA, "secret words")
    first = linden.keep(linden.reply(EVA, "before"))
    bad = linden.keep(bomb)
    last = linden.keep(linden.reply(EVA, "after"))

    assert [outcome.spool_id for outcome in read_waiting(linden.house, linden.now)] == [first, last]
    assert (linden.state(bad), linden.house.spool.spooled(bad).attempts) == ("received", 1)
    for _ in range(2):
        assert read_waiting(linden.house, linden.now) == []

    kept = linden.house.spool.spooled(bad)
    assert (kept.state, kept.reasons) == ("poison", ("failed three times", reason))
    assert linden.house.spool.raw(bad) == bomb
    assert "secret words" not in caplog.text
    assert f"mail={bad} attempt=3" in caplog.text


def test_whoever_looks_at_a_bomb_is_told_and_not_hit(linden):
    bad = linden.keep(b"X-Eat: memory\r\n" + linden.reply(EVA, "boom"))
    for _ in range(3):
        read_waiting(linden.house, linden.now)

    with pytest.raises(InputError, match="cannot be opened: it needs too much memory"):
        show_mail(linden.house, bad, linden.now)


def test_a_bomb_in_the_junk_folder_stays_there(linden):
    assert linden.house._has_our_token(linden.reply(EVA, "by mistake")) is True
    assert linden.house._has_our_token(b"X-Eat: memory\r\n" + linden.reply(EVA, "boom")) is False


def test_a_child_that_does_not_start_counts_against_no_mail(linden):
    linden.house.__dict__["opener"] = OpenerProcess(module="tests.inbox.no_such_module")
    spool_id = linden.keep(linden.reply(EVA, "before"))

    with pytest.raises(Exception, match="does not start"):
        read_waiting(linden.house, linden.now)

    assert linden.house.spool.spooled(spool_id).attempts == 0


class Killing:
    """The conversation store, which kills the child each time it records one of these mails."""

    def __init__(self, store, opener: OpenerProcess, *spool_ids: int) -> None:
        self.store, self.opener, self.spool_ids = store, opener, spool_ids

    def __getattr__(self, name: str):
        return getattr(self.store, name)

    def record(self, outcome, now):
        if outcome.spool_id in self.spool_ids and self.opener.pid is not None:
            os.kill(self.opener.pid, signal.SIGKILL)
        return self.store.record(outcome, now)


def test_children_killed_again_and_again_cost_no_mail(linden, caplog):
    ids = [linden.keep(linden.reply(EVA, f"Number {number}")) for number in range(130)]
    house = linden.house
    house.__dict__["conversations"] = Killing(house.conversations, house.opener, ids[5], ids[35])

    assert [outcome.spool_id for outcome in read_waiting(house, linden.now)] == ids
    assert house.spool.counts_by_state() == {"filed": 130}
    assert "ended-(SIGKILL)" in caplog.text


def two_pollers(linden: Linden) -> None:
    """Each with a child of its own, over the same database."""
    ids = [linden.keep(linden.reply(EVA, f"Number {number}")) for number in range(50)]
    bomb = linden.keep(b"X-Eat: memory\r\n" + linden.reply(EVA, "boom"))
    barrier, done = threading.Barrier(2), []

    def poll() -> None:
        opener = OpenerProcess(module="tests.inbox.hungry_child")
        own = type(linden.house)(linden.house.settings, linden.house.folder)
        own.__dict__.update({**linden.house.__dict__, "opener": opener})
        own.__dict__.pop("reading", None)
        barrier.wait()
        try:
            done.extend(read_waiting(own, linden.now))
        finally:
            opener.close()
            own.database.close()

    threads = [threading.Thread(target=poll) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome.spool_id for outcome in done) == ids
    assert linden.filings() == len(ids)
    assert linden.state(bomb) == "received"


def test_two_pollers_each_with_a_child(linden):
    two_pollers(linden)


def test_two_pollers_each_with_a_child_on_postgresql(linden_on_postgresql):
    two_pollers(linden_on_postgresql)
