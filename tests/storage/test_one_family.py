"""What the fixed statements answer is what the roster says, thought through in plain Python: any roster, any day."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school.audience import Addressee, Desk, TaughtChild
from school.people import (
    CLASS_TEACHER,
    Assignment,
    Child,
    ClassGroup,
    Enrolment,
    Guardian,
    Guardianship,
    Teacher,
)
from school.roster.roster import Roster
from storage.people import PeopleStore

DAY = date(2026, 11, 27)
DAYS = [DAY + timedelta(days=ahead) for ahead in (-1, 0, 1)]
SOME_DAY = st.sampled_from([None, None, *DAYS])
NUMBERS = range(4)
CHILDREN, GUARDIANS, TEACHERS, CLASSES = ([f"{sign}-{number}" for number in NUMBERS] for sign in "cgtk")
ADDRESSES = ["home@example.org", "Home@Example.org", "other@example.org", ""]


def _some(ids: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ids), unique=True)


EVERYBODY = Roster(
    children=tuple(Child(id=one, given_name="C", family_name="C") for one in CHILDREN),
    guardians=tuple(Guardian(id=one, given_name="G", family_name="G") for one in GUARDIANS),
    teachers=tuple(Teacher(id=one, given_name="T", family_name="T") for one in TEACHERS),
    classes=tuple(ClassGroup(id=one, title=one) for one in CLASSES),
)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """A few of everybody, tied in every way, with beginnings, ends, bars and doubled ties around one day."""
    children, guardians, teachers, classes = (draw(_some(ids)) for ids in (CHILDREN, GUARDIANS, TEACHERS, CLASSES))
    name, address = st.sampled_from(["Ada", "Bo", "Çi"]), st.sampled_from(ADDRESSES)

    def ties(left: list[str], right: list[str]) -> list[tuple[str, str]]:
        """Also of those who left: a damaged roster may still tie them."""
        return draw(st.lists(st.tuples(st.sampled_from(left), st.sampled_from(right)), max_size=8))

    return Roster(
        children=tuple(Child(id=one, given_name=draw(name), family_name=draw(name)) for one in children),
        guardians=tuple(
            Guardian(id=one, given_name=draw(name), family_name="G", address=draw(address)) for one in guardians
        ),
        teachers=tuple(
            Teacher(id=one, given_name="T", family_name=draw(name), address=draw(address)) for one in teachers
        ),
        classes=tuple(
            ClassGroup(id=one, title=one, homeroom=draw(st.booleans()), term_ids=("autumn",)) for one in classes
        ),
        enrolments=tuple(
            Enrolment(child_id=child, class_id=group, begins=draw(SOME_DAY), ends=draw(SOME_DAY))
            for child, group in ties(CHILDREN, CLASSES)
        ),
        assignments=tuple(
            Assignment(
                teacher_id=teacher,
                class_id=group,
                role=draw(st.sampled_from([CLASS_TEACHER, "music", "art"])),
                begins=draw(SOME_DAY),
                ends=draw(SOME_DAY),
            )
            for teacher, group in ties(TEACHERS, CLASSES)
        ),
        guardianships=tuple(
            Guardianship(guardian_id=guardian, child_id=child, barred=draw(st.booleans()), barred_until=draw(SOME_DAY))
            for guardian, child in dict.fromkeys(ties(GUARDIANS, CHILDREN))
        ),
    )


# ---- the same, in plain Python ----


def desks(roster: Roster, child_id: str, day: date) -> tuple[Desk, ...]:
    if child_id not in {one.id for one in roster.children}:
        return ()
    sitting = {tie.class_id for tie in roster.enrolments if tie.child_id == child_id and tie.holds(day)}
    found = []
    for group in roster.classes:
        if group.id not in sitting:
            continue
        held = [tie for tie in roster.assignments if tie.class_id == group.id and tie.holds(day)]
        roles = {tie.role for tie in held} | ({CLASS_TEACHER} if group.homeroom else set())
        for role in roles:
            ids = {tie.teacher_id for tie in held if tie.role == role}
            teachers = sorted((one for one in roster.teachers if one.id in ids), key=lambda one: one.id)
            if teachers or (group.homeroom and role == CLASS_TEACHER):
                found.append(Desk(class_group=group, role=role, teachers=tuple(teachers)))
    return tuple(sorted(found, key=lambda desk: (desk.role != CLASS_TEACHER, desk.role, desk.class_group.id)))


def addressee(roster: Roster, guardian_id: str, day: date) -> Addressee | None:
    guardian = next((one for one in roster.guardians if one.id == guardian_id), None)
    if guardian is None:
        return None
    children = {one.id: one for one in roster.children}
    taught = [
        TaughtChild(child=children[tie.child_id], barred=not tie.may_hear(day), desks=desks(roster, tie.child_id, day))
        for tie in roster.guardianships
        if tie.guardian_id == guardian_id and tie.child_id in children
    ]
    in_order = sorted(taught, key=lambda one: (one.child.family_name, one.child.first_name, one.child.id))
    return Addressee(guardian=guardian, children=tuple(in_order))


def at(people: tuple[Guardian, ...] | tuple[Teacher, ...], address: str) -> tuple[Guardian | Teacher, ...]:
    if not address:
        return ()
    return tuple(sorted((one for one in people if one.address.lower() == address.lower()), key=lambda one: one.id))


@pytest.fixture
def people(database) -> PeopleStore:
    people = PeopleStore(database)
    people.save(EVERYBODY, DAY)
    return people


def compare(people: PeopleStore, roster: Roster, day: date) -> None:
    whole = {one.guardian.id: one for one in people.addressees(day)}
    for guardian_id in GUARDIANS:
        expected = addressee(roster, guardian_id, day)
        assert people.addressee(guardian_id, day) == expected
        assert whole.get(guardian_id) == expected
        assert people.guardian(guardian_id) == (expected and expected.guardian)
    for child_id in CHILDREN:
        expected_desks = desks(roster, child_id, day)
        assert people.desks(child_id, day) == expected_desks
        assert people.child(child_id) == next((one for one in roster.children if one.id == child_id), None)
    for teacher_id in TEACHERS:
        assert people.teacher(teacher_id) == next((one for one in roster.teachers if one.id == teacher_id), None)
    for class_id in CLASSES:
        assert people.class_group(class_id) == next((one for one in roster.classes if one.id == class_id), None)
    for address in ADDRESSES:
        assert people.guardians_at(f" {address.upper()} ") == at(roster.guardians, address)
        assert people.teachers_at(address) == at(roster.teachers, address)


# One database for all examples on purpose: whoever is not in the next roster has left the school.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roster=rosters())
def test_any_roster_is_answered_as_plain_python_answers_it(people, roster):
    people.save(roster, DAY)

    for day in DAYS:
        compare(people, roster, day)
