"""A school may read several mailboxes: each for itself, all into one spool, and the same mail in two is one mail."""

import base64
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inbox.mailbox import MailboxAway
from office.config import ConfigError, load
from office.daemon import READING, Daemon
from office.doctor import Visit, examine
from office.example_config import example
from office.jobs.polling import poll
from office.jobs.setup import migrate
from office.wiring import House
from school.errors import FridayFolderError
from tests.faultpeer.smtp import FaultPeer
from tests.flows.driver import Office
from tests.office.test_daemon import until
from tests.peers.dovecot import Dovecot
from tests.peers.loopback import HOST, free_port
from tests.peers.token_endpoint import TokenEndpoint

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def mailbox(server: Dovecot, *, account: str = "", port: int = 0, **more: str) -> str:
    """A table of config.toml."""
    keys = {"host": server.host, "security": "none", "user": server.user, "password": server.password, **more}
    if account:
        keys["account"] = account
    head = "[[imap.more]]" if account else "[imap]"
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return f"{head}\nport = {port or server.port}\n{lines}"


def write(folder, *tables: str):
    before, _, after = example().partition("[imap]\n")
    path = folder / "config.toml"
    path.write_text(f"{before}{''.join(tables) or '[imap]'}\n{after}", "utf-8")
    return path


def house_of(folder, *tables: str, **environment: str) -> House:
    given = {"REPLIES_KEYS": f"0:{'0' * 64}", "SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none", **environment}
    settings = load(write(folder, *tables), {f"FRIDAYFOLDER_{key}": text for key, text in given.items()})
    house = House(settings, folder)
    migrate(settings.database.url, folder)
    return house


def letter(number: int) -> bytes:
    return (
        f"From: eva@example.org\r\nTo: reply@school.test\r\nSubject: mail {number}\r\n"
        f"Message-ID: <{number}@example.org>\r\nDate: Wed, 25 Nov 2026 11:00:00 +0000\r\n\r\nHello {number}\r\n"
    ).encode()


@pytest.fixture
def pair(dovecot):
    """Two mailboxes of one server."""
    return dovecot, replace(dovecot, user=f"{dovecot.user}-office")


def test_all_are_polled_into_one_spool(tmp_path, pair):
    first, second = pair
    first.append(letter(1))
    second.append(letter(2), letter(3))
    house = house_of(tmp_path, mailbox(first), mailbox(second, account="office"))

    polled = poll(house, NOW)
    again = poll(house, NOW)
    house.close()

    assert (polled.fetched, len(polled.outcomes)) == (3, 3)
    assert sorted(outcome.message_id for outcome in polled.outcomes) == [f"{n}@example.org" for n in (1, 2, 3)]
    assert (again.fetched, again.outcomes) == (0, ())


def test_the_same_mail_in_two_is_one_mail(tmp_path, pair):
    for one in pair:
        one.append(f"Received: by {one.user}\r\nDelivered-To: {one.address}\r\n".encode() + letter(1))
    house = house_of(tmp_path, mailbox(pair[0]), mailbox(pair[1], account="office"))

    polled = poll(house, NOW)
    house.close()

    assert (polled.fetched, len(polled.outcomes)) == (2, 1)


@pytest.mark.parametrize("away", ["first", "second"])
def test_one_that_is_away_stops_neither_the_others_nor_the_reading(tmp_path, pair, away):
    port = free_port()
    broken = {"first": (port, 0), "second": (0, port)}[away]
    reached = pair[1] if away == "first" else pair[0]
    reached.append(letter(1))
    tables = (mailbox(pair[0], port=broken[0]), mailbox(pair[1], account="office", port=broken[1]))
    house = house_of(tmp_path, *tables)
    with pytest.raises(FridayFolderError) as raised:
        poll(house, NOW)
    name = "inbox" if away == "first" else "office"
    waiting = house.spool.waiting(10)
    house.close()

    assert str(raised.value).startswith(f"mailbox {name}: ")
    assert waiting == []
    assert sum(house.spool.counts_by_state().values()) == 1


def test_each_moves_its_own_decided_mail_to_its_own_archive(tmp_path, pair):
    for number, one in enumerate(pair):
        one.append(b"Auto-Submitted: auto-replied\r\n" + letter(number))
    house = house_of(tmp_path, mailbox(pair[0]), mailbox(pair[1], account="office", archive="Done"))
    poll(house, NOW)
    house.close()

    with pair[0].client() as client:
        assert client.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"] == 1
    with pair[1].client() as client:
        assert [client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for name in ("INBOX", "Done")] == [0, 1]


def test_the_service_reads_each_in_a_loop_of_its_own(tmp_path, pair):
    with FaultPeer() as smtp:
        tables = (mailbox(pair[0], port=free_port()), mailbox(pair[1], account="office"))
        house = house_of(tmp_path, *tables, SMTP_PORT=str(smtp.port))
        daemon = Daemon(house, lambda: datetime.now(UTC))
        daemon.start()
        try:
            until(lambda: daemon.troubles.rest(READING) > 0)
            pair[1].deliver(letter(1))
            until(lambda: sum(house.spool.counts_by_state().values()) == 1)
            until(lambda: not house.spool.waiting(1))
        finally:
            daemon.finish()
        house.close()

    assert daemon.troubles.rest(f"{READING}-office") == 0


def test_the_doctor_looks_into_each(tmp_path, pair):
    tables = (mailbox(pair[0]), mailbox(pair[1], account="gone", port=free_port()), mailbox(pair[1], account="office"))
    house = house_of(tmp_path, *tables)
    pair[1].append(letter(1))
    found = examine(Visit(settings=house.settings, house=house, now=NOW, config=None, text_of=None))
    house.close()

    said = [(one.state, one.words) for one in found if one.check == "imap"]
    assert [state for state, _ in said] == ["good", "bad", "good"]
    assert said[0][1].startswith(f"inbox on {HOST} is open; 0 new")
    assert said[1][1].startswith("mailbox gone: ")
    assert said[2][1].startswith(f"office on {HOST} is open; 1 new")


def test_the_command_polls_them_all(tmp_path, pair):
    pair[1].append(letter(1))
    house = house_of(tmp_path, mailbox(pair[0]), mailbox(pair[1], account="office"))
    house.close()
    office = Office(
        tmp_path, {"REPLIES_KEYS": f"0:{'0' * 64}", "SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none"}, in_process=True
    )

    assert office.run("poll")["fetched"] == 1


# ---- what a mailbox may do to us ----


def test_a_renumbered_mailbox_files_nothing_again(tmp_path, dovecot):
    """Inbound invariant 20, down to the record: the server lost its numbers, its mails are copies."""
    dovecot.append(*(letter(number) for number in range(4)))
    house = house_of(tmp_path, mailbox(dovecot))
    first = poll(house, NOW)
    dovecot.renumber()
    dovecot.append(letter(9))
    with suppress(FridayFolderError):  # the server threw us out
        poll(house, NOW)
    again = poll(house, NOW)
    states = house.spool.counts_by_state()
    house.close()

    assert len(first.outcomes) == 4
    assert (again.fetched, len(again.outcomes)) == (5, 1)
    assert states == {"unmatched": 5, "copy": 4}


def test_three_copies_are_one_record_and_an_equal_id_with_other_words_is_another(tmp_path, dovecot):
    """Inbound invariant 26."""
    other = letter(1).replace(b"Hello 1", b"Something else")
    dovecot.append(*(f"Received: by relay {n}\r\n".encode() + letter(1) for n in range(3)), other)
    house = house_of(tmp_path, mailbox(dovecot))
    polled = poll(house, NOW)
    house.close()

    assert (polled.fetched, len(polled.outcomes)) == (4, 2)
    assert {outcome.message_id for outcome in polled.outcomes} == {"1@example.org"}
    assert len({outcome.content_key for outcome in polled.outcomes}) == 2


class Provider:
    """Whom an IMAP server asks whether a token is good: only the latest one, for one user, in the exact string."""

    def __init__(self, endpoint: TokenEndpoint) -> None:
        self.endpoint, self.seen = endpoint, []

    def __call__(self, line: bytes) -> bytes:
        said = base64.b64decode(line.rsplit(b" ", 1)[-1])
        good = b"user=reply@school.test\x01auth=Bearer token-%d\x01\x01" % len(self.endpoint.asked)
        self.seen.append(said == good and self.endpoint.status == 200)
        return b"OK in" if self.seen[-1] else b"+ eyJzdGF0dXMiOiI0MDEifQ=="


@pytest.fixture
def by_token(tmp_path, fake_imap):
    """A school that reads one mailbox by tokens; the provider's endpoint and the mail server are on loopback."""
    with TokenEndpoint() as endpoint:
        provider = Provider(endpoint)
        server = fake_imap(mails={1: letter(1)}, logins=provider)
        table = (
            f'[imap]\nhost = "{HOST}"\nport = {server.port}\nsecurity = "none"\n'
            'user = "reply@school.test"\nlogin = "xoauth2"\n'
        )
        house = house_of(
            tmp_path, table, OAUTH_TOKEN_URL=endpoint.url, OAUTH_CLIENT_ID="friday", OAUTH_CLIENT_SECRET="hush-hush"
        )
        yield house, server, provider
        house.close()


def test_a_session_whose_token_ends_is_made_anew_without_a_refused_login(by_token, caplog):
    """Inbound invariant 25: at most one refused login each time, nothing lost, and no token in a log."""
    house, server, provider = by_token
    caplog.set_level("DEBUG")
    read = len(poll(house, NOW).outcomes)
    for number in range(2, 6):
        server.struck.clear()
        server.faults["EXAMINE"] = (1, lambda session, *_: session.untagged("BYE token expired") or session.cut())
        server.mails[number] = letter(number)
        with pytest.raises(MailboxAway):
            poll(house, NOW)
        read += len(poll(house, NOW).outcomes)

    assert read == 5
    assert provider.seen == [True] * 5
    assert len(provider.endpoint.asked) == 5
    assert not any(word in caplog.text for word in ("token-", "hush-hush", "reply@school.test"))


def test_a_provider_that_stops_giving_tokens_is_one_failure_and_mends_itself(by_token):
    house, server, provider = by_token
    poll(house, NOW)
    server.faults["EXAMINE"] = (1, lambda session, *_: session.cut())
    server.mails[2] = letter(2)
    with pytest.raises(MailboxAway):
        poll(house, NOW)
    provider.endpoint.status, provider.endpoint.answer = 400, {"error": "invalid_grant"}
    with pytest.raises(FridayFolderError, match="invalid_grant"):
        poll(house, NOW)
    refused = house.mailboxes[0].pause(NOW)
    provider.endpoint.status, provider.endpoint.answer = 200, {"expires_in": 3600}
    outcomes = poll(house, NOW).outcomes

    assert refused.total_seconds() == 15 * 60
    assert [outcome.message_id for outcome in outcomes] == ["2@example.org"]
    assert provider.seen == [True, True]


# ---- the settings ----


def test_a_secret_of_a_further_mailbox_comes_from_the_environment(tmp_path, dovecot):
    secret = tmp_path / "secret"
    secret.write_text("hidden\n", "utf-8")
    house = house_of(
        tmp_path,
        mailbox(dovecot),
        mailbox(dovecot, account="front-office", password=""),
        IMAP_FRONT_OFFICE_PASSWORD_FILE=str(secret),
        IMAP_FRONT_OFFICE_FOLDER="Answers",
    )

    assert (house.settings.imap.more[0].password, house.settings.imap.more[0].folder) == ("hidden", "Answers")
    assert (house.settings.imap.password, house.settings.imap.folder) == (dovecot.password, "INBOX")


@pytest.mark.parametrize(
    ("table", "environment", "said"),
    [
        ('host = "x"\nuser = "u"\npassword = "p"\n', {}, "imap.more[0].account is missing: set it here"),
        ('account = "office"\nuser = "u"\npassword = "p"\n', {}, "imap.more[0].host is missing: set it here"),
        (
            'account = "office"\nhost = "x"\nuser = "u"\n',
            {},
            "imap.office.password is missing: set it here or as FRIDAYFOLDER_IMAP_OFFICE_PASSWORD",
        ),
        (
            'account = "inbox"\nhost = "x"\nuser = "u"\npassword = "p"\n',
            {},
            "imap.more: two mailboxes are called 'inbox': give each its own account",
        ),
        (
            'account = "eva@example.org"\nhost = "x"\nuser = "u"\npassword = "p"\n',
            {},
            "imap.more[0].account: write a short name of small letters and digits, such as office",
        ),
        (
            'account = "office"\nhost = "x"\nuser = "u"\npassword = "p"\nfodler = "x"\n',
            {},
            "imap.more[0].fodler is not a setting: did you mean imap.folder?",
        ),
        (
            'account = "office"\nhost = "x"\nuser = "u"\nlogin = "xoauth2"\n',
            {},
            "oauth.token_url is missing",
        ),
        (
            'account = "office"\nhost = "x"\nuser = "u"\n',
            {"FRIDAYFOLDER_IMAP_OFFICE_PASWORD": "x"},
            "FRIDAYFOLDER_IMAP_OFFICE_PASWORD is not a setting: did you mean FRIDAYFOLDER_IMAP_OFFICE_PASSWORD?",
        ),
    ],
)
def test_a_mistake_in_a_further_mailbox_is_one_line(tmp_path, table, environment, said):
    path = write(tmp_path, f"[imap]\n[[imap.more]]\n{table}")
    given = {"FRIDAYFOLDER_REPLIES_KEYS": f"0:{'0' * 64}", "FRIDAYFOLDER_SMTP_HOST": "x", **environment}
    with pytest.raises(ConfigError) as raised:
        load(path, given)

    assert said in str(raised.value)


def test_a_school_may_have_only_further_mailboxes(tmp_path, dovecot):
    house = house_of(tmp_path, "[imap]\n", mailbox(dovecot, account="office"))

    assert [one.settings.account for one in house.mailboxes] == ["office"]
