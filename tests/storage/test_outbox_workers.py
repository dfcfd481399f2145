"""Several workers on PostgreSQL share one outbox: no letter twice, none lost, none finished by who was away."""

import threading
from datetime import timedelta

import pytest

from mailer.deliver import DeliveryPolicy, deliver_due
from mailer.smtp import SmtpSettings, SmtpTransport
from school.errors import TemporaryError
from school.letter import LetterState
from school.sending import SendResult
from storage.database import Database
from storage.outbox import Outbox
from storage.tables import Letter
from tests.faultpeer.smtp import FaultPeer
from tests.storage.outbox_letters import NOON, RUN, letter, message, plan, states

SENT = SendResult(state=LetterState.SENT, code="250")


@pytest.fixture
def outbox(postgres_url):
    database = Database(postgres_url)
    database.migrate()
    yield Outbox(database)
    database.close()


def lapse(seconds: int = 1) -> None:
    """The leases end: the database's clock cannot be moved, so their end is."""
    Letter.update(lease_until=Letter.lease_until - (15 * 60 + seconds) * 1_000_000).execute()


def worker(outbox: Outbox, owner: str, port: int) -> threading.Thread:
    settings = SmtpSettings(host="127.0.0.1", port=port, security="none", hello="school.test")

    def work() -> None:
        deliver_due(outbox, lambda: SmtpTransport(settings), DeliveryPolicy(owner=owner, connections=2), lambda: NOON)
        outbox._database.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def four_workers(outbox: Outbox, letters: int) -> None:
    plan(outbox, *(letter(number, raw=message(number)) for number in range(1, letters + 1)))
    with FaultPeer() as peer:
        threads = [worker(outbox, f"worker{number}", peer.port) for number in range(4)]
        for thread in threads:
            thread.join()

        assert outbox.ledger(RUN) == {"sent": letters}
        assert len(peer.taken) == letters
        assert set(peer.copies().values()) == {1}
        assert len({row.owner for row in Letter.select(Letter.owner)}) == 4


def test_four_workers_send_each_letter_once(outbox):
    four_workers(outbox, 600)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_four_workers_send_ten_thousand_letters_once(outbox):
    four_workers(outbox, 10_000)


def test_a_worker_that_was_stopped_past_its_lease_changes_nothing(outbox):
    plan(outbox, *(letter(number, raw=message(number)) for number in range(1, 4)))
    zombie = outbox.claim("zombie", 2, NOON)
    lapse()
    with FaultPeer() as peer:
        worker(outbox, "other", peer.port).join()

    assert [outbox.finish(one, SENT, NOON) for one in zombie] == [False, False]
    assert set(states(outbox).values()) == {"sent"}
    assert {row.owner for row in Letter.select(Letter.owner)} == {"other"}


def test_a_lease_that_holds_is_not_taken(outbox):
    plan(outbox, letter(1))
    held = outbox.claim("one", 1, NOON)

    assert outbox.claim("two", 1, NOON + timedelta(days=1)) == []  # our clock says nothing about leases
    lapse()
    assert outbox.heartbeat(held) == 1
    assert outbox.claim("two", 1, NOON) == []


def test_a_lapsed_lease_comes_back_marked_uncertain(outbox):
    plan(outbox, letter(1))
    stale = outbox.claim("one", 1, NOON)[0]
    lapse()
    fresh = outbox.claim("two", 1, NOON)[0]

    assert fresh.uncertain
    assert fresh.raw == stale.raw
    assert not outbox.finish(stale, SENT, NOON)


def test_a_dropped_database_connection_loses_no_result(outbox):
    plan(outbox, letter(1))
    mine = outbox.claim("one", 1, NOON)[0]
    engine = outbox._database.engine
    own = engine.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
    killer = Database(outbox._database.url)
    killer.engine.execute_sql("SELECT pg_terminate_backend(%s)", (own,))
    killer.close()
    engine.bind([Letter])  # opening a database binds the tables to it

    with pytest.raises(TemporaryError):
        outbox.finish(mine, SENT, NOON)

    assert outbox.finish(mine, SENT, NOON)
    assert outbox.claim("one", 1, NOON) == []
