"""Letters as our own press prints them, for tests that answer them."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mailer.edition import ItemShelf
from mailer.postmark import Postmark
from mailer.publish import Publisher
from mailer.render import LetterPress, SchoolFace
from school.audience import Addressee, Desk, TaughtChild
from school.issue import Audience, AudienceKind, Event, Issue, Item, ItemKind, ItemText
from school.letter import Dispatch, Letter, LetterKind
from school.people import Child, ClassGroup, Guardian, Teacher
from school.reply_address import AddressShape, Keys

ZONE = ZoneInfo("Europe/Dublin")
NOW = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
KEYS = Keys(by_id={0: bytes(range(32))}, domain="reply.school.test")
SHAPE = AddressShape(domain="reply.school.test")
ISSUE = Issue(date=date(2026, 11, 27), due=NOW)
OSEI = Teacher(id="t-osei", given_name="Amara", family_name="Osei", title="Ms", address="amara.osei@school.test")
QUILL = Teacher(id="t-quill", given_name="Daniel", family_name="Quill", title="Mr", address="daniel.quill@school.test")
CHILDREN = (
    (Child(id="s-leif", given_name="Leif", family_name="Tamsin"), ClassGroup(id="3A", title="3A"), OSEI),
    (Child(id="s-petra", given_name="Petra", family_name="Tamsin"), ClassGroup(id="4A", title="4A"), QUILL),
)
GUARDIAN = Guardian(id="g-signe", given_name="Signe", family_name="Tamsin", address="signe.tamsin@example.org")


def chance(seed: str = "our letters") -> Callable[[int], bytes]:
    """Bytes that look random and come again with every run."""
    drawn = 0

    def draw(length: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.sha256(f"{seed}/{drawn}".encode()).digest()[:length]

    return draw


def publisher() -> Publisher:
    face = SchoolFace(name="Lindenfield Primary School", language="en", zone=ZONE, contact_address="office@school.test")
    postmark = Postmark(
        school_name=face.name,
        from_addresses=dict.fromkeys(LetterKind, "news@school.test"),
        shape=SHAPE,
        keys=KEYS,
        random_bytes=chance(),
    )
    return Publisher(
        press=LetterPress(None, face),
        postmark=postmark,
        school_language="en",
        suppressed=lambda _address: False,
        stopped=lambda _guardian: False,
    )


def newsletter(children: int = 2, language: str = "en") -> tuple[Letter, Dispatch]:
    """Signe Tamsin's letter about one child or two, and what routing keeps of it."""
    addressee = Addressee(
        guardian=Guardian(
            id=GUARDIAN.id,
            given_name=GUARDIAN.given_name,
            family_name=GUARDIAN.family_name,
            address=GUARDIAN.address,
            language=language,
        ),
        children=tuple(
            TaughtChild(
                child=child,
                barred=False,
                desks=(Desk(class_group=group, role="class", teachers=(teacher,)),),
            )
            for child, group, teacher in CHILDREN[:children]
        ),
    )
    made = publisher()
    edition = made.edition(ISSUE, ItemShelf.of(_items()), addressee)
    return made.letter(edition, NOW)


def _items() -> list[Item]:
    picnic = Event(begins=datetime(2026, 12, 4, 15, 30, tzinfo=ZONE), ends=datetime(2026, 12, 4, 18, tzinfo=ZONE))
    return [
        _item("welcome", ItemKind.NEWS, Audience(kind=AudienceKind.SCHOOL), "Forty-one gloves", "They *wait* for you."),
        _item("picnic", ItemKind.EVENT, Audience(kind=AudienceKind.SCHOOL), "Winter picnic", "Bring soup.", picnic),
        _item(
            "bridges", ItemKind.QUESTION, Audience(kind=AudienceKind.CLASS, id="3A"), "Bridges", "Which one is near?"
        ),
        _item("river", ItemKind.NEWS, Audience(kind=AudienceKind.CLASS, id="4A"), "The river", "Bring **boots**."),
    ]


def _item(name: str, kind: ItemKind, audience: Audience, title: str, body: str, event: Event | None = None) -> Item:
    return Item(
        id=name,
        issue_date=ISSUE.date,
        kind=kind,
        audience=audience,
        texts={"en": ItemText(title=title, body=body)},
        event=event,
    )
