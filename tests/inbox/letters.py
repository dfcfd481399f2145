"""A small school for matching and routing without a database: two families, three teachers, letters and buttons."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from inbox.carriers import Carrier
from inbox.parse import ParsedMail, parse
from school.audience import Addressee, Desk, TaughtChild
from school.choice import Choice
from school.conversation import Conversation
from school.letter import Dispatch, DispatchSection, LetterKind
from school.people import Child, ClassGroup, Guardian, Teacher
from school.reply_address import AddressShape, Keys, Token, TokenKind, sign

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 18, tzinfo=UTC)
ACCEPT = timedelta(days=400)
KEYS = Keys(by_id={0: b"k" * 32}, domain="school.test")
SHAPE = AddressShape(domain="school.test", mailbox="reply")

HORN = Teacher(id="t-horn", given_name="Petra", family_name="Horn", address="horn@school.test")
RUIZ = Teacher(id="t-ruiz", given_name="Clara", family_name="Ruiz", address="ruiz@school.test")
COLE = Teacher(id="t-cole", given_name="Sam", family_name="Cole", address="cole@school.test")
K3B = ClassGroup(id="k-3b", title="3B")
K5A = ClassGroup(id="k-5a", title="5A")
MUSIC = ClassGroup(id="k-music", title="Music", homeroom=False, subject="Music")
ANNA = Child(id="c-anna", given_name="Anna", family_name="Novak")
LEO = Child(id="c-leo", given_name="Leo", family_name="Berg")
IDA = Child(id="c-ida", given_name="Ida", family_name="Berg")
EVA = Guardian(id="g-eva", given_name="Eva", family_name="Novak", address="eva@example.org")
JON = Guardian(id="g-jon", given_name="Jon", family_name="Berg", address="jon@example.org")
MIA = Guardian(id="g-mia", given_name="Mia", family_name="Berg", address="mia@example.org")


def desk(group: ClassGroup, role: str, *teachers: Teacher) -> Desk:
    return Desk(class_group=group, role=role, teachers=teachers)


def taught(child: Child, *desks: Desk, barred: bool = False) -> TaughtChild:
    return TaughtChild(child=child, barred=barred, desks=desks)


ANNAS = taught(ANNA, desk(K3B, "class", HORN))
LEOS = taught(LEO, desk(K3B, "class", HORN))
IDAS = taught(IDA, desk(K5A, "class", RUIZ), desk(MUSIC, "music", COLE))
CHILDREN = {EVA.id: (ANNAS,), JON.id: (IDAS, LEOS), MIA.id: (IDAS, LEOS)}


def letter(public_id: int, guardian: Guardian, *sections: tuple[Child, ClassGroup, str], **changes: object) -> Dispatch:
    fields: dict[str, object] = {
        "public_id": public_id,
        "kind": LetterKind.NEWSLETTER,
        "run": "issue:2026-11-27",
        "recipient_id": guardian.id,
        "message_id": f"m{public_id}@school.test",
        "created": NOW - timedelta(hours=3),
        "sections": tuple(
            DispatchSection(ordinal=number, child_id=child.id, class_id=group.id, role=role)
            for number, (child, group, role) in enumerate(sections, start=1)
        ),
    }
    return Dispatch(**(fields | changes))  # type: ignore[arg-type]


EVAS_LETTER = letter(1, EVA, (ANNA, K3B, "class"))
JONS_LETTER = letter(2, JON, (IDA, K5A, "class"), (IDA, MUSIC, "music"), (LEO, K3B, "class"))
MIAS_LETTER = letter(3, MIA, (IDA, K5A, "class"), (IDA, MUSIC, "music"), (LEO, K3B, "class"))
TALK = Conversation(
    id=9, public_id=90, guardian_id=EVA.id, child_id=ANNA.id, class_id=K3B.id, role="class", last_at=NOW
)


@dataclass
class People:
    """The directory that matching asks, kept in memory: the shape storage fits too."""

    guardians: tuple[Guardian, ...] = (EVA, JON, MIA)
    teachers: tuple[Teacher, ...] = (HORN, RUIZ, COLE)
    children: dict[str, tuple[TaughtChild, ...]] = field(default_factory=lambda: dict(CHILDREN))
    letters: tuple[Dispatch, ...] = (EVAS_LETTER, JONS_LETTER, MIAS_LETTER)
    talks: tuple[Conversation, ...] = (TALK,)
    choices: tuple[Choice, ...] = ()
    tell: bool = True
    references: dict[str, Token] = field(default_factory=dict)
    provider_ids: dict[str, str] = field(default_factory=dict)
    guessed: int = 0
    lines: tuple[str, ...] = ()  #: of every letter

    def guardians_at(self, address: str) -> tuple[Guardian, ...]:
        return tuple(held for held in self.guardians if held.address == address.lower())

    def teachers_at(self, address: str) -> tuple[Teacher, ...]:
        return tuple(held for held in self.teachers if held.address == address.lower())

    def addressee(self, guardian_id: str, today: date) -> Addressee | None:
        found = next((held for held in self.guardians if held.id == guardian_id), None)
        return Addressee(guardian=found, children=self.children.get(guardian_id, ())) if found else None

    def teachers_of(self, child_id: str, role: str, today: date) -> tuple[Teacher, ...]:
        return tuple(
            {
                teacher.id: teacher
                for held in self.children.values()
                for one in held
                for place in one.desks
                for teacher in place.teachers
                if one.child.id == child_id and place.role == role
            }.values()
        )

    def dispatch(self, public_id: int) -> Dispatch | None:
        return next((held for held in self.letters if held.public_id == public_id), None)

    def conversation(self, public_id: int) -> Conversation | None:
        return next((held for held in self.talks if held.public_id == public_id), None)

    def choice(self, public_id: int) -> Choice | None:
        return next((held for held in self.choices if held.public_id == public_id), None)

    def command(self, public_id: int) -> None:
        return None  # no teacher's button here

    def letter_lines(self, dispatch: Dispatch, quoted: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
        return self.lines

    def meaning(self, signs: str) -> Token | None:
        return self.references.get(signs)

    def section(self, signs: str) -> Token | None:
        token = self.references.get(signs)
        return token if token is not None and token.kind is TokenKind.SECTION else None

    def our_id(self, provider_id: str) -> str | None:
        return self.provider_ids.get(provider_id)

    def guesses(self, address: str, tokens: frozenset[str], at: datetime) -> int:
        return self.guessed + len(tokens)

    def may_tell(self, guardian: Guardian, now: datetime) -> bool:
        return self.tell


def address(kind: TokenKind, public_id: int, ordinal: int = 0) -> str:
    return SHAPE.address(sign(Token(kind=kind, public_id=public_id, ordinal=ordinal), KEYS))


def carrier(kind: TokenKind, public_id: int, ordinal: int = 0, place: str = "to") -> Carrier:
    return Carrier(token=Token(kind=kind, public_id=public_id, ordinal=ordinal), place=place)


def mail(*lines: str, body: str = "Hello") -> ParsedMail:
    return parse("\r\n".join([*lines, "", body]).encode())
