"""Each key is asked for once in a while, and name servers cannot hold up the reading of mail."""

from dataclasses import dataclass, field

from inbox.dkim_keys import MOST_NAMES, REMEMBERED, SILENCE, WAITING, WINDOW, DkimKeys


@dataclass
class Servers:
    """Name servers that take their time, and a clock that shows it."""

    now: float = 1_000.0
    seconds: float = 0.0
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def ask(self, name: str) -> list[str] | None:
        self.asked.append(name)
        self.now += self.seconds
        return None if self.silent else [f"p={name}"]


def keys_of(servers: Servers) -> DkimKeys:
    return DkimKeys(ask=servers.ask, clock=lambda: servers.now)


def test_a_key_is_asked_for_once_in_ten_minutes():
    servers = Servers()
    keys = keys_of(servers)

    assert {tuple(keys("a") or ()) for _ in range(5)} == {("p=a",)}
    servers.now += REMEMBERED - 1
    keys("a")
    assert servers.asked == ["a"]
    servers.now += 1
    keys("a")
    assert servers.asked == ["a", "a"]


def test_a_silent_server_is_asked_again_after_a_minute():
    servers = Servers(silent=True)
    keys = keys_of(servers)

    assert [keys("a"), keys("a")] == [None, None]
    assert servers.asked == ["a"]
    servers.silent, servers.now = False, servers.now + SILENCE
    assert keys("a") == ["p=a"]


def test_a_thousand_slow_names_cost_some_seconds_a_minute():
    servers = Servers(seconds=2.0, silent=True)
    keys, began = keys_of(servers), servers.now

    assert not any(keys(f"n{number}") for number in range(1_000))
    assert servers.now - began <= WAITING + servers.seconds
    servers.now += WINDOW
    keys("later")
    assert servers.asked[-1] == "later"


def test_what_is_known_is_answered_even_when_waiting_is_over():
    servers = Servers()
    keys = keys_of(servers)
    keys("known")
    servers.seconds = WAITING
    keys("slow")

    assert keys("known") == ["p=known"]
    assert keys("new") is None


def test_names_do_not_fill_the_memory():
    servers = Servers()
    keys = keys_of(servers)

    for number in range(3 * MOST_NAMES):
        keys(f"n{number}")

    assert len(keys._known) <= MOST_NAMES
