"""Search finds words without their accents, and shows a teacher only what she may see today."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from school.filing import Filing, Outcome
from school.roster.read import read_roster
from storage.conversations import ConversationStore
from storage.people import PeopleStore
from storage.search import Search
from storage.tables import Spool

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
DAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def roster():
    return read_roster({path.name: path.read_bytes() for path in ROSTER.iterdir()}, DAY).roster


@pytest.fixture
def school(database):
    people = PeopleStore(database)
    people.save(roster(), DAY)
    talks = ConversationStore(database, people, count(1).__next__)
    for number, (guardian, child, class_id, text) in enumerate(
        (
            ("g-eva", "c-anna", "k-3b", "Mañana Anna is at the dentist."),
            ("g-mia", "c-ida", "k-5a", "Ida's tooth: the dentist comes tomorrow."),
            ("g-mia", "c-leo", "k-3b", "Ärger mit dem Füller"),
        ),
        start=1,
    ):
        row = Spool.create(
            account="a", folder="f", uidvalidity=1, uid=number, arrived=NOON, stored_at=NOON, size=1, sha256=""
        )
        filing = Filing(child_id=child, class_id=class_id, role="class", spans=((0, 1),), text=text, teacher_ids=())
        outcome = Outcome(
            spool_id=row.id,
            kind="human",
            state="filed",
            reasons=("C1",),
            at=NOON,
            author_id=guardian,
            filings=(filing,),
        )
        assert talks.record(outcome, NOON)
    return talks, Search(database, people)


def texts(hits):
    return {hit.text.partition(" ")[0] for hit in hits}


@pytest.mark.parametrize(
    ("question", "first_words"),
    [
        ("manana", {"Mañana"}),
        ("DENTIST", {"Mañana", "Ida's"}),
        ("dentist tomorrow", {"Ida's"}),
        ("arger fuller", {"Ärger"}),
        ("tom", {"Ida's"}),
        ("elephant", set()),
        ("", set()),
        ('"; drop table message; --', set()),
        ("a OR b NOT (c", set()),
    ],
)
def test_words_are_found_without_case_and_accents(school, question, first_words):
    _, search = school

    assert texts(search.find(question, DAY)) == first_words


def test_a_teacher_finds_only_what_she_may_see(school):
    _, search = school

    assert texts(search.find("dentist", DAY, teacher_id="t-horn")) == {"Mañana"}
    assert texts(search.find("dentist", DAY, teacher_id="t-cole")) == set()


def test_what_is_filed_anew_is_found_at_its_new_place_only(school):
    talks, search = school
    (talk,) = talks.listing(today=DAY, child_id="c-leo")
    filing = Filing(
        child_id="c-ida", class_id="k-5a", role="class", spans=((0, 1),), text="Füller for Ida", teacher_ids=()
    )
    outcome = Outcome(
        spool_id=talk.messages[0].spool_id or 0,
        kind="human",
        state="filed",
        reasons=("by-office",),
        at=NOON,
        author_id="g-mia",
    )

    assert talks.refile(replace(outcome, filings=(filing,)), NOON, decided_by="office")

    assert texts(search.find("fuller", DAY, teacher_id="t-horn")) == set()
    assert texts(search.find("fuller", DAY, teacher_id="t-ruiz")) == {"Füller"}


def said(talks, text: str, *, subject: str = "", child: str = "c-leo", class_id: str = "k-3b") -> int:
    """One more mail of Mia's."""
    row = Spool.create(
        account="a",
        folder="f",
        uidvalidity=1,
        uid=Spool.select().count() + 1,
        arrived=NOON,
        stored_at=NOON,
        size=1,
        sha256="",
    )
    filing = Filing(child_id=child, class_id=class_id, role="class", spans=((0, 1),), text=text, teacher_ids=())
    outcome = Outcome(
        spool_id=row.id,
        kind="human",
        state="filed",
        reasons=("C1",),
        at=NOON,
        author_id="g-mia",
        subject=subject,
        filings=(filing,),
    )
    assert talks.record(outcome, NOON)
    return int(row.id)


def test_a_subject_is_found_by_the_office_alone(school):
    """It may speak of the other child of a mail about two."""
    talks, search = school
    said(talks, "He stays at home.", subject="Leo ill, Ida forgot her violin")

    assert texts(search.find("violin", DAY)) == {"He"}
    assert texts(search.find("violin", DAY, teacher_id="t-horn")) == set()
    assert texts(search.find("stays home", DAY, teacher_id="t-horn")) == {"He"}


@pytest.mark.parametrize("question", ["老师", "请假", "谢谢 请假", "明天请"])
def test_words_of_languages_without_blanks_are_found_anywhere(school, question):
    talks, search = school
    said(talks, "谢谢老师，明天请假一天")

    assert len(search.find(question, DAY, teacher_id="t-horn")) == 1
    assert search.find(question, DAY, teacher_id="t-ruiz") == ()
    assert search.find("作业", DAY) == ()


def test_signs_of_the_pattern_are_only_signs(school):
    talks, search = school
    said(talks, "谢谢老师")

    assert search.find("谢_老", DAY) == ()


@pytest.mark.parametrize(
    ("change", "horn", "ruiz"),
    [
        ({"enrolments": [("child_id", "c-leo", {"class_id": "k-5a"})]}, False, True),
        ({"assignments": [("teacher_id", "t-horn", {"teacher_id": "t-ruiz"})]}, False, True),
        ({"assignments": [("teacher_id", "t-horn", {"ends": DAY - timedelta(days=1)})]}, False, False),
        ({"teachers": [("id", "t-horn", None)], "assignments": [("teacher_id", "t-horn", None)]}, False, False),
        ({"children": [("id", "c-leo", None)], "enrolments": [("child_id", "c-leo", None)]}, False, False),
    ],
    ids=["the child changed class", "a substitute", "the year ended", "the teacher left", "the child left"],
)
def test_hits_follow_the_roster_at_once(school, change, horn, ruiz):
    talks, search = school
    before = roster()
    assert texts(search.find("fuller", DAY, teacher_id="t-horn")) == {"Ärger"}

    rows = {}
    for name, edits in change.items():
        held = list(getattr(before, name))
        for key, value, fields in edits:
            held = [(replace(row, **fields) if fields else None) if getattr(row, key) == value else row for row in held]
            held = [row for row in held if row is not None]
        rows[name] = tuple(held)
    if "children" in rows:
        rows["guardianships"] = tuple(tie for tie in before.guardianships if tie.child_id != "c-leo")
    talks.people.save(replace(before, **rows), DAY)

    assert bool(search.find("fuller", DAY, teacher_id="t-horn")) is horn
    assert bool(search.find("fuller", DAY, teacher_id="t-ruiz")) is ruiz


def test_what_was_given_to_the_office_is_found_by_no_teacher(school):
    talks, search = school
    spool_id = said(talks, "Der Zahnarzt war da")
    assert search.find("zahnarzt", DAY, teacher_id="t-horn")

    talks.give_to_office(spool_id, "not-mine", NOON, decided_by="teacher:t-horn")

    assert search.find("zahnarzt", DAY, teacher_id="t-horn") == ()
    assert search.find("zahnarzt", DAY) == ()


def test_of_a_mail_about_two_children_each_teacher_finds_her_part(school):
    talks, search = school
    spool_id = said(talks, "placeholder")
    parts = (
        Filing(child_id="c-leo", class_id="k-3b", role="class", spans=((0, 5),), text="Leo has a cold", teacher_ids=()),
        Filing(
            child_id="c-ida", class_id="k-5a", role="class", spans=((6, 9),), text="Ida has a prize", teacher_ids=()
        ),
    )
    outcome = Outcome(
        spool_id=spool_id, kind="human", state="filed", reasons=("split",), at=NOON, author_id="g-mia", filings=parts
    )
    assert talks.refile(outcome, NOON, decided_by="office")

    (hit,) = search.find("has a", DAY, teacher_id="t-horn")
    assert (hit.text, hit.child_id) == ("Leo has a cold", "c-leo")
    assert search.find("prize", DAY, teacher_id="t-horn") == ()
