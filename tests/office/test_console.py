"""One-click stop: a POST acts at once and any number of times, a GET never, and no token means nothing."""

import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from office.config import load
from office.console.app import console
from office.console.server import ConsoleServer
from office.jobs.publishing import publish_day
from office.jobs.rosters import import_roster
from office.jobs.setup import migrate, write_config
from office.wiring import House
from school.reply_address import Token, TokenKind, sign
from tests.peers.loopback import free_port

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
FRIDAY = datetime(2026, 11, 27, 15, 15, tzinfo=UTC)
ONE_CLICK = b"List-Unsubscribe=One-Click"


@pytest.fixture
def house(tmp_path):
    write_config(tmp_path / "config.toml")
    settings = load(
        tmp_path / "config.toml",
        {
            "FRIDAYFOLDER_SCHOOL_NAME": "Hillside <School>",
            "FRIDAYFOLDER_NEWSLETTER_UNSUBSCRIBE_URL": "https://news.school.test/stop/{token}",
        },
    )
    migrate(settings.database.url, tmp_path)
    house = House(settings, tmp_path)
    import_roster(house, ROSTER, FRIDAY, dry_run=False, accept_removals=False)
    publish_day(house, date(2026, 11, 27), FRIDAY)
    yield house
    house.database.close()


@pytest.fixture
def site(house):
    port = free_port()
    server = ConsoleServer(console(house, lambda: FRIDAY), "127.0.0.1", port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def token_of(house: House, guardian: str) -> str:
    """The token of this guardian's letter, read from its List-Unsubscribe field as a provider would."""
    for claimed in house.outbox.claim("test", 10, FRIDAY):
        head = claimed.raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n"))
        if claimed.address == f"{guardian}@example.org":
            assert fields["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            url = next(part for part in fields["List-Unsubscribe"].split(",") if "https" in part).strip(" <>")
            assert len(url) <= 76
            return url.rpartition("/")[2]
    raise AssertionError(guardian)


def ask(url: str, data: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, data=data, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read().decode()


def test_a_post_stops_the_letter_and_a_get_never_does(house, site):
    url = f"{site}/stop/{token_of(house, 'eva')}"

    for _ in range(50):
        status, body = ask(url)
        assert status == 200
        assert "<form method=" in body
    assert house.preferences.stopped() == frozenset()

    assert [ask(url, ONE_CLICK)[0] for _ in range(3)] == [200, 200, 200]
    assert house.preferences.stopped() == {"g-eva"}
    published = publish_day(house, date(2026, 12, 4), FRIDAY)
    assert [(held.guardian_id, held.reason) for held in published.skipped] == [("g-eva", "stopped")]
    assert house.preferences.resume_letters("g-eva")
    assert not house.preferences.resume_letters("g-eva")


def test_a_post_is_answered_within_a_second_without_cookie_or_redirect(house, site):
    url = f"{site}/stop/{token_of(house, 'eva')}"
    head = {"Content-Type": "application/x-www-form-urlencoded"}  # RFC 8058 §3.2: no cookie, no login
    slowest = 0.0

    for _ in range(10):
        began = time.monotonic()
        answer = httpx.post(url, content=ONE_CLICK, headers=head, follow_redirects=False, timeout=5)
        slowest = max(slowest, time.monotonic() - began)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert "location" not in answer.headers

    assert slowest <= 1.0
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE"):
        httpx.request(method, url.replace("eva", "mia"), timeout=5)
    assert house.preferences.stopped() == {"g-eva"}


def test_a_stop_is_in_force_before_the_next_mail(house, site):
    """The letter is planned, and a greylist keeps it waiting: it does not go after the click."""
    token = token_of(house, "eva")
    house.outbox.recover("somebody else")
    assert {one.state.value for one in house.outbox.letters("issue:2026-11-27")} == {"ready"}

    assert ask(f"{site}/stop/{token}", ONE_CLICK)[0] == 200

    assert sorted(held.address for held in house.outbox.claim("sender", 10, FRIDAY)) == [
        "jon@example.org",
        "mia@example.org",
    ]
    assert house.outbox.ledger("issue:2026-11-27") == {"cancelled": 1, "claimed": 2}


def test_whatever_is_no_letters_token_means_nothing(house, site):
    real = token_of(house, "mia")
    section = sign(Token(kind=TokenKind.SECTION, public_id=1, ordinal=1), house.keys)
    unknown = sign(Token(kind=TokenKind.DISPATCH, public_id=1), house.keys)
    changed = ("1" if real[5] != "1" else "2").join([real[:5], real[6:]])

    for text in ("x", section, unknown, changed, "%00", "..%2f..%2fetc"):
        assert ask(f"{site}/stop/{text}", ONE_CLICK)[0] == 404
    assert house.preferences.stopped() == frozenset()


def test_pages_say_the_schools_name_safely(house, site):
    _, body = ask(f"{site}/stop/nothing")

    assert "Hillside &lt;School&gt;" in body


def test_a_taken_port_is_said_plainly(house):
    port = free_port()
    first = ConsoleServer(console(house, lambda: FRIDAY), "127.0.0.1", port)
    first.start()
    second = ConsoleServer(console(house, lambda: FRIDAY), "127.0.0.1", port)

    with pytest.raises(Exception, match=r"console\.port"):
        second.start()
    first.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "console"]
