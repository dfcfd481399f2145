"""Whatever a teacher writes to her digest: no word under one item reaches another family, and no unplaced word anybody.

A thousand generated replies over eight mail programs each night, a hundred and fifty in every run. Every piece of text
holds a word of its own, so that each one's way can be followed.
"""

import csv
import random
import shutil
import zlib
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from office.demo.clients import reply, write_new
from office.jobs.reading import read_waiting
from office.jobs.rosters import import_roster
from storage.tables import Letter, LetterBody
from tests.office.digest_answers import inside, typed_into_html
from tests.office.linden import HORN, ROSTER, Linden, copy_of, open_school, stamped

CLIENTS = (
    "gmail-web",
    "gmail-android",
    "outlook-desktop",
    "outlook-web",
    "apple-mail",
    "iphone",
    "thunderbird",
    "mutt",
)
#: Six families in one class: short names, one name twice, two parents of one child, words that look like numbers.
FAMILIES = (
    ("bo", "Bo", "Li", "An", "Li", "Ok."),
    ("ana", "Ana", "Novak", "Tom", "Novak", "He has 2 left shoes and 3 gloves."),
    ("kim", "Kim", "Oh", "Sue", "Oh", "2: is that the number of the bus?"),
    ("max", "Max", "Berg", "Pia", "Berg", "She will be there at nine on Thursday, with her cello."),
)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory) -> Linden:
    """Ms Horn's digest holds seven conversations."""
    folder = tmp_path_factory.mktemp("waiting")
    linden = open_school(folder, routing={"automatic_per_day": 100_000})
    import_roster(linden.house, roster(folder / "roster"), linden.now, dry_run=False, accept_removals=False)
    for name, given, family, _, _, words in FAMILIES:
        author = (f"{given} {family}", f"{name}@example.org")
        raw = write_new(words, client="iphone", author=author, at=linden.now, to="reply@school.test", subject="Hello")
        assert linden.arrive(stamped(raw, "pass")).state == "filed"
    linden.arrive(linden.reply(("Eva Novak", "eva@example.org"), "Anna sees the dentist on Monday."))
    for name in ("jon", "mia"):
        author = (f"{name.title()} Berg", f"{name}@example.org")
        linden.arrive(linden.reply(author, f"Leo forgot his boots, says {name}.", via_section_of="Leo"))
    linden.now += timedelta(days=2)
    return linden


def roster(folder: Path) -> Path:
    shutil.copytree(ROSTER, folder)
    with (folder / "users.csv").open() as file:
        columns = next(csv.reader(file))
    with (folder / "users.csv").open("a", newline="") as file:
        rows = csv.DictWriter(file, columns, restval="")
        for name, given, family, child, child_family, _ in FAMILIES:
            person = {"enabledUser": "true", "orgSourcedIds": "linden"}
            rows.writerow(
                {**person, "sourcedId": f"c-{name}", "role": "student", "username": f"c.{name}", "givenName": child,
                 "familyName": child_family, "agentSourcedIds": f"g-{name}", "grades": "03"}
            )  # fmt: skip
            rows.writerow(
                {**person, "sourcedId": f"g-{name}", "role": "parent", "username": f"g.{name}", "givenName": given,
                 "familyName": family, "email": f"{name}@example.org", "agentSourcedIds": f"c-{name}"}
            )  # fmt: skip
    with (folder / "enrollments.csv").open("a") as file:
        for number, (name, *_) in enumerate(FAMILIES, start=20):
            file.write(f"e-{number},,,k-3b,linden,c-{name},student,false,2026-08-24,2026-12-18\n")
    return folder


class Pen:
    """Makes words nobody else uses, and remembers for which items each was meant."""

    def __init__(self, luck: random.Random, count: int) -> None:
        self.luck, self.count = luck, count
        self.meant: dict[str, frozenset[int]] = {}

    def words(self, *items: int) -> str:
        # No digits: trimming takes a long number below a sign-off for a telephone's.
        word = "secret" + "".join(self.luck.choices("bcdfghjkmnpqrstvwz", k=12))
        self.meant[word] = frozenset(items)
        return self.luck.choice(("{} please", "we think {}", "{}", "see you, {}!", "{}.\nAnd more")).format(word)

    def item(self) -> int:
        return self.luck.randint(1, self.count)


def numbered(pen: Pen) -> str:
    """Lines that begin with numbers, in every habit we know, good and bad."""
    luck, lines = pen.luck, []
    if luck.random() < 0.3:
        lines.append(pen.words() if luck.random() < 0.4 else "Good morning")
    for _ in range(luck.randint(1, 5)):
        number, other = pen.item(), pen.item()
        mark = luck.choice((":", ".", ")", " ->", " →", " —", "]"))
        lines.append(
            luck.choice(
                (
                    lambda: f"{number}{mark} {pen.words(number)}",  # noqa: B023 - called at once
                    lambda: f"{number}{mark} {pen.words(number)}\n\n{pen.words(number)}",  # noqa: B023
                    lambda: f"all {number},{other}: {pen.words(number, other)}",  # noqa: B023
                    lambda: f"{number}: {pen.words(number)}\n1. {pen.words(number)}\n2. {pen.words(number)}",  # noqa: B023
                    lambda: f"{pen.count + 3}: {pen.words()}",
                    lambda: f"{number} thanks",  # noqa: B023
                    lambda: f"{number} later\n\nBest,\nPetra Horn",  # noqa: B023
                    lambda: f"{pen.count + 1} thanks",
                )
            )()
        )
    return "\n".join(lines)


def written(pen: Pen, digest: bytes, at) -> bytes:
    """One reply: numbered above, typed into the quote, below it, or no number at all."""
    luck = pen.luck
    client, form = luck.choice(CLIENTS), luck.randrange(5)
    if form <= 1:
        return reply(digest, client, numbered(pen), HORN, at)
    if form == 2:
        return reply(digest, client, pen.words(), HORN, at)
    chosen = sorted(luck.sample(range(1, pen.count + 1), luck.randint(1, 3)))
    under = {number: pen.words(number) for number in chosen}
    if form == 3 or client == "mutt":  # its mails are plain text
        below, mark = pen.words() if luck.random() < 0.4 else "", luck.choice(("", "> "))
        return inside(digest, under, HORN, at, below=below, mark=mark)
    return typed_into_html(reply(digest, client, "", HORN, at), digest, under, split=luck.random() < 0.5)


def text(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def letters(run: str) -> list[tuple[Letter, str]]:
    rows = Letter.select().where(Letter.run == run)
    packed = [(row, zlib.decompress(bytes(LetterBody.get_by_id(row.id).packed))) for row in rows]
    return [(row, text(message_from_bytes(raw, policy=policy.default))) for row, raw in packed]


def check(linden: Linden, pen: Pen, spool_id: int, guardians: list[str]) -> int:
    """How many words found their family; AssertionError for one that went astray or is nowhere."""
    sent, told = letters(f"answer:{spool_id}"), letters(f"notice:{spool_id}")
    reached = 0
    for row, body in sent:
        assert row.address == linden.house.people.guardian(row.recipient_id).address  # one letter, one person (I15)
        for word, meant in pen.meant.items():
            if word in body:
                assert row.recipient_id in {guardians[number - 1] for number in meant}, (word, row.recipient_id)
                assert row.seq in meant | {0}
                reached += 1
    assert {row.recipient_id for row, _ in told} <= {"t-horn"}
    waits = linden.state(spool_id) == "triage"  # with the office
    for word in pen.meant:
        assert waits or any(word in body for _, body in (*sent, *told)), word
    return reached


@pytest.mark.timeout(600)
@pytest.mark.parametrize("replies", [150, pytest.param(1000, marks=[pytest.mark.nightly, pytest.mark.timeout(1800)])])
def test_no_word_goes_astray(waiting, tmp_path, replies):
    linden = copy_of(waiting, tmp_path, {"automatic_per_day": 100_000})
    linden.now, linden.uid = waiting.now, waiting.uid
    digest = linden.digest("t-horn")
    talks = linden.house.outbox.letters("digest:2026-11-30")
    dispatch = linden.house.outbox.dispatch_by_message_id(
        next(h.message_id for h in talks if h.recipient_id == "t-horn")
    )
    kept = linden.house.conversations.of_digest(dispatch.conversation_ids)
    guardians = [kept[number].guardian_id for number in dispatch.conversation_ids]
    assert len(guardians) == 7
    reached = meant = 0
    for number in range(replies):
        pen = Pen(random.Random(number), len(guardians))
        linden.keep(written(pen, digest, linden.now))
        (outcome,) = read_waiting(linden.house, linden.now)
        reached += check(linden, pen, outcome.spool_id, guardians)
        meant += sum(bool(items) for items in pen.meant.values())
    assert reached > meant / 3  # it is of use, too
    linden.house.database.close()
