"""A court has parted two homes: over generated weeks not a byte of the mother's home reaches the father by our mail.

He still hears about one child. Both write every week in every way we know, also with each other's letters, and teachers
answer both; then every mail to him is read: no name, no address, no word of hers, and no token that is not his.
"""

import random
import re
import shutil
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from office.demo.clients import reply, teacher_reply, write_new
from office.jobs.digests import plan_digests
from office.jobs.publishing import publish_day
from office.jobs.reading import read_waiting
from office.jobs.rosters import import_roster
from office.jobs.setup import migrate
from office.jobs.tray import dismiss, file_mail
from office.wiring import House
from school.issue import Audience, AudienceKind, Item, ItemKind, ItemText
from school.reply_address import TokenKind, token_in_address
from storage.tables import Letter, LetterBody
from tests.office.linden import HORN, JON, MIA, OPENER, ROSTER, RUIZ, Linden, settings, stamped

BEGIN = datetime(2026, 11, 27, 15, 10, tzinfo=UTC)
CLIENTS = ("iphone", "gmail-web", "outlook-desktop", "apple-mail", "thunderbird")
HERS = (b"mia", b"mia@example.org", b"birchwood")  #: her name, her address, her street
SIGNED = ("Mia Berg", "mia@example.org")
ADDRESS = re.compile(r"reply\+[0-9a-z]{29}@school\.test", re.IGNORECASE)


@dataclass
class Year:
    """The school week after week; *secrets*: every word she ever wrote."""

    linden: Linden
    luck: random.Random
    secrets: list[str] = field(default_factory=list)

    def words(self, *, hers: bool) -> str:
        word = "".join(self.luck.choices("bcdfghjkmnpqrstvwz", k=14))
        if hers:
            self.secrets.append(word)
        said = self.luck.choice(("{} please", "Leo is ill, {}", "Ida says {}", "Thank you! {}", "When is {}?", "{}"))
        return said.format(word) + (self.luck.choice(("", "\n\nMia Berg\n4 Birchwood Lane")) if hers else "")


@pytest.fixture
def year(tmp_path) -> Year:
    folder = tmp_path / "roster"
    shutil.copytree(ROSTER, folder)
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text("utf-8").replace("2026-12-18", "2048-12-18"), "utf-8")
    (folder / "family_extras.csv").write_text(
        "person,language,household,title,child,barred,barredUntil,source\n"
        "g-jon,,home-a,,,,,\ng-mia,,home-b,,,,,\ng-jon,,,,c-leo,yes,,court order 12/345\n",
        "utf-8",
    )
    house = House(settings({"automatic_per_day": 1000}), tmp_path)
    house.__dict__["opener"] = OPENER
    migrate(house.settings.database.url, tmp_path)
    import_roster(house, folder, BEGIN, dry_run=False, accept_removals=False)
    return Year(linden=Linden(house=house, now=BEGIN), luck=random.Random(46))


def week(year: Year, number: int) -> None:
    """An issue, mail from both homes, the digests, answers to all, and what the two do with those."""
    linden, luck = year.linden, year.luck
    linden.now = BEGIN + timedelta(days=7 * number)
    day = linden.now.date()
    linden.house.items.put([news(day, "k-3b"), news(day, "k-5a")], linden.now)
    publish_day(linden.house, day, linden.now)
    letters = mails(f"issue:{day}")
    for _ in range(luck.randint(1, 3)):
        write(year, MIA, letters["g-mia"], hers=True)
        write(year, JON, letters["g-jon"], hers=False)
    if luck.random() < 0.5:
        write(year, JON, letters["g-mia"], hers=False)  # she, or a child, forwarded him her letter
    if luck.random() < 0.5:
        write(year, MIA, letters["g-jon"], hers=True)
    if luck.random() < 0.5:
        write(year, ("Jon", "jon@work.example.net"), letters["g-mia"], hers=False)
    office_files(year)
    linden.now += timedelta(days=3)
    plan_digests(linden.house, linden.now.date(), linden.now)
    for recipient, raw in mails(f"digest:{linden.now.date()}").items():
        answer(year, recipient, raw)
    press_some(year)
    read_waiting(linden.house, linden.now)


def office_files(year: Year) -> None:
    """The office puts both parents' waiting mails on the record of the child whom both may hear about."""
    linden = year.linden
    for spool_id, *_ in linden.house.conversations.tray():
        author = linden.house.conversations.outcome_of(spool_id)
        if author and author[0] in {"g-jon", "g-mia"}:
            file_mail(linden.house, spool_id, child_id="c-ida", role=None, guardian_id=None, now=linden.now)
        else:
            dismiss(linden.house, spool_id, "seen", linden.now)


def news(day, class_id: str) -> Item:
    return Item(
        id=f"{class_id}-{day}",
        issue_date=day,
        kind=ItemKind.NEWS,
        audience=Audience(kind=AudienceKind.CLASS, id=class_id),
        texts={"en": ItemText(title=f"News of {class_id}", body="We built bridges and counted fish.")},
    )


def write(year: Year, author: tuple[str, str], letter: bytes, *, hers: bool) -> None:
    linden, luck = year.linden, year.luck
    client, words = luck.choice(CLIENTS), year.words(hers=hers)
    how = {"via_section_of": luck.choice(("Leo", "Ida"))} if luck.random() < 0.4 else {}
    try:
        raw = reply(letter, client, words, author, linden.now, **how)
    except (ValueError, StopIteration, KeyError, LookupError):
        raw = reply(letter, client, words, author, linden.now)  # her letter has a child his has not
    if luck.random() < 0.2:
        raw = write_new(
            words, client="iphone", author=author, at=linden.now, to="reply@school.test", subject="A question"
        )
    linden.keep(stamped(raw, luck.choice(("pass", "pass", "none"))))
    read_waiting(linden.house, linden.now)


def answer(year: Year, recipient: str, raw: bytes) -> None:
    linden, luck = year.linden, year.luck
    author = {"t-horn": HORN, "t-ruiz": RUIZ}.get(recipient)
    if author is None:
        return
    count = len(linden.house.outbox.dispatch_by_message_id(
        message_from_bytes(raw, policy=policy.default)["Message-ID"].strip("<>")
    ).conversation_ids)  # fmt: skip
    if not count:
        return
    numbers = "\n".join(f"{number}: We shall see, {luck.randint(1, 9**9)}." for number in range(1, count + 1))
    said = luck.choice((numbers, "1 thanks", "all 1: See you on Monday", "Hello to you"))
    linden.keep(reply(raw, luck.choice(CLIENTS), said, author, linden.now))
    read_waiting(linden.house, linden.now)
    for number in range(1, count + 1):
        linden.keep(teacher_reply(raw, number, "Yes, gladly.", client="iphone", author=author, at=linden.now))
    read_waiting(linden.house, linden.now)


def press_some(year: Year) -> None:
    """The father presses his buttons, and some that are hers."""
    linden = year.linden
    rows = Letter.select().where(Letter.kind == "notice").order_by(Letter.id.desc()).limit(3)
    for row in list(rows):
        raw = body(row)
        for label in ("It was about", "Yes, this was me", "Something else"):
            try:
                linden.keep(linden.press(raw, label, JON))
            except StopIteration:
                continue
    for row in list(Letter.select().where(Letter.kind == "answer").order_by(Letter.id.desc()).limit(2)):
        author = year.luck.choice((JON, MIA))
        words = year.words(hers=author is MIA)
        linden.keep(stamped(reply(body(row), "gmail-web", words, author, linden.now), "pass"))


def mails(run: str) -> dict[str, bytes]:
    return {row.recipient_id: body(row) for row in Letter.select().where(Letter.run == run)}


def body(row: Letter) -> bytes:
    return zlib.decompress(bytes(LetterBody.get_by_id(row.id).packed))


def shown(raw: bytes) -> bytes:
    """Everything of a mail, decoded: header, text, HTML."""
    mail = message_from_bytes(raw, policy=policy.default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    header = "\n".join(f"{name}: {value}" for name, value in mail.items())
    return raw.lower() + "\n".join((header, *parts)).lower().encode()


def is_his(linden: Linden, address: str) -> bool:
    """Does the token of this address lead to something of his own?"""
    token = token_in_address(address, linden.house.postmark.shape, linden.house.keys)
    assert token is not None
    if token.kind is TokenKind.THREAD:
        talk = linden.house.conversations.by_public_id(token.public_id)
        return talk is not None and talk.guardian_id == "g-jon"
    choice = linden.house.choices.by_public_id(token.public_id)
    dispatch = linden.house.outbox.dispatch(token.public_id)
    return (choice.guardian_id if choice else dispatch.recipient_id if dispatch else "") == "g-jon"


@pytest.mark.parametrize("weeks", [6, pytest.param(1000, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)])])
def test_nothing_of_the_other_home_reaches_the_barred_father(year, weeks):
    to_him = 0
    seen = 0
    for number in range(weeks):
        week(year, number)
        for row in Letter.select().where(Letter.recipient_id == "g-jon", Letter.id > seen).order_by(Letter.id):
            seen, to_him = row.id, to_him + 1
            raw = body(row)
            found = shown(raw)
            assert not [word for word in HERS if word in found], (number, row.run_id)
            assert not [word for word in year.secrets[-60:] if word.encode() in found], (number, row.run_id)
            if row.kind != "answer":  # an answer has the subject of his own mail, and he may write what he likes
                assert b"leo" not in found, (number, row.run_id)
            addresses = {held.decode() for held in re.findall(ADDRESS.pattern.encode(), found)}
            assert all(is_his(year.linden, address) for address in addresses), (number, row.run_id)
            assert row.address == "jon@example.org"
    assert to_him >= 1.5 * weeks  # newsletters, answers and more did go to him
    assert len(year.secrets) > weeks
    year.linden.house.database.close()
