"""The doctor looks at everything once, and each finding says what to do."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from office.config import load
from office.doctor import Visit, examine
from office.probe import Probe
from office.sender_domain import NoAnswer
from office.wiring import House
from tests.faultpeer.smtp import FaultPeer
from tests.flows.running import copy_of, mail_settings, prepared_small
from tests.peers.dovecot import Dovecot
from tests.peers.loopback import HOST, free_port
from tests.peers.token_endpoint import TokenEndpoint

__all__ = ["prepared_small"]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def office(tmp_path, prepared_small, smtp_sink):
    return copy_of(prepared_small, tmp_path / "school", SMTP_PORT=str(smtp_sink.port), MAIL_NEWS="news@school.org")


def house_of(office, **settings: str) -> House:
    given = {**office.settings, **settings}
    return House(
        load(office.folder / "config.toml", {f"FRIDAYFOLDER_{key}": text for key, text in given.items()}), office.folder
    )


def visit(house: House, text_of=None, config=None) -> Visit:
    return Visit(settings=house.settings, house=house, now=NOW, config=config, text_of=text_of)


def words_of(findings, check: str, state: str) -> list[str]:
    return [one.words for one in findings if (one.check, one.state) == (check, state)]


@pytest.fixture
def examined(office):
    opened = []

    def run(text_of=None, config=None, **settings: str):
        house = house_of(office, **settings)
        opened.append(house)
        return examine(visit(house, text_of, config))

    yield run
    for house in opened:
        house.close()


def test_a_school_in_order(examined, office, pymap_server):
    records = {"school.org": ["v=spf1 mx -all"], "_dmarc.school.org": ["v=DMARC1; p=none"]}

    findings = examined(
        lambda: lambda name: records.get(name, []), office.folder / "config.toml", **mail_settings(pymap_server)
    )

    assert [one for one in findings if one.state == "bad"] == []
    assert {one.check for one in findings if one.state == "good"} == {
        "settings", "database", "calendar", "roster", "letters", "smtp", "imap", "spf", "dmarc",
    }  # fmt: skip
    assert "the next letter goes out 2026-11-27 15:10 with 1 item(s)" in words_of(findings, "calendar", "good")


def test_a_failed_check_hides_none_behind_it(examined):
    findings = examined(
        SMTP_PORT=str(free_port()), IMAP_HOST=HOST, IMAP_PORT=str(free_port()), IMAP_USER="u", IMAP_PASSWORD="p"
    )

    (smtp,), (imap,) = words_of(findings, "smtp", "bad"), words_of(findings, "imap", "bad")
    assert "cannot be reached" in smtp
    assert "cannot be used now" in imap


def test_a_database_that_does_not_open_is_said_once(examined):
    findings = examined(DATABASE_URL="sqlite:nowhere/x.db")

    (told,) = words_of(findings, "database", "bad")
    assert "nowhere/x.db" in told
    assert not {"calendar", "roster", "waiting"} & {one.check for one in findings}
    assert words_of(findings, "smtp", "good")


def test_a_mistake_in_a_template_is_found_before_friday(examined, office):
    own = office.folder / "letters" / "digest"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("Dear\n\n{% if %}\n", "utf-8")

    (told,) = words_of(examined(NEWSLETTER_TEMPLATES="letters"), "letters", "bad")

    assert "digest/body.txt, line 3" in told


def test_no_name_server_is_a_note(examined):
    def lookup():
        raise NoAnswer("timeout")

    findings = examined(lookup)

    (told,) = words_of(findings, "dns", "note")
    assert told == "no name server answered (timeout): SPF, DKIM and DMARC are not checked"


def test_a_config_that_others_can_read_is_a_note(examined, office):
    config = office.folder / "config.toml"
    config.chmod(0o644)

    assert any(f"chmod 600 {config}" in words for words in words_of(examined(config=config), "settings", "note"))


def test_the_command_answers_with_one_document(office, pymap_server):
    office.settings |= {**mail_settings(pymap_server), "MAIL_NEWS": "news@school.test"}

    done = office.process("doctor", "--json")

    assert done.returncode == 0, done.stdout
    assert {
        "check": "dns",
        "state": "note",
        "words": "school.test is a name for tests: nothing to look up",
    } in json.loads(done.stdout)


# ---- logging in by token ----


@pytest.fixture
def endpoint():
    with TokenEndpoint() as endpoint:
        yield endpoint


def by_token(endpoint, **more: str) -> dict[str, str]:
    given = {"TOKEN_URL": endpoint.url, "CLIENT_ID": "friday", "REFRESH_TOKEN": "a-refresh-token", **more}
    return {"SMTP_LOGIN": "xoauth2", "SMTP_USER": "news@school.test"} | {
        f"OAUTH_{name}": value for name, value in given.items() if value
    }


@pytest.mark.parametrize("missing", ["TOKEN_URL", "CLIENT_ID"])
def test_a_login_by_token_without_its_settings_is_one_line(office, endpoint, missing):
    office.settings |= by_token(endpoint, **{missing: ""})

    done = office.process("doctor")

    key = f"oauth.{missing.lower()}"
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"fridayfolder: config.toml: {key} is missing: set it here or as FRIDAYFOLDER_OAUTH_{missing}"
    ]


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("invalid_grant", 400, "oauth.refresh_token has run out or was withdrawn: sign in again"),
        ("invalid_client", 401, "oauth.client_id or oauth.client_secret is wrong"),
        ("unauthorized_client", 400, "let the provider's administrator allow this client"),
        ("invalid_scope", 400, "oauth.scope is not one the provider knows"),
        ("of_its_own_making", 403, "gives us no token (403): correct the settings in [oauth]"),
        ("", 503, "gives no token now (503)"),
    ],
)
def test_a_provider_that_gives_no_token_is_one_finding_with_what_to_do(examined, endpoint, code, status, told):
    endpoint.status, endpoint.answer = status, {"error": code, "error_description": "of news@school.test"}

    findings = examined(**by_token(endpoint))

    (words,) = words_of(findings, "oauth", "bad")
    assert told in words
    assert "127.0.0.1" in words
    assert "a-refresh-token" not in words
    assert "news@" not in words
    assert "smtp" not in {one.check for one in findings if one.state == "bad"}  # said once


def test_a_provider_that_gives_tokens_is_said_and_asked_once(examined, endpoint):
    with FaultPeer() as peer:
        peer.user, peer.tokens = "news@school.test", {"token-1"}
        findings = examined(**by_token(endpoint), SMTP_PORT=str(peer.port))

    assert words_of(findings, "oauth", "good") == [f"{endpoint.url} gives us tokens for smtp"]
    assert words_of(findings, "smtp", "good")
    assert (len(endpoint.asked), peer.logins) == (1, [True])


# ---- the probe ----


@pytest.mark.peers
@pytest.mark.xdist_group("dovecot")
@pytest.mark.parametrize("shape", ["plus", "fixed"])
def test_the_probe_arrives_through_real_servers(office, dovecot, postfix, shape):
    server = postfix(lmtp_to=dovecot.lmtp)
    office.settings |= mail_settings(
        dovecot, SMTP_PORT=str(server.port), REPLIES_MAILBOX=dovecot.user, REPLIES_SHAPE=shape
    )

    found = office.process("doctor", "--probe", now=datetime.now(UTC).isoformat()).stdout

    told = {"plus": "arrives whole (in delivered-to", "fixed": "known by the letter's Message-ID, buttons by a tag"}[
        shape
    ]
    assert told in found
    assert "our clock and the mail server's agree" in found
    # The probe itself is nobody's business.
    assert {held["state"] for held in office.run("poll")["outcomes"]} == {"ignored"}
    assert office.run("tray", "list") == []


class Relay:
    """A mail server that hands over to Dovecot, and is not kind to plus signs."""

    def __init__(self, dovecot: Dovecot, *, refuse: bool) -> None:
        self.dovecot, self.refuse = dovecot, refuse

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the name aiosmtpd calls
        if self.refuse:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as above
        mail = message_from_bytes(envelope.original_content, policy=policy.SMTP)
        mail.replace_header("To", self.dovecot.address)
        self.dovecot.deliver(mail.as_bytes(), to=self.dovecot.address)
        return "250 2.0.0 OK"


@pytest.mark.peers
@pytest.mark.xdist_group("dovecot")
@pytest.mark.parametrize(
    ("refuse", "told"),
    [(False, "the address arrives without its token"), (True, "the mail server refused a reply address")],
)
def test_a_server_that_keeps_no_detail_is_found_out(office, dovecot, refuse, told):
    controller = Controller(Relay(dovecot, refuse=refuse), hostname=HOST, port=free_port())
    controller.start()
    house = house_of(office, **mail_settings(dovecot, SMTP_PORT=str(controller.port), REPLIES_MAILBOX=dovecot.user))
    try:
        findings = list(Probe(house=house, now=NOW).findings())
    finally:
        controller.stop()
        house.close()

    state, words = findings[0]
    assert state == "bad"
    assert told in words
    assert words.endswith('or set replies.shape = "fixed"')


@pytest.mark.peers
@pytest.mark.xdist_group("dovecot")
def test_a_probe_that_never_arrives_is_said(office, dovecot, smtp_sink):
    house = house_of(office, **mail_settings(dovecot, REPLIES_MAILBOX=dovecot.user))

    ((state, words),) = Probe(house=house, now=NOW, patience=0.2).findings()

    assert state == "bad"
    assert "did not arrive in INBOX" in words
    house.close()
