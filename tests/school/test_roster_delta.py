"""A OneRoster delta changes what it names and nothing else; applying it twice changes nothing more."""

from dataclasses import replace
from datetime import date

import pytest

from school.errors import InputError
from school.roster.changes import changes
from school.roster.delta import apply_delta, merge
from school.roster.roster import Roster
from school.term import Holiday
from tests.rosters.exports import lines, novak_berg, read, with_line

USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,"
    "agentSourcedIds"
)
SEATS = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate"
CLASSES = "sourcedId,status,dateLastModified,title,classType,schoolSourcedId,termSourcedIds,subjects"
NOW = "2026-09-01T00:00:00Z"


@pytest.fixture
def old():
    return read(novak_berg()).roster


def delta(manifest=(), **tables):
    """A delta export; each table is (header, row, …)."""
    modes = dict.fromkeys(tables, "delta") | dict(manifest)
    manifest_rows = [f"file.{name},{mode}" for name, mode in modes.items()]
    files = {f"{name}.csv": lines(*rows) for name, rows in tables.items()}
    files["manifest.csv"] = lines("propertyName,value", "oneroster.version,1.1", *manifest_rows)
    reading = read(files)
    assert reading.delta is not None
    assert reading.roster == Roster()
    return reading.delta


def test_delta_says_so_and_holds_no_roster_of_its_own():
    files = {"manifest.csv": lines("propertyName,value", "file.users,delta"), "users.csv": lines(USERS)}

    assert read(files).format == "OneRoster 1.1 delta"


def test_empty_delta_changes_nothing(old):
    assert apply_delta(old, delta(users=(USERS,))) == old


def test_removed_child_takes_its_ties_along(old):
    gone = delta(users=(USERS, f"c-leo,tobedeleted,{NOW},true,linden,student,l,Leo,Berg,,"))

    new = apply_delta(old, gone)

    assert [child.id for child in new.children] == ["c-anna", "c-ida"]
    assert all(tie.child_id != "c-leo" for tie in (*new.guardianships, *new.enrolments))
    assert len(new.guardians) == 3


def test_new_child_with_known_guardian_and_class_is_joined(old):
    new = apply_delta(
        old,
        delta(
            users=(USERS, f"c-mo,active,{NOW},true,linden,student,m,Mo,Novak,,g-eva"),
            enrollments=(SEATS, f"e-9,active,{NOW},k-5a,linden,c-mo,student,false,2026-09-01,"),
        ),
    )

    assert ("g-eva", "c-mo") in {(tie.guardian_id, tie.child_id) for tie in new.guardianships}
    assert ("c-mo", "k-5a", date(2026, 9, 1)) in {(s.child_id, s.class_id, s.begins) for s in new.enrolments}


def test_class_change_ends_one_seat_and_begins_another(old):
    new = apply_delta(
        old,
        delta(
            enrollments=(
                SEATS,
                f"e-2,tobedeleted,{NOW},k-3b,linden,c-leo,student,false,,",
                f"e-9,active,{NOW},k-5a,linden,c-leo,student,false,2026-09-01,",
            )
        ),
    )

    assert [seat.class_id for seat in new.enrolments if seat.child_id == "c-leo"] == ["k-5a"]


def test_new_dates_replace_the_old_seat(old):
    new = apply_delta(old, delta(enrollments=(SEATS, f"e-2,active,{NOW},k-3b,linden,c-leo,student,false,,2026-10-01")))

    assert [(s.begins, s.ends) for s in new.enrolments if s.child_id == "c-leo"] == [(None, date(2026, 10, 1))]


def test_substitute_takes_over(old):
    new = apply_delta(
        old,
        delta(
            users=(USERS, f"t-kay,active,{NOW},true,linden,teacher,k,Kay,Moe,kay@school.test,"),
            enrollments=(
                SEATS,
                f"e-5,tobedeleted,{NOW},k-3b,linden,t-horn,teacher,true,,",
                f"e-9,active,{NOW},k-3b,linden,t-kay,teacher,true,,",
            ),
        ),
    )

    assert [(post.teacher_id, post.role) for post in new.assignments if post.class_id == "k-3b"] == [("t-kay", "class")]


def test_end_of_a_seat_must_name_class_and_person():
    with pytest.raises(InputError, match=r"enrollments\.csv:2: needs classSourcedId and userSourcedId, also to end"):
        delta(enrollments=(SEATS, f"e-2,tobedeleted,{NOW},,,,student,,,"))


def test_list_of_agents_replaces_the_old_links_of_that_child(old):
    new = apply_delta(old, delta(users=(USERS, f"c-leo,active,{NOW},true,linden,student,l,Leo,Berg,,g-mia")))

    assert [tie.guardian_id for tie in new.guardianships if tie.child_id == "c-leo"] == ["g-mia"]
    assert [tie.guardian_id for tie in new.guardianships if tie.child_id == "c-ida"] == ["g-jon", "g-mia"]


def test_empty_list_of_agents_ends_nothing_and_is_said(old):
    new, notes = merge(old, delta(users=(USERS, f"c-leo,active,{NOW},true,linden,student,l,Leo,Berg,,")))

    assert new.guardianships == old.guardianships
    assert any("c-leo has no guardians in this delta: g-jon stays one" in str(note) for note in notes)


def test_bars_languages_titles_and_homes_survive_a_delta_without_them():
    extras = lines(
        "person,language,household,title,child,barred,source",
        "g-jon,es,home-1,,,,", "g-jon,,,,c-leo,yes,order 12", "t-horn,,,Ms,,,",
    )  # fmt: skip
    old = read({**novak_berg(), "family_extras.csv": extras}).roster

    new = apply_delta(
        old,
        delta(
            users=(
                USERS,
                f"g-jon,active,{NOW},true,linden,parent,j,Jonathan,Berg,jon@example.org,",
                f'c-leo,active,{NOW},true,linden,student,l,Leo,Berg,,"g-jon,g-mia"',
                f"t-horn,active,{NOW},true,linden,teacher,h,Petra,Horn,horn@school.test,",
            )
        ),
    )

    jon = next(guardian for guardian in new.guardians if guardian.id == "g-jon")
    assert (jon.given_name, jon.language) == ("Jonathan", "es")
    assert new.home_keys == old.home_keys
    assert next(t.title for t in new.teachers if t.id == "t-horn") == "Ms"
    assert [t for t in new.guardianships if t.barred] == [t for t in old.guardianships if t.barred] != []


def test_changed_class_changes_its_teachers_role(old):
    new = apply_delta(old, delta(classes=(CLASSES, f"k-music,active,{NOW},Drama,scheduled,linden,autumn-2026,Drama")))

    assert {post.role for post in new.assignments if post.class_id == "k-music"} == {"drama"}


def test_snapshot_inside_a_delta_replaces_that_table(old):
    new = apply_delta(
        old,
        delta(
            {"classes": "bulk"},
            users=(USERS,),
            classes=(CLASSES, "k-3b,,,3B,homeroom,linden,autumn-2026,", "k-5a,,,5A,homeroom,linden,autumn-2026,"),
        ),
    )

    assert [group.id for group in new.classes] == ["k-3b", "k-5a"]
    assert all(seat.class_id != "k-music" for seat in (*new.enrolments, *new.assignments))


def test_holidays_stay(old):
    old = replace(old, holidays=(Holiday(name="Half term", first=date(2026, 10, 19), last=date(2026, 10, 23)),))

    assert apply_delta(old, delta(users=(USERS,))).holidays == old.holidays


def test_applying_twice_is_applying_once(old):
    change = delta(
        users=(
            USERS,
            f"c-mo,active,{NOW},true,linden,student,m,Mo,Novak,,g-eva",
            f"g-jon,tobedeleted,{NOW},true,linden,parent,j,Jon,Berg,,",
        ),
        enrollments=(SEATS, f"e-9,active,{NOW},k-5a,linden,c-mo,student,false,,"),
    )

    once = apply_delta(old, change)

    assert apply_delta(once, change) == once
    assert not changes(once, apply_delta(once, change))


def test_delta_and_full_export_of_the_same_change_agree(old):
    full = with_line(novak_berg(), "users.csv", "c-mo,,,true,linden,student,m,,Mo,Novak,,,,,,g-eva,,")
    full = with_line(full, "enrollments.csv", "e-9,,,k-5a,linden,c-mo,student,false,,")

    by_delta = apply_delta(
        old,
        delta(
            users=(USERS, f"c-mo,active,{NOW},true,linden,student,m,Mo,Novak,,g-eva"),
            enrollments=(SEATS, f"e-9,active,{NOW},k-5a,linden,c-mo,student,false,,"),
        ),
    )

    assert by_delta == read(full).roster
