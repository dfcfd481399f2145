"""A sender's line: nothing counts before it is settled, and what was lost on the way is begun again."""

import sqlite3
from contextlib import closing

import pytest

from school.errors import TemporaryError
from school.letter import LetterState
from school.sending import SendResult
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
    assert outbox.release("boot", ()) == 1
    outbox.claim("other", 1, NOON)
    line.begin([(held[0], SENT)], "boot", 0, NOON)
    line.settle()

    assert line.taken().kept == (False,)


def test_a_claim_nobody_heard_of_is_given_back_and_what_is_held_stays(outbox):
    held = outbox.claim("boot", 1, NOON)
    outbox.claim("boot", 1, NOON)
    outbox.claim("other", 1, NOON)

    assert outbox.release("boot", held) == 1
    assert states(outbox) == {"g1": "claimed", "g2": "ready", "g3": "claimed"}
    assert not any(one.uncertain for one in outbox.letters(RUN))


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
