"""Small schools with every relation that misleads a router, by a seed; and what is true of them by their ties alone.

Siblings, twins in one class, two homes, step-parents, addresses two guardians share, teachers who are parents,
guardians barred since the letter went out, children who left since, namesakes. Nothing here asks the program.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from inbox.carriers import Carrier
from inbox.match import Lead
from school.audience import Addressee, Desk, TaughtChild
from school.conversation import Conversation
from school.letter import Dispatch, DispatchSection, LetterKind
from school.people import Child, ClassGroup, Guardian, Teacher
from school.reply_address import TokenKind
from tests.inbox.letters import NOW, carrier

#: Few, so that names meet: a child like her teacher, her mother, her neighbour; one that begins like another.
GIVEN = ("Leo", "Leon", "Ida", "Mia", "Will", "Rose", "Zoë")
FAMILY = ("Berg", "Horn", "Will", "Novak")
OF_TEACHERS = ("Horn", "Will", "Ruiz", "Cole", "Okafor")
TITLES = ("3B", "5A")
STRANGER = "alex@elsewhere.example"


@dataclass
class SmallSchool:
    """The ties of today; letters and conversations are of last week, when nobody was barred and nobody had left."""

    teachers: dict[str, Teacher] = field(default_factory=dict)
    guardians: dict[str, Guardian] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    sits: dict[str, str] = field(default_factory=dict)  #: {child: class}, so far as she is here
    ties: dict[tuple[str, str], bool] = field(default_factory=dict)  #: {(guardian, child): barred}
    teaches: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)  #: {(class, role): teachers}
    letters: dict[int, Dispatch] = field(default_factory=dict)
    talks: dict[int, Conversation] = field(default_factory=dict)

    # ---- what is true ----

    def hears(self, guardian_id: str) -> frozenset[str]:
        return frozenset(
            child for (guardian, child), barred in self.ties.items() if guardian == guardian_id and not barred
        ) & frozenset(self.sits)

    def barred(self, guardian_id: str) -> bool:
        return any(barred for (guardian, _), barred in self.ties.items() if guardian == guardian_id)

    def may_read(self, child_id: str, role: str) -> frozenset[str]:
        return frozenset(self.teaches.get((self.sits.get(child_id, ""), role), ()))

    @property
    def addresses(self) -> list[str]:
        people = [*self.guardians.values(), *self.teachers.values()]
        return sorted({held.address for held in people} | {STRANGER})

    # ---- the shape matching asks for ----

    def guardians_at(self, address: str) -> tuple[Guardian, ...]:
        return tuple(held for held in self.guardians.values() if held.address == address.lower())

    def teachers_at(self, address: str) -> tuple[Teacher, ...]:
        return tuple(held for held in self.teachers.values() if held.address == address.lower())

    def addressee(self, guardian_id: str, today: date) -> Addressee | None:
        if guardian_id not in self.guardians:
            return None
        taught = tuple(
            TaughtChild(child=self.children[child], barred=barred, desks=self._desks(child))
            for (guardian, child), barred in sorted(self.ties.items())
            if guardian == guardian_id and child in self.sits
        )
        return Addressee(guardian=self.guardians[guardian_id], children=taught)

    def _desks(self, child_id: str) -> tuple[Desk, ...]:
        title = self.sits[child_id]
        return tuple(
            Desk(
                class_group=ClassGroup(id=title, title=title if role == "class" else "Music", subject=_subject(role)),
                role=role,
                teachers=tuple(self.teachers[held] for held in teachers),
            )
            for (class_id, role), teachers in sorted(self.teaches.items())
            if class_id == title
        )

    def teachers_of(self, child_id: str, role: str, today: date) -> tuple[Teacher, ...]:
        return tuple(self.teachers[held] for held in sorted(self.may_read(child_id, role)))

    def dispatch(self, public_id: int) -> Dispatch | None:
        return self.letters.get(public_id)

    def conversation(self, public_id: int) -> Conversation | None:
        return self.talks.get(public_id)

    def choice(self, public_id: int) -> None:
        return None

    def command(self, public_id: int) -> None:
        return None


def _subject(role: str) -> str:
    return "Music" if role == "music" else ""


def school_of(luck: Random) -> SmallSchool:
    school = SmallSchool()
    for number, title in enumerate(TITLES):
        _add_teacher(school, f"t-{number}", luck)
        school.teaches[title, "class"] = (f"t-{number}",)
    _add_teacher(school, "t-m", luck)
    for title in luck.sample(TITLES, luck.randint(0, 2)):
        school.teaches[title, "music"] = ("t-m",)
    for number in range(luck.randint(1, 3)):
        _add_family(school, number, luck)
    _write_to_all(school)
    for _ in range(luck.choice((0, 0, 1, 2))):
        luck.choice(CHANGES)(school, luck)
    return school


def _add_teacher(school: SmallSchool, key: str, luck: Random) -> None:
    school.teachers[key] = Teacher(
        id=key, given_name=luck.choice(GIVEN), family_name=luck.choice(OF_TEACHERS), address=f"{key}@school.test"
    )


def _add_family(school: SmallSchool, number: int, luck: Random) -> None:
    name, given = luck.choice(FAMILY), luck.sample(GIVEN, 3)
    children = [f"c-{number}{place}" for place in range(luck.randint(1, 3))]
    for place, key in enumerate(children):
        school.children[key] = Child(id=key, given_name=given[place], family_name=name)
        school.sits[key] = luck.choice(TITLES)  # twins sit together by chance, and often
    adults = [f"g-{number}{place}" for place in range(luck.randint(1, 3))]  # the third is the first child's only
    for place, key in enumerate(adults):
        address = f"{key}@example.org"
        if place and luck.random() < 0.2:
            address = f"{adults[0]}@example.org"  # shared
        elif luck.random() < 0.1:
            address = f"{luck.choice(sorted(school.teachers))}@school.test"  # teaches here
        school.guardians[key] = Guardian(id=key, given_name=luck.choice(GIVEN), family_name=name, address=address)
        for child in children if place < 2 else children[:1]:
            school.ties[key, child] = False


def _write_to_all(school: SmallSchool) -> None:
    """Last week's letter to each guardian, and a conversation about each of her children."""
    for number, guardian in enumerate(sorted(school.guardians), start=1):
        desks = [(child, role) for child in sorted(school.hears(guardian)) for role in _roles(school, child)]
        school.letters[number] = Dispatch(
            public_id=number,
            kind=LetterKind.NEWSLETTER,
            run="issue:2026-11-20",
            recipient_id=guardian,
            message_id=f"m{number}@school.test",
            created=NOW - timedelta(days=7),
            sections=tuple(
                DispatchSection(ordinal=place, child_id=child, class_id=school.sits[child], role=role)
                for place, (child, role) in enumerate(desks, start=1)
            ),
        )
        for place, (child, role) in enumerate(desks):
            public_id = 1_000 * number + place
            school.talks[public_id] = Conversation(
                id=public_id, public_id=public_id, guardian_id=guardian, child_id=child,
                class_id=school.sits[child], role=role, last_at=NOW - timedelta(days=2),
            )  # fmt: skip


def _roles(school: SmallSchool, child: str) -> list[str]:
    return sorted(role for class_id, role in school.teaches if class_id == school.sits[child])


# ---- what the roster says since the letter ----


def _bar(school: SmallSchool, luck: Random) -> None:
    school.ties[luck.choice(sorted(school.ties))] = True


def _leave(school: SmallSchool, luck: Random) -> None:
    if len(school.sits) > 1:
        del school.sits[luck.choice(sorted(school.sits))]


def _move(school: SmallSchool, luck: Random) -> None:
    school.sits[luck.choice(sorted(school.sits))] = luck.choice(TITLES)


def _substitute(school: SmallSchool, luck: Random) -> None:
    place = luck.choice(sorted(school.teaches))
    school.teaches[place] = luck.choice([(), ("t-m",), tuple(sorted({*school.teaches[place], "t-m"}))])


CHANGES = (_bar, _leave, _move, _substitute)


def carriers_of(school: SmallSchool, luck: Random) -> tuple[Carrier, ...]:
    """Any letter's address, section, id or tag; any conversation's, by the parent's or the teacher's end."""
    return tuple(
        {one.token: one for one in (_carrier(school, luck) for _ in range(luck.choice((0, 1, 1, 1, 2))))}.values()
    )


def _carrier(school: SmallSchool, luck: Random) -> Carrier:
    if school.talks and luck.random() < 0.2:
        kind = luck.choice((TokenKind.THREAD, TokenKind.STAFF))
        return carrier(kind, luck.choice(sorted(school.talks)), place=luck.choice(("to", "references")))
    letter = school.letters[luck.choice(sorted(school.letters))]
    place = luck.choice(("to", "to", "references", "subject"))
    if letter.sections and luck.random() < 0.4:
        return carrier(TokenKind.SECTION, letter.public_id, luck.choice(letter.sections).ordinal, place)
    return carrier(TokenKind.DISPATCH, letter.public_id, 0, place)


def owner(lead: Lead) -> str:
    """The guardian whose letter or conversation it is; empty for the teacher's end of one."""
    if lead.carrier.token.kind is TokenKind.STAFF:
        return ""
    if lead.dispatch is not None:
        return lead.dispatch.recipient_id
    return lead.conversation.guardian_id if lead.conversation else ""
