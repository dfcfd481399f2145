"""Search finds words without their accents, and shows a teacher only what she may see today."""

from dataclasses import replace
from datetime import UTC, date, datetime
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


@pytest.fixture
def school(database):
    people = PeopleStore(database)
    people.save(read_roster({path.name: path.read_bytes() for path in ROSTER.iterdir()}, DAY).roster, DAY)
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
