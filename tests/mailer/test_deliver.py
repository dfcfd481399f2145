"""Letters leave once, in time, at the pace the receivers take; what cannot leave waits where the office sees it."""

import itertools
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from mailer.deliver import SenderBusy, SenderLock
from mailer.smtp import Timeouts
from school.letter import LetterKind, LetterState
from tests.mailer.delivery import RUN, letter, message, open_office
from tests.storage.outbox_letters import plan, states


@pytest.fixture
def office(tmp_path):
    with open_office(tmp_path) as office:
        yield office


# ---- the plain case ----


def test_every_letter_arrives_once_byte_for_byte(office):
    office.plan(50)

    report = office.deliver(connections=4)

    assert report.sent == 50
    assert sorted(one.raw for one in office.peer.taken) == sorted(message(number) for number in range(1, 51))
    assert {one.envelope_from for one in office.peer.taken} == {"bounce@school.test"}


def test_progress_is_told_of_what_ends_last(office):
    office.plan(5)
    told = []

    report = office.deliver(connections=2, progress=told.append)

    assert report.sent == 5
    assert told[-1] == report


def test_nothing_due_opens_no_connection(office):
    office.plan(1, not_before=office.now + timedelta(hours=1))

    assert office.deliver().sent == 0
    assert office.peer.connections == 0


def test_a_connection_carries_twenty_letters(office):
    office.plan(60)

    office.deliver()

    per_connection = [
        sum(one.connection == n for one in office.peer.taken) for n in {t.connection for t in office.peer.taken}
    ]
    assert per_connection == [20, 20, 20]


def test_one_bad_letter_never_stops_the_others(office):
    office.plan(3)
    bare = letter(4, raw=message(4).replace(b"that begins", b"that\nbegins", 1))
    forged = letter(5, raw=b"Bcc: x@evil.test\r\n" * 2 + message(5))
    plan(office.outbox, bare, forged)

    report = office.deliver()

    assert (report.sent, report.failed) == (3, 2)
    assert office.record(4).code == office.record(5).code == "local.error"


# ---- what the server answers ----


def test_greylisting_delivers_on_the_first_retry(office):
    office.plan(3)
    for number in range(1, 4):
        office.peer.replies[f"parent{number}@example.org"] = b"451 4.7.1 greylisted, come back in five minutes"
    assert office.deliver().deferred == 3
    office.peer.replies.clear()
    office.wait(timedelta(minutes=5))
    assert office.deliver().sent == 0

    office.wait(timedelta(minutes=15))

    assert office.deliver().sent == 3
    assert [office.record(number).attempts for number in (1, 2, 3)] == [2, 2, 2]


def test_later_retries_are_half_an_hour_apart_until_the_letter_expires(office):
    office.plan(1)
    office.peer.replies["parent1@example.org"] = b"452 4.2.2 mailbox full"
    tries, start = [], office.now
    while office.record().state in {LetterState.READY, LetterState.DEFERRED}:
        if office.deliver().deferred:
            tries.append(office.now - start)
        office.wait(timedelta(minutes=1) if office.now - start < timedelta(hours=2) else timedelta(minutes=30))

    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert timedelta(minutes=5) <= gaps[0] <= timedelta(minutes=20)
    assert min(gaps[1:]) >= timedelta(minutes=30)
    assert office.record().state is LetterState.EXPIRED
    assert office.record().reason == "the mailbox is full"
    assert timedelta(hours=60) < tries[-1] < timedelta(hours=72)


@pytest.mark.parametrize("code", ["5.7.26", "5.7.515", "5.7.1"])
def test_doubts_about_us_pause_the_run_and_close_no_address(office, code):
    office.plan(5)
    office.peer.replies["parent1@example.org"] = f"550 {code} unauthenticated".encode()

    report = office.deliver()

    assert report.paused_runs == (RUN,)
    assert office.outbox.ledger(RUN) == {"ready": 5}
    assert office.addresses.listing() == []
    office.peer.replies.clear()
    office.outbox.resume(RUN)
    assert office.deliver().sent == 5


def test_an_unknown_mailbox_is_closed_and_the_next_letter_blocked(office):
    office.plan(1)
    office.peer.replies["parent1@example.org"] = b"550 5.1.1 no such user"
    assert office.deliver().failed == 1
    office.plan(1, run="issue:2026-12-04")

    report = office.deliver()

    assert report.blocked == 1
    assert office.record(1, "issue:2026-12-04").reason == "suppressed"
    assert office.addresses.suppressed("parent1@example.org")


def test_a_disabled_mailbox_is_closed_only_the_second_time(office):
    office.peer.replies["parent1@example.org"] = b"550 5.2.1 disabled"
    office.plan(1)
    office.deliver()
    assert not office.addresses.suppressed("parent1@example.org")
    office.plan(1, run="issue:2026-12-04")
    office.deliver()

    assert office.addresses.suppressed("parent1@example.org")


def test_a_full_mailbox_is_no_first_time_of_a_disabled_one(office):
    for week, answer in enumerate((b"552 5.2.2 full", b"550 5.2.1 disabled")):
        office.peer.replies["parent1@example.org"] = answer
        office.plan(1, run=f"issue:{week}")
        assert office.deliver().failed == 1

    assert not office.addresses.suppressed("parent1@example.org")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"552 5.2.2 over quota", "mailbox is full"),
        (b"552 over quota", "mailbox is full"),
        (b"550 5.1.3 what?", "server does not accept the address as written"),
        (b"550 no", None),  # a filter that doubts us says the same
        (b"550 5.1.8 your domain", None),
        (b"550 5.7.129 members only", None),
        (b"554 5.3.4 too big", None),
    ],
)
def test_an_address_that_is_refused_for_good_is_told_and_stays_open(office, answer, words):
    office.plan(2)
    office.peer.replies["parent1@example.org"] = answer

    assert office.deliver().failed == 1

    told = [(one.address, one.hard, one.words(), one.suppressed) for one in office.addresses.listing()]
    assert told == ([("parent1@example.org", 1, f"{words} since 27 November", False)] if words else [])


def test_a_full_mailbox_is_told_once_a_letter_until_it_takes_one_again(office):
    office.plan(1)
    office.peer.replies["parent1@example.org"] = b"452 4.2.2 over quota"
    for _ in range(3):
        assert office.deliver().deferred == 1
        office.wait(timedelta(hours=2))

    (told,) = office.addresses.listing()
    assert (told.hard, told.soft, told.words()) == (0, 1, "mailbox is full since 27 November")
    office.plan(1, run="answer:2", kind=LetterKind.ANSWER)
    office.deliver()
    assert [one.soft for one in office.addresses.listing()] == [2]

    office.peer.replies.clear()
    office.wait(timedelta(hours=2))
    assert office.deliver().sent == 2
    assert office.addresses.listing() == []


@pytest.mark.parametrize("answer", [b"450 4.2.0 greylisted", b"451 4.7.1 greylisted", b"452 no space", b"451 4.3.0 no"])
def test_what_speaks_of_the_server_is_not_told_of_the_address(office, answer):
    office.plan(1)
    office.peer.replies["parent1@example.org"] = answer

    assert office.deliver().deferred == 1
    assert office.addresses.listing() == []


def test_a_refused_sender_closes_no_address(office):
    office.plan(1)
    office.peer.step, office.peer.fault = "mail", "5xx"

    office.deliver()

    assert office.addresses.listing() == []


def test_a_domain_in_trouble_waits_as_a_whole(office):
    office.plan(8)
    plan(office.outbox, letter(9, address="parent9@other.test", raw=message(9)))
    for number in range(1, 9):
        office.peer.replies[f"parent{number}@example.org"] = b"451 4.3.2 not now"

    report = office.deliver()

    assert report.held_domains == ("example.org",)
    assert office.peer.mail_froms == 6  # five refused, one to the other domain
    assert report.sent == 1
    assert office.outbox.ledger(RUN) == {"deferred": 8, "sent": 1}


def test_full_mailboxes_do_not_hold_their_domain(office):
    office.plan(8)
    for number in range(1, 8):
        office.peer.replies[f"parent{number}@example.org"] = b"452 4.2.2 full"

    report = office.deliver()

    assert (report.sent, report.deferred, report.held_domains) == (1, 7, ())


def test_lost_answers_make_one_copy_each_and_lose_nothing(office):
    office.plan(2000)
    office.peer.drop_250_of = set(range(25, 2000, 50))

    while set(states(office.outbox).values()) != {"sent"}:
        office.deliver(connections=4)
        office.wait(timedelta(minutes=20))

    copies = office.peer.copies()
    assert len(copies) == 2000
    assert sum(copies.values()) == 2000 + 40
    assert len({one.raw for one in office.peer.taken}) == 2000


# ---- the server is away ----


def test_a_server_away_keeps_every_letter_and_says_so_once(office):
    office.plan(5)
    there = office.settings
    office.settings = replace(there, port=1)

    report = office.deliver(connections=4)

    assert report.trouble.startswith("localhost:1 cannot be reached")
    assert "\n" not in report.trouble
    assert office.outbox.ledger(RUN) == {"ready": 5}
    office.settings = there
    assert office.deliver().sent == 5


def test_a_wrong_password_keeps_every_letter(tmp_path):
    with open_office(tmp_path, tls=True) as office:
        office.plan(3)
        office.peer.step, office.peer.fault = "auth", "5xx"

        report = office.deliver(connections=2)

        assert "smtp.user" in report.trouble
        assert office.outbox.ledger(RUN) == {"ready": 3}


def test_a_server_that_wants_a_login_at_mail_from_keeps_every_letter(office):
    office.plan(3)
    for number in range(1, 4):
        office.peer.replies[f"parent{number}@example.org"] = b"530 5.7.0 authentication required"

    report = office.deliver()

    assert report.trouble == "our mail server wants us to log in (530 5.7.0)"
    assert office.outbox.ledger(RUN) == {"ready": 3}
    assert office.peer.mail_froms == 1


def test_a_server_without_encryption_gets_nothing(office):
    office.plan(1)
    office.settings = replace(office.settings, security="starttls")

    assert "encryption" in office.deliver().trouble
    assert office.peer.mail_froms == 0


def test_a_server_with_a_strangers_certificate_gets_nothing(tmp_path):
    with open_office(tmp_path, tls=True) as office:
        office.plan(1)
        office.settings = replace(office.settings, tls=None)

        assert "certificate" in office.deliver().trouble
        assert office.peer.mail_froms == 0


def test_a_server_that_breaks_every_connection_is_left_alone(office):
    office.plan(30)
    office.peer.step, office.peer.fault = "rcpt", "rst"

    report = office.deliver()

    assert office.peer.mail_froms == 3
    assert report.trouble
    assert office.outbox.ledger(RUN) == {"deferred": 3, "ready": 27}


# ---- pause and stop ----


def test_a_pause_takes_effect_at_once_and_resume_sends_exactly_the_rest(office):
    office.plan(200)

    def pause_at_fifty(report):
        if report.sent >= 50 and office.outbox.progress(RUN).state == "ready":
            office.outbox.pause(RUN)
            paused_at.append(office.peer.mail_froms)

    paused_at: list[int] = []
    first = office.deliver(connections=2, progress=pause_at_fifty)

    assert office.peer.mail_froms - paused_at[0] <= 2  # those already in hand
    office.outbox.resume(RUN)
    assert first.sent + office.deliver().sent == 200
    assert set(office.peer.copies().values()) == {1}


def test_a_stop_finishes_what_is_in_hand(office):
    office.plan(200)
    stop = threading.Event()

    report = office.deliver(connections=2, stop=stop, progress=lambda report: report.sent > 20 and stop.set())

    assert 20 < report.sent < 200
    assert office.outbox.ledger(RUN) == {"sent": report.sent, "ready": 200 - report.sent}
    assert len(office.peer.taken) == report.sent


def test_an_interruption_keeps_the_results_of_letters_in_hand(office):
    office.plan(100)

    def interrupt(report):
        if report.sent >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.deliver(connections=2, progress=interrupt)

    assert "claimed" not in office.outbox.ledger(RUN)
    assert office.outbox.ledger(RUN)["sent"] == len(office.peer.taken)
    office.deliver()
    assert set(office.peer.copies().values()) == {1}


# ---- time ----


@pytest.mark.parametrize("step", ["banner", "ehlo", "mail", "rcpt", "data", "dot"])
def test_a_silent_server_is_left_at_the_limit_of_its_step(office, step):
    name = {"banner": "banner", "data": "data", "dot": "dot"}.get(step, "command")
    office.settings = replace(office.settings, timeouts=replace(office.settings.timeouts, **{name: 1.0}))
    office.plan(1)
    office.peer.step, office.peer.fault = step, "silence"
    start = time.monotonic()

    office.deliver()

    assert 0.9 <= time.monotonic() - start <= 3.0  # a busy machine may be late, never early


def test_the_limits_are_those_of_the_rfc():
    limits = Timeouts()

    assert (limits.banner, limits.command, limits.data, limits.block, limits.dot) == (300, 300, 120, 180, 600)


# ---- pace ----


def test_a_domain_never_gets_more_letters_at_once_than_set(office):
    office.plan(40)

    assert office.deliver(connections=4, domain_concurrency=1).sent == 40

    assert office.peer.most_in_hand == 1
    office.plan(40, run="issue:2026-12-04")
    office.deliver(connections=4)
    assert office.peer.most_in_hand > 1  # without the setting they do meet


def test_a_domains_rate_is_kept(office):
    office.plan(4)
    plan(office.outbox, letter(9, address="parent9@other.test", raw=message(9)))
    start = time.monotonic()

    report = office.deliver(connections=2, domain_per_minute=300)

    assert report.sent == 5
    assert time.monotonic() - start >= 3 * 60 / 300


# ---- one sender ----


def test_a_second_sender_leaves_with_a_plain_message(tmp_path):
    path = tmp_path / "sender.lock"
    program = (
        "import sys, pathlib\nfrom mailer.deliver import SenderBusy, SenderLock\n"
        "try:\n    with SenderLock(pathlib.Path(sys.argv[1])): pass\n"
        "except SenderBusy as busy:\n    sys.exit(str(busy))\n"
    )
    with SenderLock(path):
        second = subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=10, check=False
        )
    assert second.returncode == 1
    assert "letters are already being sent by process" in second.stderr
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 0


def test_two_locks_in_one_process_exclude_each_other(tmp_path):
    with SenderLock(tmp_path / "sender.lock"), pytest.raises(SenderBusy), SenderLock(tmp_path / "sender.lock"):
        pass


# ---- the database is busy ----


def test_a_locked_database_loses_no_result(office):
    office.plan(3)
    held = office.outbox.claim("gone", 1, office.now)
    assert held
    office.outbox.recover("boot")
    office.database.engine.execute_sql("PRAGMA busy_timeout = 100")
    import sqlite3

    other = sqlite3.connect(office.database.engine.database, check_same_thread=False)
    other.isolation_level = None
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(1.5, lambda: other.execute("COMMIT")).start()

    report = office.deliver()

    other.close()
    assert report.sent == 3


def test_a_notice_counts_as_sent_before_the_server_hears_of_it(office):
    office.plan(1, LetterKind.NOTICE, run="notice:1")
    office.peer.replies["parent1@example.org"] = b"451 4.3.0 later"

    office.deliver()

    assert office.record(1, "notice:1").state is LetterState.DEFERRED
