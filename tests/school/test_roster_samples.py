"""Public sample rosters, where they are at hand, read with sensible families; their traps have tests besides."""

import os
from pathlib import Path

import pytest

from office.roster_files import read_files
from school.households import families
from tests.rosters.exports import read, said

FOLDER = Path(os.environ.get("FRIDAYFOLDER_SAMPLE_ROSTERS") or Path(__file__).parents[2].parent / "shared" / "rosters")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no sample rosters here: set FRIDAYFOLDER_SAMPLE_ROSTERS")


def counts(reading):
    roster = reading.roster
    return len(roster.children), len(roster.guardians), len(roster.teachers), len(roster.enrolments)


def test_sds_v21_sample_keeps_both_guardians_and_joins_two_names():
    reading = read(read_files(FOLDER / "sds-v2.1"))

    assert counts(reading) == (4, 2, 2, 4)
    assert [(family.child_ids, family.guardian_ids) for family in families(reading.roster)] == [
        (("114001", "114003"), ("114002",)), (("114004",), ("114005",)), (("114008",), ()),
    ]  # fmt: skip
    assert {post.role for post in reading.roster.assignments} == {"class"}
    assert any("userFlags.csv: was not read, on purpose" in note for note in said(reading))


def test_sds_v2_sample_has_children_and_teachers_only():
    reading = read(read_files(FOLDER / "sds-v2"))

    assert counts(reading) == (22, 0, 4, 22)
    assert sum("which does not teach: left out" in note for note in said(reading)) == 3
    assert any("13007 belongs to 10001 and sits in 11002 of 10002" in note for note in said(reading))


def test_sds_v1_sample_has_month_first_terms_and_no_siblings_by_name():
    reading = read(read_files(FOLDER / "sds-v1-100-users"))

    assert counts(reading) == (86, 0, 12, 602)
    assert len(reading.roster.classes) == 28
    assert [str(term.begins) for term in reading.roster.terms] == ["2017-07-01"]
    assert len(families(reading.roster)) == 86


@pytest.mark.parametrize("folder", ["sds-v2.1", "sds-v2", "sds-v1-100-users"])
def test_no_password_of_a_sample_is_kept(folder):
    assert "ssw" not in repr(read(read_files(FOLDER / folder))).replace("password", "").replace("Password", "")
