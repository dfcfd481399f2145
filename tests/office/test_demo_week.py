"""The demo's week ends with every mail where it must be, and its checks notice each kind of mail that is not."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from click.testing import CliRunner

from office.cli.demo import demo
from office.demo.answers import Answered, answer_problems
from office.demo.check import Checked, check, digest_problems
from office.demo.reading import words_in
from office.demo.script import Expected, Mail
from office.demo.servers import Delivered
from office.demo.week import DemoSummary, run_demo
from school.errors import InputError
from school.filing import Filing, Outcome
from school.people import Guardian, Teacher

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
TEACHER = Teacher(id="t-1", given_name="Ada", family_name="Lark", address="ada.lark@school.test")
WORDS = "We counted seven lanterns."


@pytest.fixture(scope="module")
def week(tmp_path_factory) -> DemoSummary:
    return run_demo(tmp_path_factory.mktemp("demo") / "school", 30, NOW, lambda *_: None)


@pytest.mark.timeout(240)
def test_every_mail_of_the_week_is_where_it_must_be(week):
    assert week.problems == ()
    assert all(case.right == case.count for case in week.cases)


def test_the_week_has_every_kind_of_mail_and_answers_of_both_common_kinds(week):
    what = {case.what: case.count for case in week.cases}

    assert what["plain Reply, one child"] >= 5
    assert what["a section's button, several children"] >= 5
    assert what["a teacher's answer"] == week.answers >= 6
    assert what["an answer to the teacher's answer"] == 3
    assert {"a bounce", "a vacation notice", "an Exchange absence", "from a barred father", "a photo"} <= set(what)
    assert week.skipped["barred"] == week.skipped["no-address"] == 1
    assert week.refused == 1


def test_every_link_of_the_pages_leads_to_a_page(week):
    folder = week.index.parent
    pages = [week.index, folder / "mails.html"]
    links = [link for page in pages for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text("utf-8"))]

    assert len(links) > 100
    assert [link for link in links if not (folder / link).is_file()] == []


def test_the_pages_hold_no_key_and_no_database(week):
    names = {path.suffix for path in week.index.parent.rglob("*") if path.is_file()}

    assert names == {".html", ".eml"}


def test_a_folder_with_a_school_in_it_is_left_alone(week):
    school = week.index.parent.parent
    kept = (school / "config.toml").read_bytes()

    with pytest.raises(InputError, match="name a new folder"):
        run_demo(school, 12, NOW, lambda *_: None)
    assert (school / "config.toml").read_bytes() == kept


def test_the_step_mother_hears_of_both_children_and_each_father_of_his_own(week):
    letters = week.index.parent / "letters"
    shown = {name: words_in((letters / f"{name}.eml").read_bytes()) for name in ("g-dana-whitlock", "g-ben-carter")}

    assert "Rafe" in shown["g-dana-whitlock"]
    assert "Ivy" in shown["g-dana-whitlock"]
    assert "Ivy" in shown["g-ben-carter"]
    assert "Rafe" not in shown["g-ben-carter"]


def test_a_letter_goes_to_one_guardian_and_shows_nobody_elses_address(week):
    for path in (week.index.parent / "letters").glob("*.eml"):
        raw = path.read_bytes()
        message = message_from_bytes(raw, policy=policy.default)

        assert len(message["To"].addresses) == 1
        assert set(re.findall(rb"[\w.]+@example\.org", raw)) == {message["To"].addresses[0].addr_spec.encode()}


@pytest.mark.timeout(240)
def test_the_command_answers_with_one_document_and_the_exit_code_says_the_same(tmp_path):
    done = CliRunner().invoke(
        demo, ["--dir", str(tmp_path / "d"), "--families", "13", "--json", "--now", NOW.isoformat()]
    )
    document = json.loads(done.stdout)

    assert done.exit_code == 0
    assert document["correct"] is True
    assert document["letters"]["sent"] > 10


# ---- the checks themselves ----


def mail(**more) -> Mail:
    expected = Expected(
        states=frozenset({"filed"}), child_id="s-1", role="class", text=WORDS, teacher_ids=frozenset({"t-1"})
    )
    return Mail(
        what="a Reply",
        author_id="g-1",
        client="mutt",
        raw=b"",
        at=AT,
        message_id="m@x",
        expected=replace(expected, **more),
    )


def outcome(**more) -> Outcome:
    filing = Filing(child_id="s-1", class_id="1A", role="class", spans=(), text=WORDS, teacher_ids=("t-1",))
    made = Outcome(spool_id=1, kind="human", state="filed", reasons=("C3",), at=AT, message_id="m@x", filings=(filing,))
    return replace(made, **more)


RIGHT = {WORDS: frozenset({"t-1"})}


def problems_of(held: Mail, outcomes: list[Outcome], readers: dict[str, frozenset[str]]) -> tuple[str, ...]:
    return check([held], outcomes, readers)[0].problems


def test_a_mail_in_the_right_place_has_no_problem():
    assert problems_of(mail(), [outcome()], RIGHT) == ()


@pytest.mark.parametrize(
    ("outcomes", "readers", "said"),
    [
        ([], {}, "0 outcomes"),
        ([outcome(), outcome()], RIGHT, "2 outcomes"),
        ([outcome(state="triage", filings=())], {}, "state triage"),
        ([outcome(kind="auto")], RIGHT, "kind auto"),
        ([outcome(filings=(replace(outcome().filings[0], child_id="s-2"),))], RIGHT, "s-2"),
        ([outcome(filings=(replace(outcome().filings[0], text=f"{WORDS} > quoted"),))], RIGHT, "quoted"),
        ([outcome(filings=(replace(outcome().filings[0], teacher_ids=("t-2",)),))], RIGHT, "given to t-2"),
        ([outcome()], {WORDS: frozenset({"t-1", "t-2"})}, "read by t-1, t-2"),
        ([outcome()], {}, "read by nobody"),
    ],
)
def test_a_mail_in_a_wrong_place_is_noticed(outcomes, readers, said):
    assert said in " ".join(problems_of(mail(), outcomes, readers))


def test_a_mail_that_waits_for_a_person_may_be_read_by_no_teacher():
    waits = mail(states=frozenset({"triage"}), child_id="", role="", teacher_ids=frozenset())
    held = outcome(state="triage", filings=())

    assert problems_of(waits, [held], {}) == ()
    assert "read by t-1" in problems_of(waits, [held], RIGHT)[0]


def test_words_in_another_teachers_digest_are_noticed():
    held = Checked(mail=mail(), kind="human", state="filed", reasons=(), where="", problems=())
    with_words = f"Subject: x\r\nContent-Type: text/plain\r\n\r\n{WORDS}\r\n".encode()
    without = b"Subject: x\r\nContent-Type: text/plain\r\n\r\nNothing\r\n"

    assert digest_problems([held], {"t-1": with_words, "t-2": without}) == []
    assert digest_problems([held], {"t-1": with_words, "t-2": with_words})
    assert digest_problems([held], {"t-1": without, "t-2": without})


@pytest.mark.parametrize(
    ("recipient", "thread", "more", "said"),
    [
        ("eva@example.org", "m@x", "", None),
        ("jon@example.org", "m@x", "", "arrived"),
        ("eva@example.org", "other@x", "", "thread"),
        ("eva@example.org", "m@x", TEACHER.address, "own address"),
    ],
)
def test_an_answer_to_the_wrong_parent_out_of_thread_or_with_the_teachers_address_is_noticed(
    recipient, thread, more, said
):
    answered = Answered(mail=mail(text="Gladly!"), teacher=TEACHER, asked=mail())
    raw = f"In-Reply-To: <{thread}>\r\nContent-Type: text/plain\r\n\r\nGladly! {more}\r\n".encode()
    eva = Guardian(id="g-1", given_name="Eva", family_name="Lind", address="eva@example.org")
    letter = Delivered(envelope_from="b@school.test", recipients=(recipient,), raw=raw)

    problems, _ = answer_problems([answered], [letter], {"g-1": eva})

    assert [said in problem for problem in problems] == ([True] if said else [])
