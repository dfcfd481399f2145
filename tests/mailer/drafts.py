"""Drafts for the letter tests, in many scripts."""

import random
import unicodedata
from datetime import UTC, datetime

from mailer.compose import Draft, Enclosure
from school.letter import LetterKind

DATE = datetime(2026, 11, 27, 12, tzinfo=UTC)

# Ranges of letters of 40 scripts, beginning with Latin: (first, last) code points.
SCRIPTS = (
    (0x41, 0x7A), (0xC0, 0x17F), (0x1E00, 0x1EF9), (0x370, 0x3FF), (0x400, 0x4FF), (0x531, 0x556), (0x5D0, 0x5EA),
    (0x620, 0x64A), (0x710, 0x72F), (0x780, 0x7A5), (0x7CA, 0x7EA), (0x904, 0x939), (0x985, 0x9B9), (0xA05, 0xA39),
    (0xA85, 0xAB9), (0xB05, 0xB39), (0xB83, 0xBB9), (0xC05, 0xC39), (0xC85, 0xCB9), (0xD05, 0xD39), (0xD85, 0xDC6),
    (0xE01, 0xE30), (0xE81, 0xEB0), (0xF40, 0xF6C), (0x1000, 0x102A), (0x10A0, 0x10FF), (0x1100, 0x11FF),
    (0x1200, 0x137C), (0x13A0, 0x13F4), (0x1401, 0x1676), (0x1780, 0x17B3), (0x1820, 0x1878), (0x2C80, 0x2CE4),
    (0x2D30, 0x2D67), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xAC00, 0xD7A3),
    (0x1F300, 0x1F64F), (0x20000, 0x2A6DF), (0x10330, 0x1034A),
)  # fmt: skip
PUNCTUATION = " -,.:;()<>@\"'\\?=!/&"
SIGNS = tuple(
    "".join(chr(point) for point in range(first, last + 1) if unicodedata.category(chr(point))[0] in "LMNS")
    for first, last in SCRIPTS
)


def words(dice: random.Random, longest: int = 500) -> str:
    """Text in one of forty scripts, with punctuation that means something in headers."""
    signs = dice.choice(SIGNS)
    text = "".join(
        dice.choice(signs) if dice.random() < 0.85 else dice.choice(PUNCTUATION)
        for _ in range(dice.randint(0, longest))
    )
    return text if dice.random() < 0.5 else " ".join(text.split())


def draft(**changes) -> Draft:
    values = {
        "kind": LetterKind.NEWSLETTER,
        "from_name": "Linden School",
        "from_address": "news@school.test",
        "to_name": "Ana Díaz",
        "to_address": "ana@example.org",
        "reply_to": "reply+7k3m9q2c@school.test",
        "subject": "Friday Folder",
        "date": DATE,
        "message_id": "7k3m9q2c.1@reply.school.test",
        "references": ("anchor@reply.school.test",),
        "text": "Dear Ana,\nall is well.\n",
        "html": "<p>Dear Ana, all is well.</p>",
        "language": "en",
        "list_id": "Weekly news <weekly.school.test>",
        "list_help": "https://school.test/help",
        "unsubscribe_mail": "leave@school.test",
        "unsubscribe_url": "https://school.test/u/7k3m9q2c",
        "feedback_id": "issue12:newsletter:0:school",
        "boundary_seed": "seed",
    }
    return Draft(**(values | changes))


def random_draft(seed: int) -> Draft:
    """Any letter a school might write; the same for the same seed."""
    dice = random.Random(seed)
    return draft(
        kind=dice.choice(list(LetterKind)),
        from_name=words(dice, 60),
        to_name=words(dice, 60),
        subject=words(dice),
        text=words(dice) + "\n" + words(dice),
        html=dice.choice(["", f"<p>{words(dice)}</p>"]),
        in_reply_to=dice.choice(["", "theirs@example.org"]),
        references=tuple(f"{number}.{'x' * dice.randint(0, 80)}@r.test" for number in range(dice.randint(0, 14))),
        unsubscribe_url=dice.choice(["", "https://school.test/u/" + "k" * 90]),
        list_id=dice.choice(["", "weekly.school.test", "Weekly news <weekly.school.test>"]),
        enclosures=dice.choice(ENCLOSURES),
    )


ENCLOSURES = (
    (),
    (
        Enclosure(
            name="Ausflug nächste Woche", content_type="text/calendar; charset=utf-8", data=b"BEGIN:VCALENDAR\r\n"
        ),
    ),
    (
        Enclosure(name="plan.pdf", content_type="application/pdf", data=bytes(range(256))),
        Enclosure(name="logo.png", content_type="image/png", data=b"\x89PNG", content_id="logo"),
    ),
)
