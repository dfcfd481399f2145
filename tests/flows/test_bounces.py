"""What comes back is noted on the one address it is about, in plain words, for the office alone."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from tests.flows.running import copy_of, count, drop, mail_settings, prepared_small, rows
from tests.peers.smtp_sink import Received

__all__ = ["prepared_small"]
JON, MIA = "jon@example.org", "mia@example.org"
WEEK = "2026-12-04"


@pytest.fixture
def school(tmp_path, prepared_small, smtp_sink, pymap_server):
    settings = mail_settings(pymap_server, SMTP_PORT=str(smtp_sink.port))
    office = copy_of(prepared_small, tmp_path / "school", **settings)
    office.run("publish")
    assert office.run("deliver")["sent"] == 3
    return office, smtp_sink, pymap_server


def letter_to(sink, address: str) -> Received:
    return [held for held in sink.messages if held.recipients == (address,)][-1]


def headers_of(letter: Received) -> bytes:
    return letter.content.partition(b"\r\n\r\n")[0] + b"\r\n"


def report(letter: Received, *, action: str, status: str, to: str = "", at: str = "2026-11-27T17:00:00+00:00") -> bytes:
    """A delivery report as RFC 3464 has it, to the letter's own return path unless *to* says otherwise."""
    address = letter.recipients[0]
    return "\r\n".join(
        [
            "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>",
            f"To: {to or letter.sender}",
            f"Subject: {'Delayed' if action == 'delayed' else 'Undelivered'} Mail",
            f"Date: {format_datetime(datetime.fromisoformat(at))}",
            f"Message-ID: <{abs(hash((address, action, status, to, at)))}@mx.example.org>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            f"Your message to {address} could not be delivered.",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example.org",
            "",
            f"Final-Recipient: rfc822; {address}",
            f"Action: {action}",
            f"Status: {status}",
            "--b",
            "Content-Type: text/rfc822-headers",
            "",
            "" if to else headers_of(letter).decode(),
            "--b--",
            "",
        ]
    ).encode()


def complaint(letter: Received) -> bytes:
    """A report of abuse as RFC 5965 has it."""
    made = EmailMessage()
    made["From"] = "fbl@mail.example.net"
    made["To"] = letter.sender
    made["Subject"] = "FW: complaint"
    made["Date"] = "Fri, 27 Nov 2026 17:00:00 +0000"
    made["Message-ID"] = "<fbl1@mail.example.net>"
    made["MIME-Version"] = "1.0"
    made["Content-Type"] = 'multipart/report; report-type=feedback-report; boundary="b"'
    parts = (
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is a complaint.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: X/1\r\nVersion: 1\r\n"
        f"Original-Rcpt-To: {letter.recipients[0]}\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    return (
        made.as_bytes().rstrip(b"\n").replace(b"\n", b"\r\n")
        + b"\r\n\r\n"
        + parts.encode()
        + letter.content
        + b"\r\n--b--\r\n"
    )


def polled(office, mailbox, *mails: bytes, now: str = "2026-11-27T18:00:00+00:00") -> list[tuple[str, str]]:
    drop(mailbox, *mails)
    return [(one["kind"], one["state"]) for one in office.run("poll", now=now)["outcomes"]]


def bounced(office) -> dict[str, str]:
    return {held["address"]: held["words"] for held in office.run("families", "bounced")}


def test_a_hard_bounce_closes_the_address_the_next_issue_passes_it_by_and_one_command_opens_it(school):
    office, sink, mailbox = school

    assert polled(office, mailbox, report(letter_to(sink, JON), action="failed", status="5.1.1")) == [
        ("bounce", "ignored")
    ]

    assert bounced(office) == {JON: "no such mailbox since 27 November; no letters go there"}
    office.run("item", "add", "--title", "Hats", "--body", "Lost.", "--date", WEEK)
    published = office.run("publish", "--date", WEEK)
    assert published["planned"] == 2
    assert {"guardian": "g-jon", "reason": "suppressed"} in published["skipped"]

    assert office.run("families", "reactivate", JON)["reactivated"]
    assert bounced(office) == {}
    assert office.run("publish", "--date", WEEK)["planned"] == 1
    assert office.run("deliver")["sent"] == 3


def test_a_full_mailbox_is_told_in_plain_words_and_closes_nothing(school):
    office, sink, mailbox = school

    for day in ("27", "28", "29"):
        late = report(letter_to(sink, MIA), action="failed", status="4.2.2", at=f"2026-11-{day}T17:00:00+00:00")
        polled(office, mailbox, late, now=f"2026-11-{day}T18:00:00+00:00")

    assert bounced(office) == {MIA: "mailbox is full since 27 November"}
    assert rows(office, "select hard, soft, suppressed_at from address_health") == [(0, 3, None)]
    quiet = report(letter_to(sink, MIA), action="failed", status="4.2.2", at="2026-12-24T17:00:00+00:00")
    polled(office, mailbox, quiet, now="2026-12-24T18:00:00+00:00")
    assert bounced(office) == {MIA: "mailbox is full since 24 December"}  # weeks of quiet are forgiven
    assert rows(office, "select hard, soft from address_health") == [(0, 1)]


def test_a_complaint_closes_the_address_it_is_about(school):
    office, sink, mailbox = school

    ((kind, state),) = polled(office, mailbox, complaint(letter_to(sink, MIA)))

    assert (kind, state) == ("bounce", "ignored")
    assert bounced(office) == {MIA: "reported our letters as unwanted since 27 November; no letters go there"}


def test_a_forged_report_changes_nothing(school):
    office, sink, mailbox = school
    real = letter_to(sink, JON)
    local, _, domain = real.sender.partition("@")
    other = local[:-3] + ("aaa" if local[-3:] != "aaa" else "bbb")

    polled(
        office,
        mailbox,
        report(real, action="failed", status="5.1.1", to="reply@school.test"),  # no token of ours at all
        report(real, action="failed", status="5.1.1", to=f"{other}@{domain}"),  # a token that we did not sign
    )

    assert bounced(office) == {}
    assert count(office, "spool") == 2  # kept as they came


def test_no_teacher_ever_reads_of_it(school):
    office, sink, mailbox = school
    for address in (JON, MIA):
        letter = letter_to(sink, address)
        polled(office, mailbox, report(letter, action="failed", status="5.1.1"), complaint(letter))

    digest = office.run("digest", now="2026-11-30T15:40:00+00:00")

    assert digest["teachers"] == []
    assert office.run("conversations", "list") == []
    assert set(bounced(office)) == {JON, MIA}
