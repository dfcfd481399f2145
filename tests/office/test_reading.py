"""Every stored mail is read once, to its end; one bad mail stops no other; logs hold ids only."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from office.jobs.reading import read_one, read_waiting
from office.wiring import House
from school.errors import TemporaryError
from storage.tables import Filing, Letter, Message
from tests.office.linden import EVA, HORN, JON, MIA, Linden, copy_of, open_school

TEACHERS = ("t-horn", "t-ruiz", "t-cole")


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    yield linden
    linden.house.database.close()


def test_everything_that_waits_is_read_and_nothing_twice(linden):
    for number in range(5):
        linden.keep(linden.reply(EVA, f"Number {number}"))

    assert [outcome.state for outcome in read_waiting(linden.house, linden.now)] == ["filed"] * 5
    assert read_waiting(linden.house, linden.now) == []
    assert [text for _, text in linden.sees("t-horn")] == [f"Number {number}" for number in range(5)]


def test_a_mail_already_read_is_not_recorded_again(linden):
    outcome = linden.arrive(linden.reply(MIA, "Leo is ill"))

    assert read_one(linden.house, outcome.spool_id, linden.now) is None
    assert linden.filings() == 1
    assert len(linden.notices()) == 1


def test_two_readers_read_each_mail_once(linden):
    for number in range(12):
        linden.keep(linden.reply(EVA, f"Number {number}"))
    barrier, done = threading.Barrier(2), []

    def run() -> None:
        barrier.wait()
        try:
            done.extend(read_waiting(linden.house, linden.now))
        finally:
            linden.house.database.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome.spool_id for outcome in done) == list(range(1, 13))
    assert linden.filings() == 12
    assert linden.house.spool.counts_by_state() == {"filed": 12}


class Refusing:
    """A conversation store that fails on one mail, and else is the real one."""

    def __init__(self, store, spool_id: int, error: Exception) -> None:
        self.store, self.spool_id, self.error = store, spool_id, error

    def __getattr__(self, name: str):
        return getattr(self.store, name)

    def record(self, outcome, now, **how):
        if outcome.spool_id == self.spool_id:
            raise self.error
        return self.store.record(outcome, now, **how)


def refusing(linden: Linden, spool_id: int, error: Exception) -> None:
    linden.house.__dict__["conversations"] = Refusing(linden.house.conversations, spool_id, error)


def test_a_mail_that_makes_us_fail_is_set_aside_the_third_time_and_stops_no_other(linden):
    """I12."""
    bad, *good = (linden.keep(linden.reply(EVA, f"Number {number}")) for number in range(3))
    refusing(linden, bad, ZeroDivisionError("ours"))

    assert [outcome.spool_id for outcome in read_waiting(linden.house, linden.now)] == good
    for _ in range(2):
        assert read_waiting(linden.house, linden.now) == []

    assert linden.state(bad) == "poison"
    assert linden.house.spool.raw(bad)


def test_the_databases_trouble_is_not_the_mails(linden):
    spool_id = linden.keep(linden.reply(EVA, "Yes."))
    refusing(linden, spool_id, TemporaryError("away"))

    with pytest.raises(TemporaryError):
        read_waiting(linden.house, linden.now)

    assert linden.house.spool.spooled(spool_id).attempts == 0


def test_a_receipt_that_cannot_be_planned_leaves_no_filing_behind(linden):
    class Broken:
        def write(self, notice, now):
            raise ZeroDivisionError

    linden.house.__dict__["notice_writer"] = Broken()
    spool_id = linden.keep(linden.reply(MIA, "Leo is ill"))

    assert read_waiting(linden.house, linden.now) == []
    assert linden.filings() == 0
    assert linden.state(spool_id) == "received"


def test_a_cap_reached_between_reading_and_keeping_is_seen_in_the_transaction(linden, published):
    class Late:
        """Allows the mail while it is read, and no more when it is kept."""

        def __init__(self, directory) -> None:
            self.directory, self.asked = directory, 0

        def __getattr__(self, name: str):
            return getattr(self.directory, name)

        def for_one_mail(self) -> "Late":
            return self

        def may_tell(self, guardian, now) -> bool:
            self.asked += 1
            return self.asked == 1

    linden.house.__dict__["directory"] = Late(linden.house.directory)

    assert linden.arrive(linden.reply(MIA, "Leo is ill")).state == "triage"
    assert linden.notices() == []


def test_logs_hold_ids_only(linden, caplog):
    """I14."""
    caplog.set_level("DEBUG")
    words = ("Leo is secretly ill", MIA[1], "Mia", "Berg", "reply+")
    linden.arrive(linden.reply(MIA, words[0]))
    linden.arrive(linden.reply(("X", "x@example.net"), words[0], letter_of="g-jon"))
    linden.arrive(linden.press(linden.raw_notices()[0], "about Ida", MIA))

    said = caplog.text
    assert "mail.read" in said
    assert not [word for word in words if word in said]


def test_a_teachers_answer_reaches_no_guardian_who_may_not_hear_any_more(linden):
    linden.arrive(linden.reply(JON, "What shall he bring?", via_section_of="Leo"))
    (talk,) = linden.house.conversations.listing(today=linden.today)
    digest = linden.digest("t-horn")
    assert digest is not None
    linden.roster(users={"g-jon": {"agentSourcedIds": "c-ida"}, "c-leo": {"agentSourcedIds": "g-mia"}})

    outcome = linden.arrive(_answer(linden, talk.public_id))

    assert (outcome.state, outcome.reasons) == ("triage", ("guardian-not-to-be-reached",))
    assert linden.answers() == []


def _answer(linden: Linden, public_id: int) -> bytes:
    from office.demo.clients import write_new
    from school.reply_address import TokenKind

    to = linden.house.postmark.reply_address(TokenKind.STAFF, public_id)
    return write_new("A torch.", client="iphone", author=HORN, at=linden.now, to=to, subject="Re: news")


# ---- whatever families write ----

WRITERS = st.sampled_from([EVA, JON, MIA, ("Oma", "oma@example.net"), HORN])
LETTERS = st.sampled_from(["g-eva", "g-jon", "g-mia"])
WORDS = st.lists(
    st.sampled_from(["Leo", "Ida", "Anna", "is ill", "Ms Horn,", "5A", "thanks", "police", "music", "?", "\n"]),
    min_size=1,
    max_size=6,
).map(" ".join)
CLIENTS = st.sampled_from(["iphone", "gmail-web", "outlook-desktop", "mutt", "thunderbird"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=st.lists(st.tuples(WRITERS, LETTERS, WORDS, CLIENTS), min_size=1, max_size=3))
def test_whatever_is_written_reaches_only_those_who_teach_the_child(fuzzed, mails):
    """I5, I6, I8, I10 over generated mails through the whole house."""
    before = {row.id for row in Message.select()}
    for author, letter_of, words, client in mails:
        fuzzed.now += timedelta(minutes=1)
        fuzzed.keep(fuzzed.reply(author, words, client, letter_of=letter_of))
    outcomes = read_waiting(fuzzed.house, fuzzed.now)

    for outcome in outcomes:
        hers = {"g-eva": {"c-anna"}, "g-jon": {"c-leo", "c-ida"}, "g-mia": {"c-leo", "c-ida"}}.get(outcome.author_id)
        for filing in outcome.filings:
            assert filing.child_id in hers
            taught = {
                teacher for teacher in TEACHERS if (filing.child_id, filing.role) in taught_by(fuzzed.house, teacher)
            }
            assert set(filing.teacher_ids) == taught != set()
            assert not [line for line in OUR_LINES if line in filing.text]
        notices = Letter.select().where(Letter.run == f"notice:{outcome.spool_id}").count()
        assert notices <= (1 if outcome.state in {"filed", "asked", "held"} else 0)
        assert notices == bool(outcome.tell)
    added = [row for row in Message.select() if row.id not in before]
    assert len(added) == sum(len(outcome.filings) for outcome in outcomes)
    assert Filing.select().count() == Message.select().count()


OUR_LINES = ("oldest one of all", "rubber boots", "three winter songs", "Write to Ms", "Ref ")


def taught_by(house: House, teacher: str) -> frozenset[tuple[str, str]]:
    from tests.office.linden import FRIDAY

    return house.people.taught_by(teacher, FRIDAY)


@pytest.fixture(scope="module")
def fuzzed(published, tmp_path_factory):
    linden = copy_of(published, tmp_path_factory.mktemp("fuzzed"), {"automatic_per_day": 100_000})
    yield linden
    linden.house.database.close()
