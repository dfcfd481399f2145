"""Whatever an IMAP server does: nothing unhandled, nothing lost, nothing twice.

Each row is a server that misbehaves for a while and then behaves. Passes go on until a clean one; then the spool
holds every mail exactly once, byte for byte.
"""

import itertools
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from inbox.mailbox import LoginRefused, Mailbox, MailboxAway, MailboxSettings, Untrusted
from school.errors import FridayFolderError
from storage.database import Database
from storage.spool import SpoolStore
from tests.peers.fake_imap import CAPABILITIES, Fault
from tests.peers.loopback import HOST

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
_accounts = (f"inbox{number}" for number in itertools.count())


def letter(uid: int) -> bytes:
    return f"From: eva@example.org\r\nSubject: Re: {uid}\r\n\r\nmail number {uid}, \r\n)\r\n* 1 FETCH\r\n".encode()


MAILS = {uid: letter(uid) for uid in (3, 5, 8)}


# ---- faults ----


def say(*lines: str | bytes, cut: bool = False, then: str = "") -> Fault:
    """Untagged lines; then the correct answer, or a cut, or a tagged line of one's own."""

    def fault(session, tag, command):
        session.untagged(*lines)
        if cut:
            session.cut()
        if then:
            session.send(tag, b" ", then.encode(), b"\r\n")
        return bool(then)

    return fault


def raw(data: bytes, *, cut: bool = True) -> Fault:
    def fault(session, tag, command):
        session.send(data)
        if cut:
            session.cut()
        return True

    return fault


def answer(text: str) -> Fault:
    return say(then=text)


def eof(session, tag, command):
    session.cut()


def reset(session, tag, command):
    session.reset()


def silence(session, tag, command):
    session.silence(0.6)
    session.cut()


def slowly(session, tag, command):
    session.slow = True
    return False


def bye_after_first_body(session, tag, command):
    first = session.wanted(command)[0]
    session.send(session.fetch_line(first, session.items(first, command)))
    session.untagged("BYE kicked")
    session.cut()


def cut_literal(session, tag, command):
    session.send(b"* 1 FETCH (UID 3 BODY[] {1000}\r\nFrom: x")
    session.cut()


def silent_literal(session, tag, command):
    session.send(b"* 1 FETCH (UID 3 BODY[] {1000}\r\nFrom: x")
    session.silence(0.6)
    session.cut()


def announced(size: str) -> Fault:
    return raw(f"* 1 FETCH (UID 3 BODY[] {{{size}}}\r\nFrom: x\r\n".encode() * 3)


def body_is(value: bytes) -> Fault:
    """The bodies asked for, each with this value instead."""

    def fault(session, tag, command):
        if b"BODY" not in command:
            return False
        for uid in session.wanted(command):
            session.send(session.fetch_line(uid, b"BODY[] " + value))
        session.send(tag, b" OK done\r\n")
        return True

    return fault


def facts_are(items: bytes) -> Fault:
    def fault(session, tag, command):
        if b"RFC822.SIZE" not in command:
            return False
        for uid in session.wanted(command):
            session.send(session.fetch_line(uid, items))
        session.send(tag, b" OK done\r\n")
        return True

    return fault


def foreign_expunge(session, tag, command):
    """Somebody removes the second mail while we fetch; it cannot be had any more."""
    session.server.mails.pop(5, None)
    session.untagged("2 EXPUNGE")
    return False


def vanish(session, tag, command):
    session.server.mails.pop(5, None)
    return False


def reversed_twice(session, tag, command):
    for uid in [*reversed(session.wanted(command)), *session.wanted(command)]:
        session.send(session.fetch_line(uid, session.items(uid, command)))
    session.send(tag, b" OK done\r\n")
    return True


def lower_case(session, tag, command):
    for uid in session.wanted(command):
        line = session.fetch_line(uid, session.items(uid, command))
        session.send(line.replace(b"BODY[]", b"body[]").replace(b"RFC822.SIZE", b"rfc822.size").replace(b"UID", b"uid"))
    session.send(tag, b" OK done\r\n")
    return True


def half_the_answers(session, tag, command):
    for uid in session.wanted(command)[::2]:
        session.send(session.fetch_line(uid, session.items(uid, command)))
    session.send(tag, b" OK done\r\n")
    return True


def body_then_no(session, tag, command):
    first = session.wanted(command)[0]
    session.send(session.fetch_line(first, session.items(first, command)))
    session.send(tag, b" NO [SERVERBUG] half way\r\n")
    return True


def one_mail_only_breaks(session, tag, command):
    """The connection dies whenever uid 5 is among the mails asked for: the others must get past it."""
    if b"BODY" in command and 5 in session.wanted(command):
        session.cut()
    return False


def one_mail_refused(session, tag, command):
    if b"BODY" in command and 5 in session.wanted(command):
        session.send(tag, b" NO [SERVERBUG] cannot read it\r\n")
        return True
    return False


def endless(session, tag, command):
    line = b"* OK [ALERT] " + b"x" * 8000 + b"\r\n"
    for _ in range(3000):
        session.send(line)
    session.cut()


def new_uidvalidity(session, tag, command):
    session.server.uidvalidity = 8
    return False


def other_tag(session, tag, command):
    session.send(b"zzz9 OK who is this for\r\n")
    session.cut()


def capabilities_change(session, tag, command):
    session.server.capabilities = "IMAP4rev1"
    session.untagged("CAPABILITY IMAP4rev1 LOGINDISABLED")
    return False


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the server does, and what may come of it. `times`: how often the fault strikes before the server heals."""

    name: str
    at: str = ""
    fault: Fault = eof
    times: int = 1
    server: dict = field(default_factory=dict)
    kept: tuple[int, ...] = (3, 5, 8)
    raises: type[FridayFolderError] | None = None  #: what the first pass must raise; None: anything or nothing
    troubled: bool | None = None  #: must (not) any pass fail; None: either


def at_each(name: str, fault: Fault, *steps: str) -> list[Case]:
    return [Case(name=f"{name} at {step}", at=step, fault=fault, raises=MailboxAway) for step in steps]


STEPS = ("GREETING", "CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH")
AFTER_LOGIN = ("EXAMINE", "UID SEARCH")

CASES = [
    *at_each("end of connection", eof, *STEPS),
    *at_each("reset", reset, *STEPS),
    *at_each("silence", silence, *STEPS),
    *at_each("BYE", say("BYE go away", cut=True), *STEPS),
    *at_each("BYE with OK", say("BYE go away", then="OK done"), "EXAMINE", "UID SEARCH", "UID FETCH"),
    *at_each("NO [UNAVAILABLE]", answer("NO [UNAVAILABLE] later"), "LOGIN", *AFTER_LOGIN),
    *at_each("NO [INUSE]", answer("NO [INUSE] locked"), "LOGIN", *AFTER_LOGIN),
    *at_each("NO [LIMIT]", answer("NO [LIMIT] too many"), "LOGIN", *AFTER_LOGIN),
    *at_each("NO [OVERQUOTA]", answer("NO [OVERQUOTA] full"), *AFTER_LOGIN),
    *at_each("NO without reason", answer("NO"), *AFTER_LOGIN),
    *at_each("BAD", answer("BAD what"), *AFTER_LOGIN, "UID FETCH"),
    *at_each("another tag", other_tag, *AFTER_LOGIN, "UID FETCH"),
    *at_each("nonsense", raw(b"\x00\xff\xfe nonsense\r\n"), *STEPS),
    *at_each("a bare line feed", raw(b"* OK [ALERT] x\n"), *AFTER_LOGIN),
    *at_each("an unfinished line", raw(b"* OK [ALERT] x"), *AFTER_LOGIN),
    *at_each("a line without end", raw(b"* " + b"x" * 1_100_000), "GREETING", "UID SEARCH", "UID FETCH"),
    *at_each("lines without end", endless, "EXAMINE", "UID FETCH"),
    Case(name="HTTP instead of IMAP", at="GREETING", fault=raw(b"HTTP/1.1 400 Bad\r\n\r\n"), raises=MailboxAway),
    Case(name="greeting NO", at="GREETING", fault=raw(b"* NO [UNAVAILABLE] later\r\n"), raises=MailboxAway),
    Case(name="PREAUTH", server={"greeting": b"* PREAUTH welcome\r\n"}, troubled=False),
    Case(name="no CAPABILITY answer", at="CAPABILITY", fault=answer("OK done"), raises=MailboxAway),
    Case(name="not IMAP4rev1", at="CAPABILITY", fault=say("CAPABILITY X", then="OK done"), raises=MailboxAway),
    Case(name="CAPABILITY changes at login", at="LOGIN", fault=capabilities_change, troubled=False),
    Case(name="no MOVE, UIDPLUS or IDLE", server={"capabilities": "IMAP4rev1"}, troubled=False),
    Case(name="capabilities in the greeting", server={"greeting": b"* OK [CAPABILITY IMAP4rev1 X] hi\r\n"}),
    Case(name="capabilities with the login", at="LOGIN", fault=answer(f"OK [CAPABILITY {CAPABILITIES}] in")),
    Case(name="referral with OK", at="LOGIN", fault=answer("OK [REFERRAL imap://other/] in"), troubled=False),
    Case(name="referral", at="LOGIN", fault=answer("NO [REFERRAL imap://other/] there"), raises=LoginRefused),
    Case(name="wrong password", at="LOGIN", fault=answer("NO [AUTHENTICATIONFAILED] no"), raises=LoginRefused),
    Case(name="password ran out", at="LOGIN", fault=answer("NO [EXPIRED] renew"), raises=LoginRefused),
    Case(name="login BAD", at="LOGIN", fault=answer("BAD what"), raises=LoginRefused),
    Case(name="LOGINDISABLED", server={"capabilities": "IMAP4rev1 LOGINDISABLED"}, times=0, kept=(), raises=Untrusted),
    Case(name="NO to FETCH of facts", at="UID FETCH", fault=answer("NO [UNAVAILABLE] later"), raises=MailboxAway),
    Case(name="bodies refused once", at="UID FETCH", times=2, fault=one_mail_refused, troubled=False),
    Case(name="a body refused for ever", at="UID FETCH", times=99, fault=one_mail_refused, kept=(3, 8), troubled=False),
    Case(name="a body that kills", at="UID FETCH", times=99, fault=one_mail_only_breaks, kept=(3, 8), troubled=True),
    Case(name="a body, then NO", at="UID FETCH", times=2, fault=body_then_no),
    Case(name="foreign EXPUNGE while fetching", at="UID FETCH", fault=foreign_expunge, kept=(3, 8)),
    Case(name="foreign EXPUNGE while searching", at="UID SEARCH", fault=say("1 EXPUNGE", "2 EXISTS")),
    Case(name="vanished since the search", at="UID FETCH", fault=vanish, kept=(3, 8), troubled=False),
    Case(name="kicked after the first body", at="UID FETCH", fault=bye_after_first_body, times=2),
    Case(name="a literal cut short", at="UID FETCH", fault=cut_literal, raises=MailboxAway),
    Case(name="a literal that stops", at="UID FETCH", fault=silent_literal, raises=MailboxAway),
    Case(name="2 GB announced", at="UID FETCH", fault=announced("2147483648"), raises=MailboxAway),
    Case(name="a length beyond reason", at="UID FETCH", fault=announced("9" * 40), raises=MailboxAway),
    Case(name="a length of many thousand digits", at="UID FETCH", fault=announced("9" * 5000), raises=MailboxAway),
    Case(name="a negative length", at="UID FETCH", fault=announced("-5"), raises=MailboxAway),
    Case(name="a length that is no number", at="UID FETCH", fault=announced("abc"), raises=MailboxAway),
    Case(name="2 GB in the greeting", at="GREETING", fault=raw(b"* OK {2147483648}\r\nx"), raises=MailboxAway),
    Case(name="body NIL", at="UID FETCH", times=2, fault=body_is(b"NIL")),
    Case(name="body empty", at="UID FETCH", times=2, fault=body_is(b'""')),
    Case(name="body a number", at="UID FETCH", times=2, fault=body_is(b"12345")),
    Case(name="body a list", at="UID FETCH", times=2, fault=body_is(b"(a b)")),
    Case(name="body thousandfold nested", at="UID FETCH", times=2, fault=body_is(b"(" * 5000 + b")" * 5000)),
    Case(name="body not closed", at="UID FETCH", times=2, fault=body_is(b"((")),
    Case(
        name="unsolicited FLAGS before", at="UID FETCH", times=9, fault=say(r"1 FETCH (FLAGS (\Seen))"), troubled=False
    ),
    Case(
        name="unsolicited FLAGS of ours",
        at="UID FETCH",
        times=9,
        fault=say(r"1 FETCH (UID 3 FLAGS ())"),
        troubled=False,
    ),
    Case(name="unsolicited FETCH of another", at="UID FETCH", times=9, fault=say("9 FETCH (UID 99 BODY[] {1}\r\nx)")),
    Case(
        name="only FLAGS come",
        at="UID FETCH",
        times=2,
        fault=say(r"1 FETCH (UID 3 FLAGS ())", then="OK done"),
        troubled=False,
    ),
    Case(
        name="a broken FETCH nobody asked for",
        at="UID SEARCH",
        times=99,
        fault=say("1 FETCH ((", "1 FETCH (UID 3 BODY[] ("),
        troubled=False,
    ),
    Case(name="nothing comes", at="UID FETCH", times=2, fault=answer("OK done"), troubled=False),
    Case(name="half the answers come", at="UID FETCH", times=4, fault=half_the_answers, troubled=False),
    Case(name="duplicate answers, reversed", at="UID FETCH", times=9, fault=reversed_twice, troubled=False),
    Case(name="small letters", at="UID FETCH", times=9, fault=lower_case, troubled=False),
    Case(name="size missing", at="UID FETCH", times=2, fault=facts_are(b"FLAGS ()"), troubled=False),
    Case(name="size no number", at="UID FETCH", times=2, fault=facts_are(b"RFC822.SIZE big"), troubled=False),
    Case(name="size a lie", at="UID FETCH", times=2, fault=facts_are(b"RFC822.SIZE 1"), troubled=False),
    Case(name="size nothing", at="UID FETCH", times=2, fault=facts_are(b"RFC822.SIZE 0"), troubled=False),
    Case(name="date NIL", at="UID FETCH", times=2, fault=facts_are(b"RFC822.SIZE 9 INTERNALDATE NIL"), troubled=False),
    Case(name="date nonsense", at="UID FETCH", times=2, fault=facts_are(b'RFC822.SIZE 9 INTERNALDATE "soon"')),
    Case(name="uneven list", at="UID FETCH", times=2, fault=facts_are(b"RFC822.SIZE"), troubled=True),
    Case(name="n:* names the last", server={"mails": {8: letter(8)}}, kept=(8,), troubled=False),
    Case(name="an empty folder", server={"mails": {}}, kept=(), troubled=False),
    Case(
        name="empty folder, SEARCH refused",
        at="UID SEARCH",
        times=99,
        fault=answer("BAD"),
        server={"mails": {}},
        kept=(),
    ),
    Case(name="several SEARCH lines", at="UID SEARCH", times=9, fault=say("SEARCH 3", "SEARCH 5 8", then="OK done")),
    Case(name="no SEARCH line", at="UID SEARCH", times=2, fault=answer("OK done"), troubled=False),
    Case(name="SEARCH nonsense", at="UID SEARCH", fault=say("SEARCH abc", then="OK done"), raises=MailboxAway),
    Case(
        name="SEARCH repeats", at="UID SEARCH", times=9, fault=say("SEARCH 8 3 5 3 8", then="OK done"), troubled=False
    ),
    Case(name="SEARCH with MODSEQ", at="UID SEARCH", times=9, fault=say("SEARCH 3 5 8 (MODSEQ 917)", then="OK done")),
    Case(name="SEARCH of none such", at="UID SEARCH", times=2, fault=say("SEARCH 0 3 77 4294967295", then="OK done")),
    Case(name="EXISTS missing", at="EXAMINE", times=4, fault=say("OK [UIDVALIDITY 7] x", then="OK [READ-ONLY] in")),
    Case(
        name="EXISTS a lie",
        at="EXAMINE",
        times=2,
        fault=say("OK [UIDVALIDITY 7] x", "0 EXISTS", then="OK [READ-ONLY] in"),
    ),
    Case(name="UIDVALIDITY missing", at="EXAMINE", fault=say("3 EXISTS", then="OK [READ-ONLY] in"), raises=MailboxAway),
    Case(name="UIDVALIDITY nonsense", at="EXAMINE", fault=say("OK [UIDVALIDITY soon] x"), raises=MailboxAway),
    Case(name="UIDVALIDITY at its largest", server={"uidvalidity": 2**32 - 1}, troubled=False),
    Case(name="continuation out of turn", at="UID SEARCH", fault=raw(b"+ go on\r\n", cut=False), raises=MailboxAway),
    Case(name="one byte at a time", at="GREETING", fault=slowly, troubled=False),
    Case(name="an ALERT", at="EXAMINE", times=9, fault=say("OK [ALERT] maintenance tonight"), troubled=False),
]


@pytest.fixture(scope="module")
def one_database(tmp_path_factory):
    database = Database(f"sqlite:{tmp_path_factory.mktemp('torture')}/x.db")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def spool(one_database):
    """A spool in which nothing waits; each test has an account of its own."""
    spool = SpoolStore(one_database)
    yield spool
    for spool_id in spool.waiting(10_000):
        spool.note_copy(spool_id, spool_id)


def passes(mailbox: Mailbox, count: int) -> list[FridayFolderError | None]:
    """What each pass ended with. Anything but our own errors ends the test."""
    ended: list[FridayFolderError | None] = []
    for number in range(count):
        try:
            mailbox.fetch_new(NOON + timedelta(minutes=number))
        except FridayFolderError as error:
            ended.append(error)
        else:
            ended.append(None)
    mailbox.close()
    return ended


def kept(spool: SpoolStore, account: str) -> dict[int, bytes]:
    """Bytes by uid of what the spool holds of this account; fails when a uid is there twice."""
    rows = [spool.spooled(spool_id) for spool_id in spool.waiting(50)]
    found = {row.uid: spool.raw(row.id) for row in rows}
    assert {row.account for row in rows} <= {account}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_server_that_misbehaves(case, fake_imap, spool, caplog):
    behaviour = {"mails": dict(MAILS), "faults": {case.at: (case.times, case.fault)}} | case.server
    server = fake_imap(**behaviour)
    account = next(_accounts)
    settings = MailboxSettings(
        account=account, host=HOST, port=server.port, user="reply", password="s3cret", tls="none", read_seconds=0.3
    )

    ended = passes(Mailbox(settings, spool, random=random.Random(1).random), 6)

    if case.raises:
        assert type(ended[0]) is case.raises or isinstance(ended[0], case.raises)
    if case.troubled is not None:
        assert any(ended) is case.troubled
    assert kept(spool, account) == {uid: letter(uid) for uid in case.kept}
    assert "s3cret" not in caplog.text
    assert "example.org" not in caplog.text


def test_there_are_enough_cases():
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_mark_waits_for_a_mail_that_was_not_given(fake_imap, spool):
    server = fake_imap()
    account = next(_accounts)
    mailbox = Mailbox(
        MailboxSettings(account=account, host=HOST, port=server.port, user="a", password="b", tls="none"),
        spool,
        random=random.Random(1).random,
    )
    mailbox.fetch_new(NOON)  # from now on nothing is swept for an hour
    server.mails = dict(MAILS)
    server.faults["UID FETCH"] = (2, without_the_body_of_five)

    report = mailbox.fetch_new(NOON + timedelta(minutes=1))

    assert (report.fetched, report.failed) == (2, 1)
    assert spool.mark(account, "INBOX", 7) == 3
    report = mailbox.fetch_new(NOON + timedelta(minutes=2))
    assert (report.fetched, report.already_known, report.failed) == (1, 1, 0)
    assert spool.mark(account, "INBOX", 7) == 8
    mailbox.close()


def without_the_body_of_five(session, tag, command):
    for uid in session.wanted(command):
        items = b"FLAGS ()" if uid == 5 and b"BODY" in command else session.items(uid, command)
        session.send(session.fetch_line(uid, items))
    session.send(tag, b" OK done\r\n")
    return True


def test_a_renumbered_folder_is_read_again(fake_imap, spool):
    server = fake_imap(mails=dict(MAILS))
    account = next(_accounts)
    mailbox = Mailbox(
        MailboxSettings(account=account, host=HOST, port=server.port, user="a", password="b", tls="none"),
        spool,
        random=random.Random(1).random,
    )
    assert mailbox.fetch_new(NOON).fetched == 3

    server.uidvalidity = 8
    server.highest = 0
    server.mails = {1: letter(1), 2: letter(2)}
    report = mailbox.fetch_new(NOON + timedelta(minutes=1))

    assert report.fetched == 2
    assert spool.mark(account, "INBOX", 7) == 8
    assert spool.mark(account, "INBOX", 8) == 2
    mailbox.close()


def test_a_folder_numbered_anew_without_saying_so_is_read_again(fake_imap, spool):
    """A server restored from a copy: the same UIDVALIDITY, and uids that count from 1 again."""
    server = fake_imap(mails=dict(MAILS))
    account = next(_accounts)
    mailbox = Mailbox(
        MailboxSettings(account=account, host=HOST, port=server.port, user="a", password="b", tls="none"),
        spool,
        random=random.Random(1).random,
    )
    mailbox.fetch_new(NOON)

    server.highest = 0
    server.mails = {3: b"Subject: another mail\r\n\r\nwith the uid of an old one\r\n"}
    first, second = (mailbox.fetch_new(NOON + timedelta(minutes=number)) for number in (1, 2))

    assert (first.fetched, second.fetched) == (1, 0)
    server.mails |= {uid: letter(uid) for uid in range(4, 12)}  # beyond the old mark again
    assert mailbox.fetch_new(NOON + timedelta(hours=3)).fetched == 8
    mailbox.close()


def test_a_thousand_empty_passes_fetch_nothing(fake_imap, spool):
    """T15: `UID n:*` always names the last mail."""
    server = fake_imap(mails=dict(MAILS))
    mailbox = Mailbox(
        MailboxSettings(account=next(_accounts), host=HOST, port=server.port, user="a", password="b", tls="none"),
        spool,
        random=random.Random(1).random,
    )
    mailbox.fetch_new(NOON)
    asked = len([command for command in server.commands if b"FETCH" in command])

    reports = [mailbox.fetch_new(NOON + timedelta(seconds=number)) for number in range(1000)]

    assert {(report.fetched, report.already_known, report.failed) for report in reports} == {(0, 0, 0)}
    assert len([command for command in server.commands if b"FETCH" in command]) == asked
    mailbox.close()


def test_a_mail_larger_than_announced_is_shortened_in_the_end(fake_imap, spool):
    """The server announces one byte and sends millions: the others are kept, and of this one the beginning."""
    server = fake_imap(mails=MAILS | {5: letter(5) + b"x" * 9_000_000}, faults={"UID FETCH": (99, sizes_of_one)})
    account = next(_accounts)
    settings = MailboxSettings(
        account=account, host=HOST, port=server.port, user="a", password="b", tls="none", max_message_bytes=100_000
    )

    ended = passes(Mailbox(settings, spool, random=random.Random(1).random), 4)

    assert [error and error.reason for error in ended] == ["too-much", "too-much", None, None]
    found = kept(spool, account)
    assert set(found) == {3, 5, 8}
    assert b"X-Friday-Folder-Truncated: 1 bytes on the server, 65536 bytes of the body kept" in found[5]
    assert len(found[5]) < 70_000


def sizes_of_one(session, tag, command):
    if b"RFC822.SIZE" not in command:
        return False
    for uid in session.wanted(command):
        session.send(session.fetch_line(uid, b"RFC822.SIZE 1"))
    session.send(tag, b" OK done\r\n")
    return True
