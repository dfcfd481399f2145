"""How fast and how many at once, by the receiving server's own clock and count."""

import time
from collections import Counter, defaultdict

import pytest

from storage.database import Database
from tests.faultpeer.smtp import FaultPeer
from tests.mailer.delivery import Office
from tests.storage.outbox_letters import letter, message, plan

PER_MINUTE = 240
DOMAINS = ("big.test", "small.test")


class TimedPeer(FaultPeer):
    """Notes when it hears of each letter, and the most of one domain it has in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.heard_at: dict[str, list[float]] = defaultdict(list)
        self.most: Counter[str] = Counter()

    def heard(self, address: str, connection: int) -> None:
        domain = address.partition("@")[2]
        self.heard_at[domain].append(time.monotonic())
        done = sum(1 for one in self.taken if one.address.endswith(f"@{domain}"))
        self.most[domain] = max(self.most[domain], len(self.heard_at[domain]) - done)


@pytest.fixture
def office(tmp_path):
    database = Database(f"sqlite:{tmp_path}/outbox.db")
    database.migrate()
    with TimedPeer() as peer:
        yield Office(database, peer)
    database.close()


def plan_for(office: Office, count: int, domain: str, first: int = 1) -> None:
    numbers = range(first, first + count)
    plan(office.outbox, *(letter(n, address=f"parent{n}@{domain}", raw=message(n)) for n in numbers))


def test_a_domain_never_gets_more_in_any_minute_than_set_and_others_do_not_wait_for_it(office):
    plan_for(office, 13, "big.test")
    plan_for(office, 13, "small.test", first=14)

    assert office.deliver(connections=4, domain_per_minute=PER_MINUTE).sent == 26

    step = 60 / PER_MINUTE
    for domain in DOMAINS:
        at = sorted(office.peer.heard_at[domain])
        for number, moment in enumerate(at):
            # Any stretch of n steps holds at most n letters more than the first; a busy machine may only be late.
            assert all(later - moment >= (further - 0.5) * step for further, later in enumerate(at[number + 1 :], 1))
    begins = [min(office.peer.heard_at[domain]) for domain in DOMAINS]
    assert abs(begins[0] - begins[1]) < 2  # side by side, not one after the other


@pytest.mark.parametrize("limit", [1, 2])
def test_no_domain_gets_more_letters_at_once_than_set(office, limit):
    for number in range(1, 121):
        plan_for(office, 1, DOMAINS[number % 2], first=number)

    assert office.deliver(connections=8, domain_concurrency=limit).sent == 120

    assert all(office.peer.most[domain] <= limit for domain in DOMAINS)
    for number in range(121, 241):
        plan_for(office, 1, DOMAINS[number % 2], first=number)
    office.deliver(connections=8)
    assert max(office.peer.most.values()) > limit  # without the setting they do meet


def test_connections_carry_fifteen_to_twenty_letters_each(office):
    plan_for(office, 400, "big.test")

    assert office.deliver(connections=4).sent == 400

    carried = sorted(Counter(one.connection for one in office.peer.taken).values())
    assert max(carried) <= 20
    assert carried[4:]  # the last one of each of the four may have found nothing left
    assert min(carried[4:]) >= 15
