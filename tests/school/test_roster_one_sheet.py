"""The one sheet of a small school becomes a roster; ids are made from words with care."""

import pytest

from school.errors import InputError
from school.households import families
from school.people import CLASS_TEACHER
from school.roster.sheet_columns import Column, column_of
from tests.rosters.exports import HERE, lines, read, said

SHEET = {"sheet.csv": (HERE / "sheet.csv").read_bytes()}
HEADER = "student,class,subject,teacher,teacher email,guardian 1,email 1,guardian 2,email 2"


def sheet(*rows, header=HEADER):
    return read({"children.csv": lines(header, *rows)})


def refused(*rows, header=HEADER):
    with pytest.raises(InputError) as caught:
        sheet(*rows, header=header)
    return str(caught.value)


def test_sheet_gives_children_guardians_teachers_and_roles():
    reading = read(SHEET)

    roster = reading.roster
    assert reading.format == "one sheet"
    assert [child.id for child in roster.children] == ["anna-novak-3b", "ida-berg-5a", "leo-berg-3b"]
    assert [(guardian.id, guardian.language) for guardian in roster.guardians] == [
        ("eva-example-org", "cs"), ("jon-example-org", ""), ("mia-example-org", "de"),
    ]  # fmt: skip
    assert [teacher.shown_name for teacher in roster.teachers] == ["Mr Cole", "Ms Horn", "Ms Ruiz"]
    assert {(post.class_id, post.role) for post in roster.assignments} == {
        ("3b", CLASS_TEACHER), ("5a", CLASS_TEACHER), ("music", "music"),
    }  # fmt: skip
    assert len(roster.guardianships) == 5


def test_order_of_rows_and_columns_does_not_change_the_roster():
    header, *rows = SHEET["sheet.csv"].decode().splitlines()
    turned = [";".join(reversed(row.split(";"))) for row in (header, *reversed(rows))]

    assert read({"sheet.csv": lines(*turned)}).roster == read(SHEET).roster


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("STUDENT", Column(whom="student", what="name")),
        ("Schüler/in", Column(whom="student", what="name")),
        ("Prénom de l'élève", Column(whom="student", what="given")),
        ("Nachname", Column(whom="student", what="family")),
        ("Student ID", Column(whom="student", what="id")),
        ("Klasse", Column(whom="class", what="name")),
        ("Class teacher", Column(whom="teacher", what="name")),
        ("Lehrkraft E-Mail", Column(whom="teacher", what="email")),
        ("Fach", Column(whom="teacher", what="role")),
        ("role", Column(whom="teacher", what="role")),
        ("Guardian 1", Column(whom="guardian", what="name", slot="1")),
        ("Parent2", Column(whom="guardian", what="name", slot="2")),
        ("E-Mail Elternteil 1", Column(whom="guardian", what="email", slot="1")),
        ("guardian1Email", Column(whom="guardian", what="email", slot="1")),
        ("correo 2", Column(whom="guardian", what="email", slot="2")),
        ("Mother's email", Column(whom="guardian", what="email", slot="mother")),
        ("Padre", Column(whom="guardian", what="name", slot="father")),
        ("Email", Column(whom="guardian", what="email", slot="1")),
        ("language 1", Column(whom="guardian", what="language", slot="1")),
        ("Familiensprache", Column(whom="guardian", what="language")),
        ("household 1", Column(whom="guardian", what="household", slot="1")),
        ("barred 2", Column(whom="guardian", what="barred", slot="2")),
        ("barred 2 until", Column(whom="guardian", what="barred until", slot="2")),
        ("Guardian 1 ID", Column(whom="guardian", what="id", slot="1")),
        ("Bus", None),
        ("Lunch account", None),
        ("Name", Column(whom="student", what="name")),
        ("Family name", Column(whom="student", what="family")),
        ("First name", Column(whom="student", what="given")),
        ("First guardian", Column(whom="guardian", what="name", slot="1")),
        ("Second guardian email", Column(whom="guardian", what="email", slot="2")),
        ("Guardian 2 first name", Column(whom="guardian", what="given", slot="2")),
        ("Home language", Column(whom="guardian", what="language")),
        ("Home phone", Column(whom="guardian", what="phone", slot="1")),
        ("Homeroom teacher", Column(whom="teacher", what="name")),
        ("Emergency contact", None),
        ("Mother's occupation", None),
        ("Address", None),
        ("Tutor", None),
    ],
)  # fmt: skip
def test_headers_in_several_languages(header, column):
    assert column_of(header) == column


def test_guesses_about_columns_are_said():
    reading = sheet("Ana Lee;1A;Mo;mo@example.org;9", header="Schülerin;Klasse;Eltern;E-Mail;Bus")

    notes = said(reading)
    assert "note children.csv:1: read 'Schülerin' as 'student'" in notes
    assert "note children.csv:1: read 'Eltern' as 'guardian 1'" in notes
    assert "note children.csv:1: not read: 'Bus'" in notes
    assert reading.roster.guardians[0].address == "mo@example.org"


def test_sheet_without_student_or_class_is_refused():
    text = refused("x,y", header="bus,lunch")

    assert "children.csv:1: no column names the student: call it 'student'" in text
    assert "children.csv:1: no column names the class: call it 'class'" in text


def test_row_without_a_student_is_refused_with_its_line():
    assert "children.csv:3: names no student" in refused("Ana Lee,1A,,,,Mo,mo@example.org,,", ",1A,,,,Jo,,,")


def test_same_name_in_two_classes_without_a_shared_guardian_is_two_children():
    reading = sheet("Ana Lee,1A,,,,Mo Lee,mo@example.org,,", "Ana Lee,4C,,,,Xi Lee,xi@example.org,,")

    assert [child.id for child in reading.roster.children] == ["ana-lee-1a", "ana-lee-4c"]
    assert any("was taken as another child than the one of line 2" in note for note in said(reading))
    assert len(families(reading.roster)) == 2


def test_same_name_with_a_shared_guardian_is_one_child_in_two_classes():
    reading = sheet("Ana Lee,1A,,,,Mo Lee,mo@example.org,,", "Ana Lee,Chess,chess,Bo Ahn,,Mo Lee,MO@example.org,,")

    assert [child.id for child in reading.roster.children] == ["ana-lee-1a"]
    assert len(reading.roster.guardians) == 1


def test_music_row_that_may_be_either_of_two_children_is_asked_about():
    text = refused(
        "Ana Lee,1A,,,,Mo Lee,mo@example.org,,", "Ana Lee,4C,,,,Xi Lee,xi@example.org,,", "Ana Lee,Choir,music,,,,,,"
    )

    assert "children.csv:4: is this Ana Lee the one of line 2? Class and guardians differ: add a 'student id'" in text


def test_student_id_decides_who_is_one_child():
    header = "student id," + HEADER
    reading = sheet(
        "7,Ana Lee,1A,,,,Mo Lee,mo@example.org,,",
        "8,Ana Lee,1A,,,,Xi Lee,xi@example.org,,",
        "7,Ana Lee,Choir,music,Bo Ahn,,,,,",
        header=header,
    )

    assert [child.id for child in reading.roster.children] == ["7", "8"]
    assert {(seat.child_id, seat.class_id) for seat in reading.roster.enrolments} == {
        ("7", "1a"), ("8", "1a"), ("7", "choir"),
    }  # fmt: skip


def test_parents_who_share_an_address_are_two_people():
    reading = sheet("Ana Lee,1A,,,,Mo Lee,home@example.org,Xi Lee,home@example.org")

    assert [guardian.id for guardian in reading.roster.guardians] == [
        "home-example-org-mo-lee", "home-example-org-xi-lee",
    ]  # fmt: skip


def test_one_address_under_two_names_in_two_rows_is_one_person():
    reading = sheet("Ana Lee,1A,,,,M. Lee,mo@example.org,,", "Bo Lee,4C,,,,Mo Lee,mo@example.org,,")

    assert len(reading.roster.guardians) == 1
    assert any("has two names in this sheet: read as one person" in note for note in said(reading))


def test_guardians_of_one_name_without_address_stay_apart():
    reading = sheet("Ana Lee,1A,,,,Mo Lee,,,", "Bo Lee,4C,,,,Mo Lee,,,")

    assert len(reading.roster.guardians) == 2
    assert len(families(reading.roster)) == 2


def test_teacher_who_is_a_parent_is_both():
    reading = sheet("Ana Lee,1A,,Mo Lee,mo@school.test,Mo Lee,mo@school.test,,")

    assert reading.roster.teachers[0].id == reading.roster.guardians[0].id == "mo-school-test"


def test_two_teachers_of_one_class_keep_their_own_roles():
    reading = sheet("Ana Lee,1A,,Bo Ahn,bo@school.test,Mo,mo@example.org,,", "Ana Lee,1A,art,Cy Roe,cy@school.test,,,,")

    assert {(post.teacher_id, post.role) for post in reading.roster.assignments} == {
        ("bo-school-test", CLASS_TEACHER), ("cy-school-test", "art"),
    }  # fmt: skip


def test_without_a_subject_column_a_subjects_name_as_class_is_one():
    reading = sheet(
        "Ana Lee,1A,Bo Ahn,Mo,mo@example.org", "Ana Lee,Music,Cy Roe,Mo,mo@example.org",
        header="student,class,teacher,guardian,email",
    )  # fmt: skip

    assert {(post.class_id, post.role) for post in reading.roster.assignments} == {
        ("1a", CLASS_TEACHER), ("music", "music"),
    }  # fmt: skip
    assert any("the class 'Music' was read as a subject" in note for note in said(reading))


def test_households_and_bars_are_read():
    header = "student,class,guardian 1,email 1,household 1,guardian 2,email 2,household 2,barred 2,barred 2 until"
    reading = sheet(
        "Ana Lee,1A,Mo Lee,mo@example.org,h1,Xi Lee,xi@example.org,h2,yes,",
        "Bo Lee,1A,Mo Lee,mo@example.org,h1,Xi Lee,xi@example.org,h2,2027-06-30,",
        "Cy Lee,1A,Mo Lee,mo@example.org,h1,Xi Lee,xi@example.org,h2,yes,2027-01-31",
        "Di Lee,1A,Mo Lee,mo@example.org,h1,Xi Lee,xi@example.org,h2,no,",
        header=header,
    )

    bars = {
        tie.child_id: (tie.barred, str(tie.barred_until or ""))
        for tie in reading.roster.guardianships
        if tie.guardian_id == "xi-example-org"
    }
    assert bars == {
        "ana-lee-1a": (True, ""), "bo-lee-1a": (True, "2027-06-30"),
        "cy-lee-1a": (True, "2027-01-31"), "di-lee-1a": (False, ""),
    }  # fmt: skip
    assert reading.roster.home_keys == (("mo-example-org", "h1"), ("xi-example-org", "h2"))


def test_bar_that_cannot_be_read_stops_the_import():
    header = "student,class,guardian 1,email 1,barred 1"

    assert "children.csv:2: barred 'perhaps' is not a date: write it as YYYY-MM-DD, or yes or no" in refused(
        "Ana Lee,1A,Mo Lee,mo@example.org,perhaps", header=header
    )


def test_one_language_column_stands_for_all_guardians():
    reading = sheet(
        "Ana Lee,1A,Mo,mo@example.org,Xi,xi@example.org,Deutsch",
        header="student,class,parent 1,parent 1 mail,parent 2,parent 2 mail,language",
    )

    assert [guardian.language for guardian in reading.roster.guardians] == ["de", "de"]


def test_names_may_stand_in_two_columns():
    reading = sheet("Ana,Lee,1A", header="First name,Last name,Class")

    assert [(child.given_name, child.family_name) for child in reading.roster.children] == [("Ana", "Lee")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Name;Vorname;Klasse", "Lee;Ana;1A"),
        ("Nom;Prénom;Classe", "Lee;Ana;1A"),
        ("Nombre;Apellidos;Clase", "Ana;Lee;1A"),
        ("Nombre;Clase", "Ana Lee;1A"),
        ("Nom;Classe", "Ana Lee;1A"),
        ("Name;Surname;Class", "Ana;Lee;1A"),
        ("Name;Klasse", "Lee, Ana;1A"),
    ],
)
def test_two_columns_of_a_name_are_told_apart(header, row):
    assert [child.full_name for child in sheet(row, header=header).roster.children] == ["Ana Lee"]


def test_plain_class_row_without_guardians_joins_no_child_of_that_name():
    reading = sheet("Ana Lee,1A,,,,Mo Lee,mo@example.org,,", "Ana Lee,4C,,,,,,,")

    assert [tie.child_id for tie in reading.roster.guardianships] == ["ana-lee-1a"]
    assert any("Ana Lee of 4C was taken as another child" in note for note in said(reading))


def test_phone_columns_may_be_several_and_addresses_may_not():
    header = "student,class,guardian,email,phone,mobile"

    assert "note children.csv:1: not read: 'mobile'" in said(sheet("Ana,1A,Mo,mo@example.org,1,2", header=header))
    assert "'E-Mail' means a column that is there already" in refused("Ana,1A,a,b", header="student,class,email,E-Mail")


def test_child_and_adult_of_one_id_stop_the_import():
    header = "student id,student,class,guardian 1 id,guardian 1,email 1"

    assert "the id 7 is a child's and an adult's: ids must differ" in refused(
        "7,Ana,1A,7,Mo,mo@example.org", header=header
    )


def test_teacher_and_guardian_of_one_id_stop_the_import():
    header = "student,class,teacher id,teacher,guardian 1 id,guardian 1,email 1"

    assert "children.csv:2: the id 1 is another person's in line 2: ids must differ" in refused(
        "Ana Lee,1A,1,Bo Ahn,1,Mo Lee,mo@example.org", header=header
    )


def test_sheet_of_one_name_in_every_row_is_read_in_time():
    rows = [f"Ana Lee,{number},,,,Mo,mo{number}@example.org,," for number in range(5_000)]

    assert len(sheet(*rows).roster.children) == 5_000


def test_child_keeps_its_id_when_its_row_moves():
    first = sheet("Ana Lee,1A,,,,Mo,mo@example.org,,", "Ana Lee,Choir,music,Bo Ahn,,,,,")
    second = sheet("Ana Lee,Choir,music,Bo Ahn,,,,,", "Ana Lee,1A,,,,Mo,mo@example.org,,")

    assert first.roster == second.roster


def test_family_extras_may_lie_beside_a_sheet():
    extras = lines("person,title", "horn-school-test,Dr", "nobody,Ms")

    reading = read({**SHEET, "family_extras.csv": extras})

    assert [teacher.title for teacher in reading.roster.teachers] == ["Mr", "Dr", "Ms"]
    assert "warning family_extras.csv:3: nobody is no guardian or teacher of this roster: check the id" in said(reading)
