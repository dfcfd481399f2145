"""A signature's logo and the quoted letter's pictures are decoration; what the author put in is an attachment."""

import base64
import struct
import time
import zlib
from email.message import EmailMessage

import pytest

from inbox.parse import ParsedMail, parse
from inbox.pictures import picture_size
from tests.inbox.letters import MIA, address
from tests.inbox.test_intake import LETTER, outcome

QUOTE = (
    '<div class="gmail_quote"><div class="gmail_attr">On Fri, 27 Nov 2026 at 15:10, School &lt;reply@school.test&gt; '
    'wrote:<br></div><blockquote class="gmail_quote">{}</blockquote></div>'
)
OUTLOOK = (
    '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> School &lt;reply@school.test&gt;<br>'
    "<b>Sent:</b> Friday, 27 November 2026 15:10<br><b>To:</b> Eva<br><b>Subject:</b> News</div><div>{}</div>"
)


def png(width: int, height: int, weight: int = 0) -> bytes:
    """A picture of that size; *weight* bytes are added, as a photograph has them."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", b"x" * weight) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def jpeg(width: int, height: int, weight: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    exif = b"\xff\xe1" + struct.pack(">H", 2 + 60) + b"E" * 60
    return b"\xff\xd8" + exif + b"\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame + b"d" * weight + b"\xff\xd9"


LOGO, PHOTO = png(180, 60, 4_000), jpeg(3024, 4032, 900_000)
SMALL_PHOTO, BANNER, ICON = jpeg(320, 240, 30_000), png(600, 180, 120_000), png(16, 16)


def mail(html: str, *pictures: bytes, text: str = "", disposition: str = "inline") -> ParsedMail:
    """A mail with *html*, whose pictures are called p0, p1 …"""
    message = EmailMessage()
    message["From"], message["Message-ID"] = "eva@example.org", "<1@example.org>"
    message.set_content(text or "x")
    message.add_alternative(html, subtype="html")
    body = message.get_payload()[1]
    for number, data in enumerate(pictures):
        kind = "jpeg" if data.startswith(b"\xff\xd8") else "png"
        body.add_related(data, "image", kind, cid=f"<p{number}>", disposition=disposition, filename=f"p{number}.{kind}")
    return parse(message.as_bytes())


def reply(html: str, picture: bytes) -> bytes:
    """Mia's answer to a letter about two children."""
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = MIA.address, address(LETTER, 3), "<1@example.org>"
    message.set_content("x")
    message.set_content(html, subtype="html")
    message.make_related()
    message.add_related(picture, "image", "png", cid="<p0>", disposition="inline", filename="p0.png")
    return message.as_bytes()


def decorations(html: str, *pictures: bytes, **how: str) -> list[bool]:
    return [held.decoration for held in mail(html, *pictures, **how).attachments]


WORDS = "<div>Leo is ill today.</div>"
IMG = '<img src="cid:p0">'


@pytest.mark.parametrize(
    ("name", "html", "picture"),
    [
        ("logo below a sign-off", f"{WORDS}<p>Kind regards<br>Eva Novak<br>{IMG}</p>", LOGO),
        ("logo in Gmail's signature", f'{WORDS}<div class="gmail_signature">Eva<br>{IMG}</div>', LOGO),
        ("banner below a delimiter", f"{WORDS}<div>-- <br>Eva Novak<br>Acme Ltd<br>{IMG}</div>", BANNER),
        ("a large logo shown small", f'{WORDS}<p>Eva</p><img width="120" height="40" src="cid:p0">', png(900, 300)),
        ("a smile", f"<div>Thanks {IMG}</div>", ICON),
        ("the quoted letter's picture", WORDS + QUOTE.format(f"<p>The fair</p>{IMG}"), PHOTO),
        ("the same in Outlook", WORDS + OUTLOOK.format(f"<p>The fair</p>{IMG}"), PHOTO),
        ("a sender's logo in the quoted letter", WORDS + OUTLOOK.format(f"{IMG}<p>The fair</p>"), LOGO),
        ("written in capitals, unquoted", f"{WORDS}<p>Eva</p><IMG ALT=x SRC=cid:p0>", LOGO),
    ],
)
def test_what_nobody_meant_to_send_is_decoration(name, html, picture):
    assert decorations(html, picture) == [True], name


@pytest.mark.parametrize(
    ("name", "html", "picture"),
    [
        ("a photograph among the words", f"{WORDS}<div>{IMG}</div>", PHOTO),
        ("one made small by the phone", f"{WORDS}<div>{IMG}</div>", SMALL_PHOTO),
        ("shown as a thumbnail", f'{WORDS}<img width="160" height="120" src="cid:p0">', PHOTO),
        ("alone", f"<div>{IMG}</div>", PHOTO),
        ("alone and small", f"<div>{IMG}</div>", LOGO),
        ("alone above a quotation", f"<div>{IMG}</div>" + QUOTE.format("<p>The fair</p>"), SMALL_PHOTO),
        ("below the phone's footer", f"{WORDS}<div>Sent from my iPhone</div><div>{IMG}</div>", PHOTO),
        ("added below a signature", f"{WORDS}<div>-- <br>Eva Novak<br>{IMG}</div>", PHOTO),
        ("alone, put into the quotation", OUTLOOK.format(f"<p>The fair</p>{IMG}<p>See you</p>"), PHOTO),
        ("never shown", WORDS, PHOTO),
        ("a screenshot", f"{WORDS}{IMG}", png(1170, 2532, 30_000)),
        ("a strip cut out of a screenshot", f"{WORDS}{IMG}", png(900, 180, 30_000)),
        ("a line of handwriting", f"{WORDS}<div>{IMG}</div><div>Eva</div>", png(700, 120, 20_000)),
        ("shown above and quoted again", f"{WORDS}{IMG}" + QUOTE.format(IMG), PHOTO),
    ],
)
def test_what_the_author_put_in_is_an_attachment(name, html, picture):
    assert decorations(html, picture) == [False], name


def test_each_picture_is_told_by_its_own_place():
    html = f'{WORDS}<img src="cid:p1"><p>Eva<br><img src="cid:p0"></p>' + QUOTE.format('<img src="cid:p2">')

    assert decorations(html, LOGO, PHOTO, PHOTO) == [True, False, True]


def test_an_iphones_photograph_between_two_texts_is_an_attachment():
    message = EmailMessage()
    message["From"] = "eva@example.org"
    message.set_content("Leo is ill, see the spots:")
    message.add_attachment(SMALL_PHOTO, "image", "jpeg", filename="IMG_1.jpeg", disposition="inline")

    assert [held.decoration for held in parse(message.as_bytes()).attachments] == [False]


def test_a_logo_whose_html_was_lost_is_decoration_and_a_photograph_is_not():
    message = EmailMessage()
    message["From"] = "eva@example.org"
    message.set_content("Leo is ill")
    for cid, data in (("<a@x>", LOGO), ("<b@x>", PHOTO)):
        message.add_attachment(data, "image", "png", disposition="inline", cid=cid)

    assert [held.decoration for held in parse(message.as_bytes()).attachments] == [True, False]


def test_a_file_that_is_no_picture_is_never_decoration():
    message = EmailMessage()
    message["From"] = "eva@example.org"
    message.set_content("Leo is ill")
    message.add_alternative(WORDS + QUOTE.format('<img src="cid:p0">'), subtype="html")
    message.get_payload()[1].add_related(b"%PDF-1.4 x", "application", "pdf", cid="<p0>")

    assert [held.decoration for held in parse(message.as_bytes()).attachments] == [False]


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(7, 9), (7, 9)),
        (jpeg(640, 480, 10), (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 5, 6), (5, 6)),
        (b"GIF89a", None),
        (b"\x89PNG\r\n\x1a\n\0", None),
        (b"\xff\xd8" + b"\xff" * 50, None),
        (b"\xff\xd8\xff\xe1\x00\x00", None),
        (b"%PDF", None),
    ],
)
def test_a_picture_tells_its_size_or_nothing(data, size):
    assert picture_size(data) == size


def test_a_mail_of_many_pictures_is_read_in_time():
    html = "".join(f'<p>x<img src="cid:p{number % 150}"></p>' for number in range(8_000))
    parts = "".join(
        f"--b\r\nContent-Type: image/png\r\nContent-ID: <p{number}>\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(LOGO).decode()}\r\n"
        for number in range(150)
    )
    head = "From: a@b.test\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    raw = f"{head}{html}\r\n{parts}--b--\r\n"
    began = time.process_time()
    read = parse(raw.encode())

    assert time.process_time() - began < 0.5
    assert len(read.attachments) == 150


def test_a_logo_takes_no_reply_to_the_tray_and_is_no_attachment_of_hers():
    found = outcome(reply(f"{WORDS}<p>Mia Berg<br>{IMG}</p>", LOGO))

    assert (found.state, found.attachments) == ("filed", ())


def test_a_photograph_in_a_letter_about_two_children_is_for_a_person():
    found = outcome(reply(f"{WORDS}<p>{IMG}</p>", png(1200, 900, 80_000)))

    assert (found.state, found.reasons[0]) == ("triage", "attachment-several-children")
    assert found.attachments == ("p0.png",)


def test_a_thank_you_with_a_logo_is_a_courtesy():
    assert outcome(reply(f"<div>Thank you!</div><div>-- <br>{IMG}</div>", LOGO)).state == "courtesy"
