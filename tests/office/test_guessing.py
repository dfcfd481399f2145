"""Who tries out reply addresses is quarantined, and a parent whose mail program damages one is not; on both engines."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from office.demo.clients import write_new
from office.jobs.reading import read_waiting
from school.reply_address import Token, TokenKind, sign
from storage.tables import InvalidToken
from tests.office.linden import EVA, MIA, Linden, open_school, stamped
from tests.office.test_scenarios import copied, school_address
from tests.peers.postgres import new_database

GUESSER = ("Nobody", "nobody@example.net")
FORGED = ("quarantine", "ignored", ("token-guessing",))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def published(request, tmp_path_factory) -> Iterator[Linden]:
    folder = tmp_path_factory.mktemp("published")
    if request.param == "sqlite":
        yield open_school(folder)
        return
    with new_database(request.getfixturevalue("postgres_host")) as url:
        yield open_school(folder, database_url=url)


@pytest.fixture
def linden(published, tmp_path) -> Iterator[Linden]:
    with copied(published, tmp_path) as linden:
        yield linden


def guess(number: int) -> str:
    """An address nobody signed: of the right length, another one each time."""
    return f"reply+{number:029x}@school.test"


def mail_to(linden: Linden, author: tuple[str, str], *addresses: str, words: str = "Hello") -> bytes:
    return write_new(words, client="iphone", author=author, at=linden.now, to=", ".join(addresses), subject="Re: news")


def tried(linden: Linden, count: int, author: tuple[str, str] = GUESSER, first: int = 0) -> list[str]:
    """*count* mails within the hour, each with one guess; their kinds."""
    for number in range(first, first + count):
        linden.keep(mail_to(linden, author, guess(number), words=f"Hello {number}"))
        linden.now -= timedelta(minutes=4)
    return [outcome.kind for outcome in read_waiting(linden.house, linden.now)]


def went(outcome) -> tuple[str, str, tuple[str, ...]]:
    return outcome.kind, outcome.state, outcome.reasons


def test_the_twenty_first_guess_of_an_hour_is_quarantined(linden):
    kinds = tried(linden, 22)

    assert kinds == ["human"] * 20 + ["quarantine"] * 2
    assert went(linden.arrive(mail_to(linden, GUESSER, guess(99)))) == FORGED
    assert linden.notices() == []


def test_many_guesses_in_one_mail_count_each(linden):
    outcome = linden.arrive(mail_to(linden, GUESSER, *(guess(number) for number in range(21))))

    assert went(outcome) == FORGED


def test_guessed_message_ids_count_too(linden):
    ids = " ".join(f"<{number:029x}.a@school.test>" for number in range(21))
    raw = f"References: {ids}\r\n".encode() + mail_to(linden, GUESSER, "reply@school.test")

    assert went(linden.arrive(raw)) == FORGED


def test_a_known_guardian_may_not_guess_either_not_even_beside_her_own_token(linden):
    own = school_address(linden.letters["g-mia"])
    outcome = linden.arrive(
        stamped(mail_to(linden, MIA, own, *(guess(n) for n in range(21)), words="Leo is ill"), "pass")
    )

    assert went(outcome) == FORGED
    assert linden.notices() == []


def test_a_restart_does_not_forget(linden):
    tried(linden, 20)
    linden.restart()

    assert went(linden.arrive(mail_to(linden, GUESSER, guess(99)))) == FORGED


def test_another_hour_is_another_count(linden):
    tried(linden, 20)
    linden.now += timedelta(minutes=61)

    assert linden.arrive(mail_to(linden, GUESSER, guess(99))).kind == "human"


def test_the_same_damaged_address_however_often_is_one(linden):
    """A mail program that cuts an address cuts it alike each time."""
    cut = school_address(linden.letters["g-eva"]).replace("@", "", 1)[:20] + "@school.test"
    outcomes = [
        linden.arrive(stamped(mail_to(linden, EVA, cut, words=f"Question {number}: when?"), "pass"))
        for number in range(25)
    ]

    assert {(held.kind, held.state) for held in outcomes} == {("human", "filed")}
    assert InvalidToken.select().count() == 1


def test_a_guessers_forged_sender_does_not_close_the_door_to_her_own_mail(linden):
    """Whoever writes her name on guesses cannot keep her own letters away: they carry what we signed."""
    tried(linden, 25, author=EVA)

    outcome = linden.arrive(linden.reply(EVA, "Yes."))
    fresh = linden.arrive(stamped(mail_to(linden, EVA, "reply@school.test", words="A question"), "pass"))

    assert (outcome.state, outcome.reasons) == ("filed", ("C3",))
    assert fresh.state == "filed"


@pytest.mark.parametrize("author", [GUESSER, EVA])
def test_an_invalid_token_is_never_answered(linden, author):
    """Neither the guesser nor the guardian whose name she uses hears that it meant nothing."""
    outcome = linden.arrive(mail_to(linden, author, guess(1)))

    assert outcome.state in {"held", "unmatched"}
    assert linden.notices() == []


def test_a_verified_parents_question_is_asked_all_the_same(linden):
    cut = school_address(linden.letters["g-mia"])[:20] + "@school.test"

    outcome = linden.arrive(stamped(mail_to(linden, MIA, cut, words="Leo is ill"), "pass"))

    assert outcome.state == "asked"
    assert [notice["To"].addresses[0].addr_spec for notice in linden.notices()] == ["mia@example.org"]


def test_a_token_that_means_nothing_any_more_is_no_guess(linden):
    """Signed by us, so nobody guessed it: a letter that was pruned, or of a restored backup."""
    keys = linden.house.keys
    for number in range(25):
        text = sign(Token(kind=TokenKind.DISPATCH, public_id=number), keys)
        outcome = linden.arrive(mail_to(linden, GUESSER, f"reply+{text}@school.test", words=f"Hello {number}"))

        assert outcome.kind == "human"
    assert InvalidToken.select().count() == 0


def test_no_token_and_no_address_is_kept(linden):
    linden.arrive(mail_to(linden, GUESSER, guess(1)))

    row = InvalidToken.get()
    assert GUESSER[1] not in row.address_hash
    assert f"{1:029x}" not in row.token_hash
    linden.now += timedelta(days=2)
    linden.arrive(mail_to(linden, GUESSER, guess(2)))
    assert InvalidToken.select().count() == 1  # the old one went
