"""Delivery as the office's settings say it: the school's date, its pace, its login."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from office.config import ConfigError, load
from office.jobs.delivering import deliver
from office.jobs.setup import migrate
from office.settings import Imap, OAuth, Settings, Smtp
from office.wiring import House
from school.letter import LetterState
from storage.tables import Letter
from tests.faultpeer.smtp import FaultPeer
from tests.office.linden import settings
from tests.storage.outbox_letters import NOON, RUN, guardian, letter, message, plan


def house(folder: Path, **changes) -> House:
    known = settings()
    values = {name: getattr(known, name) for name in known.__struct_fields__} | changes
    made = House(Settings(**values), folder)

    migrate(made.settings.database.url, folder)
    return made


@pytest.fixture
def peer():
    with FaultPeer() as peer:
        yield peer


def smtp(peer, **changes) -> Smtp:
    return Smtp(host="127.0.0.1", port=peer.port, security="none", **changes)


@pytest.mark.parametrize(("hour", "state"), [(22, LetterState.BLOCKED), (23, LetterState.SENT)])
def test_a_bar_ends_at_midnight_of_the_school(tmp_path, peer, hour, state):
    """Dublin in summer is an hour ahead of UTC: at 23:30 UTC the day of the bar is over there."""
    school = house(tmp_path, smtp=smtp(peer))
    guardian(school.database, "g1", "c1", barred=True, barred_until=date(2026, 7, 1))
    now = datetime(2026, 7, 1, hour, 30, tzinfo=UTC)
    plan(school.outbox, letter(1, raw=message(1), child_ids=("c1",), not_before=now, expires=now.replace(day=3)))

    deliver(school, "boot", lambda: now)

    assert school.outbox.letters(RUN)[0].state is state
    school.close()


def test_what_a_pass_left_behind_in_a_living_process_is_sent_by_the_next(tmp_path, peer):
    school = house(tmp_path, smtp=smtp(peer))
    plan(school.outbox, letter(1, raw=message(1)))
    assert school.outbox.claim("boot", 1, NOON)

    assert deliver(school, "boot", lambda: NOON).sent == 1
    assert Letter.get().owner.startswith("boot.")
    school.close()


def test_a_domains_pace_is_a_setting(tmp_path, peer):
    school = house(tmp_path, smtp=smtp(peer, domain_concurrency=1))
    plan(school.outbox, *(letter(number, raw=message(number)) for number in range(1, 21)))

    assert deliver(school, "boot", lambda: NOON).sent == 20
    assert peer.most_in_hand == 1
    school.close()


def test_both_servers_are_logged_in_to_by_one_providers_tokens(tmp_path):
    oauth = OAuth(token_url="https://login.example.org/token", client_id="friday", client_secret="s")
    school = house(
        tmp_path,
        smtp=Smtp(host="localhost", user="news@school.test", login="xoauth2"),
        imap=Imap(host="localhost", user="reply@school.test", login="xoauth2"),
        oauth=oauth,
    )

    assert school.smtp.tokens is school.tokens
    assert school.mailboxes[0]._token == school.tokens.new
    assert school.mailboxes[0].settings.login == "xoauth2"
    school.close()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "oauth.token_url"),
        ({"OAUTH_TOKEN_URL": "https://x.test"}, "oauth.client_id"),
        ({"OAUTH_TOKEN_URL": "https://x.test", "OAUTH_CLIENT_ID": "c"}, "oauth.client_secret"),
        ({"OAUTH_TOKEN_URL": "https://x.test", "OAUTH_CLIENT_ID": "c", "OAUTH_REFRESH_TOKEN": "r"}, ""),
    ],
)
def test_a_login_by_token_names_what_it_lacks(tmp_path, given, missing):
    (tmp_path / "config.toml").write_text(
        '[school]\nname = "S"\ncontact = "o@school.test"\n[mail]\nnews = "n@school.test"\n'
        '[replies]\ndomain = "school.test"\nkeys = ["0:00"]\n'
        '[smtp]\nhost = "localhost"\nuser = "n@school.test"\nlogin = "xoauth2"\n'
    )
    environment = {f"FRIDAYFOLDER_{name}": value for name, value in given.items()}
    if not missing:
        assert load(tmp_path / "config.toml", environment).smtp.password == ""
        return

    with pytest.raises(ConfigError, match=missing):
        load(tmp_path / "config.toml", environment)
