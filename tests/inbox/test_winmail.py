"""winmail.dat is read like the mail it hides: words, HTML, rich text and files, within the same limits."""

import random
import struct
import time
from email.message import EmailMessage

import pytest

from inbox.parse import ParsedMail, parse
from inbox.rtf import MAX_RTF_BYTES, read_rtf, unpacked
from inbox.trim import trim
from inbox.winmail import read_winmail

PDF = b"%PDF-1.4 a timetable"
INTEGER, OBJECT, STRING8, UNICODE, BINARY = 0x03, 0x0D, 0x1E, 0x1F, 0x102
TEXT, RICH_TEXT, HTML, CODE_PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
DATA, LONG_NAME, MIME_TYPE, CONTENT_ID = 0x3701, 0x3707, 0x370E, 0x3712


def attribute(name: int, data: bytes, *, level: int = 1) -> bytes:
    checksum = struct.pack("<H", sum(data) & 0xFFFF)
    return struct.pack("<BHHI", level, name, 6, len(data)) + data + checksum


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def property_(name: int, kind: int, value: bytes | int | str) -> bytes:
    if isinstance(value, int):
        return struct.pack("<HHI", kind, name, value)
    if isinstance(value, str):
        value = value.encode("utf-16-le") + b"\0\0" if kind == UNICODE else value.encode("cp1252") + b"\0"
    return struct.pack("<HHII", kind, name, 1, len(value)) + padded(value)


def properties(*held: bytes) -> bytes:
    return struct.pack("<I", len(held)) + b"".join(held)


def file(name: str, data: bytes, *more: bytes) -> bytes:
    """One file inside: its rendering data, which begins it, its bytes and its properties."""
    return (
        attribute(0x9002, b"\0" * 14, level=2)
        + attribute(0x8010, b"SHORT~1.PDF\0", level=2)
        + attribute(0x800F, data, level=2)
        + attribute(0x9005, properties(property_(LONG_NAME, UNICODE, name), *more), level=2)
    )


def tnef(*attributes: bytes) -> bytes:
    version = attribute(0x9006, struct.pack("<I", 0x10000))
    code_page = attribute(0x9007, struct.pack("<II", 1252, 0))
    return struct.pack("<IH", 0x223E9F78, 1) + version + code_page + b"".join(attributes)


def message(*held: bytes) -> bytes:
    return attribute(0x9003, properties(*held))


def mail(winmail: bytes, text: str = "") -> ParsedMail:
    letter = EmailMessage()
    letter["From"] = "eva@example.org"
    letter.set_content(text)
    letter.add_attachment(winmail, "application", "ms-tnef", filename="winmail.dat")
    return parse(letter.as_bytes())


def packed(rtf: bytes) -> bytes:
    """As Outlook packs it: a byte as it is, or a reference to the last 4096 bytes when three or more repeat."""
    ring, out, at = START, bytearray(), 0
    while True:
        control, tokens = 0, bytearray()
        for bit in range(8):
            length, back = _longest(ring[-4095:], rtf[at : at + 17])
            if at == len(rtf):
                tokens += struct.pack(">H", (len(ring) % 4096) << 4)
                control |= 1 << bit
                break
            if length > 2:
                tokens += struct.pack(">H", ((len(ring) - back) % 4096) << 4 | length - 2)
                control |= 1 << bit
            else:
                length = 1
                tokens += rtf[at : at + 1]
            ring += rtf[at : at + length]
            at += length
        out += bytes([control]) + tokens
        if at == len(rtf) and bit < 7:
            return struct.pack("<IIII", len(out) + 12, len(rtf), 0x75465A4C, 0) + bytes(out)


def _longest(ring: bytes, ahead: bytes) -> tuple[int, int]:
    for length in range(len(ahead), 2, -1):
        found = ring.rfind(ahead[:length])
        if found >= 0:
            return length, len(ring) - found
    return 0, 0


START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
ENCAPSULATED = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fmodern\fcharset204 Courier New;}}"
    rb"{\colortbl\red0\green0\blue0;}{\*\generator Exchange;}"
    rb"{\*\htmltag19 <html>}{\*\htmltag50 <body>}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Leo is ill, Zo\'eb too"
    rb"\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 3 "
    rb"{\*\htmltag64 <div id='divRplyFwdMsg'>}{\*\mhtmltag64 <div>}\f1\'cf\'f0\'e8\'e2\'e5\'f2 \f0\u8217?s "
    rb"\u-10179?\u-8704?{\*\htmltag72 </div>}{\*\htmltag58 </body>}}"
)


def test_files_inside_are_attachments_like_any():
    found = mail(
        tnef(message(), file("Plan für Leo.pdf", PDF, property_(MIME_TYPE, UNICODE, "application/pdf"))), "See"
    )

    assert [(held.name, held.sniffed_type, held.allowed) for held in found.attachments] == [
        ("Plan für Leo.pdf", "application/pdf", True)
    ]
    assert (found.text.strip(), found.problems) == ("See", ())


def test_a_file_inside_is_refused_like_any_other():
    found = mail(tnef(file("../../run.exe", b"MZ\x90"), file("notes.pdf", b"MZ\x90")), "See")

    assert [(held.name, held.reason) for held in found.attachments] == [
        ("run.exe", "type-not-allowed"),
        ("notes.pdf", "type-mismatch"),
    ]


def test_a_file_given_as_an_object_is_read_without_the_name_of_its_interface():
    value = b"\0" * 16 + PDF
    held = attribute(0x9002, b"\0" * 14, level=2) + attribute(
        0x9005, properties(property_(DATA, OBJECT, value), property_(LONG_NAME, STRING8, "a.pdf")), level=2
    )

    assert [(one.name, one.data) for one in read_winmail(tnef(held)).files] == [("a.pdf", PDF)]


@pytest.mark.parametrize(
    ("held", "text", "html"),
    [
        ([property_(TEXT, UNICODE, "Zoë is ill")], "Zoë is ill", ""),
        ([property_(TEXT, STRING8, "Zoë is ill")], "Zoë is ill", ""),
        (
            [
                property_(CODE_PAGE, INTEGER, 1251),
                property_(HTML, BINARY, "<p>Привет</p>".encode("cp1251")),
            ],
            "",
            "<p>Привет</p>",
        ),
        ([property_(CODE_PAGE, INTEGER, 65001), property_(HTML, BINARY, "<p>Zoë</p>".encode())], "", "<p>Zoë</p>"),
        ([property_(RICH_TEXT, BINARY, packed(rb"{\rtf1\ansi Leo is ill\par Eva}"))], "Leo is ill\nEva", ""),
    ],
)
def test_words_inside_are_the_mails_where_it_has_no_others(held, text, html):
    found = mail(tnef(message(*held)))

    assert (found.text.strip(), found.html.strip()) == (text, html)


def test_words_beside_it_are_not_replaced():
    assert mail(tnef(message(property_(TEXT, UNICODE, "other"))), "Leo is ill").text.strip() == "Leo is ill"


def test_html_kept_inside_rich_text_comes_out_as_it_was():
    found = mail(tnef(message(property_(RICH_TEXT, BINARY, packed(ENCAPSULATED)))))

    assert found.html == (
        "<html><body><p>Leo is ill, Zoë too</p>&lt;3 <div id='divRplyFwdMsg'>Привет ’s 😀</div></body>"
    )
    assert trim(found.text, found.html).new_text == "Leo is ill, Zoë too\n\n<3"


def test_a_picture_of_the_signature_inside_is_decoration():
    logo = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 120, 40) + b"\0" * 100
    html = property_(HTML, BINARY, b'<p>Leo is ill</p><p>-- <br>Eva<br><img src="cid:l@x"></p>')
    inside = file(
        "image001.png", logo, property_(CONTENT_ID, UNICODE, "l@x"), property_(MIME_TYPE, UNICODE, "image/png")
    )

    assert [held.decoration for held in mail(tnef(message(html), inside)).attachments] == [True]


def test_the_example_of_the_specification_unpacks():
    """MS-OXRTFCP §4.1.1."""
    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af320 68656c09002062 7705b06c647d0a800fa0"
    )

    assert unpacked(data) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize("rtf", [ENCAPSULATED, b"a" * 9_000, bytes(random.Random(4).randbytes(1_500)), b""])
def test_what_outlook_packs_is_unpacked(rtf):
    assert unpacked(packed(rtf)) == rtf


def test_rich_text_shows_words_only():
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\stylesheet{\s0 Normal;}}{\info{\author X}}"
        rb"{\pict\wmetafile8 0102}{\field{\*\fldinst HYPERLINK x}{\fldrslt here}}\{a\}\~b\tab\emdash\uc0\u233 }"
    )

    assert read_rtf(rtf).text == "here{a}\u00a0b\t—é"


@pytest.mark.parametrize(
    "broken",
    [
        b"nothing of ours",
        tnef()[:9],
        tnef() + struct.pack("<BHHI", 1, 0x9003, 6, 2**32 - 1),
        tnef(attribute(0x9003, struct.pack("<I", 2**32 - 1))),
        tnef(message(property_(RICH_TEXT, BINARY, b"no rich text"))),
        tnef(attribute(0x9003, struct.pack("<IHHI", 1, BINARY, DATA, 2**31))),
        tnef(attribute(0x9003, struct.pack("<IHHI", 1, 0x7777, DATA, 1))),
    ],
)
def test_a_broken_one_is_named_kept_and_costs_nothing_but_itself(broken):
    found = mail(broken, "Leo is ill")

    assert found.text.strip() == "Leo is ill"
    assert found.problems == ("winmail-unread",)
    assert [(held.name, held.allowed) for held in found.attachments] == [("winmail.dat", False)]


def test_of_very_many_files_the_first_are_taken_out_and_the_whole_is_kept():
    read = read_winmail(tnef(*[file(f"{number}.txt", b"file %d" % number) for number in range(203)]))

    assert [held.data for held in read.files] == [b"file %d" % number for number in range(200)]
    assert read.damaged


def test_files_around_a_broken_piece_are_read():
    whole = tnef(message(property_(RICH_TEXT, BINARY, b"broken")), file("a.pdf", PDF)) + b"\x02cut"

    assert [held.name for held in mail(whole, "x").attachments] == ["a.pdf", "winmail.dat"]


def test_damage_anywhere_never_raises():
    dice = random.Random(11)
    whole = tnef(
        message(property_(RICH_TEXT, BINARY, packed(ENCAPSULATED)), property_(TEXT, UNICODE, "x")), file("a.pdf", PDF)
    )
    for _ in range(2_000):
        bent = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            bent[dice.randrange(len(bent))] = dice.randrange(256)
        read_winmail(bytes(bent[: dice.randrange(len(bent)) if dice.random() < 0.2 else len(bent)]))


SIZE = 1_000_000
HOSTILE = {
    "attributes": tnef(attribute(0x7777, b"\0") * (SIZE // 12)),
    "properties": tnef(message(*[property_(1, INTEGER, 1)] * (SIZE // 8))),
    "values": tnef(attribute(0x9003, struct.pack("<IHHI", 1, 0x1000 | BINARY, 1, SIZE // 4) + b"\0" * SIZE)),
    "empty files": tnef(attribute(0x9002, b"", level=2) * (SIZE // 11)),
    "a bomb": tnef(
        message(property_(RICH_TEXT, BINARY, struct.pack("<IIII", 0, 0, 0x75465A4C, 0) + b"\xff\0\x0f" * (SIZE // 3)))
    ),
    "braces": tnef(message(property_(RICH_TEXT, BINARY, struct.pack("<IIII", 0, 0, 0x414C454D, 0) + b"{" * SIZE))),
    "words": tnef(
        message(property_(RICH_TEXT, BINARY, struct.pack("<IIII", 0, 0, 0x414C454D, 0) + b"\\b" * (SIZE // 2)))
    ),
    "bytes": tnef(
        message(property_(RICH_TEXT, BINARY, struct.pack("<IIII", 0, 0, 0x414C454D, 0) + b"\\'e9" * (SIZE // 4)))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_megabyte_is_read_in_a_quarter_of_a_second(name):
    best = 9.0
    for _ in range(3):
        began = time.process_time()
        found = read_winmail(HOSTILE[name])
        best = min(best, time.process_time() - began)

    assert best < 0.25
    assert len(found.text) + len(found.html) <= MAX_RTF_BYTES


def test_a_winmail_inside_a_winmail_is_a_file():
    inner = tnef(file("a.pdf", PDF))
    found = mail(tnef(file("winmail.dat", inner)), "x")

    assert [(held.name, held.allowed) for held in found.attachments] == [("winmail.dat", False)]
