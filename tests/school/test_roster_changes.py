"""What an import would change is said in words, and too much of it is refused."""

from school.roster.changes import changes, refusal
from school.roster.roster import Roster
from tests.rosters.exports import lines, novak_berg, read, spoilt, with_line

LIMIT = 0.2


def words(new_files, old_files=None):
    return changes(read(old_files or novak_berg()).roster, read(new_files).roster).in_words()


def test_same_roster_has_no_changes():
    found = changes(read(novak_berg()).roster, read(novak_berg()).roster)

    assert not found
    assert found.in_words() == ()
    assert found.removed_share == 0
    assert refusal(found, LIMIT) is None


def test_first_import_only_adds():
    found = changes(Roster(), read(novak_berg()).roster)

    assert "3 children joined: Anna Novak (c-anna), Ida Berg (c-ida), Leo Berg (c-leo)" in found.in_words()
    assert found.removed_share == 0
    assert refusal(found, LIMIT) is None


def test_leaver_is_named_and_too_many_are_refused():
    files = spoilt(novak_berg(), "users.csv", "c-leo,,,", "c-leo,tobedeleted,,")
    found = changes(read(novak_berg()).roster, read(files).roster)

    assert "1 child left: Leo Berg (c-leo)" in found.in_words()
    assert found.removed_share == 1 / 3
    assert refusal(found, 0.5) is None
    assert refusal(found, LIMIT) == (
        "nothing was changed: 1 of 3 children (33%) would leave, more than 20%: is the export complete? "
        "If this is right, import again with --accept-removals."
    )


def test_half_empty_file_is_refused():
    files = novak_berg()
    header, *rows = files["users.csv"].splitlines(keepends=True)
    found = changes(read(files).roster, read({**files, "users.csv": header + b"".join(rows[:4])}).roster)

    assert "2 of 3 guardians (67%) and 3 of 3 teachers (100%) would leave" in (refusal(found, LIMIT) or "")


def test_class_change_says_from_where_to_where():
    files = spoilt(novak_berg(), "enrollments.csv", "k-3b,linden,c-leo", "k-5a,linden,c-leo")

    assert words(files) == ("1 child changed class: Leo Berg from 3B to 5A",)


def test_guardian_of_one_child_now_on_both_is_said():
    before = spoilt(novak_berg(), "users.csv", '"c-leo,c-ida",,\nt-horn', "c-leo,,\nt-horn")
    before = spoilt(before, "users.csv", 'Ida,Berg,,,,,,"g-jon,g-mia"', "Ida,Berg,,,,,,g-jon")

    assert words(novak_berg(), before) == ("1 guardian now on both Berg children: Mia Berg (g-mia)",)
    assert words(before) == ("1 guardian no longer guardian of: Mia Berg (g-mia) – Ida Berg (c-ida)",)


def test_changed_details_are_counted_and_named():
    files = spoilt(novak_berg(), "users.csv", "jon@example.org", "jon.berg@example.org")

    assert words(files) == ("1 guardian changed details: Jon Berg (g-jon)",)


def test_new_teacher_and_her_class_are_said():
    files = spoilt(novak_berg(), "enrollments.csv", "k-music,linden,t-cole", "k-music,linden,t-ruiz")

    assert words(files) == ("2 × teaching assignment came or went",)


def test_other_dates_of_a_seat_are_said():
    files = spoilt(novak_berg(), "enrollments.csv", "c-leo,student,false,2026-08-24", "c-leo,student,false,2026-09-01")

    assert words(files) == ("1 enrolment with other dates",)


def test_bar_is_said_and_never_lifted_in_passing():
    extras = {**novak_berg(), "family_extras.csv": lines("guardian,child,barred", "g-jon,c-leo,yes")}
    plain = {**novak_berg(), "family_extras.csv": lines("guardian,child,barred")}

    assert words(extras, plain) == ("1 guardian barred from hearing about: Jon Berg (g-jon) – Leo Berg (c-leo)",)
    lifted = changes(read(extras).roster, read(plain).roster)
    assert lifted.in_words() == ("1 guardian no longer barred from hearing about: Jon Berg (g-jon) – Leo Berg (c-leo)",)
    assert "1 bar would be lifted (g-jon about c-leo): is family_extras.csv in the export?" in (
        refusal(lifted, LIMIT) or ""
    )


def test_bar_that_leaves_with_its_guardian_is_not_lifted():
    files = {**novak_berg(), "family_extras.csv": lines("guardian,child,barred", "g-jon,c-leo,yes")}
    gone = spoilt(files, "users.csv", "g-jon,,,", "g-jon,tobedeleted,,")

    assert changes(read(files).roster, read(gone).roster).bars_lifted == ()


def test_long_lists_are_cut_and_counted():
    rows = [f"c-{number},,,true,linden,student,x,,Kid,N{number},,,,,,g-eva,," for number in range(9)]

    assert words(with_line(novak_berg(), "users.csv", *rows))[0].endswith("Kid N4 (c-4) and 4 more")
    assert words(with_line(novak_berg(), "users.csv", *rows))[0].startswith("9 children joined: Kid N0 (c-0)")
