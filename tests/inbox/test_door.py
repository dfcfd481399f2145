"""The door says 250 only for what is committed, and refuses in the dialogue what it cannot take."""

import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import trustme

from inbox.door import Door, DoorSettings, has_bare_line_end
from school.errors import PermanentError, TemporaryError
from storage.database import Database
from storage.spool import SpoolStore
from tests.peers.loopback import HOST

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
LETTER = b"From: eva@example.org\r\nTo: reply+t@school.test\r\nSubject: Re: x\r\n\r\nyes\r\n"
OURS = "reply+t@school.test"


def is_ours(address: str) -> bool:
    return address.lower().endswith("@school.test")


class Doors:
    """Opens doors and closes them after the test."""

    def __init__(self) -> None:
        self.open: list[Door] = []

    def __call__(self, spool, **settings) -> int:
        door = Door(DoorSettings(host=HOST, port=0, **settings), spool, is_ours, lambda: NOW)
        self.open.append(door)
        return door.start()


@pytest.fixture
def door():
    doors = Doors()
    yield doors
    for one in doors.open:
        one.stop()


@pytest.fixture
def spool(tmp_path) -> Iterator[SpoolStore]:
    database = Database(f"sqlite:{tmp_path}/x.db")
    database.migrate()
    yield SpoolStore(database)
    database.close()


class BrokenSpool:
    """A database that is away, or a mistake of ours."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def keep_at_door(self, raw, envelope_to, now):
        raise self.error

    def close(self):
        pass


def connect(port: int, protocol: str) -> smtplib.SMTP:
    return smtplib.LMTP(HOST, port) if protocol == "lmtp" else smtplib.SMTP(HOST, port)


@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_a_mail_that_got_250_is_in_the_spool(door, spool, protocol):
    port = door(spool, protocol=protocol)

    with connect(port, protocol) as client:
        client.sendmail("eva@example.org", [OURS], LETTER)

    (spool_id,) = spool.waiting(10)
    assert spool.raw(spool_id) == b"Return-Path: <eva@example.org>\r\n" + LETTER
    assert spool.spooled(spool_id).envelope_to == (OURS,)
    assert spool.spooled(spool_id).arrived == NOW


def test_one_mail_to_two_of_our_addresses_is_one_row_with_both(door, spool):
    port = door(spool)

    with smtplib.LMTP(HOST, port) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("eva@example.org")
        client.rcpt(OURS)
        client.rcpt("reply+u@school.test")
        answers = [client.data(LETTER)[0], client.getreply()[0]]  # RFC 2033 §4.2: one for each recipient
        assert client.noop()[1] == b"OK"

    assert answers == [250, 250]
    (spool_id,) = spool.waiting(10)
    assert spool.spooled(spool_id).envelope_to == (OURS, "reply+u@school.test")


@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_an_address_that_cannot_be_ours_is_refused_at_once(door, spool, protocol):
    port = door(spool, protocol=protocol)

    with connect(port, protocol) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail("eva@example.org", ["someone@elsewhere.example"], LETTER)

    assert refused.value.recipients["someone@elsewhere.example"][0] == 550
    assert spool.counts_by_state() == {}


def test_a_mixed_envelope_delivers_ours(door, spool):
    port = door(spool)

    with smtplib.LMTP(HOST, port) as client:
        refused = client.sendmail("eva@example.org", ["x@elsewhere.example", OURS], LETTER)

    assert set(refused) == {"x@elsewhere.example"}
    assert len(spool.waiting(10)) == 1


@pytest.mark.parametrize("error", [TemporaryError("database: away"), ZeroDivisionError("a mistake")])
@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_what_cannot_be_kept_stays_with_the_sender(door, protocol, error):
    port = door(BrokenSpool(error), protocol=protocol)

    with connect(port, protocol) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("eva@example.org", [OURS], LETTER)

    assert refused.value.smtp_code == 451
    assert b"mistake" not in refused.value.smtp_error


@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_too_large_is_refused_before_it_is_sent(door, spool, protocol):
    port = door(spool, protocol=protocol, max_message_bytes=2000)

    with connect(port, protocol) as client, pytest.raises(smtplib.SMTPSenderRefused) as refused:
        client.sendmail("eva@example.org", [OURS], LETTER + b"x" * 3000)

    assert refused.value.smtp_code == 552


def test_too_large_without_warning_is_refused_once_for_each_recipient(door, spool):
    """A client that never announced the size: LMTP still wants one answer a recipient."""
    port = door(spool, max_message_bytes=2000)

    with smtplib.LMTP(HOST, port) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("eva@example.org")
        client.rcpt(OURS)
        client.rcpt("reply+u@school.test")
        client.putcmd("DATA")
        assert client.getreply()[0] == 354
        client.send(LETTER + b"y" * 2000 + b"\r\n.\r\n")
        answers = [client.getreply()[0], client.getreply()[0]]
        assert client.noop()[0] == 250

    assert answers == [552, 552]
    assert spool.counts_by_state() == {}


@pytest.mark.parametrize(
    "content",
    [b"a\nb\r\n", b"a\rb\r\n", b"a\r\r\n", b"\n.\nMAIL FROM:<x@y>\r\n", b"a\n.\r\nb\r\n", b"a\r\n\r.\r\n", b"a\n\n"],
)
def test_bare_line_ends_are_refused(door, spool, content):
    """RFC 5321 §2.3.8. One mail can never become two."""
    port = door(spool, protocol="smtp")

    with socket.create_connection((HOST, port), 10) as raw:
        file = raw.makefile("rwb")
        file.readline()
        for command in (b"HELO a", b"MAIL FROM:<eva@example.org>", f"RCPT TO:<{OURS}>".encode(), b"DATA"):
            file.write(command + b"\r\n")
            file.flush()
            file.readline()
        file.write(b"Subject: x\r\n\r\n" + content + b"\r\n.\r\n")
        file.flush()
        answer = file.readline()

    assert answer.startswith(b"550 5.6.0")
    assert spool.counts_by_state() == {}


@pytest.mark.parametrize(
    ("content", "bare"),
    [(b"", False), (b"a\r\n", False), (b"\r\n\r\n", False), (b"\n", True), (b"\r", True), (b"\n\r", True)],
)
def test_a_bare_line_end_is_seen(content, bare):
    assert has_bare_line_end(content) is bare


def test_bytes_and_long_lines_arrive_unchanged(door, spool):
    port = door(spool)
    letter = LETTER + bytes(range(128, 256)) + b"\r\n..two dots\r\n" + b"z" * 30_000 + b"\r\n"

    with smtplib.LMTP(HOST, port) as client:
        client.sendmail("eva@example.org", [OURS], letter)

    assert spool.raw(spool.waiting(1)[0]).endswith(letter)


def test_a_bounce_has_an_empty_return_path(door, spool):
    port = door(spool)

    with smtplib.LMTP(HOST, port) as client:
        client.sendmail("", [OURS], LETTER)

    assert spool.raw(spool.waiting(1)[0]).startswith(b"Return-Path: <>\r\n")


def test_starttls_is_offered_where_a_certificate_is_given(door, spool):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", HOST).configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    port = door(spool, protocol="smtp", tls=context)

    with smtplib.SMTP("localhost", port) as client:
        client.starttls(context=trusting)
        client.sendmail("eva@example.org", [OURS], LETTER)

    assert len(spool.waiting(10)) == 1


def test_many_senders_at_once_are_all_kept(door, database):
    spool = SpoolStore(database)
    port = door(spool, protocol="smtp")

    def send() -> None:
        with smtplib.SMTP(HOST, port) as client:
            for _ in range(5):
                client.sendmail("eva@example.org", [OURS], LETTER)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert spool.counts_by_state() == {"received": 20}


def test_a_taken_port_is_said_in_one_line(spool):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        settings = DoorSettings(host=HOST, port=taken.getsockname()[1])
        one = Door(settings, spool, is_ours, lambda: NOW)

        with pytest.raises(PermanentError, match=r"door\.port: cannot listen"):
            one.start()
        one.stop()


def test_no_address_and_no_word_of_a_mail_is_logged(door, spool, caplog):
    caplog.set_level(logging.DEBUG)
    port = door(spool, protocol="smtp")

    with smtplib.SMTP(HOST, port) as client:
        client.sendmail("eva@example.org", [OURS], LETTER)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("eva@example.org", ["x@elsewhere.example"], LETTER)

    assert "door.kept spool=" in caplog.text
    assert "@" not in caplog.text
    assert "yes" not in caplog.text
