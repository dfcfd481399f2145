"""Logging in by token: the right string, one new token when one ends, and no secret where somebody could read it."""

import logging
from dataclasses import replace

import pytest

from mailer.smtp import SmtpTransport
from mailer.transport import ServerAway
from mailer.xoauth2 import OAuthClient, TokenAway, TokenRefused, Tokens
from tests.mailer.delivery import open_office
from tests.peers.token_endpoint import TokenEndpoint

REFRESH = "refresh-secret"


@pytest.fixture
def endpoint():
    with TokenEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def office(tmp_path):
    with open_office(tmp_path, tls=True) as office:
        office.peer.user, office.peer.tokens = "news@school.test", {f"token-{number}" for number in range(1, 100)}
        yield office


def tokens(endpoint, clock=lambda: 0.0, **changes) -> Tokens:
    known = {"client_id": "friday", "client_secret": "client-secret", "refresh_token": REFRESH}
    return Tokens(OAuthClient(token_url=endpoint.url, **(known | changes)), clock)


def log_in_with(office, tokens: Tokens) -> None:
    office.settings = replace(office.settings, user="news@school.test", password="", tokens=tokens)


def test_a_refresh_token_becomes_a_token(endpoint):
    assert tokens(endpoint).token() == "token-1"

    assert endpoint.asked == [
        {
            "grant_type": "refresh_token",
            "refresh_token": REFRESH,
            "client_id": "friday",
            "client_secret": "client-secret",
        }
    ]


def test_without_a_refresh_token_the_client_asks_for_itself(endpoint):
    scope = "https://outlook.office365.com/.default"
    assert tokens(endpoint, refresh_token="", scope=scope).token() == "token-1"

    assert endpoint.asked[0]["grant_type"] == "client_credentials"
    assert endpoint.asked[0]["scope"] == scope


def test_a_token_serves_until_five_minutes_before_its_end(endpoint):
    now = [0.0]
    held = tokens(endpoint, lambda: now[0])
    given = []
    for now[0] in (0, 3299, 3300, 6599):
        given.append(held.token())

    assert given == ["token-1", "token-1", "token-2", "token-2"]


def test_a_new_refresh_token_replaces_the_old_one(endpoint):
    endpoint.answer["refresh_token"] = "rotated"
    held = tokens(endpoint)
    held.new()
    held.new()

    assert [form["refresh_token"] for form in endpoint.asked] == [REFRESH, "rotated"]


def test_a_hundred_letters_on_four_connections_cost_one_token(office, endpoint):
    log_in_with(office, tokens(endpoint))
    office.plan(100)

    assert office.deliver(connections=4).sent == 100
    assert len(endpoint.asked) == 1
    assert set(office.peer.logins) == {True}


def test_a_token_that_ends_in_mid_run_costs_one_failed_login_and_one_new_token(office, endpoint):
    log_in_with(office, tokens(endpoint))
    office.plan(200)

    def revoke(report):
        if report.sent >= 50:
            office.peer.tokens.discard("token-1")

    report = office.deliver(connections=4, progress=revoke)

    assert (report.sent, report.trouble) == (200, "")
    assert office.peer.logins.count(False) == 1
    assert len(endpoint.asked) == 2


def test_a_server_that_takes_no_token_of_ours_is_asked_twice_and_keeps_every_letter_waiting(office, endpoint):
    office.peer.tokens = set()
    log_in_with(office, tokens(endpoint))
    office.plan(2)

    report = office.deliver()

    assert "refused our token (535): correct smtp.user and [oauth]" in report.trouble
    assert office.outbox.ledger("issue:2026-11-27") == {"ready": 2}
    assert office.peer.logins == [False, False]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, TokenRefused), (401, TokenRefused), (302, TokenRefused), (503, TokenAway), (429, TokenAway)],
)
def test_a_provider_that_gives_none_is_named_by_its_code_only(endpoint, status, kind):
    endpoint.status = status
    endpoint.answer = {"error": "invalid_grant", "error_description": f"AADSTS70008 {REFRESH} of news@school.test"}

    with pytest.raises(kind) as refused:
        tokens(endpoint).token()

    assert str(refused.value).startswith("127.0.0.1 gives")
    assert REFRESH not in str(refused.value)
    assert "news@" not in str(refused.value)
    assert len(endpoint.asked) == 1  # not redirected


def test_a_provider_away_keeps_every_letter_and_says_so(office, endpoint):
    gone = tokens(endpoint)
    endpoint.__exit__()
    log_in_with(office, gone)
    with pytest.raises(ServerAway, match="cannot be asked for a token"):
        SmtpTransport(office.settings).connect()


def test_an_answer_without_a_token_is_no_token(endpoint):
    endpoint.answer = {"access_token": ""}

    with pytest.raises(TokenAway):
        tokens(endpoint).token()


def test_a_secret_goes_over_https_only():
    with pytest.raises(TokenRefused, match="https"):
        Tokens(OAuthClient(token_url="http://login.example.org/token", client_id="friday"), lambda: 0.0)


def test_no_secret_is_shown_or_logged(office, endpoint, caplog):
    caplog.set_level(logging.DEBUG)
    held = tokens(endpoint)
    log_in_with(office, held)
    office.plan(1)
    office.peer.tokens = {"token-2"}

    assert office.deliver().sent == 1

    shown = caplog.text + repr(office.settings) + repr(held) + repr(held._client)
    for secret in ("token-1", "token-2", REFRESH, "client-secret"):
        assert secret not in shown
