"""Which address failed, for how long, and which of our letters it was."""

import pytest

from inbox import delivery_report
from inbox.delivery_report import ReportKind
from inbox.parse import parse

RETURNED = (
    "Return-Path: <news@school.test>\r\nMessage-ID: <token.mia@reply.school.test>\r\nTo: mia@example.org\r\n"
    "Subject: Friday Folder\r\n\r\nHello\r\n"
)


def notice(
    text: str,
    *,
    sender="Mail Delivery System <MAILER-DAEMON@mx.example.net>",
    subject="Undelivered Mail Returned to Sender",
    more="",
):
    head = f"From: {sender}\r\nTo: news@school.test\r\nSubject: {subject}\r\n{more}\r\n"
    return delivery_report.read(parse((head + text).encode()))


def status(*blocks: str, returned: str = RETURNED) -> bytes:
    fields = "Reporting-MTA: dns; mx.example.net\r\n\r\n" + "\r\n".join(blocks)
    return (
        "From: MAILER-DAEMON@mx.example.net\r\nContent-Type: multipart/report; report-type=delivery-status;"
        " boundary=b\r\n\r\n"
        f"--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{fields}\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{returned}--b--\r\n"
    ).encode()


def test_delivery_status_gives_each_failed_recipient_and_our_letters_id():
    report = delivery_report.read(
        parse(
            status(
                "Final-Recipient: rfc822; mia@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n",
                "Final-Recipient: rfc822;jon@example.org\r\nAction: delayed\r\nStatus: 4.4.1\r\n",
                "Final-Recipient: rfc822; eva@example.org\r\nAction: delivered\r\nStatus: 2.0.0\r\n",
            )
        )
    )

    assert report.kind is ReportKind.DSN
    assert [(r.address, r.permanent, r.status) for r in report.recipients] == [
        ("mia@example.org", True, "5.1.1"),
        ("jon@example.org", False, "4.4.1"),
    ]
    assert report.original_message_id == "token.mia@reply.school.test"


def test_address_we_wrote_to_goes_before_the_one_behind_its_alias():
    report = delivery_report.read(
        parse(
            status(
                "Original-Recipient: rfc822; mia@example.org\r\nFinal-Recipient: rfc822; box17@inner.example.org\r\n"
                "Action: failed\r\nStatus: 5.2.2\r\n"
            )
        )
    )

    assert [recipient.address for recipient in report.recipients] == ["mia@example.org"]


@pytest.mark.parametrize(
    "text",
    [
        "We could not deliver your message.\r\n\r\n<mia@example.org>:\r\n550 5.1.1 no such user\r\n\r\n",
        (
            "The following address failed:\r\n\r\n  mia@example.org\r\n"
            "    SMTP error after RCPT TO:<mia@example.org>: 550 unknown user\r\n\r\n"
        ),
        (
            "   ----- The following addresses had permanent fatal errors -----\r\n"
            "<mia@example.org>\r\n\r\n>>> RCPT To:<mia@example.org>\r\n<<< 550 User unknown\r\n"
        ),
        "User's mailbox is full: <mia@example.org>\r\nPlease contact postmaster@mx.example.net\r\n",
        "Your message from news@school.test was not delivered to: mia@example.org because: unknown recipient\r\n",
        "Transcript:\r\nMAIL FROM:<news@school.test>\r\n250 ok\r\nRCPT TO:<mia@example.org>\r\n550 5.7.1 rejected\r\n",
    ],
)
def test_failure_told_in_prose_names_the_address(text):
    report = notice(text + RETURNED)

    assert report.kind is ReportKind.UNTIDY
    assert [recipient.address for recipient in report.recipients] == ["mia@example.org"]
    assert report.recipients[0].permanent
    assert report.original_message_id == "token.mia@reply.school.test"


def test_delay_is_temporary():
    report = notice(
        "Your message has not yet been delivered after 24 hours. It will be retried.\r\n\r\n"
        "  mia@example.org\r\n    450 try later\r\n",
        subject="Warning: message delayed 24 hours",
    )

    assert [recipient.permanent for recipient in report.recipients] == [False]


def test_failed_recipients_header_is_believed_first():
    report = notice(
        "Something failed for x@y.test\r\n", more="X-Failed-Recipients: mia@example.org, jon@example.org\r\n"
    )

    assert [recipient.address for recipient in report.recipients] == ["mia@example.org", "jon@example.org"]


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("Mia <mia@example.org>", "My mail to you was not delivered"),
        ("Mia <mia@example.org>", "Fwd: Undelivered Mail Returned to Sender"),
        ("Mia <mia@example.org>", "Re: Delivery of the book failed"),
        ("Postmaster of the club <postmaster@club.example.org>", "Summer party"),
    ],
)
def test_person_who_writes_about_delivery_is_no_server(sender, subject):
    text = "Hello, my mail came back:\r\n\r\n<horn@school.test>: 550 unknown user\r\n\r\n" + RETURNED
    if "party" in subject:
        text = "Come at four.\r\n"

    assert notice(text, sender=sender, subject=subject) is None


def test_status_fields_pasted_into_prose_are_read():
    report = notice("Report:\r\n\r\nFinal-Recipient: rfc822; mia@example.org\r\nAction: failed\r\nStatus: 5.3.5\r\n")

    assert [(r.address, r.status) for r in report.recipients] == [("mia@example.org", "5.3.5")]


def test_complaint_gives_the_reader_and_the_letter():
    raw = (
        "From: fbl@provider.test\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        "--b\r\n\r\nspam\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        f"Original-Rcpt-To: <mia@example.org>\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{RETURNED}--b--\r\n"
    )
    report = delivery_report.read(parse(raw.encode()))

    assert (report.kind, report.feedback_type) == (ReportKind.ARF, "abuse")
    assert [recipient.address for recipient in report.recipients] == ["mia@example.org"]
    assert report.original_message_id == "token.mia@reply.school.test"
