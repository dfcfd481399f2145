"""OneRoster exports become rosters, and every trap seen in public ones is reported or refused."""

from datetime import date

import pytest

from school.errors import InputError
from school.people import Assignment, Guardianship
from school.roster.notes import Level
from tests.rosters.exports import files_of, lines, novak_berg, read, said, spoilt, with_line

SEPTEMBER, DECEMBER = date(2026, 8, 24), date(2026, 12, 18)


def roles(reading):
    return {(post.teacher_id, post.class_id): post.role for post in reading.roster.assignments}


def ties(reading):
    return {(tie.guardian_id, tie.child_id) for tie in reading.roster.guardianships}


# ---- what a whole export gives ----


def test_bulk_export_gives_the_whole_roster():
    reading = read(novak_berg())

    roster = reading.roster
    assert reading.format == "OneRoster 1.1"
    assert [child.full_name for child in roster.children] == ["Anna Novak", "Ida Berg", "Leo Berg"]
    assert [guardian.address for guardian in roster.guardians] == [
        "eva@example.org",
        "jon@example.org",
        "mia@example.org",
    ]
    assert [teacher.shown_name for teacher in roster.teachers] == ["Mr Cole", "Ms Horn", "Ms Ruiz"]
    assert [(term.begins, term.ends) for term in roster.terms] == [(SEPTEMBER, DECEMBER)]
    assert [school.name for school in roster.schools] == ["Linden School"]
    assert len(roster.guardianships) == 5
    assert not [note for note in reading.notes if note.level is not Level.NOTE]


def test_homeroom_gives_the_class_teacher_and_a_scheduled_class_its_subject():
    reading = read(novak_berg())

    assert roles(reading) == {("t-horn", "k-3b"): "class", ("t-ruiz", "k-5a"): "class", ("t-cole", "k-music"): "music"}
    assert reading.roster.classes[-1].subject == "Music"


def test_scheduled_class_without_subject_takes_the_courses_then_its_own_title():
    by_course = spoilt(novak_berg(), "classes.csv", "autumn-2026,Music,,", "autumn-2026,,,")
    by_course_title = spoilt(by_course, "courses.csv", "linden,Music,", "linden,,")
    by_own_title = spoilt(by_course_title, "classes.csv", 'Music,"03,05",course-music', 'Choir,"03,05",')

    assert roles(read(by_course))["t-cole", "k-music"] == "music"
    assert roles(read(by_course_title))["t-cole", "k-music"] == "music"
    assert roles(read(by_own_title))["t-cole", "k-music"] == "choir"


def test_teacher_of_a_childs_only_class_is_the_class_teacher():
    only_music = spoilt(novak_berg(), "enrollments.csv", "e-3,,,k-5a,linden,c-ida", "e-3,,,k-music,linden,c-ida")

    assert roles(read(only_music))["t-cole", "k-music"] == "class"


def test_no_child_gets_a_second_class_teacher_by_that_rule():
    files = with_line(novak_berg(), "enrollments.csv", "e-8,,,k-music,linden,c-zoe,student,false,,")
    files = with_line(files, "users.csv", "c-zoe,,,true,linden,student,zoe,,Zoe,Lee,,,,,,g-eva,03,")

    assert roles(read(files))["t-cole", "k-music"] == "music"  # Ida has Ms Ruiz


def test_enrolment_dates_are_kept():
    (first, *_) = read(novak_berg()).roster.enrolments

    assert (first.begins, first.ends) == (SEPTEMBER, DECEMBER)


@pytest.mark.parametrize("role", ["aide", "proctor", "administrator"])
def test_only_teachers_teach(role):
    files = spoilt(novak_berg(), "enrollments.csv", "t-cole,teacher", f"t-cole,{role}")

    reading = read(files)

    assert ("t-cole", "k-music") not in roles(reading)
    assert f"note enrollments.csv:8: t-cole is {role}, which does not teach: left out" in said(reading)
    assert "warning classes with children and no teacher: 1 (k-music)" in said(reading)


def test_disabled_guardian_is_left_out_and_said():
    files = spoilt(novak_berg(), "users.csv", "g-jon,,,true", "g-jon,,,FALSE")

    reading = read(files)

    assert [guardian.id for guardian in reading.roster.guardians] == ["g-eva", "g-mia"]
    assert ("g-jon", "c-leo") not in ties(reading)
    assert "note users.csv:6: g-jon (guardian) is left out: enabledUser is false" in said(reading)


def test_disabled_account_does_not_take_a_child_from_its_family():
    files = spoilt(novak_berg(), "users.csv", "c-leo,,,true", "c-leo,,,false")

    assert "c-leo" in {child.id for child in read(files).roster.children}


def test_version_1_2_takes_roles_and_called_names_from_their_new_places():
    reading = read(files_of("oneroster_12"))

    roster = reading.roster
    assert reading.format == "OneRoster 1.2"
    assert [(child.given_name, child.called) for child in roster.children] == [("Isabella", "Bella"), ("Tomas", "")]
    assert [guardian.id for guardian in roster.guardians] == ["g-sol", "t-vega"]
    assert [teacher.id for teacher in roster.teachers] == ["t-vega"]
    assert ties(reading) == {("g-sol", "c-bella"), ("t-vega", "c-tomas")}  # a teacher who is a parent is both


def test_languages_come_from_vendor_columns_and_from_the_child():
    reading = read(files_of("oneroster_12"))

    assert {guardian.id: guardian.language for guardian in reading.roster.guardians} == {
        "g-sol": "es",
        "t-vega": "pt-BR",
    }


def test_user_profiles_and_passwords_are_left_out_on_purpose():
    reading = read(files_of("oneroster_12"))

    assert "note userprofiles.csv: was not read, on purpose: accounts and passwords are not needed" in said(reading)
    assert "hunter2" not in repr(reading)


def test_password_column_never_leaves_the_file():
    files = spoilt(novak_berg(), "users.csv", "g-eva,03,\n", "g-eva,03,hunter2\n")

    reading = read(files)

    assert "hunter2" not in repr(reading)
    assert "note users.csv:1: the column 'password' was not read, on purpose" in said(reading)


# ---- links between guardians and children ----


@pytest.mark.parametrize(
    ("old", "new"),
    [('"g-jon,g-mia",03', ",03"), ('"c-leo,c-ida",,', ",,")],
    ids=["named only by the guardian", "named only by the child"],
)
def test_links_are_taken_in_either_direction(old, new):
    assert ties(read(spoilt(novak_berg(), "users.csv", old, new))) == ties(read(novak_berg()))


def test_agent_who_is_a_teacher_is_no_guardian():
    files = spoilt(novak_berg(), "users.csv", ",g-eva,03", ',"g-eva,t-ruiz",03')

    reading = read(files)

    assert ("t-ruiz", "c-anna") not in ties(reading)
    assert "warning users.csv:2: c-anna (child) is linked to t-ruiz (teacher): not taken as child and guardian" in said(
        reading
    )


def test_agent_who_is_not_in_the_file_is_reported():
    files = spoilt(novak_berg(), "users.csv", ",g-eva,03", ',"g-eva,g-ghost",03')

    assert "warning users.csv:2: c-anna is linked to g-ghost, who is not in the users: not taken" in said(read(files))


def test_relationships_file_may_join_a_oneroster_export():
    files = {
        **spoilt(novak_berg(), "users.csv", ",g-eva,03", ",,03"),
        "relationships.csv": lines(
            "userSourcedId,relationshipUserSourcedId,relationshipRole", "g-eva,c-anna,Parent", "c-anna,t-ruiz,doctor"
        ),
    }
    files = spoilt(files, "users.csv", ",c-anna,,", ",,,")

    reading = read(files)

    assert Guardianship(guardian_id="g-eva", child_id="c-anna", relation="parent") in reading.roster.guardianships
    assert "note relationships.csv:2: names the guardian first: read the other way round" in said(reading)
    assert "note relationships.csv:3: t-ruiz is doctor of c-anna: not a guardian, not taken" in said(reading)


def test_agents_with_blanks_in_the_list_are_found():
    files = spoilt(novak_berg(), "users.csv", '"g-jon,g-mia",03', '" g-jon , g-mia ",03')

    assert ("g-mia", "c-leo") in ties(read(files))


def test_link_and_enrolment_rows_cannot_make_a_teacher_of_a_child():
    files = with_line(novak_berg(), "enrollments.csv", "e-9,,,k-3b,linden,c-ida,teacher,false,,")

    reading = read(files)

    assert ("c-ida", "k-3b") not in roles(reading)
    assert "warning enrollments.csv:9: c-ida (child) cannot be a teacher in k-3b: left out" in said(reading)


def test_guardian_who_teaches_is_both():
    files = with_line(novak_berg(), "enrollments.csv", "e-9,,,k-3b,linden,g-eva,teacher,false,,")

    reading = read(files)

    assert roles(reading)["g-eva", "k-3b"] == "class"
    assert ("g-eva", "c-anna") in ties(reading)
    assert "note enrollments.csv:9: g-eva (guardian) teaches k-3b: taken as a teacher there" in said(reading)


# ---- headers ----


@pytest.mark.parametrize(
    ("file", "right", "written"),
    [
        ("classes.csv", "termSourcedIds", "termSourcedId"),
        ("users.csv", "agentSourcedIds", "agents"),
        ("users.csv", "grades", "grade"),
        ("users.csv", "givenName", "GivenName"),
        ("enrollments.csv", "userSourcedId", "userId"),
        ("enrollments.csv", "beginDate", "BEGINDATE"),
        ("academicSessions.csv", "startDate", "startdate"),
        ("classes.csv", "courseSourcedId", "courseSourcdId"),
    ],
)
def test_misspelt_old_and_other_headers_are_read_and_said(file, right, written):
    reading = read(spoilt(novak_berg(), file, right, written))

    assert reading.roster == read(novak_berg()).roster
    assert f"note {file}:1: read '{written}' as '{right}'" in said(reading)


def test_misspelt_called_name_is_read():
    files = spoilt(files_of("oneroster_12"), "users.csv", "preferredGivenName", "prefferedGivenName")

    reading = read(files)

    assert reading.roster.children[0].called == "Bella"
    assert "note users.csv:1: read 'prefferedGivenName' as 'preferredGivenName'" in said(reading)


def test_missing_column_stops_the_import():
    with pytest.raises(InputError, match=r"users\.csv:1: the column 'familyName' is missing"):
        read(spoilt(novak_berg(), "users.csv", "familyName", "x"))


def test_doubled_column_stops_the_import():
    with pytest.raises(InputError, match=r"users\.csv:1: the column 'email' is there twice"):
        read(spoilt(novak_berg(), "users.csv", "identifier", "Email"))


# ---- manifest ----


def test_manifest_may_have_blank_values_and_say_absent_for_the_system():
    files = spoilt(novak_berg(), "manifest.csv", "source.systemName,Linden SIS", "source.systemName,absent")
    files = spoilt(files, "manifest.csv", "file.users,bulk", "file.users,")

    assert read(files).roster == read(novak_berg()).roster


def test_bulk_rows_may_carry_status_and_the_removed_are_left_out():
    files = spoilt(novak_berg(), "users.csv", "g-jon,,,", "g-jon,tobedeleted,2026-08-01T00:00:00.000Z,")
    files = spoilt(files, "users.csv", "g-mia,,,", "g-mia,Active,2026-08-01T00:00:00.000Z,")

    reading = read(files)

    assert [guardian.id for guardian in reading.roster.guardians] == ["g-eva", "g-mia"]
    assert "note users.csv:6: status is tobedeleted in a full file: taken as removed" in said(reading)


def test_file_promised_and_not_there_stops_the_import():
    files = novak_berg()
    del files["users.csv"]

    with pytest.raises(InputError, match=r"manifest\.csv: promises users\.csv \(bulk\), which is not in the export"):
        read(files)


def test_file_called_absent_is_not_read():
    reading = read(spoilt(novak_berg(), "manifest.csv", "file.courses,bulk", "file.courses,absent"))

    assert "warning manifest.csv: says courses.csv is absent, and it is here: not read" in said(reading)


def test_export_without_manifest_is_read_as_full():
    files = novak_berg()
    del files["manifest.csv"]

    reading = read(files)

    assert reading.roster == read(novak_berg()).roster
    assert "warning manifest.csv: is missing: every file was read as a full snapshot" in said(reading)


def test_files_may_lie_in_a_folder_with_other_capitals_beside_rubbish():
    files = {f"export/{name.upper()}": data for name, data in novak_berg().items()}
    files |= {"__MACOSX/export/._users.csv": b"\0", "export/.DS_Store": b"\0", "export/read me.pdf": b""}

    assert read(files).roster == read(novak_berg()).roster


def test_two_files_of_one_name_stop_the_import():
    with pytest.raises(InputError, match=r"new/users\.csv: there are two files called users\.csv"):
        read({f"{folder}/{name}": data for folder in ("an", "new") for name, data in novak_berg().items()})


# ---- values ----


@pytest.mark.parametrize(("old", "new"), [("k-3b,,,3B,03,course-3,3B,homeroom", "k-3b,,,3B,03,course-3,3B,HomeRoom")])
def test_class_types_may_have_other_capitals(old, new):
    assert read(spoilt(novak_berg(), "classes.csv", old, new)).roster == read(novak_berg()).roster


def test_roles_may_have_other_capitals():
    files = spoilt(novak_berg(), "users.csv", ",student,", ",Student,")
    files = spoilt(files, "enrollments.csv", ",teacher,", ",TEACHER,")

    assert read(files).roster == read(novak_berg()).roster


def test_professors_teach_and_it_is_said():
    files = spoilt(novak_berg(), "users.csv", "linden,teacher,sam.cole", "linden,Professor,sam.cole")

    reading = read(files)

    assert roles(reading)["t-cole", "k-music"] == "music"
    assert "note users.csv:10: read the role 'Professor' as 'teacher'" in said(reading)


def test_blanks_around_values_are_cut_and_said():
    files = spoilt(novak_berg(), "users.csv", ",Anna,Novak,", ", Anna ,Novak ,")

    reading = read(files)

    assert reading.roster == read(novak_berg()).roster
    assert "note users.csv:2: blanks around values were cut, here and wherever they stand" in said(reading)


def test_grades_differing_in_capitals_are_one():
    files = spoilt(novak_berg(), "users.csv", ",g-eva,03,", ",g-eva,ps1,")

    assert read(files).roster.children[0].grade == "PS1"


def test_broken_address_is_left_out_and_said():
    reading = read(spoilt(novak_berg(), "users.csv", "eva@example.org", "eva(at)example.org"))

    assert reading.roster.guardians[0].address == ""
    assert "warning users.csv:5: the email of g-eva is not an e-mail address" in said(reading)
    assert "warning guardians without an e-mail address: 1 (g-eva)" in said(reading)


# ---- references ----


def test_parent_organisation_outside_the_file_is_a_note():
    files = spoilt(novak_berg(), "orgs.csv", "Linden School,school,,", "Linden School,school,,district-9")

    assert "note orgs.csv:2: the parent district-9 of linden is not in the file" in said(read(files))


def test_child_in_a_class_of_another_school_is_taken_and_said():
    files = spoilt(novak_berg(), "classes.csv", "Hall,linden", "Hall,oak")

    reading = read(files)

    assert ("c-ida", "k-music") in {(seat.child_id, seat.class_id) for seat in reading.roster.enrolments}
    assert "note enrollments.csv:5: c-ida belongs to linden and sits in k-music of oak: taken" in said(reading)


def test_enrolments_of_unknown_people_and_classes_are_reported():
    files = with_line(
        novak_berg(), "enrollments.csv", "e-8,,,k-9,linden,c-leo,student,,,", "e-9,,,k-3b,linden,c-9,student,,,"
    )

    reading = read(files)

    assert reading.roster == read(novak_berg()).roster
    assert "warning enrollments.csv:9: c-leo is in class k-9, which is not in the classes" in said(reading)
    assert "warning enrollments.csv:10: c-9 is in class k-3b and not in the users" in said(reading)


def test_user_without_a_role_row_is_left_out_and_said():
    files = with_line(files_of("oneroster_12"), "users.csv", "x-1,,,true,x,,Xi,Lu,,,,,,,,,,,,,,,es")

    assert "warning users.csv:6: x-1 has no role in any file: left out" in said(read(files))


def test_one_id_for_two_people_stops_the_import():
    with pytest.raises(InputError, match=r"users\.csv:10: t-ruiz is already another row \(line 9\)"):
        read(spoilt(novak_berg(), "users.csv", "t-cole,", "t-ruiz,"))


def test_missing_id_stops_the_import():
    with pytest.raises(InputError, match=r"users\.csv:10: the value of 'sourcedId' is missing"):
        read(spoilt(novak_berg(), "users.csv", "t-cole,", ","))


def test_unknown_term_of_a_class_is_a_note():
    files = spoilt(novak_berg(), "classes.csv", "Room 12,linden,autumn-2026", "Room 12,linden,spring-1999")

    assert "note classes.csv:2: k-3b: no term spring-1999 in the export" in said(read(files))


# ---- the whole ----


def test_errors_of_all_files_come_in_one_message_with_a_count_of_the_rest():
    files = spoilt(novak_berg(), "enrollments.csv", "2026-08-24", "soon")
    files = spoilt(files, "users.csv", "t-cole,", ",")

    with pytest.raises(InputError) as caught:
        read(files)

    text = str(caught.value)
    assert "nothing was changed" in text
    assert "enrollments.csv:2: beginDate 'soon' is not a date: write it as YYYY-MM-DD" in text
    assert "users.csv:10" in text


def test_one_mistake_in_every_line_is_shown_ten_times_and_counted():
    rows = [f"e-{number},,,k-9,linden,c-leo,student,,," for number in range(20, 60)]

    notes = said(read(with_line(novak_berg(), "enrollments.csv", *rows)))

    assert sum("which is not in the classes" in note for note in notes) == 10
    assert "warning enrollments.csv: 30 more lines like these: unknown classes" in notes


def test_last_years_export_is_noticed():
    files = spoilt(novak_berg(), "academicSessions.csv", "2026-08-24,2026-12-18", "2025-08-24,2025-12-18")

    assert "warning every term has ended: is this last year's export?" in said(read(files))


def test_same_files_give_the_same_roster_in_any_row_order():
    files = novak_berg()
    header, *rows = files["users.csv"].splitlines(keepends=True)

    assert read({**files, "users.csv": header + b"".join(reversed(rows))}).roster == read(files).roster


def test_assignments_are_sorted():
    posts = read(novak_berg()).roster.assignments

    assert posts[0] == Assignment(
        teacher_id="t-cole", class_id="k-music", role="music", begins=SEPTEMBER, ends=DECEMBER
    )
    assert [post.teacher_id for post in posts] == sorted(post.teacher_id for post in posts)
