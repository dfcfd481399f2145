"""Who may hear about whom is asked of today's roster: leavers, substitutes, class changes and bars hold at once."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from school.people import Assignment, Enrolment, Guardian, Guardianship
from school.roster.read import read_roster
from storage.people import PeopleStore

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
DAY = date(2026, 11, 27)
FILE = read_roster({path.name: path.read_bytes() for path in ROSTER.iterdir()}, DAY).roster


@pytest.fixture
def people(database) -> PeopleStore:
    people = PeopleStore(database)
    people.save(FILE, DAY)
    return people


def places(people: PeopleStore, guardian_id: str, day: date = DAY) -> dict[str, list[tuple[str, list[str]]]]:
    """{child: [(role, teachers)]} of what a guardian may hear about."""
    author = people.addressee(guardian_id, day)
    return {
        taught.child.id: [(desk.role, [teacher.id for teacher in desk.teachers]) for desk in taught.desks]
        for taught in author.hears_about
    }


def test_what_was_saved_is_the_roster_again(people):
    kept = people.roster()

    assert (kept.children, kept.guardians, kept.teachers) == (FILE.children, FILE.guardians, FILE.teachers)
    assert set(kept.assignments) == set(FILE.assignments)
    assert set(kept.enrolments) == set(FILE.enrolments)
    people.save(kept, DAY)
    assert people.roster() == kept


def test_a_guardian_hears_of_her_children_and_their_teachers(people):
    assert places(people, "g-mia") == {
        "c-ida": [("class", ["t-ruiz"]), ("music", ["t-cole"])],
        "c-leo": [("class", ["t-horn"])],
    }
    assert places(people, "g-eva") == {"c-anna": [("class", ["t-horn"])]}
    assert people.addressee("g-nobody", DAY) is None


def test_asking_for_one_and_for_all_is_the_same_answer(people):
    assert {one.guardian.id: one for one in people.addressees(DAY)} == {
        guardian: people.addressee(guardian, DAY) for guardian in ("g-eva", "g-jon", "g-mia")
    }


def test_a_teacher_reads_what_she_teaches_today(people):
    assert people.taught_by("t-horn", DAY) == {("c-anna", "class"), ("c-leo", "class")}
    assert people.taught_by("t-cole", DAY) == {("c-ida", "music")}
    assert people.taught_by("t-nobody", DAY) == frozenset()


@pytest.mark.parametrize("day", [date(2026, 8, 23), date(2026, 12, 19)])
def test_outside_the_dates_nobody_teaches_anybody(people, day):
    assert people.taught_by("t-horn", day) == frozenset()
    assert people.teachers_of("c-anna", "class", day) == ()


@pytest.mark.parametrize(
    ("day", "teachers"),
    [(DAY, ["t-horn"]), (DAY + timedelta(days=1), ["t-cole"]), (DAY + timedelta(days=8), ["t-horn"])],
)
def test_a_substitute_reads_from_her_first_day_to_her_last(people, day, teachers):
    away = next(tie for tie in FILE.assignments if tie.teacher_id == "t-horn")
    changed = (
        *(tie for tie in FILE.assignments if tie is not away),
        replace(away, ends=DAY),
        replace(away, begins=DAY + timedelta(days=8)),
        Assignment(teacher_id="t-cole", class_id="k-3b", begins=DAY + timedelta(days=1), ends=DAY + timedelta(days=7)),
    )
    people.save(replace(FILE, assignments=changed), DAY)

    assert [teacher.id for teacher in people.teachers_of("c-anna", "class", day)] == teachers
    assert (("c-anna", "class") in people.taught_by("t-horn", day)) is ("t-horn" in teachers)
    assert (("c-anna", "class") in people.taught_by("t-cole", day)) is ("t-cole" in teachers)


def test_a_child_who_changes_class_changes_teachers(people):
    moved = tuple(
        replace(tie, ends=DAY - timedelta(days=1)) if tie.child_id == "c-anna" else tie for tie in FILE.enrolments
    )
    people.save(replace(FILE, enrolments=(*moved, Enrolment(child_id="c-anna", class_id="k-5a", begins=DAY))), DAY)

    assert ("c-anna", "class") not in people.taught_by("t-horn", DAY)
    assert ("c-anna", "class") in people.taught_by("t-ruiz", DAY)
    assert places(people, "g-eva") == {"c-anna": [("class", ["t-ruiz"])]}


@pytest.mark.parametrize("who", ["teachers", "children", "guardians"])
def test_who_left_is_gone_for_mail_and_kept_for_the_record(people, who):
    gone = getattr(FILE, who)[0].id
    ties = {
        name: tuple(tie for tie in getattr(FILE, name) if gone not in {getattr(tie, key, "") for key in KEYS})
        for name in ("enrolments", "assignments", "guardianships", "home_keys")
    }
    people.save(replace(FILE, **{who: getattr(FILE, who)[1:]}, **ties), DAY)

    one = {"teachers": people.teacher, "children": people.child, "guardians": people.guardian}[who]
    assert one(gone) is None
    assert gone not in {held.id for held in getattr(people.roster(), who)}
    people.save(FILE, DAY)
    assert one(gone) is not None


KEYS = ("teacher_id", "child_id", "guardian_id")


@pytest.mark.parametrize(
    ("until", "day", "hears"), [(None, DAY, False), (DAY, DAY, False), (DAY, DAY + timedelta(days=1), True)]
)
def test_a_bar_holds_to_its_last_day(people, until, day, hears):
    tie = Guardianship(guardian_id="g-jon", child_id="c-leo", barred=True, barred_until=until, bar_source="order 7")
    others = tuple(held for held in FILE.guardianships if (held.guardian_id, held.child_id) != ("g-jon", "c-leo"))
    people.save(replace(FILE, guardianships=(*others, tie)), DAY)

    assert ("c-leo" in places(people, "g-jon", day)) is hears
    assert "c-leo" in places(people, "g-mia", day)


def test_addresses_are_found_in_any_case_and_may_be_shared(people):
    twin = Guardian(id="g-shared", given_name="S", family_name="B", address="MIA@example.org")
    people.save(replace(FILE, guardians=(*FILE.guardians, twin)), DAY)

    assert [held.id for held in people.guardians_at(" Mia@Example.org ")] == ["g-mia", "g-shared"]
    assert people.guardians_at("") == people.guardians_at("nobody@example.org") == ()
    assert [held.id for held in people.teachers_at("HORN@school.test")] == ["t-horn"]


def test_a_class_without_a_teacher_keeps_its_desk_for_the_office(people):
    people.save(replace(FILE, assignments=tuple(tie for tie in FILE.assignments if tie.teacher_id != "t-horn")), DAY)

    assert places(people, "g-eva") == {"c-anna": [("class", [])]}


def test_a_teacher_assigned_twice_stands_at_a_desk_once(people):
    people.save(replace(FILE, assignments=(*FILE.assignments, *FILE.assignments)), DAY)

    assert places(people, "g-eva") == {"c-anna": [("class", ["t-horn"])]}


def test_a_save_that_fails_changes_nothing(people):
    stray = Enrolment(child_id="c-nobody", class_id="k-3b")
    kept = people.roster()

    with pytest.raises(Exception, match=r"(?i)foreign"):
        people.save(replace(FILE, teachers=FILE.teachers[:1], enrolments=(stray,)), DAY)

    assert people.roster() == kept
