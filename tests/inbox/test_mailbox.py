"""A mailbox at real servers: fetched once, waited for, moved away, renumbered, polled twice, killed."""

import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from inbox.mailbox import Mailbox, MailboxAway, MailboxSettings
from storage.database import Database
from storage.spool import SpoolStore
from storage.tables import Spool
from tests.peers.loopback import HOST

NOW = datetime.now(UTC)  # INTERNALDATE at a real server is today's
STOP = threading.Event()  # never set


def letter(number: int, text: str = "yes", to: str = "reply@school.test") -> bytes:
    head = f"From: eva@example.org\r\nTo: {to}\r\nSubject: Re: {number}\r\nMessage-ID: <{number}@example.org>\r\n"
    return f"{head}\r\n{text} {number}\r\n".encode()


@pytest.fixture
def spool(tmp_path):
    database = Database(f"sqlite:{tmp_path}/x.db")
    database.migrate()
    yield SpoolStore(database)
    database.close()


@pytest.fixture
def mailbox(spool):
    opened = []

    def build(server, *, keeper=None, has_our_token=lambda _header: False, **settings) -> Mailbox:
        login = {"user": getattr(server, "user", "reply"), "password": getattr(server, "password", "pw")}
        box = Mailbox(
            MailboxSettings(
                **({"host": HOST, "port": server.port, "tls": "none", "read_seconds": 10} | login | settings)
            ),
            keeper or spool,
            random=random.Random(1).random,
            has_our_token=has_our_token,
        )
        opened.append(box)
        return box

    yield build
    for box in opened:
        box.close()


def raws(spool: SpoolStore) -> list[bytes]:
    return sorted(spool.raw(spool_id) for spool_id in spool.waiting(100_000))


def decide(spool: SpoolStore, *spool_ids: int) -> None:
    for spool_id in spool_ids:
        spool.finish(
            spool_id, kind="human", state="filed", reasons=(), author_id="", content_key="", message_id="", now=NOW
        )


def uids_in(dovecot, folder: str = "INBOX") -> list[int]:
    with dovecot.client() as client:
        client.select_folder(folder, readonly=True)
        return client.search(["ALL"])


# ---- fetching ----


@pytest.mark.peers
def test_every_mail_is_fetched_once_and_left_as_it_was(dovecot, mailbox, spool):
    letters = [letter(number) for number in range(120)]
    dovecot.append(*letters)
    box = mailbox(dovecot)

    first, second = box.fetch_new(NOW), box.fetch_new(NOW + timedelta(minutes=1))

    assert (first.fetched, first.failed, second.fetched) == (120, 0, 0)
    assert len(first.spool_ids) == 120
    assert raws(spool) == sorted(letters)
    with dovecot.client() as client:
        client.select_folder("INBOX", readonly=True)
        assert len(client.search(["UNSEEN"])) == 120


def test_pymap_is_fetched_and_waited_for(pymap_server, mailbox, spool):
    from imapclient import IMAPClient

    box = mailbox(pymap_server)
    box.fetch_new(NOW)
    with IMAPClient(pymap_server.host, port=pymap_server.port, ssl=False) as client:
        client.login(pymap_server.user, pymap_server.password)
        timer = threading.Timer(0.2, client.append, ("INBOX", letter(1)))
        timer.start()

        assert box.wait(10, STOP)

        timer.join()
    assert box.fetch_new(NOW).fetched == 1
    assert raws(spool) == [letter(1)]


@pytest.mark.peers
def test_reading_elsewhere_hides_nothing(dovecot, mailbox):
    dovecot.append(letter(1))
    with dovecot.client() as client:
        client.select_folder("INBOX")
        client.fetch(client.search(["ALL"]), ["BODY[]"])  # sets \Seen

    assert mailbox(dovecot).fetch_new(NOW).fetched == 1


@pytest.mark.peers
def test_the_arrival_is_the_servers_own_date(dovecot, mailbox, spool):
    dovecot.append(letter(1))

    mailbox(dovecot).fetch_new(NOW)

    kept = spool.spooled(spool.waiting(1)[0])
    assert abs(kept.arrived - datetime.now(UTC)) < timedelta(minutes=1)
    assert kept.arrived.utcoffset() == timedelta(0)


@pytest.mark.peers
def test_an_oversize_mail_gives_its_header_and_beginning(dovecot, mailbox, spool):
    film = letter(2, "x" * 70 + "\r\n") + b"y" * 76 * 4000
    dovecot.append(letter(1), film, letter(3))

    report = mailbox(dovecot, max_message_bytes=100_000).fetch_new(NOW)

    assert (report.fetched, report.failed) == (3, 0)
    (short,) = [raw for raw in raws(spool) if b"X-Friday-Folder-Truncated" in raw]
    assert short.startswith(b"From: eva@example.org")
    assert b"Subject: Re: 2" in short
    assert f"{len(film)} bytes on the server, 65536 bytes".encode() in short
    assert len(short) < 67_000


@pytest.mark.peers
def test_the_sweep_finds_what_lies_below_the_mark(dovecot, mailbox, spool):
    dovecot.append(letter(1), letter(2))
    with dovecot.client() as client:
        uidvalidity = client.select_folder("INBOX")[b"UIDVALIDITY"]
    spool.advance_mark("inbox", "INBOX", uidvalidity, 2, NOW)

    assert mailbox(dovecot).fetch_new(NOW).fetched == 2


@pytest.mark.peers
def test_junk_is_searched_once_a_day_for_valid_tokens(dovecot, mailbox, spool):
    with dovecot.client() as client:
        client.append("Junk", letter(1, to="reply+good@school.test"))
        client.append("Junk", letter(2, to="win@example.org"))
    box = mailbox(dovecot, junk_folder="Junk", has_our_token=lambda header: b"reply+good@" in header)

    assert box.fetch_new(NOW).fetched == 1
    with dovecot.client() as client:
        client.append("Junk", letter(3, to="reply+good@school.test"))
    assert box.fetch_new(NOW + timedelta(hours=1)).fetched == 0
    assert box.fetch_new(NOW + timedelta(hours=24)).fetched == 1
    assert {spool.spooled(spool_id).folder for spool_id in spool.waiting(9)} == {"Junk"}


@pytest.mark.peers
def test_a_missing_junk_folder_stops_nothing(dovecot, mailbox):
    dovecot.append(letter(1))

    assert mailbox(dovecot, junk_folder="No/Such").fetch_new(NOW).fetched == 1


@pytest.mark.peers
def test_a_kicked_connection_is_made_anew(dovecot, mailbox):
    box = mailbox(dovecot)
    box.fetch_new(NOW)
    dovecot.append(letter(1))
    dovecot.kick()

    with pytest.raises(MailboxAway):
        box.fetch_new(NOW)
    assert box.fetch_new(NOW).fetched == 1


class FullDisk(SpoolStore):
    """A spool that cannot commit for a while."""

    failing = True

    def keep_all(self, deliveries, now, *, advance=True):
        from school.errors import TemporaryError

        if self.failing:
            raise TemporaryError("database: full")
        return super().keep_all(deliveries, now, advance=advance)


@pytest.mark.peers
def test_a_full_disk_leaves_everything_on_the_server(dovecot, mailbox, spool):
    from school.errors import TemporaryError

    dovecot.append(letter(1), letter(2))
    keeper = FullDisk(spool._database)
    box = mailbox(dovecot, keeper=keeper)
    with pytest.raises(TemporaryError, match="full"):
        box.fetch_new(NOW)
    assert box.pause(NOW) > timedelta(0)

    keeper.failing = False

    assert box.fetch_new(NOW).fetched == 2


@pytest.mark.peers
def test_resets_of_the_numbering_lose_nothing(dovecot, mailbox, spool):
    """Five times the server forgets its numbers; the folder is read again, old mails are kept as further copies."""
    box = mailbox(dovecot)
    for number in range(5):
        dovecot.append(letter(number))
        dovecot.renumber()
        reports = []
        while not reports or reports[-1] is None:
            try:
                reports.append(box.fetch_new(NOW + timedelta(minutes=number)))
            except MailboxAway:
                reports.append(None)
        assert reports[-1].fetched == number + 1

    assert set(raws(spool)) == {letter(number) for number in range(5)}
    rows = {(row.uidvalidity, row.uid) for row in Spool.select()}
    assert len(rows) == Spool.select().count() == 15


# ---- moving away ----


@pytest.mark.peers
def test_decided_mails_move_and_waiting_ones_stay(dovecot, mailbox, spool):
    dovecot.append(letter(1), letter(2), letter(3))
    box = mailbox(dovecot, move_to="Done/2026")
    first, _second, third = box.fetch_new(NOW).spool_ids
    decide(spool, first, third)

    assert box.settle_finished() == {1, 3}

    assert uids_in(dovecot) == [2]
    assert len(uids_in(dovecot, "Done/2026")) == 2
    assert box.settle_finished() == set()
    assert box.fetch_new(NOW).fetched == 0


@pytest.mark.peers
def test_without_a_folder_to_move_to_mails_stay(dovecot, mailbox, spool):
    dovecot.append(letter(1))
    box = mailbox(dovecot)
    decide(spool, *box.fetch_new(NOW).spool_ids)

    assert box.settle_finished() == set()
    assert uids_in(dovecot) == [1]


@pytest.mark.peers
def test_a_renumbered_folder_moves_nothing(dovecot, mailbox, spool):
    dovecot.append(letter(1))
    box = mailbox(dovecot, move_to="Archive")
    (spool_id,) = box.fetch_new(NOW).spool_ids
    box.close()
    dovecot.renumber()

    assert box.settle([1], uidvalidity=spool.spooled(spool_id).uidvalidity) == set()
    assert len(uids_in(dovecot)) == 1


@pytest.mark.parametrize(
    ("capabilities", "verbs"),
    [
        ("IMAP4rev1 MOVE UIDPLUS", [b"UID MOVE"]),
        ("IMAP4rev1 UIDPLUS", [b"UID COPY", b"UID STORE", b"UID EXPUNGE"]),
        ("IMAP4rev1", []),
    ],
)
def test_other_peoples_deleted_mails_stay(fake_imap, mailbox, spool, capabilities, verbs):
    """I17: never a bare EXPUNGE. A server that can neither MOVE nor UID EXPUNGE keeps its mails."""
    server = fake_imap(mails={1: letter(1), 2: letter(2)}, capabilities=capabilities)
    box = mailbox(server, move_to="Done")
    decide(spool, box.fetch_new(NOW).spool_ids[0])

    moved = box.settle_finished()

    words = [command.split(b" ", 1)[-1] for command in server.commands]
    assert [
        b" ".join(word.split()[:2]) for word in words if word.split()[1:2] in ([v.split()[1]] for v in verbs)
    ] == verbs
    assert not any(word.startswith(b"EXPUNGE") for word in words)
    assert moved == ({1} if verbs else set())
    assert sorted(server.mails) == ([2] if verbs else [1, 2])


@pytest.mark.parametrize("at", ["UID COPY", "UID STORE", "UID EXPUNGE"])
def test_a_move_that_broke_off_is_made_again_and_loses_no_mail(fake_imap, mailbox, spool, at):
    """Without MOVE it takes three commands; whichever the connection dies at, the mail is in one of the folders."""
    faults = {at: (1, lambda session, _tag, _command: session.cut())}
    server = fake_imap(mails={1: letter(1)}, capabilities="IMAP4rev1 UIDPLUS", faults=faults)
    box = mailbox(server, move_to="Done")
    decide(spool, *box.fetch_new(NOW).spool_ids)
    with pytest.raises(MailboxAway):
        box.settle_finished()

    assert 1 in server.mails
    assert box.settle_finished() == {1}
    assert box.fetch_new(NOW).fetched == 0
    assert len(raws(spool)) == 0


def test_only_harmless_commands_touch_mails(fake_imap, mailbox, spool):
    server = fake_imap(mails={1: letter(1)})
    box = mailbox(server, move_to="Done")
    decide(spool, *box.fetch_new(NOW).spool_ids)
    box.settle_finished()
    box.close()

    verbs = {b" ".join(command.split()[1 : 3 if b" UID " in command else 2]) for command in server.commands}
    assert verbs == {
        b"CAPABILITY", b"LOGIN", b"EXAMINE", b"SELECT", b"LOGOUT", b"UID SEARCH", b"UID FETCH", b"UID MOVE"
    }  # fmt: skip
    assert all(b"PEEK" in command or b"RFC822.SIZE" in command for command in server.commands if b"FETCH" in command)


# ---- waiting ----


@pytest.mark.peers
def test_a_pushed_mail_is_in_the_spool_within_seconds(dovecot, mailbox, spool):
    box = mailbox(dovecot)
    box.fetch_new(NOW)
    timer = threading.Timer(0.3, dovecot.deliver, (letter(1),))
    began = time.monotonic()
    timer.start()

    assert box.wait(10, STOP)
    assert box.fetch_new(NOW).fetched == 1

    assert time.monotonic() - began < 8
    timer.join()


def test_mail_between_search_and_idle_is_not_slept_through(fake_imap, mailbox):
    """The server tells it with the answer to the search, and has nothing left to tell in IDLE."""

    def search_then_arrival(session, tag, _command):
        session.untagged("SEARCH 1", "2 EXISTS")
        session.server.mails[2] = letter(2)
        session.send(tag, b" OK done\r\n")
        return True

    server = fake_imap(mails={1: letter(1)})
    box = mailbox(server)
    box.fetch_new(NOW - timedelta(minutes=1))
    server.faults["UID SEARCH"] = (1, search_then_arrival)
    assert box.fetch_new(NOW).fetched == 0
    began = time.monotonic()

    assert box.wait(20, STOP)

    assert time.monotonic() - began < 5
    assert box.fetch_new(NOW).fetched == 1


@pytest.mark.peers
def test_waiting_ends_when_nothing_comes(dovecot, mailbox):
    box = mailbox(dovecot)
    box.fetch_new(NOW)

    assert not box.wait(0.3, STOP)
    assert box.fetch_new(NOW).fetched == 0


def test_a_stop_ends_the_wait_soon(fake_imap, mailbox):
    box = mailbox(fake_imap())
    box.fetch_new(NOW)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()

    assert not box.wait(30, stop)

    assert time.monotonic() - began < 5


def test_idle_is_renewed(fake_imap, mailbox):
    """RFC 2177 allows 29 minutes; a dead connection must show earlier. Here every 0.15 s."""
    server = fake_imap()
    box = mailbox(server, idle_seconds=0.15)
    box.fetch_new(NOW)

    box.wait(0.8, STOP)

    rounds = [command.split()[-1] for command in server.commands if command.split()[-1] in {b"IDLE", b"DONE"}]
    assert rounds.count(b"IDLE") >= 3
    assert rounds == [b"IDLE", b"DONE"] * rounds.count(b"IDLE")


def test_the_default_renewal_keeps_the_promises():
    settings = MailboxSettings(host="h", user="u")

    assert settings.idle_seconds + settings.read_seconds <= 5 * 60  # dead TCP is noticed within five minutes
    assert settings.idle_seconds < 29 * 60
    assert (settings.connect_seconds, settings.read_seconds) == (15, 60)  # T14: the library's own is for ever


def test_without_idle_the_wait_is_plain(fake_imap, mailbox):
    server = fake_imap(capabilities="IMAP4rev1")
    box = mailbox(server)
    box.fetch_new(NOW)

    assert not box.wait(0.1, STOP)
    assert not any(b"IDLE" in command for command in server.commands)


def test_news_that_come_with_the_go_ahead_are_heard(fake_imap, mailbox):
    """Read into the library's buffer together with the `+`, they would never wake a poll on the socket."""

    def go_ahead_and_news(session, tag, _command):
        session.send(b"+ idling\r\n* 1 EXISTS\r\n")
        session.file.readline()
        session.send(tag + b" OK done\r\n")
        return True

    box = mailbox(fake_imap(faults={"IDLE": (9, go_ahead_and_news)}))
    box.fetch_new(NOW)
    began = time.monotonic()

    assert box.wait(20, STOP)
    assert time.monotonic() - began < 5


def refuse_idle(session, tag, _command):
    session.send(tag + b" NO not now\r\n")
    return True


def end_idle(session, _tag, _command):
    session.send(b"+ idling\r\n")
    session.cut()


def bye_idle(session, _tag, _command):
    session.send(b"+ idling\r\n* BYE shutting down\r\n")
    session.cut()


def dead_idle(session, _tag, _command):
    session.send(b"+ idling\r\n")
    session.silence(2)  # the line is dead: DONE is never answered
    session.cut()


@pytest.mark.parametrize("fault", [refuse_idle, end_idle, bye_idle, dead_idle])
def test_a_server_that_cannot_idle_is_polled_and_not_hammered(fake_imap, mailbox, fault):
    server = fake_imap(faults={"IDLE": (99, fault)})
    box = mailbox(server, idle_seconds=0.2, read_seconds=0.3)
    box.fetch_new(NOW)

    assert box.wait(20, STOP), "one lost connection: look again at once"
    for mail in (1, 2):
        server.mails[mail] = letter(mail)
        assert box.fetch_new(NOW).fetched == 1
        began = time.monotonic()
        assert not box.wait(0.8, STOP), "and again: it is polled"
        assert time.monotonic() - began >= 0.75

    assert server.sessions == 3


# ---- two pollers, and killed ones ----


@pytest.mark.peers
def test_two_pollers_in_threads_keep_every_mail_once(dovecot, mailbox, database):
    dovecot.append(*(letter(number) for number in range(60)))
    keeper = SpoolStore(database)
    boxes = [mailbox(dovecot, keeper=keeper) for _ in range(3)]
    start, fetched = threading.Barrier(3), []

    def poll(box: Mailbox) -> None:
        start.wait(10)
        fetched.append(box.fetch_new(NOW).fetched)
        database.close()

    threads = [threading.Thread(target=poll, args=(box,)) for box in boxes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sum(fetched) == 60
    assert raws(keeper) == sorted(letter(number) for number in range(60))


def poller(database_url: str, dovecot, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.peers.poller", database_url, dovecot.host, str(dovecot.port), dovecot.user]
    return subprocess.Popen([*command, *arguments])


@pytest.mark.peers
def test_two_pollers_in_processes_keep_every_mail_once(dovecot, database, database_url):
    dovecot.append(*(letter(number) for number in range(60)))

    children = [poller(database_url, dovecot) for _ in range(2)]

    assert [child.wait(60) for child in children] == [0, 0]
    assert raws(SpoolStore(database)) == sorted(letter(number) for number in range(60))


@pytest.mark.peers
@pytest.mark.parametrize("kills", [30, pytest.param(200, marks=[pytest.mark.nightly, pytest.mark.timeout(700)])])
def test_a_poller_killed_at_any_moment_keeps_every_mail_once(dovecot, database, database_url, kills):
    child = poller(database_url, dovecot, str(kills))

    assert child.wait(600 if kills > 30 else 100) == 0

    spool = SpoolStore(database)
    assert raws(spool) == sorted(f"Subject: mail {n}\r\n\r\nnumber {n}\r\n".encode() for n in range(kills * 20))
    (uidvalidity,) = {row.uidvalidity for row in Spool.select()}
    assert spool.mark("inbox", "INBOX", uidvalidity) == kills * 20
    if not database.postgres:
        assert database.engine.pragma("integrity_check") == "ok"
