"""Mails recorded in one transaction come to exactly what they come to one by one, and each stands for itself."""

import pytest

from office.jobs.reading import read_waiting
from school.errors import TemporaryError
from storage.tables import Evidence, Message
from tests.office.linden import EVA, HORN, JON, MIA, Linden, copy_of, open_school

STRANGER = ("Oma", "oma@example.net")


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    yield linden
    linden.house.database.close()


def a_weeks_mail(linden: Linden) -> list[bytes]:
    """Filed, asked about, held, thanked, urgent, doubled, damaged."""
    doubled = linden.reply(EVA, "We shall come.")
    return [
        linden.reply(EVA, "Anna needs new boots."),
        linden.reply(MIA, "Leo is ill today"),
        doubled,
        linden.reply(MIA, "Leo is still ill", via_section_of="Leo"),
        doubled,
        linden.reply(JON, "thank you"),
        linden.reply(STRANGER, "Who is this?", letter_of="g-jon"),
        b"\xff\xfe no mail at all",
        linden.reply(JON, "the police came"),
        linden.reply(HORN, "hello", letter_of="g-eva"),
        linden.reply(MIA, "please unsubscribe me"),
    ]


def kept(linden: Linden) -> tuple[object, ...]:
    messages = [(row.spool_id, row.author_id, row.text, row.conversation_id) for row in Message.select()]
    seen = [(row.spool_id, row.sign, row.child_id) for row in Evidence.select()]
    return messages, seen, linden.house.spool.counts_by_state(), len(linden.notices())


def test_read_together_or_one_by_one_is_the_same(published, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "all").mkdir()
    alone = copy_of(published, tmp_path / "one")
    mails = a_weeks_mail(alone)
    ends = []
    for raw in mails:
        alone.keep(raw)
        ends += read_waiting(alone.house, alone.now)
    expected = ends, kept(alone)
    alone.house.database.close()
    together = copy_of(published, tmp_path / "all")
    for raw in mails:
        together.keep(raw)

    assert (read_waiting(together.house, together.now), kept(together)) == expected
    assert len(ends) == len(mails) - 1  # the copy is decided with the first
    together.house.database.close()


def test_a_mail_that_fails_while_it_is_recorded_takes_back_only_itself(linden):
    class Broken:
        def write(self, notice, now):
            raise ZeroDivisionError

    linden.house.__dict__["notice_writer"] = Broken()
    first = linden.keep(linden.reply(EVA, "One"))
    bad = linden.keep(linden.reply(MIA, "Leo is ill"))
    last = linden.keep(linden.reply(EVA, "Two"))

    assert [outcome.spool_id for outcome in read_waiting(linden.house, linden.now)] == [first, last]
    assert [row.spool_id for row in Message.select()] == [first, last]
    assert Evidence.select().where(Evidence.spool == bad).count() == 0
    assert linden.house.spool.spooled(bad).attempts == 1


def test_a_button_pressed_twice_in_one_pass_counts_once(linden):
    linden.arrive(linden.reply(MIA, "Leo is ill"))
    (notice,) = linden.raw_notices()
    for number in range(2):
        linden.keep(linden.reply(EVA, f"Number {number}"))
        linden.keep(linden.press(notice, "about Ida", MIA))

    reasons = [outcome.reasons for outcome in read_waiting(linden.house, linden.now) if outcome.author_id == "g-mia"]

    assert reasons == [("button-file",), ("button-pressed-before",)]
    assert [text for _, text in linden.sees("t-ruiz")] == ["Leo is ill"]


def test_when_the_database_cannot_record_them_together_each_is_recorded_by_itself(linden):
    class OnceAway:
        """A conversation store whose database gives up once, in the middle of everything."""

        def __init__(self, store) -> None:
            self.store, self.asked = store, 0

        def __getattr__(self, name: str):
            return getattr(self.store, name)

        def record(self, outcome, now):
            self.asked += 1
            if self.asked == 2:
                raise TemporaryError("a deadlock")
            return self.store.record(outcome, now)

    linden.house.__dict__["conversations"] = OnceAway(linden.house.conversations)
    ids = [linden.keep(linden.reply(EVA, f"Number {number}")) for number in range(3)]

    assert [outcome.spool_id for outcome in read_waiting(linden.house, linden.now)] == ids
    assert [row.spool_id for row in Message.select()] == ids


def test_a_pass_that_is_stopped_has_recorded_what_it_read(linden):
    ids = [linden.keep(linden.reply(EVA, f"Number {number}")) for number in range(3)]
    answers = iter([False, False, False, True, True])

    assert [outcome.spool_id for outcome in read_waiting(linden.house, linden.now, lambda: next(answers))] == ids[:2]
    assert linden.house.spool.counts_by_state() == {"filed": 2, "received": 1}
