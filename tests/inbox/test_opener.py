"""A child opens the mails: it answers what the pure functions answer, and whatever a mail does to it harms no other."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from inbox.opener import Limits, OpenerProcess, frames
from inbox.opening import HERE, CannotOpen
from inbox.parse import ParsedMail
from inbox.trim import OurMarks
from school.errors import TemporaryError
from tests.inbox.test_parse_fuzz import LETTERS, mutated

ROOT = Path(__file__).parents[2]
PLAIN = b"From: Eva <eva@example.org>\r\nSubject: Boots\r\n\r\nAnna needs new boots.\r\n"
OURS = OurMarks(
    domains=("school.test",),
    visible_refs={1: ("FF-1",)},
    section_lines={1: ("Which bridge near your home is the oldest one of all?",)},
)


def eats(what: str) -> bytes:
    return b"X-Eat: " + what.encode() + b"\r\n" + PLAIN


@pytest.fixture(scope="module")
def opener():
    opener = OpenerProcess()
    yield opener
    opener.close()


@pytest.fixture
def hungry(request):
    wall_seconds = getattr(request, "param", 60)
    limits = Limits(processor_seconds=1, wall_seconds=wall_seconds, memory_bytes=150_000_000)
    opener = OpenerProcess(limits, module="tests.inbox.hungry_child")
    yield opener
    opener.close()


def alive(pid: int) -> bool:
    """Is there a process of that number that is not merely waiting to be buried?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(pid)


# ---- the same answers ----


def same(mail: ParsedMail, expected: ParsedMail) -> bool:
    """Equal, and asked for each of its headers it says the same."""
    names = {*expected.headers.names(), "From", "No-Such"}
    return mail == expected and all(mail.headers.raw(name) == expected.headers.raw(name) for name in names)


@pytest.mark.parametrize("seed", range(0, 300, 10))
def test_the_child_answers_what_the_pure_functions_answer(opener, seed):
    for number in range(seed, seed + 10):
        raw = mutated(random.Random(number))
        mail = HERE.parse(raw).result()

        assert same(opener.parse(raw).result(), mail)
        trimmed = opener.trim(mail.text, mail.html, OURS).result()
        assert trimmed == HERE.trim(mail.text, mail.html, OURS).result()


def test_letters_as_they_came_are_opened_alike(opener):
    promises = [opener.parse(raw) for raw in LETTERS]

    assert all(same(promise.result(), HERE.parse(raw).result()) for promise, raw in zip(promises, LETTERS, strict=True))


def test_a_large_mail_passes_the_pipe_both_ways(opener):
    raw = PLAIN + "Grüße 🎒 from the camp\r\n".encode() * 500_000

    assert opener.parse(raw).result() == HERE.parse(raw).result()


def test_half_a_character_poisons_no_mail(opener):
    """UTF-7 can write one half of a surrogate pair, in a header as in a body; no other process could be told of it."""
    raw = b"\r\n".join(
        (
            b"From: Eva <eva@example.org>",
            b"Subject: =?utf-7?Q?Boots_+2AA-?= =?utf-7?Q?+3AA-?=",
            b"MIME-Version: 1.0",
            b"Content-Type: multipart/mixed; boundary=x",
            b"",
            b"--x",
            b"Content-Type: text/plain; charset=utf-7",
            b"",
            b"Anna needs +2AA- boots, and a whole +2DzfkQ-.",
            b"--x",
            b"Content-Type: image/png",
            b"Content-Disposition: attachment; filename*=utf-7''%2B2AA-.png",
            b"",
            b"x",
            b"--x--",
        )
    )

    mail = opener.parse(raw).result()

    assert same(mail, HERE.parse(raw).result())
    assert mail.text.split("\n")[0] == "Anna needs \ufffd boots, and a whole \U0001f391."
    assert mail.subject == "Boots \ufffd\ufffd"
    assert mail.attachments[0].name == "\ufffd.png"
    assert opener.trim(mail.text, mail.html, OURS).result().new_text.startswith("Anna needs \ufffd")


def test_several_threads_ask_one_child(opener):
    found = {}

    def ask(number: int) -> None:
        raws = [PLAIN + f"{number}.{count}".encode() for count in range(30)]
        promises = [opener.parse(raw) for raw in raws]
        found[number] = [promise.result().raw for promise in promises] == raws

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == dict.fromkeys(range(4), True)


# ---- hostile mails ----


@pytest.mark.parametrize(
    ("hungry", "what", "reason"),
    [
        (60, "processor", "it takes more than 1 seconds of processor time"),
        (1.5, "time", "it takes more than 1.5 seconds"),
        (60, "memory", "it needs too much memory"),
        (60, "itself", "what opened it was ended (SIGSEGV)"),
    ],
    indirect=["hungry"],
)
def test_a_hostile_mail_fails_alone_with_a_plain_reason(hungry, what, reason):
    before, bad, after = (hungry.parse(raw) for raw in (PLAIN, eats(what), PLAIN))

    with pytest.raises(CannotOpen) as told:
        bad.result()
    assert told.value.reason == reason
    assert before.result() == after.result() == HERE.parse(PLAIN).result()


def test_a_fault_of_ours_says_where_and_never_what(hungry):
    with pytest.raises(CannotOpen) as told:
        hungry.parse(eats("sense")).result()

    assert re.fullmatch(r"ZeroDivisionError at inbox/hungry_child[.]py:\d+", told.value.reason)


def test_whoever_prints_in_the_child_prints_nowhere(hungry):
    assert hungry.parse(eats("words")).result().subject == "Boots"


# ---- deaths ----


def test_a_child_killed_in_the_middle_of_its_work_costs_no_mail(hungry):
    raws = [PLAIN + f"{number}".encode() for number in range(200)]
    first = hungry.parse(raws[0]).result()
    promises = [hungry.parse(raw) for raw in raws]
    os.kill(hungry.pid, signal.SIGKILL)

    assert first.raw == raws[0]
    assert [promise.result().raw for promise in promises] == raws


def test_a_child_killed_while_it_waits_is_replaced(hungry):
    hungry.parse(PLAIN).result()
    before = hungry.pid
    os.kill(before, signal.SIGKILL)

    assert hungry.parse(PLAIN).result().subject == "Boots"
    assert hungry.pid != before


def test_the_child_starts_with_the_first_mail_and_stays(hungry):
    assert hungry.pid is None

    hungry.parse(PLAIN).result()
    first = hungry.pid
    hungry.parse(PLAIN).result()

    assert hungry.pid == first


def test_a_child_is_renewed_after_so_many_jobs():
    opener = OpenerProcess(Limits(jobs=3))
    pids = set()
    for _ in range(7):
        assert opener.parse(PLAIN).result().subject == "Boots"
        pids.add(opener.pid)
    last = opener.pid
    opener.close()

    assert len(pids) == 3
    assert all(gone_within(pid, 5) for pid in pids - {last})


def test_signals_for_the_whole_group_leave_the_child_to_the_service(hungry):
    hungry.parse(PLAIN).result()
    pid = hungry.pid
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, number)

    assert hungry.parse(PLAIN).result().subject == "Boots"
    assert hungry.pid == pid


def test_closing_ends_the_child_and_what_nobody_answered_may_be_asked_again(hungry):
    waiting = hungry.parse(eats("time"))
    pid = hungry.pid
    hungry.close()

    with pytest.raises(TemporaryError):
        waiting.result()
    assert gone_within(pid, 1)
    assert hungry.parse(PLAIN).result().subject == "Boots"


def test_an_opener_nobody_holds_any_more_leaves_no_child():
    opener = OpenerProcess()
    opener.parse(PLAIN).result()
    pid = opener.pid
    del opener

    assert gone_within(pid, 10)


@pytest.mark.parametrize("module", ["tests.inbox.no_such_module", "this"])
def test_a_child_that_does_not_start_is_no_mails_fault(module):
    opener = OpenerProcess(module=module)

    with pytest.raises(TemporaryError):
        opener.parse(PLAIN).result()


def test_a_child_of_another_version_is_no_mails_fault(monkeypatch):
    monkeypatch.setattr(frames, "READY", b"the program before the one on disk")
    opener = OpenerProcess()

    with pytest.raises(TemporaryError, match="restart the service"):
        opener.parse(PLAIN).result()


SERVICE = """
import sys, time
from inbox.opener import OpenerProcess
opener = OpenerProcess(module="tests.inbox.hungry_child")
opener.parse({plain!r}).result()
held = [opener.parse({raw!r}) for _ in range(3)]
print(opener.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("what", ["processor", "time", "nothing"])
def test_when_the_service_is_killed_its_child_is_gone_within_a_second(what):
    service = subprocess.Popen(
        [sys.executable, "-c", SERVICE.format(plain=PLAIN, raw=eats(what))],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert service.stdout is not None
    child = int(service.stdout.readline())
    assert alive(child)
    service.kill()
    service.wait()
    service.stdout.close()

    assert gone_within(child, 1)


def test_the_child_gets_no_secret_of_the_environment(monkeypatch, hungry):
    monkeypatch.setenv("FRIDAYFOLDER_IMAP__PASSWORD", "very-secret")
    hungry.parse(PLAIN).result()

    assert b"very-secret" not in Path(f"/proc/{hungry.pid}/environ").read_bytes()
