"""A mail is recorded once, filed where it was decided, and read by those who teach the child today."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from school.choice import Choice, Deed
from school.filing import Filing, Outcome, Seen, Suggested
from school.roster.read import read_roster
from storage import tables
from storage.choices import ChoiceStore
from storage.conversations import ConversationStore
from storage.people import PeopleStore

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
DAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
FILE = read_roster({path.name: path.read_bytes() for path in ROSTER.iterdir()}, DAY).roster


@pytest.fixture
def talks(database) -> ConversationStore:
    people = PeopleStore(database)
    people.save(FILE, DAY)
    return ConversationStore(database, people, count(1).__next__)


def mail(state: str = "received") -> int:
    uid = tables.Spool.select().count() + 1
    return tables.Spool.create(
        account="a", folder="f", uidvalidity=1, uid=uid, arrived=NOON, stored_at=NOON, size=1, sha256="", state=state
    ).id


def filing(child: str = "c-leo", class_id: str = "k-3b", role: str = "class", text: str = "Leo is ill") -> Filing:
    return Filing(child_id=child, class_id=class_id, role=role, spans=((0, 9),), text=text, teacher_ids=("t-horn",))


IDA = filing("c-ida", "k-5a")


def outcome(spool_id: int, *filings: Filing, **changes) -> Outcome:
    fields = {
        "kind": "human",
        "state": "filed" if filings else "triage",
        "reasons": ("C1",),
        "at": NOON,
        "message_id": f"m{spool_id}@example.org",
        "author_id": "g-mia",
        "filings": filings,
    }
    return Outcome(spool_id=spool_id, **(fields | changes))


def sees(talks: ConversationStore, teacher_id: str, day: date = DAY) -> list[tuple[str, str]]:
    found = talks.listing(today=day, teacher_id=teacher_id)
    return [(talk.child_id, turn.text) for talk in found for turn in talk.messages]


def state(spool_id: int) -> tuple[str, list[str]]:
    row = tables.Spool.get_by_id(spool_id)
    return row.state, row.reasons


def audit(spool_id: int) -> list[tuple[str, str, dict]]:
    rows = tables.Audit.select().where(tables.Audit.subject == f"mail:{spool_id}").order_by(tables.Audit.id)
    return [(row.actor, row.action, row.detail) for row in rows]


# ---- recording ----


def test_a_filed_mail_is_read_by_the_childs_teacher_and_nobody_else(talks):
    evidence = (Seen(sign="C1", place="to", strength="certain", child_id="c-leo", role="class"),)

    assert talks.record(outcome(mail(), filing(), evidence=evidence), NOON)

    assert sees(talks, "t-horn") == [("c-leo", "Leo is ill")]
    assert sees(talks, "t-ruiz") == sees(talks, "t-cole") == sees(talks, "t-nobody") == []
    assert tables.Evidence.select().count() == 1


def test_a_second_recording_changes_nothing(talks):
    spool_id = mail()
    talks.record(outcome(spool_id, filing()), NOON)

    assert not talks.record(outcome(spool_id, IDA), LATER)

    assert sees(talks, "t-ruiz") == []
    assert tables.Filing.select().count() == tables.Message.select().count() == 1


def test_two_threads_record_one_mail_once(talks, database):
    spool_id = mail()
    barrier, done, followed = threading.Barrier(2), [], []

    def run() -> None:
        barrier.wait()
        try:
            done.append(talks.record(outcome(spool_id, filing()), NOON, then=lambda _: followed.append(1)))
        finally:
            database.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [False, True]
    assert followed == [1]
    assert tables.Filing.select().count() == tables.Message.select().count() == 1


def test_what_follows_is_kept_with_the_filing_or_neither_is(talks):
    spool_id = mail()

    def fail(_: Outcome) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        talks.record(outcome(spool_id, filing()), NOON, then=fail)

    assert state(spool_id)[0] == "received"
    assert tables.Message.select().count() == tables.Conversation.select().count() == 0


def test_two_mails_about_one_child_are_one_conversation(talks):
    talks.record(outcome(mail(), filing()), NOON)
    talks.record(outcome(mail(), filing(text="Better now")), LATER)

    (talk,) = talks.listing(today=DAY)
    assert [turn.text for turn in talk.messages] == ["Leo is ill", "Better now"]
    assert talks.by_public_id(talk.public_id).last_at == NOON


def test_a_split_mail_stands_in_two_conversations(talks):
    talks.record(outcome(mail(), filing(text="a bridge"), replace(IDA, text="a river")), NOON)

    assert sees(talks, "t-horn") == [("c-leo", "a bridge")]
    assert sees(talks, "t-ruiz") == [("c-ida", "a river")]


# ---- deciding again ----


def test_a_refile_ends_access_at_once_and_audit_has_both(talks):
    spool_id = mail()
    talks.record(outcome(spool_id, filing()), NOON)
    seen = tables.Message.get()
    run = tables.Run.create(id="digest:1", kind="digest", state="ready", due=NOON, planned_at=NOON)
    talks.note_digested(run.id, "t-horn", [seen.id])

    assert talks.refile(outcome(spool_id, IDA), LATER, decided_by="parent")

    assert sees(talks, "t-horn") == []
    assert sees(talks, "t-ruiz") == [("c-ida", "Leo is ill")]
    assert [(actor, action) for actor, action, _ in audit(spool_id)] == [("parent", "unfiled"), ("parent", "filed")]
    assert audit(spool_id)[0][2]["seen_by"] == ["t-horn"]


def test_a_refile_back_to_the_first_place_shows_it_again_once(talks):
    spool_id = mail()
    for number, place in enumerate((filing(), IDA, filing())):
        (talks.refile if number else talks.record)(
            outcome(spool_id, place), NOON, **({"decided_by": "office"} if number else {})
        )

    assert sees(talks, "t-horn") == [("c-leo", "Leo is ill")]
    assert sees(talks, "t-ruiz") == []


@pytest.mark.parametrize(
    ("before", "may"),
    [
        *((name, True) for name in ("triage", "asked", "held", "courtesy", "ignored", "dismissed")),
        *((name, False) for name in ("received", "copy")),
        ("poison", True),
    ],
)
def test_a_person_may_file_what_was_decided(talks, before, may):
    spool_id = mail(before)

    assert talks.refile(outcome(spool_id, filing()), NOON, decided_by="office") is may
    assert bool(sees(talks, "t-horn")) is may


def test_given_to_the_office_no_teacher_sees_it(talks):
    spool_id = mail()
    talks.record(outcome(spool_id, filing()), NOON)

    assert talks.give_to_office(spool_id, "parent-chose-office", LATER, decided_by="parent")

    assert sees(talks, "t-horn") == []
    assert state(spool_id) == ("triage", ["C1", "parent-chose-office"])
    assert not talks.give_to_office(mail("dismissed"), "x", LATER, decided_by="parent")


def test_handing_back_takes_what_nobody_answered(talks):
    first, second = mail(), mail()
    talks.record(outcome(first, filing()), NOON)
    (talk,) = talks.listing(today=DAY)
    answer = replace(outcome(mail()), author_id="", teacher_id="t-horn")
    talks.answered(talk.id, teacher_id="t-horn", text="Get well", outcome=answer, message_id="a@b", now=NOON)
    talks.record(outcome(second, filing(text="And Ida?")), LATER)

    assert talks.hand_back(talk.id, LATER, decided_by="teacher:t-horn") == (second,)

    assert sees(talks, "t-horn") == [("c-leo", "Leo is ill"), ("c-leo", "Get well")]
    assert state(second)[0] == "triage"
    assert talks.hand_back(talk.id, LATER, decided_by="teacher:t-horn") == ()


def test_an_answer_is_kept_once_and_ends_the_waiting(talks):
    talks.record(outcome(mail(), filing()), NOON)
    (talk,) = talks.waiting("t-horn", DAY)
    answer = replace(outcome(mail()), author_id="", teacher_id="t-horn")
    for _ in range(2):
        talks.answered(talk.id, teacher_id="t-horn", text="Get well", outcome=answer, message_id="a@b", now=LATER)

    assert talks.waiting("t-horn", DAY) == ()
    assert [turn.author for turn in talks.conversation(talk.id).messages] == ["guardian", "teacher"]


# ---- the tray ----


def test_questions_age_and_nothing_else_does(talks):
    ids = {name: mail() for name in ("asked", "held", "triage", "filed")}
    for name, spool_id in ids.items():
        talks.record(outcome(spool_id, *([filing()] if name == "filed" else []), state=name), NOON)

    assert talks.age(NOON, LATER) == ()
    assert talks.age(NOON + timedelta(seconds=1), LATER) == (ids["asked"], ids["held"])
    assert state(ids["asked"]) == ("triage", ["C1", "no-answer"])
    assert talks.age(LATER, LATER) == ()


def test_the_tray_lists_what_waits_with_its_suggestions(talks):
    spool_id = mail()
    suggested = (Suggested(child_id="c-leo", role="class", why=("C6",)),)
    talks.record(outcome(spool_id, suggestions=suggested), NOON)
    talks.record(outcome(mail(), filing()), NOON)

    assert talks.tray() == ((spool_id, "triage", ("C1",), suggested),)
    assert talks.outcome_of(spool_id) == ("g-mia", suggested)
    assert talks.outcome_of(999) is None


@pytest.mark.parametrize(("before", "may"), [("triage", True), ("filed", False), ("received", False)])
def test_only_what_waits_can_be_dismissed(talks, before, may):
    spool_id = mail(before)

    assert talks.dismiss(spool_id, "spam", NOON) is may
    assert [action for _, action, _ in audit(spool_id)] == (["dismissed"] if may else [])


# ---- who sees it today ----


def moved(child: str, to: str, day: date):
    enrolments = tuple(
        replace(tie, class_id=to) if tie.child_id == child and tie.class_id != "k-music" else tie
        for tie in FILE.enrolments
    )
    return replace(FILE, enrolments=enrolments)


@pytest.mark.parametrize(
    ("change", "horn", "ruiz"),
    [
        (lambda: FILE, True, False),
        (lambda: moved("c-leo", "k-5a", DAY), False, True),
        (
            lambda: replace(
                FILE, assignments=tuple(replace(tie, ends=DAY - timedelta(days=1)) for tie in FILE.assignments)
            ),
            False,
            False,
        ),
        (
            lambda: replace(
                FILE,
                assignments=tuple(
                    replace(tie, teacher_id="t-ruiz") if tie.teacher_id == "t-horn" else tie for tie in FILE.assignments
                ),
            ),
            False,
            True,
        ),
        (
            lambda: replace(
                FILE,
                teachers=tuple(held for held in FILE.teachers if held.id != "t-horn"),
                assignments=tuple(tie for tie in FILE.assignments if tie.teacher_id != "t-horn"),
            ),
            False,
            False,
        ),
    ],
    ids=["as it was", "the child changed class", "the year ended", "a successor", "the teacher left"],
)
def test_what_a_teacher_sees_follows_the_roster(talks, change, horn, ruiz):
    """I5: access is computed when it is read."""
    talks.record(outcome(mail(), filing()), NOON)

    talks.people.save(change(), DAY)

    assert bool(sees(talks, "t-horn")) is horn
    assert bool(sees(talks, "t-ruiz")) is ruiz
    assert sees(talks, "t-cole") == []


def test_a_subject_teacher_sees_her_subject_only(talks):
    talks.record(outcome(mail(), filing("c-ida", "k-music", "music", "She sings")), NOON)
    talks.record(outcome(mail(), replace(IDA, text="She reads")), NOON)

    assert sees(talks, "t-cole") == [("c-ida", "She sings")]
    assert sees(talks, "t-ruiz") == [("c-ida", "She reads")]


# ---- buttons ----


def button(spool_id: int, public_id: int, **changes) -> Choice:
    fields = {"guardian_id": "g-mia", "deed": Deed.FILE, "expires": LATER, "child_id": "c-ida", "role": "class"}
    return Choice(public_id=public_id, spool_id=spool_id, **(fields | changes))


def test_a_button_is_used_once_and_ends_its_neighbours(talks, database):
    choices = ChoiceStore(database)
    spool_id, other = mail(), mail()
    choices.add((button(spool_id, 1), button(spool_id, 2, deed=Deed.OFFICE), button(other, 3)))

    assert choices.use(1, NOON)

    assert not choices.use(1, NOON)
    assert not choices.use(2, NOON)
    assert choices.by_public_id(1).used_at == NOON
    assert choices.by_public_id(2).expires == NOON
    assert not choices.use(3, LATER)
    assert choices.by_public_id(4) is None


def test_two_threads_press_one_button_once(talks, database):
    choices = ChoiceStore(database)
    choices.add((button(mail(), 1),))
    barrier, done = threading.Barrier(2), []

    def run() -> None:
        barrier.wait()
        try:
            done.append(choices.use(1, NOON))
        finally:
            database.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [False, True]


def test_whoever_decides_first_ends_the_buttons(talks, database):
    choices = ChoiceStore(database)
    for number, decide in enumerate(
        (
            lambda spool_id: talks.refile(outcome(spool_id, filing()), NOON, decided_by="office"),
            lambda spool_id: talks.dismiss(spool_id, "settled", NOON),
            lambda spool_id: talks.give_to_office(spool_id, "x", NOON, decided_by="office"),
        ),
        start=1,
    ):
        spool_id = mail("asked")
        choices.add((button(spool_id, number),))
        decide(spool_id)

        assert not choices.use(number, NOON)
