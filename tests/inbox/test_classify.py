"""Who speaks in a mail is told by the first rule that knows, and a doubt is never a reason to hide a parent."""

from datetime import timedelta

import pytest

from inbox.classify import RULES, Context, classify
from inbox.parse import parse
from inbox.verdict import Kind

PERSON = ("From: Mia Berg <mia@example.org>", "Subject: Re: Friday Folder")


def mail(*fields: str, body: str = "Leo is ill today.\n"):
    return parse("".join(f"{field}\r\n" for field in fields).encode() + b"\r\n" + body.encode())


def report(kind: str, *parts: str):
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    return mail(
        "From: MAILER-DAEMON@mx.example.org",
        "Subject: Returned",
        f"Content-Type: multipart/report; report-type={kind}; boundary=b",
        body=body,
    )


@pytest.mark.parametrize(
    "field",
    [
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "Precedence: list",
        "Auto-Submitted: no",
        "X-MS-Exchange-Inbox-Rules-Loop: someone@example.org",
        "X-Autoreply: no",
        "Return-Path: <mia@example.org>",
        "List-Unsubscribe: <mailto:x@example.org>",
    ],
)
def test_one_weak_sign_never_makes_a_person_a_machine(field):
    assert classify(mail(*PERSON, field), Context()).kind is Kind.HUMAN


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("Auto-Submitted: auto-replied", "auto-submitted"),
        ("Auto-Submitted: auto-replied (zimbra; vacation)", "auto-submitted"),
        ('Auto-Submitted: auto-replied; owner-email="x@example.org"', "auto-submitted"),
        ("Auto-Submitted: auto-generated", "auto-submitted"),
        ("X-Autoreply: yes", "x-autoreply"),
        ("X-Autorespond: vacation", "x-autorespond"),
        ("Precedence: auto_reply", "precedence-auto-reply"),
    ],
)
def test_responder_header_makes_it_automatic(field, reason):
    verdict = classify(mail(*PERSON, field), Context())

    assert (verdict.kind, verdict.reason) == (Kind.AUTO, reason)


def test_exchange_rule_is_known_by_two_headers_together():
    verdict = classify(
        mail(*PERSON, "X-Auto-Response-Suppress: All", "X-MS-Exchange-Inbox-Rules-Loop: x@y.test"), Context()
    )

    assert verdict.kind is Kind.AUTO


@pytest.mark.parametrize(
    "context",
    [
        Context(new_text=""),
        Context(new_text="I am away", since_sending=timedelta(seconds=40)),
    ],
)
def test_subject_of_a_responder_counts_with_a_second_sign(context):
    away = mail("From: mia@example.org", "Subject: Out of office: Friday Folder")

    assert classify(away, context).kind is Kind.AUTO


def test_subject_of_a_responder_alone_is_a_persons():
    away = mail("From: mia@example.org", "Subject: Out of office on Monday, who collects Leo?")

    assert classify(away, Context(new_text="Who collects Leo?", since_sending=timedelta(days=1))).kind is Kind.HUMAN


def test_our_own_letter_is_an_echo():
    ours = Context(our_addresses=frozenset({"news@school.test"}))
    signed = Context(is_ours=lambda identifier: identifier == "token@reply.school.test")

    assert classify(mail("From: News <news@School.test>"), ours).kind is Kind.ECHO
    assert classify(mail(*PERSON, "Message-ID: <token@reply.school.test>"), signed).kind is Kind.ECHO


def test_delivery_status_is_a_bounce_although_it_is_also_auto_submitted():
    status = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        "Final-Recipient: rfc822; mia@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    verdict = classify(report("delivery-status", "\r\nSorry", status), Context())

    assert (verdict.kind, verdict.reason, verdict.details["status"]) == (Kind.BOUNCE, "dsn-permanent", "5.1.1")


def test_feedback_report_is_a_complaint():
    feedback = (
        "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: mia@example.org\r\n"
    )

    assert classify(report("feedback-report", "\r\nspam", feedback), Context()).kind is Kind.COMPLAINT


def test_read_receipt_is_the_systems():
    receipt = "Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed\r\n"

    assert classify(report("disposition-notification", "\r\nread", receipt), Context()).kind is Kind.SYSTEM


def test_calendar_answer_is_the_systems_and_an_invitation_is_not():
    answer = mail(*PERSON, "Content-Type: text/calendar; method=REPLY", body="BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n")
    invitation = mail(
        *PERSON, "Content-Type: text/calendar; method=REQUEST", body="BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n"
    )

    assert classify(answer, Context()).kind is Kind.SYSTEM
    assert classify(invitation, Context()).kind is Kind.HUMAN


def test_spam_and_unknown_bulk_wait_in_quarantine_but_a_token_lets_pass():
    spam = mail(*PERSON, "X-Spam-Flag: YES")
    bulk = mail(*PERSON, "List-Id: <offers.example.org>")

    assert classify(spam, Context()).kind is Kind.QUARANTINE
    assert classify(bulk, Context(sender_known=False)).kind is Kind.QUARANTINE
    assert classify(spam, Context(has_token=True)).kind is Kind.HUMAN


def test_the_last_rule_always_answers():
    assert RULES[-1](mail(), Context()).kind is Kind.HUMAN
