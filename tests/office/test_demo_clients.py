"""Every mail program we imitate writes an answer any reader can parse, with the words once and our letter quoted."""

import hashlib
import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from office.demo.clients import CLIENTS, File, mailto_addresses, reply, teacher_reply, write_new
from office.demo.machines import bounce, calendar_accept, read_receipt, vacation_notice
from tests.office.our_letters import SHAPE, ZONE, newsletter

AT = datetime(2026, 11, 27, 19, 12, tzinfo=ZONE)
SIGNE = ("Signe Tamsin", "signe.tamsin@example.org")
WORDS = {
    "en": "Thank you, Ms Osei!\n\nLeif would bring a lantern on Friday.",
    "es": "¡Muchas gracias!\n\nMañana Leif lleva los calcetines amarillos, ¿vale?",
    "ar": "شكرًا جزيلًا!\n\nسيكون ليف في المدرسة يوم الأحد.",
    "zh": "谢谢老师！\n\n孩子明天会带雨靴去学校。",
}
AUTHORS = {"en": SIGNE, "es": ("Íñigo Peñalver", SIGNE[1]), "ar": ("ليلى حداد", SIGNE[1]), "zh": ("林晓云", SIGNE[1])}
EVERY_CLIENT = pytest.mark.parametrize("client", CLIENTS)
EVERY_LANGUAGE = pytest.mark.parametrize("language", WORDS)


@pytest.fixture(scope="module")
def letter() -> bytes:
    return newsletter()[0].raw


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert not message.defects
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def text_of(message: EmailMessage, subtype: str = "plain") -> str:
    body = message.get_body(preferencelist=(subtype,))
    return "" if body is None else body.get_content().replace("\r\n", "\n")


def unquoted(text: str) -> str:
    """The lines without a quote mark, with format=flowed line ends and wrapping undone."""
    return " ".join(" ".join(line for line in text.split("\n") if not line.startswith(">")).split())


@EVERY_CLIENT
@EVERY_LANGUAGE
def test_an_answer_parses_and_holds_each_line_of_the_words_once(letter, client, language):
    message = parsed(reply(letter, client, WORDS[language], AUTHORS[language], AT))
    text = unquoted(text_of(message))

    for line in WORDS[language].split("\n\n"):
        assert text.count(line) == 1, line
    if client != "mutt":
        html = " ".join(text_of(message, "html").split())
        assert all(html.count(line) == 1 for line in WORDS[language].split("\n\n"))


@EVERY_CLIENT
def test_an_answer_quotes_our_letter_in_both_parts(letter, client):
    message = parsed(reply(letter, client, WORDS["en"], SIGNE, AT))
    plain, html = text_of(message), text_of(message, "html")

    assert "Lindenfield Primary School" in plain
    if client == "mutt":
        assert "\n> " in plain
        assert not html
    else:
        assert "Forty-one gloves" in plain
        assert "Forty-one gloves" in html
        assert html.count("mailto:") >= letter_buttons(letter)


@EVERY_CLIENT
@EVERY_LANGUAGE
def test_the_same_answer_is_the_same_bytes_and_another_one_is_not(letter, client, language):
    one = reply(letter, client, WORDS[language], SIGNE, AT)

    assert reply(letter, client, WORDS[language], SIGNE, AT) == one
    assert parsed(reply(letter, client, "Else", SIGNE, AT))["Message-ID"] != parsed(one)["Message-ID"]


@EVERY_CLIENT
def test_an_answer_names_the_letter_it_answers_and_goes_to_its_reply_address(letter, client):
    original = parsed(letter)
    message = parsed(reply(letter, client, WORDS["es"], AUTHORS["ar"], AT))

    assert message["In-Reply-To"] == original["Message-ID"]
    assert message["References"].split() == [*original["References"].split(), original["Message-ID"]]
    assert message["To"].addresses[0].addr_spec == original["Reply-To"].addresses[0].addr_spec
    assert message["From"].addresses[0].addr_spec == SIGNE[1]
    assert message["From"].addresses[0].display_name == AUTHORS["ar"][0]
    assert str(message["Subject"]).endswith(str(original["Subject"]))
    assert message["Date"].datetime == AT


@EVERY_CLIENT
def test_lines_end_in_crlf_and_none_is_longer_than_a_server_takes(letter, client):
    raw = reply(letter, client, WORDS["zh"], AUTHORS["zh"], AT)

    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@EVERY_CLIENT
def test_a_section_button_begins_a_new_mail_to_that_section(letter, client):
    message = parsed(reply(letter, client, WORDS["en"], SIGNE, AT, via_section_of="Petra"))
    petra = [address for label, address in mailto_addresses(letter) if "Petra" in label]

    assert message["To"].addresses[0].addr_spec == petra[0]
    assert "In-Reply-To" not in message
    assert "Forty-one gloves" not in text_of(message) + text_of(message, "html")
    assert message["Subject"]


@EVERY_CLIENT
def test_a_photo_travels_whole_behind_the_words(letter, client):
    photo = File(name="IMG_2041.jpg", content_type="image/jpeg", data=bytes(range(256)) * 9)
    message = parsed(reply(letter, client, WORDS["en"], SIGNE, AT, files=(photo,)))
    (attached,) = message.iter_attachments()

    assert attached.get_content() == photo.data
    assert attached.get_filename() == photo.name
    assert "lantern" in text_of(message)


@EVERY_CLIENT
def test_an_answer_to_an_answer_keeps_one_prefix_and_the_whole_chain(letter, client):
    first = reply(letter, client, WORDS["en"], SIGNE, AT)
    second = parsed(reply(first, client, "And thanks again", SIGNE, AT))

    assert len(re.findall(r"(?i)\b(?:re|رد|回复)\s*[:：]", str(second["Subject"]))) == 1
    assert second["References"].split()[-2:] == [parsed(letter)["Message-ID"], parsed(first)["Message-ID"]]


@EVERY_CLIENT
def test_each_program_says_in_a_sentence_how_it_answers(client):
    assert CLIENTS[client].how.endswith(".")
    assert CLIENTS[client].name == client


def test_there_are_at_least_twelve_programs_in_four_languages():
    assert len(CLIENTS) >= 12
    assert {client.language for client in CLIENTS.values()} == set(WORDS)


def test_the_buttons_of_a_letter_lead_to_as_many_addresses_as_it_has_sections(letter):
    addresses = {address for label, address in mailto_addresses(letter) if "Leif" in label or "Petra" in label}

    assert len(addresses) == 2
    assert all(address.endswith(f"@{SHAPE.domain}") for address in addresses)


def test_a_child_without_a_button_is_told_with_the_labels_there_are(letter):
    with pytest.raises(LookupError, match="Zebedee"):
        reply(letter, "mutt", "x", SIGNE, AT, via_section_of="Zebedee")


def test_a_mail_of_ones_own_answers_nothing():
    message = parsed(
        write_new("Hello!", client="iphone", author=SIGNE, at=AT, to="news@school.test", subject="A question")
    )

    assert message["Subject"] == "A question"
    assert "References" not in message


def test_a_teacher_answers_one_item_by_its_number_or_its_address(letter):
    buttons = mailto_addresses(letter)
    ask = {"words": "Gladly!", "client": "outlook-desktop", "author": ("Amara Osei", "osei@school.test"), "at": AT}

    by_number = parsed(teacher_reply(letter, 2, **ask))
    by_address = parsed(teacher_reply(letter, buttons[1][1], **ask))

    assert by_number["To"] == by_address["To"] == buttons[1][1]


@pytest.mark.parametrize("exchange", [False, True])
def test_a_vacation_notice_says_that_nobody_wrote_it(letter, exchange):
    message = parsed(vacation_notice(letter, SIGNE, AT, exchange=exchange))

    assert message["Auto-Submitted"] != "no"
    assert message["In-Reply-To"] == parsed(letter)["Message-ID"]


@pytest.mark.parametrize(("status", "action"), [("5.1.1", "failed"), ("4.2.2", "delayed")])
def test_a_bounce_goes_to_the_return_path_and_names_the_letter_and_the_address(letter, status, action):
    message = parsed(bounce(letter, SIGNE[1], status, at=AT, envelope_from="b@reply.school.test"))
    status_part = next(part for part in message.walk() if part.get_content_type() == "message/delivery-status")
    fields = "".join(str(part) for part in status_part.get_payload())
    returned = next(part for part in message.walk() if part.get_content_type() == "text/rfc822-headers")

    assert message["To"] == "b@reply.school.test"
    assert f"Status: {status}" in fields
    assert f"Action: {action}" in fields
    assert SIGNE[1] in fields
    assert parsed(letter)["Message-ID"] in returned.get_content()


def test_a_read_receipt_and_a_calendar_answer_are_what_their_standards_say(letter):
    receipt = parsed(read_receipt(letter, SIGNE, AT))
    accepted = parsed(calendar_accept(letter, SIGNE, AT, "uid-1@school.test", "Winter picnic"))
    calendar = next(part for part in accepted.walk() if part.get_content_type() == "text/calendar")

    assert receipt.get_content_type() == "multipart/report"
    assert receipt.get_param("report-type") == "disposition-notification"
    assert calendar.get_param("method") == "REPLY"
    assert "PARTSTAT=ACCEPTED" in calendar.get_content()


def letter_buttons(letter: bytes) -> int:
    return len(mailto_addresses(letter))


def test_our_letter_for_tests_is_the_same_with_every_run(letter):
    assert hashlib.sha256(newsletter()[0].raw).digest() == hashlib.sha256(letter).digest()
