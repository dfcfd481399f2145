"""The connection is safe before anything secret is sent, and secrets stay out of logs and errors."""

import logging
import random
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from inbox.mailbox import LoginRefused, Mailbox, MailboxAway, MailboxSettings, Untrusted
from school.errors import TemporaryError
from storage.database import Database
from storage.spool import SpoolStore

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MAIL = b"From: eva@example.org\r\nSubject: Re\r\n\r\nyes\r\n"
STARTTLS = "IMAP4rev1 STARTTLS LOGINDISABLED"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def spool(tmp_path):
    database = Database(f"sqlite:{tmp_path}/x.db")
    database.migrate()
    yield SpoolStore(database)
    database.close()


@pytest.fixture
def mailbox(spool):
    opened = []

    def build(server, *, token=None, tls_context=None, **settings) -> Mailbox:
        chosen = {"host": "localhost", "user": "reply", "password": "s3cret-word", "tls": "none", "read_seconds": 2}
        box = Mailbox(
            MailboxSettings(port=server.port, **(chosen | settings)),
            spool,
            random=random.Random(1).random,
            token=token,
            tls_context=tls_context,
        )
        opened.append(box)
        return box

    yield build
    for box in opened:
        box.close()


def logins(server) -> list[bytes]:
    return [line for line in server.commands if b"LOGIN" in line.upper() or b"AUTHENTICATE" in line.upper()]


# ---- TLS ----


def test_tls_from_the_first_byte(fake_imap, mailbox, certificate, trusting):
    server = fake_imap(mails={1: MAIL}, tls=certificate, tls_first=True)

    assert mailbox(server, tls="tls", tls_context=trusting).fetch_new(NOON).fetched == 1


def test_starttls(fake_imap, mailbox, certificate, trusting):
    server = fake_imap(mails={1: MAIL}, tls=certificate, capabilities="IMAP4rev1 STARTTLS")

    assert mailbox(server, tls="starttls", tls_context=trusting).fetch_new(NOON).fetched == 1


@pytest.mark.parametrize(("tls", "first"), [("tls", True), ("starttls", False)])
def test_an_unknown_authority_is_not_trusted(fake_imap, mailbox, certificate, tls, first):
    server = fake_imap(mails={1: MAIL}, tls=certificate, tls_first=first, capabilities="IMAP4rev1 STARTTLS")

    with pytest.raises(Untrusted, match="certificate is not trusted"):
        mailbox(server, tls=tls).fetch_new(NOON)
    assert logins(server) == []


@pytest.mark.parametrize(("tls", "first"), [("tls", True), ("starttls", False)])
def test_a_certificate_for_another_host_is_not_trusted(fake_imap, mailbox, certificate, trusting, tls, first):
    server = fake_imap(mails={1: MAIL}, tls=certificate, tls_first=first, capabilities="IMAP4rev1 STARTTLS")

    with pytest.raises(Untrusted, match="certificate is not trusted"):
        mailbox(server, tls=tls, host="127.0.0.1", tls_context=trusting).fetch_new(NOON)
    assert logins(server) == []


@pytest.mark.parametrize(
    "behaviour",
    [
        {"capabilities": "IMAP4rev1"},  # stripped by somebody in the middle
        {"greeting": b"* PREAUTH welcome\r\n", "capabilities": STARTTLS},  # the way around STARTTLS
        {"capabilities": STARTTLS, "faults": {"STARTTLS": (9, lambda s, tag, _c: s.send(tag + b" NO no\r\n") or True)}},
        {
            "capabilities": STARTTLS,
            "faults": {"STARTTLS": (9, lambda s, tag, _c: s.send(tag + b" BAD no\r\n") or True)},
        },
    ],
)
def test_without_starttls_no_password_is_sent(fake_imap, mailbox, trusting, behaviour):
    server = fake_imap(mails={1: MAIL}, **behaviour)

    with pytest.raises(Untrusted, match="does not begin TLS"):
        mailbox(server, tls="starttls", tls_context=trusting).fetch_new(NOON)
    assert logins(server) == []


def inject(lines: bytes):
    """What somebody in the middle puts into the plain text just before TLS begins."""

    def fault(session, tag, _command):
        session.send(tag + b" OK begin\r\n" + lines.replace(b"@", tag[:4]))
        session.wrap()
        return True

    return fault


@pytest.mark.parametrize(
    "lines",
    [
        b"* CAPABILITY IMAP4rev1 EVIL\r\n",
        b"* PREAUTH you are in\r\n",
        b"* BYE\r\n",
        b"@2 OK in\r\n@3 OK in\r\n",
        b"* SEARCH 666\r\n* 1 FETCH (UID 666 BODY[] {4}\r\nevil)\r\n",
    ],
)
def test_what_was_said_before_tls_does_not_count(fake_imap, mailbox, spool, certificate, trusting, lines):
    """STARTTLS response injection: read into the same buffer, it must be thrown away or end the connection."""
    faults = {"STARTTLS": (1, inject(lines))}
    server = fake_imap(mails={1: MAIL}, tls=certificate, capabilities="IMAP4rev1 STARTTLS", faults=faults)
    box = mailbox(server, tls="starttls", tls_context=trusting)

    try:
        box.fetch_new(NOON)
    except TemporaryError:
        box.fetch_new(NOON)

    assert [spool.raw(spool_id) for spool_id in spool.waiting(9)] == [MAIL]
    assert not box._connection.has("EVIL")


def test_plain_text_where_tls_is_due_is_away(fake_imap, mailbox, trusting):
    server = fake_imap(mails={1: MAIL})

    with pytest.raises(MailboxAway) as away:
        mailbox(server, tls="tls", tls_context=trusting).fetch_new(NOON)

    assert away.value.reason == "tls"
    assert logins(server) == []


# ---- logging in ----


def accept(word: bytes):
    return lambda line: b"OK in" if word in line else b"NO [AUTHENTICATIONFAILED] wrong"


def test_a_wrong_password_is_said_in_one_line_and_waits(fake_imap, mailbox):
    box = mailbox(fake_imap(logins=accept(b"another")))

    with pytest.raises(LoginRefused) as refused:
        box.fetch_new(NOON)

    assert str(refused.value) == (
        "mailbox inbox: the server refused the login (AUTHENTICATIONFAILED): check user and password"
    )
    assert box.pause(NOON) == timedelta(minutes=15)


def test_a_busy_login_is_no_wrong_password(fake_imap, mailbox):
    box = mailbox(fake_imap(logins=lambda _line: b"NO [UNAVAILABLE] try later"))

    with pytest.raises(MailboxAway) as away:
        box.fetch_new(NOON)

    assert "unavailable" in away.value.reason
    assert box.pause(NOON) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("password", "sent"),
    [
        ('quo"te\\back', b'"quo\\"te\\\\back"'),
        ("gr\u00fc\u00dfe", b"AHJlcGx5AGdyw7zDn2U="),
        ("with space", b'"with space"'),
    ],
)
def test_any_password_can_be_used(fake_imap, mailbox, password, sent):
    server = fake_imap(mails={1: MAIL}, logins=accept(sent))

    assert mailbox(server, password=password).fetch_new(NOON).fetched == 1


@pytest.mark.parametrize(
    ("login", "sent"),
    [
        ("xoauth2", b"dXNlcj1yZXBseQFhdXRoPUJlYXJlciB0b2tlbi0xAQE="),  # user=reply^Aauth=Bearer token-1^A^A
        ("oauthbearer", b"bixhPXJlcGx5LAFhdXRoPUJlYXJlciB0b2tlbi0xAQE="),  # n,a=reply,^Aauth=Bearer token-1^A^A
    ],
)
def test_oauth_logs_in_with_a_token(fake_imap, mailbox, login, sent):
    server = fake_imap(mails={1: MAIL}, logins=accept(sent))

    assert mailbox(server, login=login, token=lambda: "token-1").fetch_new(NOON).fetched == 1


def test_an_expired_token_costs_one_refused_login(fake_imap, mailbox):
    """The server ends the session when the token expires: the next connection asks for a fresh one."""
    tokens, good = iter(["old", "new"]), {"word": b"old"}

    def check(line: bytes) -> bytes:
        import base64

        sent = base64.b64decode(line.rsplit(b" ", 1)[-1])
        return b"OK in" if b"Bearer " + good["word"] in sent else b"+ eyJzdGF0dXMiOiI0MDEifQ=="

    server = fake_imap(mails={1: MAIL}, logins=check)
    box = mailbox(server, login="xoauth2", token=lambda: next(tokens))
    assert box.fetch_new(NOON).fetched == 1

    good["word"] = b"new"
    server.faults["EXAMINE"] = (
        1,
        lambda session, _tag, _command: session.untagged("BYE token expired") or session.cut(),
    )
    server.mails[2] = MAIL
    with pytest.raises(MailboxAway):
        box.fetch_new(NOON)
    assert box.fetch_new(NOON + timedelta(seconds=1)).fetched == 1

    assert len(logins(server)) == 2


def test_a_token_the_server_refuses_is_a_refused_login(fake_imap, mailbox):
    """RFC 7628 §3.2.3: the server sends details first and wants an answer before it says NO."""
    box = mailbox(fake_imap(logins=lambda _line: b"+ eyJzdGF0dXMiOiI0MDEifQ=="), login="xoauth2", token=lambda: "t")

    with pytest.raises(LoginRefused, match="AUTHENTICATIONFAILED"):
        box.fetch_new(NOON)


# ---- what is told ----


@pytest.mark.parametrize(
    "answer",
    [
        b"NO [AUTHENTICATIONFAILED] user reply@school.test has the password s3cret-word",
        b"NO s3cret-word",
        b"OK in",
    ],
)
def test_no_secret_and_no_mail_is_logged_or_raised(fake_imap, mailbox, caplog, answer):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("storage").setLevel(logging.INFO)
    server = fake_imap(mails={1: MAIL}, logins=lambda _line: answer)
    said = ""
    try:
        mailbox(server).fetch_new(NOON)
    except LoginRefused as refused:
        said = str(refused)

    assert "mailbox." in caplog.text
    for secret in ("s3cret-word", "@", "yes"):
        assert secret not in caplog.text + said


def test_settings_do_not_show_the_password():
    assert "s3cret" not in repr(MailboxSettings(host="h", user="u", password="s3cret"))


def test_one_alert_for_a_long_trouble(fake_imap, mailbox, caplog):
    caplog.set_level(logging.WARNING)
    box = mailbox(fake_imap(logins=lambda _line: b"NO [AUTHENTICATIONFAILED] no"))

    for minute in range(5):
        with pytest.raises(LoginRefused):
            box.fetch_new(NOON + timedelta(minutes=15 * minute))

    assert caplog.text.count("mailbox.failed") == 1


def test_a_good_pass_ends_the_trouble(fake_imap, mailbox):
    server = fake_imap(mails={1: MAIL}, faults={"EXAMINE": (1, lambda session, _tag, _command: session.cut())})
    box = mailbox(server)
    with pytest.raises(MailboxAway):
        box.fetch_new(NOON)
    assert box.pause(NOON) > timedelta(0)

    box.fetch_new(NOON)

    assert box.pause(NOON) == timedelta(0)


def test_nobody_listening_is_away(mailbox):
    class Nobody:
        port = 1

    with pytest.raises(MailboxAway) as away:
        mailbox(Nobody).fetch_new(NOON)

    assert away.value.reason == "connection-refused"
