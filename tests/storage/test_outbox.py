"""A letter is planned once, claimed by one sender, and finished once; on SQLite and PostgreSQL."""

import random
import tracemalloc
from datetime import date, timedelta

import pytest

from school.issue import Skipped
from school.letter import LetterKind, LetterState
from school.sending import SendResult
from storage.database import Database
from storage.outbox import Outbox
from storage.tables import AddressHealth, Dispatch, DispatchSection, Guardianship, Letter, Run
from tests.storage.outbox_letters import NOON, RUN, dispatch, guardian, letter, plan, states, teacher

SENT = SendResult(state=LetterState.SENT, code="250 2.0.0")
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def outbox(database):
    return Outbox(database)


# ---- planning ----


def test_a_planned_run_is_ready_with_all_its_letters(outbox):
    result = plan(outbox, letter(1), letter(2))

    assert (result.planned, result.existing) == (2, 0)
    assert outbox.ledger(RUN) == {"ready": 2}
    assert outbox.progress(RUN).state == "ready"


def test_what_was_stored_first_wins(outbox):
    first = letter(1)
    again = letter(1, message_id="other@school.test", raw=b"To: x\r\n\r\nother\r\n")
    outbox.plan(RUN, first.kind, NOON, [(first, dispatch(7, first))], (), NOON)

    result = outbox.plan(RUN, first.kind, NOON, [(again, dispatch(8, again)), (letter(2), None)], (), NOON)

    assert (result.planned, result.existing) == (1, 1)
    assert outbox.claim("boot", 1, NOON)[0].raw == first.raw
    assert outbox.dispatch(7).sections[0].fingerprints == ("line",)
    assert outbox.dispatch(8) is None
    assert DispatchSection.select().count() == Dispatch.select().count() == 1


def test_a_planning_that_fails_leaves_nothing(outbox):
    def letters():
        yield letter(1), None
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outbox.plan(RUN, LetterKind.NEWSLETTER, NOON, letters(), (), NOON)

    assert Run.select().count() == Letter.select().count() == 0


def test_two_letters_with_one_message_id_are_refused_whole(outbox, database):
    with pytest.raises(Exception, match=r"(?i)unique"):
        plan(outbox, letter(1), letter(2, message_id=letter(1).message_id))

    assert Letter.select().count() == 0


def test_chunks_add_up(outbox):
    result = plan(outbox, *(letter(number) for number in range(1, 1203)))

    assert result.planned == 1202
    assert outbox.ledger(RUN) == {"ready": 1202}


def test_planning_holds_a_chunk_in_memory_never_the_run(tmp_path):
    database = Database(f"sqlite:{tmp_path}/outbox.db")
    database.migrate()

    def peak(count: int) -> int:
        run = f"issue:{count}"
        letters = ((letter(n, run=run, raw=random.Random(n).randbytes(20_000)), None) for n in range(count))
        tracemalloc.start()
        Outbox(database).plan(run, LetterKind.NEWSLETTER, NOON, letters, (), NOON)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(2000) < peak(600) * 1.2
    database.close()


def test_the_ledger_sums_to_the_audience(outbox):
    plan(outbox, letter(1), skipped=[Skipped(guardian_id="g9", reason="no-address")])
    plan(outbox, letter(9), skipped=[Skipped(guardian_id="g1", reason="barred")])

    assert outbox.ledger(RUN) == {"ready": 2}


def test_a_dispatch_is_found_by_its_message_id(outbox):
    one = letter(1)
    outbox.plan(RUN, one.kind, NOON, [(one, dispatch(7, one))], (), NOON)

    assert outbox.dispatch_by_message_id(f"<{one.message_id}>").public_id == 7
    assert outbox.dispatch_by_message_id("other@school.test") is None


def test_planning_again_leaves_a_cancelled_run_cancelled(outbox):
    plan(outbox, letter(1))
    outbox.cancel(RUN, NOON)

    plan(outbox, letter(1), letter(2))

    assert outbox.ledger(RUN) == {"cancelled": 2}


# ---- claiming ----


def test_a_claimed_letter_is_nobody_elses(outbox):
    plan(outbox, letter(1), letter(2))

    first = outbox.claim("one", 1, NOON)
    second = outbox.claim("two", 5, NOON)

    assert [one.address for one in first + second] == ["parent1@example.org", "parent2@example.org"]
    assert outbox.claim("three", 5, NOON) == []


def test_urgent_letters_go_first(outbox):
    plan(outbox, letter(1), letter(2, priority=1), letter(3, priority=9))

    assert [one.address[6] for one in outbox.claim("boot", 3, NOON)] == ["2", "1", "3"]


def test_a_letter_waits_for_its_time(outbox):
    plan(outbox, letter(1, not_before=LATER))

    assert outbox.claim("boot", 1, NOON) == []
    assert len(outbox.claim("boot", 1, LATER)) == 1


def test_avoided_domains_stay(outbox):
    plan(outbox, letter(1), letter(2, address="x@other.test"))

    assert [one.domain for one in outbox.claim("boot", 5, NOON, avoid=["example.org"])] == ["other.test"]


BLOCKED = {
    "barred": {"barred": True},
    "barred to the last day": {"barred": True, "barred_until": NOON.date()},
}
ALLOWED = {
    "not barred": {},
    "the bar ended yesterday": {"barred": True, "barred_until": NOON.date() - timedelta(days=1)},
}


@pytest.mark.parametrize("tie", BLOCKED.values(), ids=BLOCKED)
def test_a_barred_guardian_gets_nothing_even_when_planned(outbox, database, tie):
    guardian(database, "g1", "c1")
    plan(outbox, letter(1, child_ids=("c1",)))
    Guardianship.update(**tie).execute()

    assert outbox.claim("boot", 1, NOON) == []
    assert (outbox.letters(RUN)[0].state, outbox.letters(RUN)[0].reason) == (LetterState.BLOCKED, "barred")


@pytest.mark.parametrize("tie", ALLOWED.values(), ids=ALLOWED)
def test_an_entitled_guardian_gets_the_letter(outbox, database, tie):
    guardian(database, "g1", "c1", **tie)
    plan(outbox, letter(1, child_ids=("c1",)))

    assert len(outbox.claim("boot", 1, NOON)) == 1


def test_one_barred_child_of_two_blocks_the_letter(outbox, database):
    guardian(database, "g1", "c1")
    guardian(database, "g1", "c2", barred=True)
    plan(outbox, letter(1, child_ids=("c1", "c2")))

    assert outbox.claim("boot", 1, NOON) == []
    assert outbox.letters(RUN)[0].reason == "barred"


def test_a_tie_that_is_gone_blocks_the_letter(outbox, database):
    guardian(database, "g1", "c1")
    plan(outbox, letter(1, child_ids=("c1", "c2")))

    assert outbox.claim("boot", 1, NOON) == []
    assert outbox.letters(RUN)[0].reason == "not-a-guardian"


def test_who_left_gets_nothing(outbox, database):
    guardian(database, "g1", "c1", left_on=date(2026, 11, 20))
    guardian(database, "g2", "c2", left_on=date(2026, 12, 24))
    teacher(database, "t1", left_on=date(2026, 11, 20))
    plan(outbox, letter(1), letter(2), letter(3, recipient_id="t1", kind=LetterKind.DIGEST))

    assert [one.address for one in outbox.claim("boot", 5, NOON)] == ["parent2@example.org"]
    assert states(outbox) == {"g1": "blocked", "g2": "claimed", "t1": "blocked"}


def test_a_teachers_digest_names_children_without_a_tie(outbox, database):
    teacher(database, "t1")
    plan(outbox, letter(1, recipient_id="t1", kind=LetterKind.DIGEST, child_ids=("c1",)))

    assert len(outbox.claim("boot", 1, NOON)) == 1


def test_a_suppressed_address_gets_nothing(outbox):
    plan(outbox, letter(1, address="Parent1@Example.org"))
    AddressHealth.create(address="parent1@example.org", suppressed_at=NOON)

    assert outbox.claim("boot", 1, NOON) == []
    assert outbox.letters(RUN)[0].reason == "suppressed"


def test_a_paused_run_waits_and_resumes_with_exactly_the_rest(outbox):
    plan(outbox, letter(1), letter(2))
    outbox.finish(outbox.claim("boot", 1, NOON)[0], SENT, NOON)

    assert outbox.pause(RUN)
    assert outbox.claim("boot", 5, NOON) == []
    assert outbox.resume(RUN)
    assert [one.address for one in outbox.claim("boot", 5, NOON)] == ["parent2@example.org"]


def test_cancelling_leaves_what_is_sent(outbox):
    plan(outbox, letter(1), letter(2))
    outbox.finish(outbox.claim("boot", 1, NOON)[0], SENT, NOON)

    assert outbox.cancel(RUN, NOON) == 1
    assert outbox.ledger(RUN) == {"sent": 1, "cancelled": 1}


# ---- finishing ----


def test_a_stale_finish_changes_nothing(outbox, database):
    plan(outbox, letter(1))
    stale = outbox.claim("one", 1, NOON)[0]
    Letter.update(state="ready").execute()
    fresh = outbox.claim("two", 1, NOON)[0]

    assert not outbox.finish(stale, SENT, NOON)
    assert states(outbox) == {"g1": "claimed"}
    assert outbox.finish(fresh, SENT, NOON)


def test_a_finish_whose_commit_was_not_heard_counts_once(outbox):
    plan(outbox, letter(1))
    mine = outbox.claim("boot", 1, NOON)[0]

    assert outbox.finish(mine, SENT, NOON)
    assert outbox.finish(mine, SENT, NOON)
    assert outbox.letters(RUN)[0].attempts == 1


def test_a_deferred_letter_comes_back_byte_identical(outbox):
    plan(outbox, letter(1))
    mine = outbox.claim("boot", 1, NOON)[0]
    outbox.finish(mine, SendResult(state=LetterState.DEFERRED, code="451 4.7.1", until=LATER), NOON)

    assert outbox.claim("boot", 1, NOON) == []
    again = outbox.claim("boot", 1, LATER)[0]
    assert (again.raw, again.message_id, again.attempts) == (mine.raw, mine.message_id, 1)


def test_finish_and_claim_share_one_transaction(outbox):
    plan(outbox, letter(1), letter(2))
    mine = outbox.claim("boot", 1, NOON)[0]

    exchange = outbox.exchange([(mine, SENT)], "boot", 1, NOON)

    assert exchange.kept == (True,)
    assert [one.address for one in exchange.claimed] == ["parent2@example.org"]


def test_a_notice_is_never_sent_twice(outbox):
    notice = letter(1, run="notice:1", kind=LetterKind.NOTICE)
    plan(outbox, notice, run="notice:1", kind=LetterKind.NOTICE)
    mine = outbox.claim("one", 1, NOON)[0]

    assert outbox.mark_phase(mine.id, mine.epoch, "dot")
    assert outbox.recover("two") == 0
    assert outbox.claim("two", 1, NOON) == []
    assert states(outbox, "notice:1") == {"g1": "sent?"}
    assert outbox.finish(mine, SENT, NOON)
    assert states(outbox, "notice:1") == {"g1": "sent"}


def test_an_expired_letter_is_given_up(outbox):
    plan(outbox, letter(1))
    end = NOON + timedelta(hours=72)

    assert outbox.claim("boot", 1, end) == []
    assert outbox.expire(end) == 1
    assert outbox.ledger(RUN) == {"expired": 1}


def test_bytes_are_pruned_only_after_the_end(outbox):
    plan(outbox, letter(1), letter(2))
    outbox.finish(outbox.claim("boot", 1, NOON)[0], SENT, NOON)

    assert outbox.prune_bodies(NOON) == 0
    assert outbox.prune_bodies(LATER) == 1
    assert outbox.claim("boot", 1, NOON)[0].raw == letter(2).raw


def test_a_held_domain_waits(outbox):
    plan(outbox, letter(1), letter(2, address="x@other.test"))

    assert outbox.hold_domain("example.org", LATER, "the server asks us to slow down") == 1
    assert [one.domain for one in outbox.claim("boot", 5, NOON)] == ["other.test"]
    assert outbox.next_due() == LATER
    assert len(outbox.claim("boot", 5, LATER)) == 1


def test_heartbeats_hold_only_what_is_ours(outbox):
    plan(outbox, letter(1), letter(2))
    held = outbox.claim("one", 2, NOON)
    outbox.finish(held[0], SENT, NOON)

    assert outbox.heartbeat(held) == 1
