"""Whatever the server does at whatever step: the letter stands in the state it should, and is never lost."""

from datetime import timedelta

import pytest

from school.letter import LetterKind, LetterState
from tests.faultpeer.smtp import FAULTS, STEPS
from tests.mailer.delivery import open_office

BEFORE_LETTERS = ("connect", "banner", "ehlo", "starttls", "auth")
AT_LETTERS = ("mail", "rcpt", "data", "body", "dot", "rset")
REFUSED = b"550 5.6.0 not this one"


def expected(step: str, fault: str) -> tuple[LetterState, int]:
    """The state after the first try, and how many copies the server has once all is well again."""
    if fault == "drip" or step in {"rset", "quit"}:
        return LetterState.SENT, 1
    if step in BEFORE_LETTERS:
        return LetterState.READY, 1
    if fault == "5xx":
        return LetterState.FAILED, 0
    taken_unheard = step == "dot" and fault in {"rst", "fin", "silence", "garbage"}
    return LetterState.DEFERRED, 2 if taken_unheard else 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_a_fault_at_any_step_leaves_the_right_state(tmp_path, step, fault):
    check_fault(tmp_path, step, fault)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", AT_LETTERS)
def test_the_same_where_the_commands_go_out_together(tmp_path, step, fault):
    check_fault(tmp_path, step, fault, pipelining=True)


def check_fault(tmp_path, step, fault, *, pipelining=False):
    state, copies = expected(step, fault)
    with open_office(tmp_path, tls=not pipelining) as office:
        office.peer.pipelining = pipelining
        if step == "rset":
            office.plan(2)
            office.peer.replies["parent1@example.org"] = REFUSED  # a refusal is what makes us say RSET
        else:
            office.plan(1, size=40_000)
        office.peer.step, office.peer.fault = step, fault
        if fault == "silence":
            office.impatient()

        report = office.deliver()
        office.patient()

        number = 2 if step == "rset" else 1
        record = office.record(number)
        assert record.state is state
        assert record.attempts == (0 if state is LetterState.READY else 1)
        assert bool(report.trouble) == (state is LetterState.READY)
        if step == "dot":
            assert record.uncertain == (copies == 2)

        office.peer.step = ""
        office.wait(timedelta(hours=1))
        office.deliver()
        assert sum(one.address == f"parent{number}@example.org" for one in office.peer.taken) == copies
        assert len({one.raw for one in office.peer.taken}) <= 1
        assert office.record(number).state is (LetterState.SENT if copies else LetterState.FAILED)


@pytest.mark.parametrize("fault", ["rst", "fin", "silence", "garbage"])
def test_a_notice_whose_answer_is_lost_is_never_sent_again(tmp_path, fault):
    with open_office(tmp_path) as office:
        office.plan(1, LetterKind.NOTICE, run="notice:1")
        office.peer.step, office.peer.fault = "dot", fault
        office.impatient()

        assert office.deliver().unsure == 1
        office.peer.step = ""
        office.wait(timedelta(hours=2))
        office.deliver()

        assert office.record(1, "notice:1").state is LetterState.SENT_UNSURE
        assert len(office.peer.taken) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_notice_certainly_not_sent_is_tried_again(tmp_path, step):
    with open_office(tmp_path) as office:
        office.plan(1, LetterKind.NOTICE, run="notice:1")
        office.peer.step, office.peer.fault = step, "rst"

        office.deliver()
        assert office.record(1, "notice:1").state is LetterState.DEFERRED
        office.peer.step = ""
        office.wait(timedelta(hours=2))
        office.deliver()

        assert office.record(1, "notice:1").state is LetterState.SENT
        assert len(office.peer.taken) == 1
