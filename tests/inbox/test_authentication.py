"""Only our own server's word on exactly the From domain counts; a sender's forgery never does."""

import pytest

from inbox.authentication import Vouched, vouched
from tests.inbox.letters import mail

OURS = frozenset({"mx.school.test"})
FROM = "From: Eva <eva@example.org>"


def said(*fields: str, author: str = FROM, trusted: frozenset[str] = OURS) -> Vouched:
    return vouched(mail(*(f"Authentication-Results: {field}" for field in fields), author), trusted)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("mx.school.test; dmarc=pass header.from=example.org", Vouched.OK),
        ("MX.School.Test; dmarc=pass header.from=Example.ORG", Vouched.OK),
        ("mx.school.test 1; dmarc=pass header.from=example.org", Vouched.OK),
        (
            "mx.school.test; spf=pass smtp.mailfrom=x.example; dmarc=pass (p=NONE dis=NONE) header.from=example.org",
            Vouched.OK,
        ),
        ("mx.school.test; dmarc=pass action=none header.from=example.org;compauth=pass reason=100", Vouched.OK),
        ("mx.school.test;\r\n dkim=pass header.d=example.org;\r\n dmarc=pass header.from=example.org", Vouched.OK),
        ('"mx.school.test"; dmarc=pass header.from=example.org', Vouched.OK),
        ('\r\n "MX.School.Test" 1; dmarc=pass header.from=example.org', Vouched.OK),
        ('"mx.school\\.test"; dmarc=fail header.from=example.org', Vouched.BAD),
        ('"mx.school.test; dmarc=pass header.from=example.org"', Vouched.NONE),
        ('"mx.evil.example" "mx.school.test"; dmarc=pass header.from=example.org', Vouched.NONE),
        ('mx.evil.example; "mx.school.test"; dmarc=pass header.from=example.org', Vouched.NONE),
        ("mx.school.test; dmarc=fail (p=REJECT) header.from=example.org", Vouched.BAD),
        ("mx.school.test; dmarc=fail", Vouched.BAD),
        ("mx.school.test; dmarc=pass header.from=example.org; dmarc=fail header.from=example.org", Vouched.BAD),
        ("mx.school.test; dmarc=none header.from=example.org", Vouched.NONE),
        ("mx.school.test; dmarc=temperror header.from=example.org", Vouched.NONE),
        ("mx.school.test; dmarc=pass", Vouched.NONE),
        ("mx.school.test; dmarc=pass header.from=evil.example", Vouched.NONE),
        ("mx.school.test; dmarc=pass header.from=sub.example.org", Vouched.NONE),
        ("mx.school.test; dmarc=pass header.from=example.org header.from=evil.example", Vouched.NONE),
        ("mx.school.test; spf=pass smtp.mailfrom=eva@example.org; dkim=pass header.d=example.org", Vouched.NONE),
        ("mx.school.test; none", Vouched.NONE),
        ("mx.evil.example; dmarc=pass header.from=example.org", Vouched.NONE),
        ("mx.school.test.evil.example; dmarc=pass header.from=example.org", Vouched.NONE),
        ("mx.evil.example (mx.school.test); dmarc=pass header.from=example.org", Vouched.NONE),
        ("mx.school.test; spf=fail (dmarc=pass header.from=example.org) smtp.mailfrom=x", Vouched.NONE),
        ('mx.school.test; spf=pass smtp.mailfrom="x; dmarc=pass header.from=example.org"', Vouched.NONE),
        ("mx.school.test; spf=pass (nested (dmarc=pass header.from=example.org)) smtp.mailfrom=x", Vouched.NONE),
        ('mx.school.test; dmarc=pass reason="x" header.from=example.org', Vouched.OK),
        ("", Vouched.NONE),
        (";;;===((((", Vouched.NONE),
    ],
)
def test_one_field(field, expected):
    assert said(field) is expected


def test_only_the_top_most_of_our_servers_fields_counts():
    bad, good = (f"mx.school.test; dmarc={word} header.from=example.org" for word in ("fail", "pass"))

    assert said(bad, good) is Vouched.BAD
    assert said(good, bad) is Vouched.OK


def test_a_field_of_another_server_above_ours_changes_nothing():
    assert said("gw.example; dmarc=pass header.from=example.org", "mx.school.test; dmarc=fail") is Vouched.BAD


def test_where_no_server_is_trusted_nobody_vouches():
    assert said("mx.school.test; dmarc=pass header.from=example.org", trusted=frozenset()) is Vouched.NONE


@pytest.mark.parametrize(
    "author",
    ["", "From: eva@example.org\r\nFrom: mia@example.org", "From: eva@example.org, mia@example.org", "From: nobody"],
)
def test_a_mail_without_one_plain_author_is_vouched_for_by_nobody(author):
    assert said("mx.school.test; dmarc=pass header.from=example.org", author=author) is Vouched.NONE
