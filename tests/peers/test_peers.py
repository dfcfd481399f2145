"""The peers themselves: each takes a letter in and gives it back."""

import smtplib
import time

import pytest
from imapclient import IMAPClient

from tests.peers.loopback import program

LETTER = b"From: a@example.org\r\nTo: reply@school.test\r\nSubject: Re: x\r\n\r\nyes\r\n"


def round_trip(server) -> None:
    with IMAPClient(server.host, port=server.port, ssl=False) as client:
        client.login(server.user, server.password)
        client.select_folder("INBOX")
        client.append("INBOX", LETTER)
        uids = client.search(["ALL"])
        letters = client.fetch(uids, ["BODY.PEEK[]"])
        assert b"yes" in letters[uids[-1]][b"BODY[]"]
        if not client.folder_exists("Done"):
            client.create_folder("Done")
        client.move(uids, "Done")
        assert client.search(["ALL"]) == []


def arrivals(mailbox, count: int, seconds: float = 15) -> list[bytes]:
    """The letters of the mailbox, waited for by IDLE."""
    end = time.monotonic() + seconds
    with mailbox.client() as client:
        client.select_folder("INBOX")
        while time.monotonic() < end:
            uids = client.search(["ALL"])
            if len(uids) >= count:
                return [entry[b"BODY[]"] for entry in client.fetch(uids, ["BODY.PEEK[]"]).values()]
            client.idle()
            client.idle_check(1)
            client.idle_done()
    raise TimeoutError(f"{count} letters did not arrive")


@pytest.mark.peers
def test_dovecot_keeps_and_moves(dovecot):
    round_trip(dovecot)


def test_pymap_keeps_and_moves(pymap_server):
    round_trip(pymap_server)


@pytest.mark.peers
def test_lmtp_keeps_the_address_with_its_token(dovecot):
    dovecot.deliver(LETTER, to=f"{dovecot.user}+tok9@school.test")

    (letter,) = arrivals(dovecot, 1)
    assert f"Delivered-To: {dovecot.user}+tok9@school.test".encode() in letter


@pytest.mark.peers
def test_postfix_delivers_a_sub_address(dovecot, postfix):
    server = postfix(lmtp_to=dovecot.lmtp)

    server.send(LETTER, to=f"{dovecot.user}+tok7@school.test", sender="parent@example.org")

    (letter,) = arrivals(dovecot, 1)
    assert b"+tok7@school.test" in letter


@pytest.mark.peers
def test_postfix_writes_a_real_delivery_report(dovecot, postfix):
    server = postfix(lmtp_to=dovecot.lmtp)

    server.send(LETTER, to="gone@example.org", sender=f"{dovecot.user}+b42@school.test")

    (report,) = arrivals(dovecot, 1)
    assert b"report-type=delivery-status" in report
    assert b"Status: 5.1.1" in report


@pytest.mark.peers
@pytest.mark.parametrize(("address", "code"), [("nouser@example.org", 550), ("busy@example.org", 450)])
def test_postfix_refuses_in_the_dialogue(dovecot, postfix, address, code):
    server = postfix(lmtp_to=dovecot.lmtp)

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        server.send(LETTER, to=address, sender=dovecot.address)

    assert refused.value.recipients[address][0] == code


@pytest.mark.peers
def test_a_renumbered_mailbox_has_a_new_uidvalidity(dovecot):
    dovecot.append(LETTER, LETTER)
    with dovecot.client() as client:
        before = client.select_folder("INBOX")[b"UIDVALIDITY"]

    dovecot.renumber()

    with dovecot.client() as client:
        selected = client.select_folder("INBOX")
        assert selected[b"UIDVALIDITY"] != before
        assert selected[b"EXISTS"] == 2


def test_the_sink_keeps_and_refuses(smtp_sink):
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as smtp:
        smtp.sendmail("news@school.test", ["parent@example.org"], LETTER)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("news@school.test", ["bounce@example.org"], LETTER)

    assert [message.recipients for message in smtp_sink.messages] == [("parent@example.org",)]


def test_a_missing_peer_skips_a_test_but_fails_it_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install such"):
        program("no-such-program", "such")

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install such"):
        program("no-such-program", "such")
