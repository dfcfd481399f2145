"""Letters claimed before a connection is free for them: few, asked about again, and given back when none may go."""

import sqlite3
import threading

import pytest

from mailer.stock import Stock
from school.letter import LetterState
from storage.database import Database
from tests.faultpeer.smtp import FaultPeer
from tests.mailer.delivery import RUN, Office

CONNECTIONS = 4


class Listener(FaultPeer):
    """Does something whenever it hears of a letter, and knows of which."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[str] = []
        self.then = lambda: None

    def heard(self, address: str, connection: int) -> None:
        self.known.append(address)
        self.then()


@pytest.fixture
def office(tmp_path):
    database = Database(f"sqlite:{tmp_path}/outbox.db")
    database.migrate()
    with Listener() as peer:
        yield Office(database, peer)
    database.close()


def claimed(office: Office) -> list[str]:
    """Whose letters are claimed, as another process sees it."""
    with sqlite3.connect(office.database.engine.database) as look:
        return [row[0] for row in look.execute("SELECT address FROM letter WHERE state = 'claimed'")]


def test_never_more_than_twice_the_connections_are_claimed(office):
    office.plan(100)
    counts = []
    office.peer.then = lambda: counts.append(len(claimed(office)))

    assert office.deliver(connections=CONNECTIONS).sent == 100

    assert CONNECTIONS < max(counts) <= 2 * CONNECTIONS  # it does look ahead, and no further


def test_whoever_is_suppressed_while_the_letter_waits_its_turn_gets_none(office):
    office.plan(60)
    closed = []

    def close_the_next_ones(report):
        if report.sent >= 20 and not closed:
            closed.extend(sorted(set(claimed(office)) - set(office.peer.known)))
            for address in closed:
                office.addresses.suppress(address, office.now)

    report = office.deliver(connections=1, progress=close_the_next_ones)

    assert closed
    assert report.sent + report.blocked == 60
    gone = [address for address in closed if address in office.peer.known]
    assert len(gone) <= 1  # the one that was being given to its connection at that moment
    assert report.blocked == len(closed) - len(gone)


@pytest.mark.parametrize("deed", ["pause", "cancel"])
def test_a_run_that_is_stopped_keeps_nothing_claimed(office, deed):
    office.plan(100)

    def end_at_thirty(report):
        if report.sent >= 30 and office.outbox.progress(RUN).state == "ready":
            office.outbox.pause(RUN) if deed == "pause" else office.outbox.cancel(RUN, office.now)

    report = office.deliver(connections=2, progress=end_at_thirty)

    assert 30 <= report.sent <= 34
    rest = {"pause": "ready", "cancel": "cancelled"}[deed]
    assert office.outbox.ledger(RUN) == {"sent": report.sent, rest: 100 - report.sent}


def test_a_refusal_gives_back_what_was_claimed_ahead_and_each_letter_is_tried_once(office):
    office.plan(40)
    for number in range(1, 41, 3):
        office.peer.replies[f"parent{number}@example.org"] = b"452 4.2.2 mailbox full"

    report = office.deliver(connections=CONNECTIONS)

    assert (report.sent, report.deferred) == (26, 14)
    assert sorted(office.peer.known) == sorted(f"parent{number}@example.org" for number in range(1, 41))
    assert {one.attempts for one in office.outbox.letters(RUN)} == {1}
    assert not any(one.state is LetterState.CLAIMED for one in office.outbox.letters(RUN))


def test_letters_claimed_ahead_are_given_back_while_every_server_is_silent(office):
    office.plan(20)
    waiting, stop = [], threading.Event()

    def look_at_it(report):
        if office.peer.known and not waiting and set(claimed(office)) <= set(office.peer.known):
            waiting.append(len(claimed(office)))
            stop.set()
            office.peer.go_on()

    office.peer.step, office.peer.fault = "dot", "wait"
    report = office.deliver(connections=2, stop=stop, progress=look_at_it)

    assert waiting == [2]
    assert office.outbox.ledger(RUN) == {"sent": report.sent, "ready": 20 - report.sent}


def test_a_pace_for_a_domain_leaves_no_room_to_look_ahead(office):
    office.plan(20)
    counts = []
    office.peer.then = lambda: counts.append(len(claimed(office)))

    assert office.deliver(connections=CONNECTIONS, domain_concurrency=1).sent == 20
    assert max(counts) == 1


def test_a_stock_is_filled_for_several_letters_at_once():
    stock = Stock(ahead=4)

    assert [stock.wants(needed) for needed in (0, 1, 4)] == [0, 5, 8]
    assert [Stock().wants(needed) for needed in (0, 1, 4)] == [0, 1, 4]
