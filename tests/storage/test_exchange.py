"""A sender's line: nothing counts before it is settled, and what was lost on the way is begun again."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from school.errors import TemporaryError
from school.letter import LetterState
from school.sending import SendResult
from storage.address_health import AddressHealth
from storage.database import Database
from storage.outbox import Outbox
from tests.storage.outbox_letters import NOON, RUN, letter, plan, states

SENT = SendResult(state=LetterState.SENT, code="250")


@pytest.fixture
def outbox(database):
    outbox = Outbox(database)
    plan(outbox, *(letter(number) for number in range(1, 4)))
    return outbox


@pytest.fixture
def line(outbox):
    with closing(outbox.line()) as line:
        yield line


def test_what_was_begun_and_settled_is_stored_and_claimed(outbox, line):
    line.begin((), "boot", 2, NOON)
    line.settle()
    first = line.taken().claimed
    line.begin([(one, SENT) for one in first], "boot", 2, NOON)
    line.settle()

    assert line.taken().kept == (True, True)
    assert [one.raw for one in line.taken().claimed] == [letter(3).raw]
    assert outbox.ledger(RUN) == {"sent": 2, "claimed": 1}


def test_what_another_sender_did_does_not_count_as_ours(outbox, line):
    held = outbox.claim("boot", 1, NOON)
    assert outbox.release("boot", (), NOON) == 1
    outbox.claim("other", 1, NOON)
    line.begin([(held[0], SENT)], "boot", 0, NOON)
    line.settle()

    assert line.taken().kept == (False,)


def test_a_claim_nobody_heard_of_is_given_back_and_what_is_held_stays(outbox):
    held = outbox.claim("boot", 1, NOON)
    outbox.claim("boot", 1, NOON)
    outbox.claim("other", 1, NOON)

    assert outbox.release("boot", held, NOON) == 1
    assert states(outbox) == {"g1": "claimed", "g2": "ready", "g3": "claimed"}
    assert not any(one.uncertain for one in outbox.letters(RUN))


def claimed_ahead(outbox: Outbox, line, count: int = 2):
    line.begin((), "boot", count, NOON)
    line.settle()
    return line.taken().claimed


def test_letters_claimed_ahead_stay_ours_while_nobody_else_writes(tmp_path):
    outbox = on_sqlite(tmp_path)
    with closing(outbox.line()) as line:
        first, second = claimed_ahead(outbox, line)
        line.begin([(first, SENT)], "boot", 1, NOON, ahead=[second])
        line.settle()

        assert not line.taken().lapsed
        assert [one.address for one in line.taken().claimed] == ["parent3@example.org"]
    assert outbox.letters(RUN)[1].attempts == 0
    assert states(outbox) == {"g1": "sent", "g2": "claimed", "g3": "claimed"}


def test_whoever_is_suppressed_after_the_claim_ahead_is_blocked(tmp_path):
    outbox = on_sqlite(tmp_path)
    with closing(outbox.line()) as line:
        first, second = claimed_ahead(outbox, line)
        AddressHealth(outbox._database).suppress(second.address, NOON)
        line.begin([(first, SENT)], "boot", 1, NOON, ahead=[second])
        line.settle()

        assert line.taken().lapsed
        assert [one.address for one in line.taken().claimed] == ["parent3@example.org"]
    assert states(outbox) == {"g1": "sent", "g2": "blocked", "g3": "claimed"}


def test_what_was_claimed_ahead_is_asked_for_anew_on_another_day(tmp_path):
    outbox = on_sqlite(tmp_path)
    with closing(outbox.line()) as line:
        ahead = claimed_ahead(outbox, line)
        line.begin((), "boot", 0, NOON + timedelta(hours=12), ahead=ahead)
        line.settle()

        again = line.taken()
        assert again.lapsed
        assert [(one.id, one.epoch) for one in again.claimed] == [(one.id, one.epoch + 1) for one in ahead]


def test_a_letter_whose_time_ended_after_the_claim_ahead_is_not_ours(tmp_path):
    database = Database(f"sqlite:{tmp_path}/outbox.db")
    database.migrate()
    outbox = Outbox(database)
    plan(outbox, letter(1, expires=NOON + timedelta(minutes=1)))
    with closing(outbox.line()) as line:
        ahead = claimed_ahead(outbox, line)
        line.begin((), "boot", 0, NOON + timedelta(minutes=1), ahead=ahead)
        line.settle()

        assert line.taken().claimed == ()
    assert outbox.ledger(RUN) == {"ready": 1}  # the next pass lets it expire


def test_what_is_given_back_of_a_cancelled_run_is_cancelled(outbox):
    outbox.claim("boot", 1, NOON)
    assert outbox.cancel(RUN, NOON) == 2

    assert outbox.release("boot", (), NOON) == 1
    assert outbox.ledger(RUN) == {"cancelled": 3}
    assert all(one.finished_at == NOON for one in outbox.letters(RUN))


def test_a_line_that_is_closed_unsettled_leaves_nothing(tmp_path):
    outbox = on_sqlite(tmp_path)
    line = outbox.line()
    line.begin((), "boot", 2, NOON)
    line.close()

    assert outbox.ledger(RUN) == {"ready": 3}


def test_a_line_survives_a_power_cut_as_every_other_connection(tmp_path):
    line = on_sqlite(tmp_path).line()
    line.begin((), "boot", 1, NOON)
    line.settle()

    pragmas = {name: line._open().execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")}
    assert pragmas == {"synchronous": 2, "journal_mode": "wal"}
    line.close()


def test_a_locked_file_says_try_again_and_the_next_try_works(tmp_path):
    outbox = on_sqlite(tmp_path)
    line = outbox.line()
    line._open().execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TemporaryError):
            line.begin((), "boot", 1, NOON)
    line.begin((), "boot", 1, NOON)
    line.settle()

    assert outbox.ledger(RUN) == {"ready": 2, "claimed": 1}
    line.close()


def on_sqlite(folder) -> Outbox:
    database = Database(f"sqlite:{folder}/outbox.db")
    database.migrate()
    outbox = Outbox(database)
    plan(outbox, *(letter(number) for number in range(1, 4)))
    return outbox
