"""Linden School: the Novak and Berg families in a house of its own, an issue published, and mail that arrives.

Everything is the real thing: SQLite in a folder, the imported roster, our own letters, the spool, the reading. Only the
mail servers are left out: what arrives is kept into the spool as the mailbox would keep it.
"""

import csv
import io
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from inbox.opener import OpenerProcess
from office.demo.clients import reply, write_new
from office.demo.clients.original import Button, buttons
from office.jobs.digests import plan_digests
from office.jobs.publishing import publish_day
from office.jobs.reading import read_waiting
from office.jobs.rosters import import_roster
from office.jobs.setup import migrate
from office.settings import Database, Mail, Replies, Routing, School, Settings, Smtp
from office.wiring import House
from school.delivery import Delivery
from school.filing import Outcome
from school.issue import Audience, AudienceKind, Item, ItemKind, ItemText
from school.letter import LetterKind
from storage.tables import Audit, Dispatch, Filing, Letter, LetterBody

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
FRIDAY = date(2026, 11, 27)
PUBLISHED = datetime(2026, 11, 27, 15, 10, tzinfo=UTC)
EVENING = datetime(2026, 11, 27, 19, 30, tzinfo=UTC)
AUTHSERV = "mx.school.test"
EVA = ("Eva Novak", "eva@example.org")
JON = ("Jon Berg", "jon@example.org")
MIA = ("Mia Berg", "mia@example.org")
HORN = ("Petra Horn", "horn@school.test")
RUIZ = ("Clara Ruiz", "ruiz@school.test")
OPENER = OpenerProcess()  # one child opens the mails of all tests: they need not wait for each school's own
ITEMS = (
    ("bridges", "k-3b", "Bridges we know", "Which bridge near your home is the oldest one of all?", ""),
    ("river", "k-5a", "Down at the river", "Please bring rubber boots and a warm coat on Thursday.", ""),
    ("choir", "k-music", "Choir evening", "We sing three winter songs in the hall on Wednesday.", "music"),
)


def settings(
    routing: Mapping[str, object] | None = None, *, shape: str = "plus", database_url: str = "sqlite:school.db"
) -> Settings:
    return Settings(
        school=School(name="Linden School", contact="office@school.test", zone="Europe/Dublin"),
        mail=Mail(news="news@school.test", answers="answers@school.test", digest="digest@school.test"),
        replies=Replies(domain="school.test", keys=["0:" + "5a" * 32], shape=shape),
        smtp=Smtp(host="localhost"),
        database=Database(url=database_url),
        routing=Routing(**{"trusted_authserv_ids": [AUTHSERV], **(routing or {})}),
    )


@dataclass
class Linden:
    """The school with its published issue; *now* moves on with every mail."""

    house: House
    now: datetime = EVENING
    uid: int = 0
    arrived: list[int] = field(default_factory=list)

    # ---- what we sent ----

    @cached_property
    def letters(self) -> dict[str, bytes]:
        """{guardian: her newsletter as it was composed}."""
        return {row.recipient_id: _raw(row) for row in _rows("newsletter")}

    def notices(self) -> list[EmailMessage]:
        """Every automatic mail in the outbox, the oldest first."""
        return [message_from_bytes(_raw(row), policy=policy.default) for row in _rows("notice")]

    def raw_notices(self) -> list[bytes]:
        return [_raw(row) for row in _rows("notice")]

    def answers(self) -> list[EmailMessage]:
        return [message_from_bytes(_raw(row), policy=policy.default) for row in _rows("answer")]

    def digest(self, teacher_id: str, day: date = FRIDAY + timedelta(days=3)) -> bytes | None:
        """The teacher's digest of *day* as it was composed; None when nothing waits for her."""
        plan_digests(self.house, day, self.now)
        return next((_raw(row) for row in _rows("digest") if row.recipient_id == teacher_id), None)

    # ---- what comes in ----

    def reply(self, author: tuple[str, str], words: str, client: str = "iphone", **how: object) -> bytes:
        """*author* answers the newsletter of the guardian she is (or of *letter_of*)."""
        letter = self.letters[str(how.pop("letter_of", _guardian_id(author)))]
        return reply(letter, client, words, author, self.now, **how)

    def press(self, raw: bytes, label: str, author: tuple[str, str], more: str = "") -> bytes:
        """The mail that *author*'s program makes of the button with *label* in the letter *raw*."""
        button = next(held for held in buttons(raw) if label in held.label)
        words = f"{button.label}\n{more}" if more else button.label
        return write_new(words, client="iphone", author=author, at=self.now, to=button.address, subject=button.subject)

    def keep(self, raw: bytes, envelope_to: tuple[str, ...] = (), uidvalidity: int = 1) -> int | None:
        """The mail in the spool, as the mailbox keeps it."""
        self.uid += 1
        self.now += timedelta(minutes=5)
        delivery = Delivery(
            account="replies",
            folder="INBOX",
            uidvalidity=uidvalidity,
            uid=self.uid,
            arrived=self.now,
            raw=raw,
            envelope_to=envelope_to,
        )
        return self.house.spool.keep(delivery, self.now)

    def arrive(self, raw: bytes, envelope_to: tuple[str, ...] = ()) -> Outcome:
        """The mail arrives and is read at once."""
        self.keep(raw, envelope_to)
        outcomes = read_waiting(self.house, self.now)
        assert len(outcomes) == 1
        return outcomes[0]

    # ---- what is kept ----

    @property
    def shape(self) -> str:
        return self.house.settings.replies.shape

    @property
    def today(self) -> date:
        return self.now.astimezone(self.house.zone).date()

    def sees(self, teacher_id: str) -> list[tuple[str, str]]:
        """(child, text) of every message this teacher may see now."""
        talks = self.house.conversations.listing(today=self.today, teacher_id=teacher_id)
        return [(talk.child_id, turn.text) for talk in talks for turn in talk.messages]

    def state(self, spool_id: int) -> str:
        return self.house.spool.spooled(spool_id).state

    def audit(self, spool_id: int) -> list[tuple[str, str]]:
        rows = Audit.select().where(Audit.subject == f"mail:{spool_id}").order_by(Audit.id)
        return [(row.actor, row.action) for row in rows]

    def filings(self) -> int:
        return Filing.select().where(Filing.active).count()

    # ---- what changes ----

    def restart(self, chosen: Settings | None = None) -> None:
        """The service ended and began again, with other settings perhaps; what takes time to make is handed on."""
        former = self.house
        former.database.close()
        self.house = House(chosen or former.settings, former.folder)
        self.house.__dict__.update(opener=former.opener, press=former.press)
        self.house.database  # noqa: B018 - opened here, for the tables belong to whoever opened last

    def close(self) -> None:
        """Its database, of whichever house it has by now."""
        self.house.database.close()

    def roster(self, **changes: Mapping[str, Mapping[str, str]]) -> None:
        """The roster imported anew, with cells changed: `users={"c-ida": {"status": "tobedeleted"}}`."""
        folder = self.house.folder / "changed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROSTER, folder)
        for name, rows in changes.items():
            path = folder / f"{name}.csv"
            table = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
            for row in table:
                row.update(rows.get(row["sourcedId"], {}))
            text = io.StringIO()
            writer = csv.DictWriter(text, table[0].keys())
            writer.writeheader()
            writer.writerows(row for row in table if row.get("status") != "gone")
            path.write_text(text.getvalue(), "utf-8")
        import_roster(self.house, folder, self.now, dry_run=False, accept_removals=True)


def open_school(folder: Path, **choices: object) -> Linden:
    """A new house in *folder*, its roster imported and its issue published."""
    house = House(settings(**choices), folder)
    house.__dict__["opener"] = OPENER
    migrate(house.settings.database.url, folder)
    import_roster(house, ROSTER, PUBLISHED, dry_run=False, accept_removals=False)
    house.items.put([_item(*one) for one in ITEMS], PUBLISHED)
    publish_day(house, FRIDAY, PUBLISHED)
    return Linden(house=house)


def copy_of(
    opened: Linden, folder: Path, routing: Mapping[str, object] | None = None, *, database_url: str = ""
) -> Linden:
    """The same school at the same moment, in a house of its own; the press is shared: it takes time to make.

    *database_url*: where the copy of its database is; without it, the SQLite file is copied into *folder*.
    """
    opened.house.database.close()
    if not database_url:
        for name in ("school.db", "school.db-wal"):
            if (opened.house.folder / name).exists():
                shutil.copy(opened.house.folder / name, folder / name)
    shape = opened.house.settings.replies.shape
    house = House(settings(routing, shape=shape, database_url=database_url or "sqlite:school.db"), folder)
    house.__dict__["opener"] = OPENER
    house.__dict__["press"] = opened.house.press
    house.database  # noqa: B018 - opened here, for the tables belong to whoever opened last
    return Linden(house=house)


def stamped(raw: bytes, dmarc: str, domain: str = "example.org", authserv: str = AUTHSERV) -> bytes:
    """The mail with the field our receiving server writes on top."""
    return f"Authentication-Results: {authserv}; dmarc={dmarc} header.from={domain}\r\n".encode() + raw


def buttons_of(raw: bytes) -> list[Button]:
    return buttons(raw)


def _item(name: str, class_id: str, title: str, body: str, role: str) -> Item:
    return Item(
        id=name,
        issue_date=FRIDAY,
        kind=ItemKind.NEWS,
        audience=Audience(kind=AudienceKind.CLASS, id=class_id),
        texts={"en": ItemText(title=title, body=body)},
        role=role,
    )


def _rows(kind: str) -> list[Letter]:
    return list(Letter.select().where(Letter.kind == LetterKind(kind).value).order_by(Letter.id))


def _raw(row: Letter) -> bytes:
    return zlib.decompress(bytes(LetterBody.get_by_id(row.id).packed))


def _guardian_id(author: tuple[str, str]) -> str:
    return f"g-{author[1].partition('@')[0]}"


def dispatches(kind: str) -> list[Dispatch]:
    return list(Dispatch.select().where(Dispatch.kind == kind))
