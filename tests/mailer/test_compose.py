"""A composed letter says what its draft says, to every parser, and nothing more."""

from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest

from mailer.compose import Draft, Enclosure, HeaderRefused, compose
from school.letter import LetterKind
from tests.mailer.drafts import DATE, draft, random_draft


def parsed(one: Draft):
    return message_from_bytes(compose(one), policy=policy.default)


def shown(one: Draft, name: str) -> str:
    """The display name without spaces: Python 3.11 puts one between two encoded words, RFC 2047 §6.2 none."""
    read = "".join(parsed(one)[name].addresses[0].display_name.split())
    encoded = message_from_bytes(compose(one), policy=policy.compat32)[name].rpartition("<")[0]
    if "=?utf-8?" in encoded and one.to_name.isascii() is False:
        assert "".join(str(make_header(decode_header(encoded))).split()) == read
    return read


@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_the_standard_parser_reads_what_the_draft_says(first):
    for seed in range(first, first + 100):
        says_the_same(random_draft(seed))


def says_the_same(one: Draft) -> None:
    read = parsed(one)

    assert read["subject"].split() == one.subject.split()
    assert shown(one, "from") == "".join(one.from_name.split())
    assert shown(one, "to") == "".join(one.to_name.split())
    assert read["to"].addresses[0].addr_spec == one.to_address
    assert read["date"].datetime == one.date
    assert read["message-id"] == f"<{one.message_id}>"
    assert not [defect for part in read.walk() for defect in part.defects]
    text, html = read.get_body(["plain"]), read.get_body(["html"])
    assert text.get_content().splitlines() == one.text.splitlines()
    assert (html.get_content() if html else "").splitlines() == one.html.splitlines()
    files = [part for part in read.walk() if part.get_filename()]
    assert [part.get_payload(decode=True) for part in files] == [e.data for e in one.enclosures if not e.content_id]


def test_the_same_draft_gives_the_same_bytes():
    assert compose(draft()) == compose(draft())
    assert compose(draft()) != compose(draft(boundary_seed="other"))


PRESENT = {
    LetterKind.NEWSLETTER: {
        "auto-submitted": "auto-generated",
        "precedence": "list",
        "x-auto-response-suppress": "OOF, AutoReply",
        "list-id": "Weekly news <weekly.school.test>",
        "list-help": "<https://school.test/help>",
        "list-unsubscribe": "<https://school.test/u/7k3m9q2c>, <mailto:leave@school.test>",
        "list-unsubscribe-post": "List-Unsubscribe=One-Click",
        "in-reply-to": None,
    },
    LetterKind.DIGEST: {
        "auto-submitted": "auto-generated",
        "precedence": None,
        "x-auto-response-suppress": "OOF, AutoReply",
        "list-unsubscribe-post": None,
    },
    LetterKind.ANSWER: {"auto-submitted": None, "precedence": None, "x-auto-response-suppress": None},
    LetterKind.NOTICE: {
        "auto-submitted": "auto-generated",
        "precedence": "auto_reply",
        "x-auto-response-suppress": "All",
    },
}


@pytest.mark.parametrize("kind", LetterKind)
def test_each_kind_has_the_headers_of_its_checklist(kind):
    read = parsed(draft(kind=kind))

    for name, value in PRESENT[kind].items():
        assert read[name] == value, name
    assert read["content-language"] == "en"
    assert read["feedback-id"] == "issue12:newsletter:0:school"
    for never in ("cc", "bcc", "x-mailer", "return-receipt-to", "disposition-notification-to", "received", "sender"):
        assert read[never] is None


def test_a_notice_that_answers_says_so():
    read = parsed(draft(kind=LetterKind.NOTICE, in_reply_to="theirs@example.org"))

    assert read["auto-submitted"] == "auto-replied"


def test_one_click_needs_an_https_address():
    read = parsed(draft(unsubscribe_url=""))

    assert read["list-unsubscribe"] == "<mailto:leave@school.test>"
    assert read["list-unsubscribe-post"] is None


def test_text_comes_first_and_files_last():
    files = (Enclosure(name="trip", content_type="text/calendar", data=b"BEGIN:VCALENDAR"),)
    read = parsed(draft(enclosures=files))

    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar",
    ]  # fmt: skip
    calendar = list(read.walk())[-1]
    assert (calendar.get_filename(), calendar.get_content_disposition()) == ("trip.ics", "attachment")


def test_a_picture_stands_beside_the_html_it_belongs_to():
    logo = Enclosure(name="logo.png", content_type="image/png", data=b"\x89PNG", content_id="logo")

    assert [part.get_content_type() for part in parsed(draft(enclosures=(logo,))).walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Liebe Grüße aus der Schule", "quoted-printable"), ("Всем привет", "base64"), ("مرحبا بالجميع", "base64")],
)
def test_each_script_takes_the_cheaper_encoding(text, encoding):
    read = parsed(draft(text=text, html=""))

    assert read["content-transfer-encoding"] == encoding
    assert read.get_content().strip() == text


def test_no_end_of_message_can_stand_in_a_body():
    endings = [
        "\n.\n",
        "\r.\r",
        "\r\n.\r",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r\n",
        "\n\n.\r\n",
        "\r\n.\r\n",
        "\n.\r",
        "\r.\n",
        "\x00\r\n.\r\n",
        "\r\n.\x00\r\n",
    ]
    raw = compose(draft(text="a".join(endings), html="b".join(endings)))

    assert raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")
    assert b"\r\n." not in raw
    assert b"\x00" not in raw


def test_lines_of_a_body_stay_short():
    raw = compose(draft(text="ä" * 5000, html="<p>" + "x" * 5000 + "</p>"))

    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_a_naive_date_is_refused():
    with pytest.raises(HeaderRefused, match="date"):
        compose(draft(date=datetime(2026, 11, 27)))  # noqa: DTZ001 - the naive date is the point


def test_a_date_keeps_its_zone():
    from zoneinfo import ZoneInfo

    assert b"Date: Fri, 27 Nov 2026 13:00:00 +0100\r\n" in compose(
        draft(date=DATE.astimezone(ZoneInfo("Europe/Berlin")))
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to_address": "älna@example.org"}, "to"),
        ({"to_address": "nobody"}, "to"),
        ({"from_address": "a@b c"}, "from"),
        ({"message_id": "no at sign"}, "message_id"),
        ({"language": "not a tag"}, "language"),
        ({"feedback_id": "a:b:c:d:e"}, "feedback_id"),
        ({"unsubscribe_url": "http://school.test/u"}, "unsubscribe"),
        ({"unsubscribe_url": "https://school.test/a b"}, "unsubscribe"),
        ({"list_id": "no id"}, "list_id"),
        ({"enclosures": (Enclosure(name="x", content_type="message/rfc822", data=b""),)}, "enclosure.content_type"),
    ],
)
def test_what_cannot_be_written_names_its_field(changes, field):
    with pytest.raises(HeaderRefused) as refused:
        compose(draft(**changes))

    assert refused.value.field == field


def test_others_damaged_ids_are_left_out():
    read = parsed(draft(kind=LetterKind.ANSWER, in_reply_to="not an id", references=("a@r.test", "<[", "b@r.test")))

    assert read["in-reply-to"] is None
    assert read["references"].split() == ["<a@r.test>", "<b@r.test>"]


def test_long_threads_keep_the_anchor_and_the_nearest_ids():
    chain = tuple(f"{number}@r.test" for number in range(30))

    assert parsed(draft(references=chain))["references"].split() == [
        "<0@r.test>",
        *(f"<{n}@r.test>" for n in range(21, 30)),
    ]
