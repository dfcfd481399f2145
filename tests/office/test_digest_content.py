"""What a digest holds: what waits, then thanks and news from home, and the families' files, wrapped anew."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec
import pytest

from inbox.from_home import from_home
from inbox.words import built_in
from office.demo.clients import reply
from office.jobs.digest_files import MOST_BYTES
from office.settings import Digest
from office.wiring import House
from tests.office.digest_answers import inside
from tests.office.linden import EVA, HORN, JON, MIA, Linden, copy_of, open_school

WORDS = built_in()
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 40
NEWS = "Leo loves his new book, we read together every evening."


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    yield linden
    linden.house.database.close()


def with_file(raw: bytes, data: bytes, name: str, kind: str = "image/jpeg") -> bytes:
    mail = message_from_bytes(raw, policy=policy.SMTP)
    mail.make_mixed()
    maintype, subtype = kind.split("/")
    mail.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return mail.as_bytes()


def digest(linden: Linden, days: int = 3) -> EmailMessage:
    day = linden.today + timedelta(days=days)
    linden.now += timedelta(days=days)
    raw = [held for held in (linden.digest("t-horn", day),) if held]
    assert raw
    return message_from_bytes(newest(linden, f"digest:{day}"), policy=policy.default)


def newest(linden: Linden, run: str) -> bytes:
    (record,) = [held for held in linden.house.outbox.letters(run) if held.recipient_id == "t-horn"]
    raw = linden.house.directory.letter_bytes.raw(record.message_id)
    assert raw is not None
    return raw


def text(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


# ---- thanks and news ----


@pytest.mark.parametrize(
    ("words", "home"),
    [
        ("Thank you so much!", True),
        ("Muchas gracias 😊", True),
        ("谢谢老师", True),
        ("We just wanted to share: Leo can swim now.", True),
        ("Hier ein Foto von unserem Schneemann.", True),
        ("أردت أن أشارك هذه الصورة معكم", True),
        ("", True),
        ("Thank you! Could you send the list", False),
        ("Here is a photo. Is that the right book?", False),
        ("这是照片，可以吗？", False),
        ("هذه صورة الكتاب، هل هو الصحيح؟", False),
        ("Anna sees the dentist on Monday.", False),
        ("Here is a photo of the rash, she is sick today.", False),
        ("Here is a photo of the letter from the hospital.", False),
    ],
)
def test_news_asks_for_nothing(words, home):
    assert from_home([words], WORDS) is home


def test_one_question_among_news_is_a_question():
    assert not from_home([NEWS, "When is the concert?"], WORDS)


def test_thanks_and_news_stand_last_under_their_own_heading_and_numbers_run_on(linden):
    linden.arrive(linden.reply(JON, NEWS, via_section_of="Leo"))
    linden.arrive(linden.reply(EVA, "When is the concert?"))
    linden.arrive(linden.reply(MIA, "Does Leo need boots?", via_section_of="Leo"))

    said = text(digest(linden))

    order = [said.index(words) for words in ("[1] Eva", "[2] Mia", "Thanks and news from home", "[3] Jon")]
    assert order == sorted(order)
    assert "“3 thanks” sends a thank-you" in " ".join(said.split())
    assert said.count("Thanks and news from home") == 1


def test_words_typed_between_the_last_question_and_the_heading_are_never_the_news_familys(linden):
    linden.arrive(linden.reply(JON, NEWS, via_section_of="Leo"))
    linden.arrive(linden.reply(EVA, "When is the concert?"))
    sent = digest(linden).as_bytes()

    linden.arrive(inside(sent, {1: "On the tenth."}, HORN, linden.now))

    assert [mail["To"].addresses[0].addr_spec for mail in linden.answers()] == ["eva@example.org"]


def test_words_typed_right_under_the_heading_are_nobodys(linden):
    linden.arrive(linden.reply(JON, NEWS, via_section_of="Leo"))
    linden.arrive(linden.reply(EVA, "When is the concert?"))
    sent = digest(linden).as_bytes()
    raw = inside(sent, {}, HORN, linden.now)
    heading = b"> Thanks and news from home\r\n"
    assert raw.count(heading) == 1

    outcome = linden.arrive(raw.replace(heading, heading + b"\r\nHow lovely!\r\n\r\n"))

    assert (outcome.state, linden.answers()) == ("asked", [])


def test_news_is_shown_twice_at_most(linden):
    linden.arrive(linden.reply(EVA, NEWS.replace("Leo", "Anna")))
    for _ in range(2):
        digest(linden, days=1)

    linden.now += timedelta(days=1)
    day = linden.today
    linden.digest("t-horn", day)
    assert [held for held in linden.house.outbox.letters(f"digest:{day}") if held.recipient_id == "t-horn"] == []


# ---- files ----


def test_a_file_on_the_list_travels_with_the_digest_under_our_name_and_is_not_shown_inline(linden):
    linden.arrive(with_file(linden.reply(EVA, "Is this the right book?"), JPEG, "the book.jpg"))

    mail = digest(linden)

    (part,) = mail.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("1 the book.jpg", "image/jpeg")
    assert (part.get_content_disposition(), part["Content-ID"], part.get_content()) == ("attachment", None, JPEG)
    assert "Attached to this mail: 1 the book.jpg" in text(mail)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (JPEG, "invoice.pdf", "application/pdf"),
        (b"MZ\x90", "game.exe", "application/octet-stream"),
        (b"<html><script>", "page.html", "text/html"),
        (b"PK\x03\x04word/vbaProject.bin", "letter.docm", "application/vnd.ms-word.document.macroEnabled.12"),
    ],
)
def test_a_file_that_is_not_on_the_list_or_not_what_it_says_stays_at_the_office_and_is_named(linden, data, name, kind):
    linden.arrive(with_file(linden.reply(EVA, "Is this the right book?"), data, name, kind))

    mail = digest(linden)

    assert list(mail.iter_attachments()) == []
    assert f"Files, kept at the office: {name}" in text(mail)


def test_a_name_that_promises_another_type_gets_its_own_ending(linden):
    linden.arrive(with_file(linden.reply(EVA, "Is this the right book?"), JPEG, "photo.exe"))

    (part,) = digest(linden).iter_attachments()
    assert part.get_filename() == "1 photo.exe.jpg"


def test_a_file_travels_once(linden):
    linden.arrive(with_file(linden.reply(EVA, "Is this the right book?"), JPEG, "book.jpg"))
    assert len(list(digest(linden, days=3).iter_attachments())) == 1

    mail = digest(linden, days=1)

    assert list(mail.iter_attachments()) == []
    assert "Attached to an earlier mail to you: book.jpg" in text(mail)


def test_a_full_digest_leaves_the_next_file_at_the_office(linden):
    large = b"\xff\xd8\xff\xe0" + b"x" * (MOST_BYTES // 2)
    for number in range(3):
        linden.arrive(with_file(linden.reply(EVA, f"Is this the right book {number}?"), large, f"book{number}.jpg"))

    mail = digest(linden)

    assert [part.get_filename() for part in mail.iter_attachments()] == ["1 book0.jpg"]
    assert "Files, kept at the office: book1.jpg" in text(mail)


# ---- without bodies ----


def test_without_bodies_the_digest_holds_initials_only_and_can_be_answered(linden):
    settings = msgspec.structs.replace(linden.house.settings, digest=Digest(bodies=False))
    house = House(settings, linden.house.folder)
    house.__dict__.update({key: linden.house.__dict__[key] for key in ("press", "database", "opener")})
    linden = replace(linden, house=house)
    raw = with_file(linden.reply(EVA, "Anna asks: is this the right book?"), JPEG, "book.jpg")
    linden.arrive(raw)

    mail = digest(linden)

    whole = mail.as_string() + text(mail)
    assert not any(word in whole for word in ("Anna", "Novak", "Eva", "right book", "book.jpg"))
    assert "[1] E. N." in text(mail)
    assert "The words stay at the school; please read them there." in text(mail)
    linden.arrive(reply(mail.as_bytes(), "gmail-web", "1: Yes, it is.", HORN, linden.now))
    (answer,) = linden.answers()
    assert "Yes, it is." in text(answer)
