"""Killed at any moment, in mid-delivery or in mid-poll, and started again, the service loses nothing and files once."""

import itertools
import random
from datetime import UTC, datetime

import psycopg
import pytest

from office.demo.clients import reply
from tests.faultpeer.smtp import FaultPeer
from tests.flows.driver import Office, new_office
from tests.flows.running import Service, big_roster, copy_of, drop, mail_settings, prepared_big, rows, service

__all__ = ["prepared_big"]
pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("dovecot")]
CONNECTIONS = 4
FRIDAY = datetime(2026, 11, 27, 16, tzinfo=UTC)
BEFORE_THE_ISSUE = "2026-11-27T15:09:59+00:00"
AFTER = "2026-11-27T15:20:00+00:00"
CLIENTS = ("gmail-web", "apple-mail", "outlook-web", "thunderbird")


class School:
    """One school under fire: its office, its servers, and what stands in its database."""

    def __init__(self, office: Office, peer: FaultPeer, mailbox, dice: random.Random) -> None:
        self.office, self.peer, self.mailbox, self.dice = office, peer, mailbox, dice
        self.kills = self.hits = self.dropped = 0

    def ask(self, sql: str) -> list[tuple]:
        url = self.office.settings.get("DATABASE_URL")
        if url is None:
            return rows(self.office, sql)
        with psycopg.connect(url) as database:
            return database.execute(sql).fetchall()

    def count(self, what: str) -> int:
        return self.ask(f"select count(*) from {what}")[0][0]

    def killed(self, progress, whole: int, now: str, rounds: int) -> None:
        """Kill *rounds* services, each after it has made a random part of the *progress* that is left."""
        for round_ in range(rounds):
            left = max(2, (whole - progress()) // (rounds - round_))
            aim = progress() + self.dice.randint(1, left)
            running = Service(self.office, now=now)
            running.until(lambda aim=aim: progress() >= aim or progress() >= whole, f"{aim} of {whole}")
            self.hits += self.unfinished()
            running.kill()
            self.kills += 1
            if "DATABASE_URL" in self.office.settings:
                self.end_leases()

    def unfinished(self) -> bool:
        """Is there something a kill can interrupt: a letter not sent yet, or a reply not read yet?"""
        letters = self.count("letter where state <> 'sent'")
        return bool(letters) or self.count("spool where finished_at is not null") < self.dropped

    def end_leases(self) -> None:
        """As if a quarter of an hour had passed: what the dead service held is anybody's."""
        with psycopg.connect(self.office.settings["DATABASE_URL"], autocommit=True) as database:
            database.execute("delete from lease")
            database.execute("update letter set lease_until = 0 where state = 'claimed'")

    def deliver_under_fire(self, rounds: int) -> None:
        first = Service(self.office, now=BEFORE_THE_ISSUE)
        first.until(lambda: len(self.peer.taken) > 0, "a first letter")
        first.kill()
        self.kills += 1
        if "DATABASE_URL" in self.office.settings:
            self.end_leases()
        planned = self.count("letter")
        self.killed(lambda: len({one.address for one in self.peer.taken}), planned, AFTER, rounds - 1)

    def finish_delivery(self) -> None:
        with service(self.office, now="2026-11-29T15:20:00+00:00") as running:  # past every retry and lease
            running.until(lambda: self.count("letter where state <> 'sent'") == 0, "every letter is sent")
            running.stop()

    def read_under_fire(self, replies: int, rounds: int) -> None:
        drop(self.mailbox, *self.replies(replies))
        self.dropped = replies
        done = "finished_at is not null"
        # Half of the kills while the first half of the mails is read, the others while the rest is.
        self.killed(lambda: self.count(f"spool where {done}"), replies // 2, AFTER, rounds // 2)
        self.killed(lambda: self.count(f"spool where {done}"), replies, AFTER, rounds - rounds // 2)
        with service(self.office, now=AFTER) as running:
            running.until(lambda: self.count(f"spool where {done}") >= replies, "every reply is read")
            running.stop()

    def replies(self, wanted: int) -> list[bytes]:
        letters = {one.address: one.raw for one in self.peer.taken}
        return [
            reply(raw, CLIENTS[number % len(CLIENTS)], f"Word number {number}.", ("A Parent", address), FRIDAY)
            for number, (address, raw) in zip(range(wanted), itertools.cycle(sorted(letters.items())), strict=False)
        ]

    def assert_every_letter_arrived(self) -> None:
        copies: dict[str, list[bytes]] = {}
        for one in self.peer.taken:
            copies.setdefault(one.address, []).append(one.raw)
        assert len(copies) == self.count("letter")
        assert all(len(set(raws)) == 1 for raws in copies.values())
        assert len(self.peer.taken) - len(copies) <= self.kills * CONNECTIONS

    def assert_every_reply_once(self, replies: int) -> None:
        assert self.count("spool") == replies
        assert self.count("spool_raw") == replies
        assert self.ask("select count(distinct message_id) from spool")[0][0] == replies
        assert self.count("spool where state in ('received', 'copy', 'poison')") == 0
        filed = self.count("spool where state = 'filed'")
        assert filed > 0
        assert self.count("filing") == self.count("message") == filed
        said = [text for (text,) in self.ask("select text from message")]
        assert len(set(said)) == len(said)


def under_fire(office: Office, mailbox, *, deliveries: int, polls: int, replies: int) -> None:
    with FaultPeer() as peer:
        office.settings["SMTP_PORT"] = str(peer.port)
        school = School(office, peer, mailbox, random.Random(deliveries + polls))
        school.deliver_under_fire(deliveries)
        school.finish_delivery()
        school.assert_every_letter_arrived()

        delivered = school.kills
        school.read_under_fire(replies, polls)
        school.assert_every_reply_once(replies)
        school.assert_every_letter_arrived()
        assert school.kills == delivered + polls
        assert school.hits >= school.kills / 2  # most died in the middle of it


# The limits only end what hangs: a busy machine starts a service in six seconds instead of one, and here are 22.
@pytest.mark.timeout(900)
def test_twenty_kills_lose_nothing_and_file_nothing_twice(tmp_path, prepared_big, dovecot):
    office = copy_of(prepared_big, tmp_path / "school", **mail_settings(dovecot))

    under_fire(office, dovecot, deliveries=10, polls=10, replies=400)

    assert rows(office, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.timeout(600)
def test_the_same_on_postgresql(tmp_path, postgres_url, dovecot):
    office = new_office(tmp_path / "school", in_process=True, **mail_settings(dovecot), DATABASE_URL=postgres_url)
    office.run("roster", "import", str(big_roster(tmp_path)))
    office.run("item", "add", "--title", "Winter fair", "--body", "Bring *soup*.", "--date", "2026-11-27")

    under_fire(office, dovecot, deliveries=3, polls=3, replies=120)


@pytest.mark.nightly
@pytest.mark.timeout(3000)
def test_two_hundred_kills(tmp_path, prepared_big, dovecot):
    office = copy_of(prepared_big, tmp_path / "school", **mail_settings(dovecot))

    # Thirty mails are recorded at once: fewer would be read before the last kills.
    under_fire(office, dovecot, deliveries=100, polls=100, replies=4000)
