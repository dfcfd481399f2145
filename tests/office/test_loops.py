"""Two schools registered with each other, and three absent people: a day later hardly a mail has gone round."""

import zlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from office.demo.clients import reply
from office.demo.clients.original import read_original
from office.demo.machines import vacation_notice
from office.jobs.digests import plan_digests
from office.jobs.publishing import publish_day
from office.jobs.reading import read_waiting
from office.jobs.rosters import import_roster
from office.jobs.setup import migrate
from office.settings import Hours, Mail, Replies, School
from office.wiring import House
from storage.tables import TABLES, Letter, LetterBody
from tests.office.linden import HORN, JON, MIA, PUBLISHED, ROSTER, Linden, settings

WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-16:00")
HOURS_LIVED = 24
MOST_MAILS = 10


@dataclass
class Installation:
    """One installation of its own domain."""

    linden: Linden
    domain: str

    def open(self) -> Linden:
        self.linden.house.database.engine.bind(TABLES)
        return self.linden

    def take(self) -> list[tuple[str, bytes]]:
        """(recipient, letter) of everything due now; it counts as sent."""
        linden = self.open()
        rows = list(Letter.select().where(Letter.state == "ready", Letter.not_before <= linden.now))
        found = [(row.address, zlib.decompress(bytes(LetterBody.get_by_id(row.id).packed))) for row in rows]
        Letter.update(state="sent", finished_at=linden.now).where(Letter.id.in_([row.id for row in rows])).execute()
        return found


def school(folder: Path, domain: str, other: str) -> Installation:
    """A school whose parent Eva is registered with the other school's reply address."""
    folder.mkdir()
    chosen = msgspec.structs.replace(
        settings({"single_strong": "file"}),
        school=School(name=domain, contact=f"office@{domain}", zone="Europe/Dublin"),
        mail=Mail(news=f"reply@{domain}", answers=f"reply@{domain}", digest=f"reply@{domain}"),
        replies=Replies(domain=domain, keys=["0:" + domain.encode().hex().ljust(64, "0")[:64]]),
        hours=Hours(**WEEK),
    )
    house = House(chosen, folder)
    migrate(house.settings.database.url, folder)
    import_roster(house, ROSTER, PUBLISHED, dry_run=False, accept_removals=False)
    linden = Linden(house=house)
    linden.roster(users={"g-eva": {"email": f"reply@{other}"}})
    return Installation(linden=linden, domain=domain)


def careless(letter: bytes, author: tuple[str, str], at) -> bytes:
    """A home-made responder: no header says that it is one, and no sender is remembered."""
    return reply(letter, "mutt", "I am away until Monday and read my mail then.", author, at)


def careful(letter: bytes, author: tuple[str, str], at) -> bytes:
    """As Unix does it, and as Exchange does it."""
    return vacation_notice(letter, author, at, exchange=author is MIA)


ABSENT = {JON[1]: JON, MIA[1]: MIA, HORN[1]: HORN}


@pytest.mark.parametrize("responders", [careful, careless])
def test_two_installations_and_three_absent_people_send_at_most_ten_mails_in_a_day(tmp_path, responders):
    first = school(tmp_path / "a", "a.school.test", "b.school.test")
    second = school(tmp_path / "b", "b.school.test", "a.school.test")
    schools = {held.domain: held for held in (first, second)}
    publish(first)
    publish(second)
    # What sets it off: each school's letter lies in the other's mailbox; Mia answers, and her teacher has a digest.
    flying = [*first.take(), *second.take()]
    mia_letter = next(raw for address, raw in flying if address == MIA[1])
    linden = first.open()
    flying.append((read_original(mia_letter).reply_to, reply(mia_letter, "iphone", "Leo is ill", MIA, linden.now)))
    read_all(schools, [held for held in flying if "@example.org" not in held[0]])
    linden = first.open()
    plan_digests(linden.house, linden.today, linden.now)
    total = 0
    answering = flying
    for _ in range(HOURS_LIVED):
        machines = [
            (
                read_original(raw).reply_to or read_original(raw).from_address,
                responders(raw, ABSENT[address], linden.now),
            )
            for address, raw in answering
            if address in ABSENT
        ]
        read_all(schools, machines)
        for held in schools.values():
            held.linden.now += timedelta(hours=1)
        answering = [*first.take(), *second.take()]
        total += len(answering)
        read_all(schools, [held for held in answering if held[0].rpartition("@")[2] in schools])
    assert 1 <= total <= MOST_MAILS, total


def publish(held: Installation) -> None:
    held.open()
    publish_day(held.linden.house, PUBLISHED.date(), PUBLISHED)


def read_all(schools: dict[str, Installation], mails: list[tuple[str, bytes]]) -> None:
    """Each mail into the mailbox of the school whose domain it goes to, and read."""
    for address, raw in mails:
        held = schools.get(address.rpartition("@")[2])
        if held is not None:
            linden = held.open()
            linden.keep(raw, envelope_to=(address,))
            read_waiting(linden.house, linden.now)
