"""However reading is interrupted, the rows are those of one clean run: I1, I2, I3, I12, I13, I17.

Eleven mails of every kind come to a mailbox; the service fetches, reads, files, tells and moves them. It dies before
and after every transaction, the server falls silent at every command with and without the service dying of it, and
the mails come in two heaps cut anywhere. Then a new service goes on.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

from inbox.mailbox import Mailbox, MailboxAway, MailboxSettings
from office.demo.clients import write_new
from office.demo.machines import bounce, vacation_notice
from office.jobs.polling import poll
from office.wiring import House
from storage import tables
from storage.database import Database
from tests.office.linden import EVA, JON, MIA, Linden, copy_of, open_school
from tests.peers.fake_imap import FakeImap
from tests.peers.loopback import HOST

STRANGER = ("Oma Novak", "oma@example.net")
FINAL = {"filed", "courtesy", "asked", "held", "triage", "unmatched", "ignored", "copy", "poison"}
DONE = "Done"
VERBS = (
    "GREETING", "CAPABILITY", "LOGIN", "EXAMINE", "SELECT", "CREATE", "UID SEARCH", "UID FETCH", "UID MOVE", "UID COPY",
    "UID STORE", "UID EXPUNGE", "NOOP", "LOGOUT",
)  # fmt: skip


class Killed(BaseException):
    """As SIGKILL: no handler of ours sees it."""


@dataclass
class Death:
    """When it comes: at the nth event of its kind."""

    at: int = 0  #: 0 = never
    events: int = 0
    dead: bool = False

    def event(self) -> None:
        self.events += 1
        if self.dead or self.events == self.at:
            self.dead = True
            raise Killed


class Mortal(Database):
    """A database at whose transactions its process may die: before the first statement, and right after the commit."""

    death: Death

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.death.event()
        with super().transaction():
            yield
        self.death.event()


@dataclass
class Cut:
    """The server falls silent at its nth command; *death*: the service dies of it."""

    at: int
    death: Death | None
    seen: int = 0

    def __call__(self, session, _tag, _command) -> bool:
        self.seen += 1
        if self.seen == self.at:
            if self.death is not None:
                self.death.dead = True
            session.cut()
        return False


@dataclass
class Run:
    """One school with its mailbox, and a service that may die."""

    opened: Linden
    folder: Path
    server: FakeImap
    marks: list[int] = field(default_factory=list)

    @cached_property
    def school(self) -> Linden:
        return copy_of(self.opened, self.folder)

    def service(self, death: Death) -> House:
        house = House(self.school.house.settings, self.folder)
        for shared in ("press", "opener"):  # they take time to make, and keep nothing
            house.__dict__[shared] = getattr(self.school.house, shared)
        database = Mortal(f"sqlite:{self.folder}/school.db")
        database.death = death
        house.__dict__["database"] = database
        settings = MailboxSettings(
            host=HOST, port=self.server.port, user="reply", password="pw", tls="none", move_to=DONE, read_seconds=10
        )
        house.__dict__["mailboxes"] = (Mailbox(settings, house.spool, random=lambda: 0.0),)
        return house

    def once(self, death: Death) -> bool:
        """Did one whole pass end well?"""
        house = self.service(death)
        try:
            poll(house, self.opened.now)
        except (Killed, MailboxAway):
            return False
        finally:
            house.database.death = Death()
            house.mailboxes[0].close()
            self.marks.append(max((row.uid for row in tables.MailboxMark.select()), default=0))
            house.database.close()
        return True

    def to_the_end(self) -> None:
        assert any(self.once(Death()) for _ in range(3))

    @property
    def rows(self) -> dict[int, tuple[object, ...]]:
        """{uid: all that is kept of the mail}, without what is drawn at random, and without times."""
        uids = {row.id: row.uid for row in tables.Spool.select()}
        assert len(uids) == len(set(uids.values()))  # I1: one row a mail
        facts: dict[int, list[object]] = {uid: [] for uid in uids.values()}
        for row in tables.Spool.select():
            facts[row.uid] += [
                row.state,
                row.kind,
                row.reasons,
                row.author_id,
                row.suggestions,
                uids.get(row.copy_of_id),
            ]
        for row in tables.Evidence.select().order_by(tables.Evidence.id):
            facts[uids[row.spool_id]].append((row.sign, row.place, row.child_id, row.role))
        for row in tables.Filing.select().order_by(tables.Filing.id):
            talk = row.conversation
            facts[uids[row.spool_id]].append(
                (talk.guardian_id, talk.child_id, talk.role, row.spans, row.decided_by, row.reasons, row.active)
            )
        for row in tables.Message.select().order_by(tables.Message.id):
            facts[uids[row.spool_id]].append((row.author, row.text, row.active))
        for row in tables.Choice.select().order_by(tables.Choice.public_id):
            facts[uids[row.spool_id]].append(("button", row.deed, row.child_id, row.role, row.guardian_id))
        for row in tables.Letter.select().where(tables.Letter.kind == "notice"):
            facts[uids[int(row.run_id.rpartition(":")[2])]].append(("told", row.address, row.recipient_id))
        return {uid: tuple(sorted(map(repr, held))) for uid, held in facts.items()}

    @property
    def health(self) -> list[tuple[str, int, int]]:
        return sorted((row.address, row.hard, row.soft) for row in tables.AddressHealth.select())


def mails_of(linden: Linden) -> dict[int, bytes]:
    plain = linden.reply(EVA, "She rides home with us.")
    again = b"Received: from elsewhere\r\n" + plain
    letters = linden.letters
    told = (
        plain,
        linden.reply(MIA, "Leo is ill."),
        linden.reply(MIA, "Down to the river!", via_section_of="Ida"),
        linden.reply(JON, "Thank you!"),
        linden.reply(STRANGER, "I shall fetch her.", letter_of="g-eva"),
        linden.reply(JON, "When is the bus?"),
        vacation_notice(letters["g-mia"], MIA, linden.now),
        again,
        bounce(letters["g-jon"], JON[1], "5.1.1", at=linden.now, envelope_from="news@school.test"),
        write_new("A word", client="mutt", author=EVA, at=linden.now, to="reply@school.test", subject="New"),
        linden.reply(MIA, "About the music."),
    )
    return dict(enumerate(told, start=1))


ORIGINAL, COPY = 1, 8


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("linden"))


@pytest.fixture(scope="module")
def letters(opened, tmp_path_factory) -> dict[int, bytes]:
    linden = copy_of(opened, tmp_path_factory.mktemp("letters"))
    found = mails_of(linden)
    linden.house.database.close()
    return found


@pytest.fixture
def run(opened, tmp_path, fake_imap):
    numbers = iter(range(1_000))

    def new(mails: dict[int, bytes], **behaviour) -> Run:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return Run(opened=opened, folder=folder, server=fake_imap(mails=dict(mails), **behaviour))

    return new


def check(
    interrupted: Run, clean: dict[int, tuple[object, ...]], health: list[tuple[str, int, int]], what: object
) -> None:
    rows = interrupted.rows
    assert rows == clean, (what, {uid for uid in clean if rows.get(uid) != clean[uid]})
    assert interrupted.health == health, what
    assert interrupted.server.mails == {}, what  # moved, each of them
    assert interrupted.marks == sorted(interrupted.marks), what  # I13
    assert harmless(interrupted.server.commands), what


def harmless(commands: list[bytes]) -> bool:
    """I17: mails are looked at without a mark, moved by their own numbers, and never expunged in general."""
    words = [re.sub(rb"\s+", b" ", command.split(b" ", 1)[-1].strip()) for command in commands]
    allowed = re.compile(
        rb"(CAPABILITY|LOGIN .*|EXAMINE .*|SELECT .*|CREATE .*|LOGOUT|NOOP|IDLE|DONE|UID SEARCH .*"
        rb"|UID FETCH [\d,:]+ \((?:UID|RFC822\.SIZE|INTERNALDATE|BODY\.PEEK\[[A-Z]*\](?:<[\d.]+>)?| )+\)"
        rb"|UID (?:MOVE|COPY) [\d,]+ \"?Done\"?|UID STORE [\d,]+ \+FLAGS(?:\.SILENT)? \(\\Deleted\)"
        rb"|UID EXPUNGE [\d,]+)",
        re.IGNORECASE,
    )
    return not [word for word in words if not allowed.fullmatch(word)]


@pytest.fixture
def clean(run, letters):
    whole = run(letters)
    whole.to_the_end()
    counts = whole.school.house.spool.counts_by_state()
    assert set(counts) <= FINAL  # I2: nobody waits any more
    assert sum(counts.values()) == len(letters)
    assert {"filed", "courtesy", "held", "triage", "ignored", "copy", "asked"} <= set(counts)
    return whole.rows, whole.health


SOME = pytest.mark.parametrize(
    ("first", "step"), [(3, 9), pytest.param(1, 1, marks=[pytest.mark.nightly, pytest.mark.timeout(1_200)])]
)


@SOME
def test_the_service_dies_before_and_after_every_transaction(run, letters, clean, first, step):
    """I3."""
    counted = Death()
    run(letters).once(counted)
    assert counted.events > 20
    for at in range(first, counted.events + 1, step):
        death, interrupted = Death(at=at), run(letters)
        assert not interrupted.once(death)
        interrupted.to_the_end()
        check(interrupted, *clean, f"transaction {at}")


@SOME
@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("capabilities", ["IMAP4rev1 MOVE UIDPLUS", "IMAP4rev1 UIDPLUS"])
def test_the_server_falls_silent_at_every_command(run, letters, clean, first, step, dies, capabilities):
    """I3, I13, I17."""
    counted = Cut(at=0, death=None)
    run(letters, faults=dict.fromkeys(VERBS, (10_000, counted)), capabilities=capabilities).once(Death())
    assert counted.seen > 8
    for at in range(first, counted.seen + 1, step):
        death = Death()
        cut = Cut(at=at, death=death if dies else None)
        interrupted = run(letters, faults=dict.fromkeys(VERBS, (10_000, cut)), capabilities=capabilities)
        interrupted.once(death)
        interrupted.to_the_end()
        check(interrupted, *clean, f"command {at}")


@SOME
def test_the_mails_come_in_two_heaps(run, letters, clean, first, step):
    for heap in range(first, len(letters), step):
        parted = run({uid: raw for uid, raw in letters.items() if uid <= heap})
        parted.to_the_end()
        parted.server.mails.update({uid: raw for uid, raw in letters.items() if uid > heap})
        parted.to_the_end()
        check(parted, *clean, f"first {heap}")


def refuse(house: House, where: str, bad: int) -> None:
    """Reading the mail with this uid fails, or recording it when half of it is written, by a fault of ours."""
    store, name = (house.spool, "delivery") if where == "reading" else (house.conversations, "record")
    does = getattr(store, name)

    def fails(asked, *more, **how):
        spool_id = asked if where == "reading" else asked.spool_id
        done = does(asked, *more, **how)
        if house.spool.spooled(spool_id).uid == bad:
            raise ZeroDivisionError("ours")
        return done

    setattr(store, name, fails)


@SOME
@pytest.mark.parametrize("where", ["reading", "recording"])
def test_a_mail_that_cannot_be_read_changes_nothing_for_the_others(run, letters, clean, first, step, where):
    """I12, at every place in the heap."""
    rows, _ = clean
    for bad in range(first, len(letters) + 1, step):
        poisoned = run(letters)
        for _ in range(3):
            house = poisoned.service(Death())
            refuse(house, where, bad)
            poll(house, poisoned.opened.now)
            house.mailboxes[0].close()
        assert house.spool.counts_by_state().get("received", 0) == 0
        pair = {ORIGINAL, COPY} if bad == ORIGINAL else set()  # then the copy is read, and the first is a copy of it
        found = poisoned.rows
        assert {uid for uid in set(letters) - {bad} - pair if found[uid] != rows[uid]} == set(), bad
        states = {row.uid: row.state for row in tables.Spool.select()}
        kept = "copy" if where == "recording" and bad in {ORIGINAL, COPY} else "poison"
        assert states[bad] == kept
        assert not pair or states[COPY] == "filed"
        house.database.close()


@pytest.mark.parametrize(
    "command",
    [b"A1 EXPUNGE", b"A1 UID FETCH 1 (BODY[])", b"A1 UID FETCH 1 (RFC822)", b"A1 STORE 1 +FLAGS (\\Deleted)",
     b"A1 UID STORE 1 +FLAGS (\\Seen)", b"A1 DELETE Done", b"A1 UID MOVE 1 Elsewhere", b"A1 CLOSE"],
)  # fmt: skip
def test_what_is_not_harmless_is_seen(command):
    assert not harmless([command])
