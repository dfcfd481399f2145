"""The sample school has the families it promises, and exports them as a valid OneRoster file."""

import csv
import io
import zipfile
from datetime import date

import pytest

from office.demo.cast import CAST
from office.demo.oneroster_zip import COLUMNS, to_oneroster_zip
from office.demo.sample_items import sample_items
from office.demo.sample_school import SampleSchool, sample_school

TODAY = date(2026, 11, 27)


@pytest.fixture(scope="module")
def school() -> SampleSchool:
    return sample_school(today=TODAY)


@pytest.fixture(scope="module")
def tables(school: SampleSchool) -> dict[str, list[dict[str, str]]]:
    archive = zipfile.ZipFile(io.BytesIO(to_oneroster_zip(school)))
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(archive.read(name).decode()), strict=True))
        for name in archive.namelist()
    }


def test_sixty_families_fill_six_homerooms_with_nine_teachers(school):
    homes = {key.removesuffix("-2") for _, key in school.roster.home_keys if key.startswith("h-0")}

    assert len(homes) == 60 - len(CAST)
    assert [group.id for group in school.homerooms] == ["1A", "2A", "3A", "4A", "5A", "6A"]
    assert len(school.roster.teachers) == 9


def test_the_same_arguments_give_the_same_school_and_the_same_bytes(school):
    again = sample_school(today=TODAY)

    assert again == school
    assert to_oneroster_zip(again) == to_oneroster_zip(school)
    assert sample_school(seed=7, today=TODAY) != school


@pytest.mark.parametrize("families", [1, 12, 300])
def test_every_child_sits_in_one_homeroom_and_every_class_has_a_teacher(families):
    roster = sample_school(families, today=TODAY).roster
    homerooms = {group.id for group in roster.classes if group.homeroom}

    for child in roster.children:
        assert len([tie for tie in roster.enrolments if tie.child_id == child.id and tie.class_id in homerooms]) == 1
    assert {group.id for group in roster.classes} == {tie.class_id for tie in roster.assignments}


def test_a_bigger_school_opens_more_classes_of_a_bearable_size():
    roster = sample_school(600, today=TODAY).roster
    sizes = [sum(tie.class_id == group.id for tie in roster.enrolments) for group in roster.classes if group.homeroom]

    assert len(sizes) > 24
    assert max(sizes) <= 30


def test_the_twins_sit_in_one_class_and_the_siblings_in_two(school):
    homeroom = {tie.child_id: tie.class_id for tie in school.roster.enrolments if "-" not in tie.class_id}

    assert homeroom["s-juno"] == homeroom["s-felix"] == "2A"
    assert homeroom["s-leif"] != homeroom["s-petra"]


def test_parents_who_live_apart_have_two_household_keys(school):
    homes = dict(school.roster.home_keys)

    assert homes["g-lena-brandt"] != homes["g-chris-moore"]
    assert homes["g-signe-tamsin"] == homes["g-rolf-tamsin"]


def test_in_the_step_family_each_adult_is_tied_to_the_right_children(school):
    ties = {(tie.guardian_id, tie.child_id) for tie in school.roster.guardianships}

    assert {child for guardian, child in ties if guardian == "g-dana-whitlock"} == {"s-ivy", "s-rafe"}
    assert {child for guardian, child in ties if guardian == "g-marcus-whitlock"} == {"s-rafe"}
    assert {child for guardian, child in ties if guardian == "g-ben-carter"} == {"s-ivy"}


def test_one_father_is_barred_one_child_has_left_one_guardian_has_no_address(school):
    barred = [tie for tie in school.roster.guardianships if not tie.may_hear(TODAY)]
    gone = {tie.child_id for tie in school.roster.enrolments if not tie.holds(TODAY)}

    assert [(tie.guardian_id, bool(tie.bar_source)) for tie in barred] == [("g-gregor-stone", True)]
    assert gone == {"s-noah"}
    assert [guardian.id for guardian in school.roster.guardians if not guardian.address] == ["g-walter-finch"]


def test_a_mother_who_teaches_here_writes_from_home_with_another_address(school):
    addresses = {teacher.family_name: teacher.address for teacher in school.roster.teachers}
    mother = next(guardian for guardian in school.roster.guardians if guardian.id == "g-amara-osei")

    assert mother.family_name in addresses
    assert mother.address != addresses[mother.family_name]


def test_four_languages_are_spoken_and_no_address_could_reach_a_real_person(school):
    roster = school.roster

    assert {guardian.language for guardian in roster.guardians} == {"en", "es", "ar", "zh-Hans"}
    assert all(guardian.address.endswith("@example.org") for guardian in roster.guardians if guardian.address)
    assert all(teacher.address.endswith("@school.test") for teacher in roster.teachers)
    assert len({guardian.address for guardian in roster.guardians}) == len(roster.guardians)


def test_no_two_people_share_a_first_name_within_a_family(school):
    named = {person.id: person.given_name for person in (*school.roster.guardians, *school.roster.children)}
    for guardian in school.roster.guardians:
        children = [tie.child_id for tie in school.roster.guardianships if tie.guardian_id == guardian.id]
        names = [named[guardian.id], *(named[child] for child in children)]

        assert len(set(names)) == len(names)


def test_the_export_has_the_columns_of_the_standard_and_a_true_manifest(tables):
    manifest = {row["propertyName"]: row["value"] for row in tables["manifest"]}

    assert {name for name in tables if name not in {"manifest", "family_extras"}} == {
        key.removeprefix("file.") for key, value in manifest.items() if value == "bulk"
    }
    for name, columns in COLUMNS.items():
        assert ",".join(tables[name][0]) == columns


def test_every_reference_of_the_export_points_at_a_row(tables):
    ids = {name: {row["sourcedId"] for row in rows} for name, rows in tables.items() if "sourcedId" in rows[0]}
    roles = {row["sourcedId"]: row["role"] for row in tables["users"]}

    for row in tables["enrollments"]:
        assert row["classSourcedId"] in ids["classes"]
        assert roles[row["userSourcedId"]] == row["role"]
    for row in tables["classes"]:
        assert row["courseSourcedId"] in ids["courses"]
        assert set(row["termSourcedIds"].split(",")) <= ids["academicSessions"]
    for row in tables["users"]:
        assert {roles[agent] for agent in row["agentSourcedIds"].split(",") if agent} <= {"parent", "relative"}
    assert {row["person"] for row in tables["family_extras"]} <= ids["users"]
    assert {name: len(rows) for name, rows in ids.items()} == {name: len(tables[name]) for name in ids}


def test_the_week_has_items_for_everyone_and_four_languages(school):
    files = sample_items(school, TODAY)
    audiences = {
        line.partition(": ")[2] for text in files.values() for line in text.splitlines() if "audience:" in line
    }
    kinds = {
        line.partition(": ")[2] for text in files.values() for line in text.splitlines() if line.startswith("kind")
    }

    assert kinds == {"news", "event", "question", "try"}
    assert {"school", "class:3A-music", "child:s-wren", "child:s-leif"} <= audiences
    assert {f"class:{group.id}" for group in school.homerooms} <= audiences
    assert {"picnic.md", "picnic.es.md", "picnic.ar.md", "picnic.zh-Hans.md"} <= set(files)
