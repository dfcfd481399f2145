"""School Data Sync exports become rosters; their guardians, named nowhere but in relationships, are not lost."""

from datetime import date

import pytest

from school.people import CLASS_TEACHER
from tests.rosters.exports import files_of, lines, read, said, spoilt, with_line


def ties(reading):
    return {(tie.guardian_id, tie.child_id, tie.relation) for tie in reading.roster.guardianships}


def test_guardians_without_a_role_row_are_read():
    reading = read(files_of("sds_21"))

    assert reading.format == "SDS v2.1"
    assert [guardian.id for guardian in reading.roster.guardians] == ["g10", "g9"]
    assert ties(reading) == {("g9", "s1", "guardian"), ("g9", "s2", "relative"), ("g10", "s2", "parent")}


def test_teacher_with_two_role_rows_is_one_teacher_and_a_professor_teaches():
    reading = read(files_of("sds_21"))

    assert {(post.teacher_id, post.class_id) for post in reading.roster.assignments} == {("t1", "k1"), ("t2", "k2")}
    assert "note enrollments.csv:6: read the role 'professor' as 'teacher'" in said(reading)


def test_sds_has_no_homerooms_so_an_only_class_has_the_class_teacher():
    reading = read(files_of("sds_21"))

    assert {(post.class_id, post.role) for post in reading.roster.assignments} == {
        ("k1", CLASS_TEACHER), ("k2", "physics"),
    }  # fmt: skip


def test_terms_schools_and_grades_come_from_their_files():
    roster = read(files_of("sds_21")).roster

    assert [(term.id, term.kind, term.begins) for term in roster.terms] == [("y26", "schoolYear", date(2026, 8, 24))]
    assert [school.id for school in roster.schools] == ["o1", "o2"]  # the ministry and the department are none
    assert [child.grade for child in roster.children] == ["10", "PS1", "10"]


def test_relationship_rows_are_checked():
    files = with_line(
        files_of("sds_21"), "relationships.csv", "s1,t1,parent", "s1,nobody,parent", "s3,g10,doctor", "g10,s3,Guardian"
    )

    reading = read(files)

    assert ("t1", "s1") not in {(g, c) for g, c, _ in ties(reading)}
    assert ("g10", "s3", "guardian") in ties(reading)
    notes = said(reading)
    assert any(note.startswith("warning relationships.csv:5: s1 (child) is linked to t1 (teacher)") for note in notes)
    assert "warning relationships.csv:6: nobody is not in the users: not taken" in notes
    assert "note relationships.csv:7: g10 is doctor of s3: not a guardian, not taken" in notes
    assert "note relationships.csv:8: names the guardian first: read the other way round" in notes


def test_teacher_who_is_a_parent_needs_a_role_row_that_says_so():
    files = with_line(files_of("sds_21"), "relationships.csv", "s1,t1,parent")
    files = with_line(files, "roles.csv", "t1,o1,parent,,,FALSE")

    assert ("t1", "s1", "parent") in ties(read(files))


def test_version_2_is_read_without_guardians_and_warned_about():
    reading = read(files_of("sds_2"))

    assert reading.format == "SDS v2"
    assert [child.id for child in reading.roster.children] == ["1", "2"]
    assert [(teacher.id, teacher.address) for teacher in reading.roster.teachers] == [("7", "kim@school.test")]
    notes = said(reading)
    assert "warning relationships.csv: is missing or empty: no guardians were read, so nobody gets letters" in notes
    assert "note enrollments.csv:5: 8 is Aide, which does not teach: left out" in notes
    assert "note enrollments.csv:4: 2 belongs to o2 and sits in k1 of o1: taken" in notes


def test_version_1_is_read_with_its_headers_for_people():
    reading = read(files_of("sds_1"))

    roster = reading.roster
    assert reading.format == "SDS v1"
    assert [child.full_name for child in roster.children] == ["Ana Lee", "Bo Lee"]
    assert [(term.begins, term.ends) for term in roster.terms] == [(date(2026, 7, 1), date(2027, 6, 30))]
    assert {(post.teacher_id, post.class_id, post.role) for post in roster.assignments} == {
        ("21", "31", "math"), ("21", "32", "art"),
    }  # fmt: skip
    assert [group.title for group in roster.classes] == ["Algebra", "Algebra"]  # a class is its id, not its title
    assert "note Section.csv: dates were read month first, as they show; write YYYY-MM-DD to be sure" in said(reading)


def test_version_1_in_the_uks_words_is_the_same():
    files = files_of("sds_1")
    renamed = {
        "School.csv": [("SIS ID", "DfE Number")],
        "Section.csv": [("School SIS ID", "School DfE Number"), ("SIS ID,School", "Section ID,School")],
        "Student.csv": [("School SIS ID", "School DfE Number"), ("SIS ID,", "ID,")],
        "Teacher.csv": [("School SIS ID", "School DfE Number"), ("SIS ID,", "ID,")],
        "StudentEnrollment.csv": [("Section SIS ID,SIS ID", "Section ID,ID")],
        "TeacherRoster.csv": [("Section SIS ID,SIS ID", "Section ID,ID")],
    }
    for name, pairs in renamed.items():
        for old, new in pairs:
            files = spoilt(files, name, old, new)

    assert read(files).roster == read(files_of("sds_1")).roster


def test_version_1_guardians_come_by_address():
    files = {
        **files_of("sds_1"),
        "user.csv": lines("Email,First Name,Last Name,Phone,SIS ID", "mo@example.org,Mo,Lee,555,"),
        "guardianrelationship.csv": lines("SIS ID,Email,Role", "11,mo@example.org,Parent", "12,mo@example.org,Doctor"),
    }

    assert ties(read(files)) == {("mo-example-org", "11", "parent")}


@pytest.mark.parametrize("folder", ["sds_21", "sds_2", "sds_1"])
def test_passwords_are_never_kept(folder):
    assert "hunter2" not in repr(read(files_of(folder)))
