"""family_extras.csv: language, household, title and bars beside any roster."""

from datetime import date

import pytest

from school.errors import InputError
from tests.rosters.exports import lines, novak_berg, read, said


def with_extras(*rows):
    return {**novak_berg(), "family_extras.csv": lines(*rows)}


def tie(reading, guardian, child):
    return next(t for t in reading.roster.guardianships if (t.guardian_id, t.child_id) == (guardian, child))


def test_language_household_and_title_reach_their_person():
    files = with_extras("guardian,language,household,title", "g-jon,es,home-1,", "g-mia,Polish,home-2,", "t-horn,,,Ms")

    roster = read(files).roster

    assert [guardian.language for guardian in roster.guardians] == ["", "es", "pl"]
    assert roster.home_keys == (("g-jon", "home-1"), ("g-mia", "home-2"))
    assert [teacher.title for teacher in roster.teachers] == ["", "Ms", ""]


def test_bar_has_child_last_day_and_source():
    files = with_extras(
        "guardian,child,barred,barredUntil,source", "g-jon,c-leo,yes,2027-06-30,order 12", "g-jon,c-ida,x,,o"
    )

    reading = read(files)

    leo, ida = tie(reading, "g-jon", "c-leo"), tie(reading, "g-jon", "c-ida")
    assert (leo.barred, leo.barred_until, leo.bar_source) == (True, date(2027, 6, 30), "order 12")
    assert (ida.barred, ida.barred_until) == (True, None)
    assert not tie(reading, "g-mia", "c-leo").barred


def test_last_day_without_yes_is_a_bar():
    files = with_extras("guardian,child,barred,barredUntil", "g-jon,c-leo,,2027-06-30")

    assert tie(read(files), "g-jon", "c-leo").barred


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("g-jon,,yes,", "a bar needs the column 'child'"),
        ("g-jon,c-leo,perhaps,", "barred is 'perhaps': write yes or no"),
        ("g-jon,c-leo,yes,7/1/2027", "barredUntil '7/1/2027' can be read day first or month first"),
        (",c-leo,yes,", "names no person"),
    ],
)
def test_bar_that_cannot_be_read_stops_the_import(row, problem):
    with pytest.raises(InputError) as caught:
        read(with_extras("guardian,child,barred,barredUntil", row))

    assert f"family_extras.csv:2: {problem}" in str(caught.value)


def test_bar_between_people_who_are_not_tied_is_reported():
    reading = read(with_extras("guardian,child,barred", "g-jon,c-anna,yes"))

    assert "warning family_extras.csv:2: g-jon is no guardian of c-anna: nothing to bar; check both ids" in said(
        reading
    )


def test_file_without_a_column_of_people_stops_the_import():
    with pytest.raises(InputError, match=r"family_extras\.csv:1: the column 'person' .* is missing"):
        read(with_extras("language,household", "es,home-1"))
