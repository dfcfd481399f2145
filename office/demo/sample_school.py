"""A lovable invented school of any size: the families of the cast, and as many more as asked for."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from office.demo.cast import CAST, CastFamily
from office.demo.names import (
    CLASS_TEACHERS,
    MORE_TEACHERS_FAMILY,
    MORE_TEACHERS_GIVEN,
    NAMES,
    SUBJECT_TEACHERS,
    NamePool,
)
from school.people import (
    CLASS_TEACHER,
    Assignment,
    Child,
    ClassGroup,
    Enrolment,
    Guardian,
    Guardianship,
    School,
    Teacher,
)
from school.roster.roster import Roster
from school.term import Holiday, Term

SCHOOL_ID = "lindenfield"
SCHOOL_NAME = "Lindenfield Primary School"
TERM_ID = "term-1"
GRADES = 6
CLASS_SIZE = 25
SUBJECT_TITLES = {"music": "Music", "art": "Art", "pe": "Physical Education"}
SUBJECT_GRADES = {"music": range(1, 7), "art": range(1, 4), "pe": range(4, 7)}  #: who teaches which grades
LANGUAGES = ("en", "es", "ar", "zh-Hans")
LANGUAGE_SHARES = (60, 18, 11, 11)  #: percent, in a town by a harbour
CHILDREN_SHARES = {1: 58, 2: 31, 3: 11}
TWO_HOMES = 0.12
ONE_GUARDIAN = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleSchool:
    """The school as its own office would hand it over, on one day."""

    name: str
    today: date
    families: int
    roster: Roster

    @property
    def homerooms(self) -> tuple[ClassGroup, ...]:
        return tuple(group for group in self.roster.classes if group.homeroom)


def sample_school(families: int = 60, seed: int = 2026, *, today: date) -> SampleSchool:
    """The same school every time for the same arguments; the cast comes first, so twelve families have all of it."""
    town = _Town(today=today, luck=random.Random(seed))  # noqa: S311 - invented names, not keys
    for family in CAST[:families]:
        _settle(town, family)
    for number in range(len(CAST) + 1, families + 1):
        _found(town, number)
    _open_classes(town)
    return SampleSchool(name=SCHOOL_NAME, today=today, families=families, roster=_roster(town))


@dataclass(kw_only=True, slots=True)
class _Town:
    """What grows while families move in."""

    today: date
    luck: random.Random
    children: list[Child] = field(default_factory=list)
    guardians: list[Guardian] = field(default_factory=list)
    ties: list[Guardianship] = field(default_factory=list)
    homes: list[tuple[str, str]] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    teachers: dict[str, Teacher] = field(default_factory=dict)
    classes: list[ClassGroup] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)


def _settle(town: _Town, family: CastFamily) -> None:
    for child in family.children:
        town.children.append(
            Child(id=child.id, given_name=child.given_name, family_name=child.family_name, grade=str(child.grade))
        )
        if child.left:
            town.left.add(child.id)
    for guardian in family.guardians:
        town.addresses.add(guardian.address)
        town.homes.append((guardian.id, guardian.home))
        town.guardians.append(
            Guardian(
                id=guardian.id,
                given_name=guardian.given_name,
                family_name=guardian.family_name,
                address=guardian.address,
                language=guardian.language,
            )
        )
        town.ties.extend(
            Guardianship(
                guardian_id=guardian.id,
                child_id=child_id,
                relation=guardian.relation,
                barred=child_id in guardian.barred_from,
                bar_source=guardian.bar_source if child_id in guardian.barred_from else "",
            )
            for child_id in guardian.children
        )


def _found(town: _Town, number: int) -> None:
    """One generated family moves in."""
    luck = town.luck
    language = luck.choices(LANGUAGES, LANGUAGE_SHARES)[0]
    pool = NAMES[language]
    latin, own = luck.choice(pool.families)
    how_many = luck.choices(tuple(CHILDREN_SHARES), tuple(CHILDREN_SHARES.values()))[0]
    children = tuple(
        Child(
            id=f"s-{number:05d}{'abc'[place]}", given_name=name, family_name=latin, grade=str(luck.randint(1, GRADES))
        )
        for place, name in enumerate(luck.sample(pool.children, how_many))
    )
    town.children.extend(children)
    two_homes = luck.random() < TWO_HOMES
    adults = 1 if not two_homes and luck.random() < ONE_GUARDIAN else 2
    for place in range(adults):
        guardian = _guardian(town, f"g-{number:05d}{'ab'[place]}", pool, place, (latin, own))
        town.guardians.append(replace(guardian, language=language))
        town.homes.append((guardian.id, f"h-{number:05d}{'-2' if two_homes and place else ''}"))
        town.ties.extend(
            Guardianship(guardian_id=guardian.id, child_id=child.id, relation="parent") for child in children
        )


def _guardian(town: _Town, guardian_id: str, pool: NamePool, place: int, family_name: tuple[str, str]) -> Guardian:
    latin, own = town.luck.choice(pool.mothers if place == 0 else pool.fathers)
    address = f"{_ascii(latin)}.{_ascii(family_name[0])}@example.org"
    if address in town.addresses:
        address = address.replace("@", f"{guardian_id.removeprefix('g-').lstrip('0')}@")
    town.addresses.add(address)
    return Guardian(id=guardian_id, given_name=own, family_name=family_name[1], address=address)


def _open_classes(town: _Town) -> None:
    """Homerooms of a bearable size with a teacher each, and music, art and sport for each homeroom."""
    for grade in range(1, GRADES + 1):
        pupils = [child for child in town.children if child.grade == str(grade)]
        parallel = max(1, -(-len(pupils) // CLASS_SIZE))
        for place in range(parallel):
            name = f"{grade}{_letter(place)}"
            members = [child for position, child in enumerate(pupils) if _place_of(position, parallel) == place]
            _open_class(town, ClassGroup(id=name, title=name), members, _class_teacher(town, grade, place))
            for subject, grades in SUBJECT_GRADES.items():
                if grade in grades:
                    title = SUBJECT_TITLES[subject]
                    group = ClassGroup(id=f"{name}-{subject}", title=f"{title} {name}", homeroom=False, subject=title)
                    _open_class(town, group, members, _subject_teacher(town, subject, place))


def _open_class(town: _Town, group: ClassGroup, members: list[Child], teacher: Teacher) -> None:
    first_day = _term(town.today).begins
    town.classes.append(replace(group, school_id=SCHOOL_ID, term_ids=(TERM_ID,)))
    role = CLASS_TEACHER if group.homeroom else group.subject.lower()
    town.assignments.append(Assignment(teacher_id=teacher.id, class_id=group.id, role=role))
    town.enrolments.extend(
        Enrolment(
            child_id=child.id,
            class_id=group.id,
            begins=first_day,
            ends=town.today - timedelta(weeks=3) if child.id in town.left else None,
        )
        for child in members
    )


def _place_of(position: int, parallel: int) -> int:
    """The parallel class of a grade's pupil; the first few, the cast, all sit in the first one, twins together."""
    return 0 if position < 5 else position % parallel


def _class_teacher(town: _Town, grade: int, place: int) -> Teacher:
    if place == 0:
        return _hire(town, *CLASS_TEACHERS[grade - 1])
    number = place * GRADES + grade
    given = MORE_TEACHERS_GIVEN[number % len(MORE_TEACHERS_GIVEN)]
    family = MORE_TEACHERS_FAMILY[number // len(MORE_TEACHERS_GIVEN) % len(MORE_TEACHERS_FAMILY)]
    return _hire(town, "Ms" if number % 2 else "Mx", given, family, number)


def _subject_teacher(town: _Town, subject: str, place: int) -> Teacher:
    people = SUBJECT_TEACHERS[subject]
    return _hire(town, *people[min(place, len(people) - 1)])


def _hire(town: _Town, title: str, given: str, family: str, number: int = 0) -> Teacher:
    """The teacher of that name, new or already here."""
    mark = str(number) if number else ""
    local = f"{_ascii(given)}.{_ascii(family)}{mark}"
    teacher = Teacher(
        id=f"t-{local}", given_name=given, family_name=family, address=f"{local}@school.test", title=title
    )
    return town.teachers.setdefault(teacher.id, teacher)


def _letter(place: int) -> str:
    """A, B, … Z, AA, AB: the mark of a parallel class."""
    return (_letter(place // 26 - 1) if place >= 26 else "") + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place % 26]


def _ascii(name: str) -> str:
    """A name as it stands in an address: `Íñigo` → `inigo`."""
    plain = name.lower().translate(str.maketrans("áàäéèëíïóöúüñç", "aaaeeeiioouunc"))
    return "".join(sign for sign in plain if sign.isascii() and sign.isalpha())


def _term(today: date) -> Term:
    """A term that began eleven weeks ago on a Monday and ends on a Friday in a month."""
    monday = today - timedelta(days=today.weekday())
    return Term(
        id=TERM_ID,
        title="First term",
        begins=monday - timedelta(weeks=11),
        ends=monday + timedelta(weeks=4, days=4),
    )


def _roster(town: _Town) -> Roster:
    term = _term(town.today)
    mid_term = term.begins + timedelta(weeks=7)
    return Roster(
        schools=(School(id=SCHOOL_ID, name=SCHOOL_NAME),),
        terms=(term,),
        holidays=(Holiday(name="Mid-term week", first=mid_term, last=mid_term + timedelta(days=4)),),
        classes=tuple(sorted(town.classes, key=lambda group: group.id)),
        children=tuple(sorted(town.children, key=lambda child: child.id)),
        guardians=tuple(sorted(town.guardians, key=lambda guardian: guardian.id)),
        teachers=tuple(sorted(town.teachers.values(), key=lambda teacher: teacher.id)),
        enrolments=tuple(sorted(town.enrolments, key=lambda tie: (tie.child_id, tie.class_id))),
        assignments=tuple(sorted(town.assignments, key=lambda tie: (tie.teacher_id, tie.class_id))),
        guardianships=tuple(sorted(town.ties, key=lambda tie: (tie.guardian_id, tie.child_id))),
        home_keys=tuple(sorted(town.homes)),
    )
