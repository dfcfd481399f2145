"""How long a token holds: by its kind, by its key, by its owner; on both databases, through the mails that carry it."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from office.config import ConfigError
from office.demo.clients import reply, teacher_reply
from office.demo.machines import bounce
from office.jobs.revocations import revoke_tokens
from school.errors import InputError
from storage.tables import Audit, Dispatch, Letter
from tests.office.linden import EVA, HORN, JON, MIA, Linden, open_school, stamped
from tests.office.test_scenarios import copied
from tests.peers.postgres import new_database

OLD_KEY, NEW_KEY = "0:" + "5a" * 32, "1:" + "6b" * 32


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


def answered(linden: Linden) -> bytes:
    """Eva has asked and Ms Horn has answered: the answer as Eva gets it."""
    linden.arrive(linden.reply(EVA, "What shall she bring?"))
    digest = linden.digest("t-horn")
    linden.arrive(teacher_reply(digest, 1, "A torch.", client="outlook-web", author=HORN, at=linden.now))
    return linden.answers()[-1].as_bytes()


def with_keys(linden: Linden, keys: list[str], retired: list[int] | None = None) -> Linden:
    """The same school after its keys were changed, and the service started again."""
    settings = linden.house.settings
    replies = msgspec.structs.replace(settings.replies, keys=keys, retired_keys=retired or [])
    linden.restart(msgspec.structs.replace(settings, replies=replies))
    return linden


# ---- by kind ----


@pytest.mark.parametrize(("days", "old"), [(59, False), (61, True), (399, True)])
def test_a_letters_token_is_flagged_after_sixty_days_and_holds_on(linden, days, old):
    linden.now += timedelta(days=days)

    outcome = linden.arrive(linden.reply(EVA, "Yes."))

    assert outcome.author_id == "g-eva"
    assert ("old-letter" in outcome.reasons) is old


def test_a_letters_token_means_nothing_after_four_hundred_days(linden):
    linden.now += timedelta(days=401)

    outcome = linden.arrive(linden.reply(EVA, "Yes."))

    assert (outcome.state, outcome.reasons) == ("held", ("author-not-verified",))


def test_a_conversations_token_holds_four_hundred_days_from_its_last_word(linden):
    answer = answered(linden)
    linden.now += timedelta(days=20)
    last_word = linden.arrive(reply(answer, "gmail-web", "It works.", EVA, linden.now))
    linden.now += timedelta(days=395)
    within = linden.arrive(reply(answer, "gmail-web", "Still.", EVA, linden.now))  # her letter's token is too old now
    linden.now += timedelta(days=10)
    after = linden.arrive(reply(answer, "gmail-web", "Too late.", EVA, linden.now))

    assert last_word.reasons == ("C2",)
    assert within.author_id == "g-eva"
    assert after.reasons == ("author-not-verified",)


@pytest.mark.parametrize(("days", "counts"), [(29, True), (31, False)])
def test_a_return_path_counts_for_thirty_days(linden, days, counts):
    letter = Letter.get(Letter.recipient_id == "g-jon")
    linden.now += timedelta(days=days)
    raw = bounce(b"", JON[1], "5.1.1", at=linden.now, envelope_from=letter.envelope_from)

    outcome = linden.arrive(raw)

    assert (outcome.kind, outcome.state) == ("bounce", "ignored")
    assert ("return-path-too-old" in outcome.reasons) is not counts
    assert linden.house.health.suppressed(JON[1]) is counts


# ---- by key ----


def test_after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies(linden):
    mail = linden.reply(EVA, "Yes.")
    rotated = with_keys(linden, [OLD_KEY, NEW_KEY])

    assert rotated.arrive(mail).reasons == ("C3",)
    rotated.arrive(rotated.reply(MIA, "Leo is ill"))
    pressed = rotated.press(rotated.raw_notices()[0], "about Ida", MIA)
    assert rotated.arrive(pressed).reasons == ("button-file",)
    assert rotated.house.keys.newest == 1


@pytest.mark.parametrize(("dmarc", "state"), [("", "held"), ("pass", "filed")])
def test_answers_to_letters_of_a_retired_key_wait_and_are_not_lost(linden, dmarc, state):
    mail = linden.reply(EVA, "Yes.")
    retired = with_keys(linden, [OLD_KEY, NEW_KEY], retired=[0])

    outcome = retired.arrive(stamped(mail, dmarc) if dmarc else mail)

    assert outcome.state == state
    assert retired.notices() == []  # nothing that nobody signed is answered


def test_a_quoted_line_needs_no_key(linden):
    """The printed reference is looked up, so it outlives the key; it still takes a voucher."""
    mail = linden.reply(MIA, "Dear Ms Horn,\n\nLeo is ill", "gmail-web")
    retired = with_keys(linden, [OLD_KEY, NEW_KEY], retired=[0])

    outcome = retired.arrive(stamped(mail, "pass"))

    assert (outcome.state, outcome.reasons) == ("filed", ("C5", "C6"))


def test_the_last_key_cannot_be_retired(linden):
    with pytest.raises(ConfigError, match=r"replies\.retired_keys"):
        with_keys(linden, [OLD_KEY], retired=[0]).house.keys  # noqa: B018 - asking is the test


# ---- by owner ----


def test_what_was_sent_to_a_revoked_guardian_waits_for_the_office(linden):
    """Scenario 40."""
    answer = answered(linden)
    linden.arrive(linden.reply(MIA, "Leo is ill"))
    mail, press = linden.reply(EVA, "One more thing."), linden.press(linden.raw_notices()[0], "about Ida", MIA)
    thread = reply(answer, "gmail-web", "And this.", EVA, linden.now)

    eva, mia = (revoke_tokens(linden.house, guardian, linden.now) for guardian in ("g-eva", "g-mia"))

    assert (eva.letters, eva.conversations, eva.buttons) == (2, 1, 0)
    assert mia.buttons == 2
    before = len(linden.notices())
    outcomes = [linden.arrive(stamped(raw, "pass")) for raw in (mail, thread, press)]
    assert [held.state for held in outcomes] == ["triage"] * 3
    assert [held.reasons[0] for held in outcomes] == ["tokens-revoked", "tokens-revoked", "button-too-late"]
    assert len(linden.notices()) == before
    assert linden.sees("t-ruiz") == []


def test_a_strangers_answer_to_a_revoked_letter_waits_for_the_office(linden):
    mail = linden.reply(("Oma", "oma@example.net"), "Hello", letter_of="g-eva")
    revoke_tokens(linden.house, "g-eva", linden.now)

    outcome = linden.arrive(mail)

    assert (outcome.state, outcome.reasons) == ("triage", ("tokens-revoked",))
    assert linden.notices() == []


def test_nobody_elses_tokens_end(linden):
    revoke_tokens(linden.house, "g-mia", linden.now)

    assert linden.arrive(linden.reply(JON, "Dear Ms Horn,\n\nLeo is ill")).state == "filed"
    assert {row.recipient_id for row in Dispatch.select().where(Dispatch.revoked_at.is_null(False))} == {"g-mia"}


def test_the_next_answer_counts_again(linden):
    answered(linden)
    revoke_tokens(linden.house, "g-eva", linden.now)
    linden.arrive(stamped(reply(linden.letters["g-jon"], "iphone", "Leo found one", JON, linden.now), "pass"))
    (talk,) = linden.house.conversations.listing(today=linden.today, guardian_id="g-eva")
    address = linden.house.postmark.reply_address
    from school.reply_address import TokenKind

    staff = address(TokenKind.STAFF, talk.public_id)
    raw = teacher_reply(linden.letters["g-eva"], staff, "And a cap.", client="iphone", author=HORN, at=linden.now)
    assert linden.arrive(raw).reasons == ("teacher-answer",)

    outcome = linden.arrive(reply(linden.answers()[-1].as_bytes(), "gmail-web", "Fine.", EVA, linden.now))

    assert (outcome.state, outcome.reasons) == ("filed", ("C2",))


def test_a_revocation_is_kept_in_the_audit_and_a_wrong_id_is_said(linden):
    revoke_tokens(linden.house, "g-eva", linden.now)

    row = Audit.get(Audit.action == "revoked")
    assert (row.actor, row.subject, row.detail["letters"]) == ("office", "guardian:g-eva", 1)
    with pytest.raises(InputError, match="roster show"):
        revoke_tokens(linden.house, "nobody", linden.now)


def test_who_is_no_longer_on_the_roster_is_answered_by_nobody_and_holds_again_when_back(linden):
    """An import that forgot her takes nothing away for good."""
    mail, again = linden.reply(EVA, "One more thing."), linden.reply(EVA, "And another.")
    linden.roster(users={"g-eva": {"status": "gone"}, "c-anna": {"agentSourcedIds": ""}})
    gone = linden.arrive(mail)
    linden.roster()

    back = linden.arrive(again)

    assert (gone.state, gone.reasons) == ("triage", ("guardian-left",))
    assert (back.state, back.reasons) == ("filed", ("C3",))
