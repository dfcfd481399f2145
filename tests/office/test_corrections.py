"""A teacher sets right where a message belongs: by a button of her digest, or by the first line of her answer."""

from datetime import timedelta

import pytest

from office.demo.clients import reply, write_new
from office.demo.clients.original import buttons
from office.jobs.digests import plan_digests
from tests.office.linden import EVA, HORN, JON, MIA, RUIZ, Linden, copy_of, open_school, stamped

SAID = {"eva": "Anna sees the dentist on Monday.", "jon": "He forgot his rubber boots."}


@pytest.fixture(scope="module")
def waiting(tmp_path_factory) -> Linden:
    """Eva waits for Ms Horn about Anna; Jon about Leo, who has a sister Ida with Ms Ruiz and Mr Cole."""
    linden = open_school(tmp_path_factory.mktemp("waiting"))
    linden.arrive(linden.reply(EVA, SAID["eva"]))
    linden.arrive(linden.reply(JON, SAID["jon"], via_section_of="Leo"))
    return linden


@pytest.fixture
def linden(waiting, tmp_path):
    linden = copy_of(waiting, tmp_path)
    linden.now, linden.uid = waiting.now + timedelta(days=2), waiting.uid
    yield linden
    linden.house.database.close()


def not_mine(linden: Linden, number: int, author=HORN, more: str = "") -> bytes:
    """The mail that the button "This is not for me" of that item makes."""
    found = [held for held in buttons(linden.digest("t-horn")) if held.label == "This is not for me"]
    button = found[number - 1]
    words = f"{button.subject}\n{more}" if more else button.subject
    return write_new(words, client="iphone", author=author, at=linden.now, to=button.address, subject=button.subject)


def answer(linden: Linden, guardian: str, words: str) -> bytes:
    """Ms Horn's answer with the button under one message."""
    button = next(held for held in buttons(linden.digest("t-horn")) if held.label == f"Answer {guardian}")
    return write_new(words, client="outlook-web", author=HORN, at=linden.now, to=button.address, subject=button.subject)


def tray(linden: Linden) -> list[tuple[str, str]]:
    return [(state, reasons[-1]) for _, state, reasons, _ in linden.house.conversations.tray()]


# ---- the button ----


def test_the_button_not_for_me_ends_her_access_and_the_office_decides(linden):
    outcome = linden.arrive(not_mine(linden, 2))

    assert (outcome.state, outcome.reasons) == ("ignored", ("button-not-mine",))
    assert linden.sees("t-horn") == [("c-anna", SAID["eva"])]
    assert tray(linden) == [("triage", "not-mine")]


def test_it_counts_once_and_from_her_address_alone(linden):
    pressed = not_mine(linden, 2)
    stranger = linden.arrive(not_mine(linden, 2, author=("Somebody", "x@example.net")))
    colleague = linden.arrive(not_mine(linden, 2, author=RUIZ))
    assert [held.state for held in (stranger, colleague)] == ["held", "held"]
    assert len(linden.sees("t-horn")) == 2

    linden.arrive(pressed)
    linden.now += timedelta(minutes=1)
    again = linden.arrive(not_mine(linden, 2))

    assert again.reasons == ("button-pressed-before",)


def test_a_forged_from_presses_nothing(linden):
    forged = stamped(not_mine(linden, 2), "fail", "school.test")

    assert linden.arrive(forged).state == "held"
    assert len(linden.sees("t-horn")) == 2


def test_after_its_days_it_does_nothing(linden):
    pressed = not_mine(linden, 2)
    linden.now += timedelta(days=15)

    outcome = linden.arrive(pressed)

    assert (outcome.state, outcome.reasons) == ("triage", ("button-too-late",))
    assert len(linden.sees("t-horn")) == 2


def test_words_typed_beside_it_go_to_the_office(linden):
    outcome = linden.arrive(not_mine(linden, 2, more="She moved to 5A last week."))

    assert (outcome.state, outcome.reasons[-1]) == ("triage", "with-words")
    assert linden.sees("t-horn") == [("c-anna", SAID["eva"])]
    assert linden.answers() == []


def test_a_former_teachers_button_moves_nothing(linden):
    pressed = not_mine(linden, 2)
    linden.roster(enrollments={"e-2": {"classSourcedId": "k-5a"}})

    linden.arrive(pressed)

    assert tray(linden) == []
    assert ("c-leo", SAID["jon"]) in linden.sees("t-ruiz")


# ---- the first line ----


@pytest.mark.parametrize("line", ["→ office", "-> office", "To the office", "office"])
def test_to_the_office(linden, line):
    outcome = linden.arrive(answer(linden, "Jon Berg", line))

    assert outcome.reasons == ("teacher-to-office",)
    assert tray(linden) == [("triage", "teacher-to-office")]
    assert linden.answers() == []


def test_also_for_a_sister_files_it_for_her_class_teacher_too(linden):
    linden.arrive(answer(linden, "Jon Berg", "also for Ida"))

    assert ("c-leo", SAID["jon"]) in linden.sees("t-horn")
    assert linden.sees("t-ruiz") == [("c-ida", SAID["jon"])]
    assert linden.sees("t-cole") == []
    assert linden.answers() == []


def test_also_for_a_child_of_another_family_goes_to_the_office(linden):
    linden.arrive(answer(linden, "Jon Berg", "also for Anna"))

    assert tray(linden) == [("triage", "teacher-also-for-unclear")]
    assert [child for child, _ in linden.sees("t-horn")] == ["c-anna"]


def test_pass_on_only_to_a_teacher_of_that_child(linden):
    linden.arrive(linden.reply(MIA, "Her violin is broken.", via_section_of="Ida"))
    digest = linden.digest("t-ruiz")
    button = next(held for held in buttons(digest) if held.label == "Answer Mia Berg")
    raw = write_new(
        "Pass on to Mr Cole", client="iphone", author=RUIZ, at=linden.now, to=button.address, subject=button.subject
    )

    linden.arrive(raw)

    assert linden.sees("t-cole") == [("c-ida", "Her violin is broken.")]
    assert linden.sees("t-ruiz") == []


def test_pass_on_to_somebody_who_does_not_teach_the_child_goes_to_the_office(linden):
    linden.arrive(answer(linden, "Jon Berg", "pass on to Ms Ruiz"))

    assert tray(linden) == [("triage", "teacher-passes-on-unclear")]
    assert linden.sees("t-ruiz") == []


def test_a_sentence_that_begins_so_is_an_answer(linden):
    linden.arrive(answer(linden, "Jon Berg", "Also for the trip on Friday, please bring two coats."))

    (sent,) = linden.answers()
    assert "two coats" in sent.get_body(("plain",)).get_content()


def test_a_former_teachers_reply_to_a_digest_of_one_item_hands_nothing_over(published_for_jon):
    linden = published_for_jon
    digest = linden.digest("t-horn")
    linden.roster(enrollments={"e-2": {"classSourcedId": "k-5a"}})

    outcome = linden.arrive(reply(digest, "iphone", "not mine", HORN, linden.now))

    assert (outcome.state, outcome.reasons) == ("triage", ("teacher-no-longer-in-charge",))
    assert ("c-leo", SAID["jon"]) in linden.sees("t-ruiz")


@pytest.fixture
def published_for_jon(tmp_path):
    """Only Jon waits."""
    linden = open_school(tmp_path)
    linden.arrive(linden.reply(JON, SAID["jon"], via_section_of="Leo"))
    linden.now += timedelta(days=2)
    yield linden
    linden.house.database.close()


# ---- siblings in one class ----


@pytest.fixture
def siblings(linden):
    """Ida sits beside Leo in 3B now, and Jon does not say whom he means."""
    linden.roster(enrollments={"e-3": {"classSourcedId": "k-3b"}, "e-4": {"status": "gone"}})
    outcome = linden.arrive(
        write_to_school(linden, "We are both looking forward to the winter fair and the soup at noon.")
    )
    assert outcome.state == "child_open"
    return linden


def write_to_school(linden: Linden, words: str) -> bytes:
    return stamped(
        write_new(words, client="gmail-web", author=JON, at=linden.now, to="reply@school.test", subject="Fair"), "pass"
    )


def test_the_teacher_picks_the_child_by_button_and_on_no_record_before(siblings):
    linden = siblings
    digest = linden.digest("t-horn")
    assert not [text for _, text in linden.sees("t-horn") if "winter fair" in text]
    button = next(held for held in buttons(digest) if held.label == "It was about Ida")

    linden.arrive(
        write_new(
            button.subject, client="iphone", author=HORN, at=linden.now, to=button.address, subject=button.subject
        )
    )

    assert [child for child, text in linden.sees("t-horn") if "winter fair" in text] == ["c-ida"]
    assert linden.house.conversations.tray() == ()


def test_or_by_its_number_and_the_childs_name(siblings):
    linden = siblings
    digest = linden.digest("t-horn")

    linden.arrive(reply(digest, "outlook-desktop", "1 thanks\n3 Leo", HORN, linden.now))

    assert [child for child, text in linden.sees("t-horn") if "winter fair" in text] == ["c-leo"]
    text = linden.notices()[-1].get_body(("plain",)).get_content()
    assert "3. Jon Berg · Leo: filed for this child" in text


def test_an_answer_before_the_child_is_picked_goes_back(siblings):
    linden = siblings

    linden.arrive(reply(linden.digest("t-horn"), "iphone", "3: See you there!", HORN, linden.now))

    assert linden.answers() == []
    text = " ".join(linden.notices()[-1].get_body(("plain",)).get_content().split())
    assert "first say which child it is about" in text
    assert "See you there!" in text


def test_only_the_teacher_of_both_children_gets_it(siblings):
    linden = siblings
    plan_digests(linden.house, linden.today, linden.now)

    assert b"winter fair" not in (linden.digest("t-ruiz") or b"")
