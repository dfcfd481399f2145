"""The demo's own mail servers: they keep what they get, refuse whom they are told to, and stop without a trace."""

import gc
import imaplib
import smtplib
import threading
from datetime import UTC, datetime

import pytest

from office.demo.servers import DemoImap, DemoSmtp

ARRIVED = datetime(2026, 11, 27, 16, 5, tzinfo=UTC)
LETTER = b"From: news@school.test\r\nTo: eva@example.org\r\nSubject: Hi\r\n\r\n.dot first\r\nGr\xc3\xbc\xc3\x9fe\r\n"


def test_the_smtp_server_keeps_envelope_and_bytes_unchanged():
    with DemoSmtp() as server, smtplib.SMTP(server.host, server.port) as client:
        client.sendmail("bounce+1@school.test", ["eva@example.org"], LETTER)
        kept = server.take()

        assert [(one.envelope_from, one.recipients) for one in kept] == [("bounce+1@school.test", ("eva@example.org",))]
        assert kept[0].raw == LETTER
        assert server.take() == ()


def test_the_smtp_server_refuses_the_addresses_it_was_told():
    with DemoSmtp(refuse=["Gone@example.org"]) as server, smtplib.SMTP(server.host, server.port) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            client.sendmail("news@school.test", ["gone@example.org"], LETTER)

        assert refusal.value.recipients["gone@example.org"][0] == 550
        assert server.kept == ()


def test_a_mail_put_into_the_mailbox_is_read_over_imap_with_its_time_of_arrival():
    with DemoImap() as server:
        server.append(LETTER, ARRIVED)
        with imaplib.IMAP4(server.host, server.port) as client:
            client.login(server.user, server.password)
            client.select("INBOX")
            _, found = client.fetch("1", "(INTERNALDATE BODY.PEEK[])")

    assert found[0][1] == LETTER
    assert b"27-Nov-2026 16:05:00 +0000" in found[0][0]


def test_each_user_has_a_mailbox_of_their_own():
    with DemoImap({"replies@school.test": "one", "osei@school.test": "two"}) as server:
        server.append(LETTER, ARRIVED, user="osei@school.test")
        counts = {}
        for name, password in server.users.items():
            with imaplib.IMAP4(server.host, server.port) as client:
                client.login(name, password)
                counts[name] = client.select("INBOX")[1][0]

    assert counts == {"replies@school.test": b"0", "osei@school.test": b"1"}


def test_both_servers_leave_no_thread_behind():
    before = set(threading.enumerate())
    with DemoSmtp(), DemoImap():
        assert len(threading.enumerate()) > len(before)

    gc.collect()  # pymap's own worker thread ends when its executor is no longer held
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert {thread for thread in threading.enumerate() if thread.is_alive()} <= before
