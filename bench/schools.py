"""Made-up schools for measuring: rosters of any size in a moment, a week's items for them, and the service to run them.

Nothing is drawn by chance: family 4711 is the same in a school of five thousand and in a town of a hundred thousand.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import msgspec

from office.demo.arrival import AUTHSERV_ID, arrived
from office.demo.clients import CLIENTS, reply
from office.demo.names import NAMES
from office.demo.words import FAMILY
from office.jobs.setup import migrate
from office.settings import Settings
from office.wiring import House
from school.issue import Audience, AudienceKind, Issue, Item, ItemKind, ItemText
from school.letter import LetterState
from school.people import Assignment, Child, ClassGroup, Enrolment, Guardian, Guardianship, School, Teacher
from school.roster.roster import Roster
from school.sending import Claimed, SendResult

FRIDAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 15, 10, tzinfo=UTC)
ISSUE = Issue(date=FRIDAY, due=NOW)
TERM_BEGAN = date(2026, 9, 7)

CLASS_SIZE = 25
GRADES = 6
# Every ten families alike in number: 16 children, 15 guardians; a harbour town's languages.
CHILDREN = (1, 2, 1, 3, 1, 2, 1, 2, 1, 2)
GUARDIANS = (2, 1, 2, 1, 2, 1, 2, 1, 2, 1)
LANGUAGES = ("en", "en", "es", "en", "ar", "en", "en", "es", "en", "zh-Hans")

MOST_FAMILIES, MIX = 999_983, 611_953  # primes: every family gets a number of its own

BY_BUTTON_EVERY = 7
CLAIMED_AT_ONCE = 500


# ---- people ----


@dataclass(kw_only=True, slots=True)
class _Register:
    """What grows while families move in."""

    children: list[Child] = field(default_factory=list)
    guardians: list[Guardian] = field(default_factory=list)
    ties: list[Guardianship] = field(default_factory=list)
    homes: list[tuple[str, str]] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    in_grade: dict[int, int] = field(default_factory=dict)
    classes: dict[str, ClassGroup] = field(default_factory=dict)


def roster(families: int) -> Roster:
    """A school of so many families: 1 to 3 children, 1 or 2 guardians, classes of 25 with a teacher, and music."""
    register = _Register()
    for number in range(families):
        _move_in(register, number)
    homerooms = [group for group in register.classes.values() if group.homeroom]
    teachers = [_teacher(number) for number in range(len(homerooms))]
    musicians = [_teacher(number, "music") for number in range(len(homerooms) // 20 + 1)]
    return Roster(
        schools=(School(id="bench", name="Hillside School"),),
        classes=tuple(register.classes.values()),
        children=tuple(register.children),
        guardians=tuple(register.guardians),
        teachers=(*teachers, *musicians),
        enrolments=tuple(register.enrolments),
        assignments=tuple(_taught(homerooms, teachers, musicians)),
        guardianships=tuple(register.ties),
        home_keys=tuple(register.homes),
    )


def _register_number(number: int) -> str:
    """The family's number in the register: classmates do not stand next to each other in it, as at a real school."""
    return f"{number * MIX % MOST_FAMILIES:06d}"


def _move_in(register: _Register, number: int) -> None:
    registered = _register_number(number)
    language = LANGUAGES[number % 10]
    pool = NAMES[language]
    latin, own = pool.families[number // 10 % len(pool.families)]
    children = [
        Child(
            id=f"c-{registered}{'abc'[place]}",
            given_name=pool.children[(number // 7 + place) % len(pool.children)],
            family_name=latin,
            grade=str((number + place) % GRADES + 1),
        )
        for place in range(CHILDREN[number % 10])
    ]
    register.children += children
    for child in children:
        _enrol(register, child)
    for place in range(GUARDIANS[number % 10]):
        given = (pool.mothers, pool.fathers)[place]
        guardian = Guardian(
            id=f"g-{registered}{'ab'[place]}",
            given_name=given[number // 3 % len(given)][1],
            family_name=own,
            address=f"family{number}{'ab'[place]}@example.org",
            language=language,
        )
        register.guardians.append(guardian)
        register.homes.append((guardian.id, f"h-{registered}"))
        register.ties += [
            Guardianship(guardian_id=guardian.id, child_id=child.id, relation="parent") for child in children
        ]


def _enrol(register: _Register, child: Child) -> None:
    grade = int(child.grade)
    before = register.in_grade.get(grade, 0)
    register.in_grade[grade] = before + 1
    homeroom = f"{grade}-{before // CLASS_SIZE + 1}"
    music = f"{homeroom}-music"
    if homeroom not in register.classes:
        register.classes[homeroom] = ClassGroup(id=homeroom, title=homeroom, school_id="bench")
        register.classes[music] = ClassGroup(
            id=music, title=f"Music {homeroom}", homeroom=False, subject="Music", school_id="bench"
        )
    register.enrolments += [
        Enrolment(child_id=child.id, class_id=class_id, begins=TERM_BEGAN) for class_id in (homeroom, music)
    ]


def _teacher(number: int, role: str = "class") -> Teacher:
    pool = NAMES["en"]
    return Teacher(
        id=f"t-{role}-{number:05d}",
        given_name=pool.mothers[number % len(pool.mothers)][0],
        family_name=pool.families[number // 3 % len(pool.families)][0],
        address=f"{role}{number}@school.test",
        title="Ms",
    )


def _taught(homerooms: list[ClassGroup], teachers: list[Teacher], musicians: list[Teacher]) -> Iterator[Assignment]:
    for number, group in enumerate(homerooms):
        yield Assignment(teacher_id=teachers[number].id, class_id=group.id)
        yield Assignment(teacher_id=musicians[number // 20].id, class_id=f"{group.id}-music", role="music")


# ---- content ----


def items(classes: tuple[ClassGroup, ...]) -> Iterator[Item]:
    """A usual week: three things for everybody, one from each class teacher, one from the music teachers of grade 1."""
    yield _item("school-fair", ItemKind.NEWS, Audience(kind=AudienceKind.SCHOOL), "The winter fair")
    yield _item("school-door", ItemKind.NEWS, Audience(kind=AudienceKind.SCHOOL), "The side door")
    yield _item("school-ask", ItemKind.QUESTION, Audience(kind=AudienceKind.SCHOOL), "What would you cook?")
    for group in classes:
        audience = Audience(kind=AudienceKind.CLASS, id=group.id)
        if group.homeroom:
            yield _item(f"class-{group.id}", ItemKind.NEWS, audience, f"Our week in {group.title}")
        elif group.id.startswith("1-"):
            yield _item(f"music-{group.id}", ItemKind.TRY_AT_HOME, audience, "A song to take home", role="music")


def _item(item_id: str, kind: ItemKind, audience: Audience, title: str, role: str = "") -> Item:
    body = (
        f"{title}: we *measured*, read and wrote about it from Monday to Thursday, and on Friday we showed it to the "
        "class next door.\n\n- Please bring **rubber boots** on Wednesday.\n- Ask your child what floated."
        "\n\nIs there something at home that you would like to show us? Just press Reply and tell us."
    )
    return Item(
        id=item_id,
        issue_date=FRIDAY,
        kind=kind,
        audience=audience,
        texts={"en": ItemText(title=title, body=body)},
        role=role,
    )


# ---- the service ----


def new_house(folder: Path) -> House:
    """The service on a new SQLite file in *folder*."""
    house = open_house(folder)
    migrate(house.settings.database.url, folder)
    return house


def open_house(folder: Path, *, imap: dict[str, object] | None = None) -> House:
    """The service on the database in *folder*; *imap* is the mailbox to read."""
    settings = {
        "school": {"name": "Hillside School", "contact": "office@school.test", "zone": "Europe/Dublin"},
        "mail": {"news": "news@school.test"},
        "replies": {"domain": "school.test", "keys": [f"0:{'5a' * 32}"]},
        "smtp": {"host": "127.0.0.1", "security": "none"},
        "imap": imap or {},
        "database": {"url": "sqlite:bench.db"},
        "routing": {"trusted_authserv_ids": [AUTHSERV_ID]},
    }
    return House(msgspec.convert(settings, Settings), folder)


def fill(house: House, families: int) -> None:
    """Roster and items of a school of so many families, saved as an import saves them."""
    people = roster(families)
    house.people.save(people, FRIDAY)
    house.items.put(items(people.classes), NOW)


# ---- what comes back ----


def sent_letters(house: House) -> Iterator[Claimed]:
    """Every letter of the outbox, taken as a sender takes it and written down as sent."""
    sent = SendResult(state=LetterState.SENT, code="250", reason="accepted")
    while claimed := house.outbox.claim("bench", CLAIMED_AT_ONCE, NOW):
        house.outbox.exchange([(letter, sent) for letter in claimed], "", 0, NOW)
        yield from claimed


def replies(house: House, count: int) -> Iterator[bytes]:
    """*count* answers to letters of the outbox, as they lie in the school's mailbox: every mail program in turn.

    Each names a child of its family; every seventh comes by that child's own button. Quoting a letter the way twenty
    programs do takes its time, so all processors help.
    """
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from pool.map(_reply, _occasions(house, count), chunksize=50)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Occasion:
    """What an answer is made of."""

    number: int
    letter: bytes
    author: tuple[str, str]
    child: str


def _occasions(house: House, count: int) -> Iterator[_Occasion]:
    people = house.people.roster()
    guardians = {guardian.address: guardian for guardian in people.guardians}
    names = {child.id: child.first_name for child in people.children}
    children: dict[str, list[str]] = {}
    for tie in people.guardianships:
        children.setdefault(tie.guardian_id, []).append(names[tie.child_id])
    for number, letter in enumerate(islice(sent_letters(house), count)):
        guardian = guardians[letter.address]
        hers = children[guardian.id]
        yield _Occasion(
            number=number,
            letter=letter.raw,
            author=(guardian.full_name, guardian.address),
            child=hers[number % len(hers)],
        )


def _reply(occasion: _Occasion) -> bytes:
    number, sentences, programs = occasion.number, FAMILY["en"], tuple(CLIENTS)
    words = sentences[number % len(sentences)].format(n=number, child=occasion.child, teacher="teacher")
    at = NOW + timedelta(minutes=30 + number % 90)
    by_button = occasion.child if number % BY_BUTTON_EVERY == 0 else None
    program = programs[number % len(programs)]
    return arrived(reply(occasion.letter, program, words, occasion.author, at, via_section_of=by_button), at)
