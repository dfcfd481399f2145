"""Automatic mails: to the registered guardian alone, one a mail, few a day, never in a circle, each button once."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from office.demo.clients import reply
from office.demo.clients.original import buttons
from office.jobs.tray import dismiss, file_mail
from storage.tables import Choice, Letter
from tests.office.linden import EVA, JON, MIA, RUIZ, Linden, copy_of, dispatches, open_school, stamped

STRANGER = ("Somebody", "somebody@example.net")


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Linden:
    return open_school(tmp_path_factory.mktemp("published"))


@pytest.fixture
def linden(published, tmp_path):
    linden = copy_of(published, tmp_path)
    yield linden
    linden.house.database.close()


@pytest.fixture
def asking(published, tmp_path):
    linden = copy_of(published, tmp_path, {"single_strong": "ask"})
    yield linden
    linden.house.database.close()


def labels(raw: bytes) -> list[str]:
    return [button.label for button in buttons(raw) if "@school.test" not in button.label]


# ---- what they are ----


def test_a_receipt_says_where_the_message_went_and_offers_the_sibling(linden):
    linden.arrive(linden.reply(MIA, "Leo is ill"))

    (raw,) = linden.raw_notices()
    text = message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content()
    assert "Your message about Leo went to Ms Horn" in text
    assert labels(raw) == ["It was about Ida", "Something else: send it to the office"]
    assert all(button.address in text for button in buttons(raw))
    assert "ill" not in text


def test_its_header_is_that_of_an_automatic_answer(linden):
    mail = linden.reply(MIA, "Leo is ill")
    linden.arrive(mail)

    (notice,) = linden.notices()
    caused_by = message_from_bytes(mail, policy=policy.default)
    newsletter = message_from_bytes(linden.letters["g-mia"], policy=policy.default)
    assert [held.addr_spec for held in notice["To"].addresses] == [MIA[1]]
    assert notice["Auto-Submitted"] == "auto-replied"
    assert notice["In-Reply-To"].strip() == caused_by["Message-ID"]
    assert notice["References"].split()[-1] == caused_by["Message-ID"]
    assert notice["Reply-To"] == newsletter["Reply-To"]
    assert notice["Cc"] is notice["Bcc"] is notice["List-Id"] is None
    row = Letter.get(Letter.kind == "notice")
    assert row.envelope_from == ""
    assert row.child_ids == ["c-ida", "c-leo"]


def test_a_question_has_a_button_for_each_child_the_likely_one_first(asking):
    outcome = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))

    (raw,) = asking.raw_notices()
    assert outcome.state == "asked"
    assert labels(raw) == ["It was about Ida", "It was about Leo", "Something else: send it to the office"]
    assert asking.filings() == 0


def test_a_claim_tells_the_guardian_nothing_of_the_mail_and_the_stranger_nothing_at_all(linden):
    linden.arrive(linden.reply(STRANGER, "Leo has a secret, ring 555 0100", letter_of="g-jon"))

    (notice,) = linden.notices()
    raw = notice.as_bytes()
    assert [held.addr_spec for held in notice["To"].addresses] == [JON[1]]
    assert labels(raw) == ["Yes, this was me", "No, this was not me"]
    assert not [word for word in (b"secret", b"example.net", b"Leo", b"somebody") if word in raw]


def test_a_mail_in_her_name_that_nobody_vouches_for_says_so(linden):
    linden.arrive(stamped(b"From: eva@example.org\r\nTo: reply@school.test\r\nSubject: x\r\n\r\nHi\r\n", "fail"))

    (notice,) = linden.notices()
    assert "in your name" in notice.get_body(("plain",)).get_content()


# ---- when there is none ----


@pytest.mark.parametrize(
    "line",
    [
        "Return-Path: <>",
        "List-Id: <parents.example.org>",
        "List-Unsubscribe: <mailto:x@example.org>",
        "Precedence: bulk",
        "Precedence: list",
        "Precedence: junk",
        "X-Auto-Response-Suppress: DR, AutoReply",
    ],
)
def test_where_a_rule_forbids_the_receipt_nothing_is_filed_on_one_name(linden, line):
    outcome = linden.arrive(line.encode() + b"\r\n" + linden.reply(MIA, "Leo is ill"))

    assert outcome.state == "triage"
    assert "may-not-tell" in outcome.reasons
    assert linden.notices() == []
    assert linden.sees("t-horn") == []


def test_an_answer_to_our_automatic_mail_causes_no_other(linden):
    linden.arrive(linden.reply(MIA, "Leo is ill"))

    outcome = linden.arrive(reply(linden.raw_notices()[0], "gmail-web", "Ida too, no: Ida alone", MIA, linden.now))

    assert len(linden.notices()) == 1
    assert outcome.state == "triage"


def test_the_cap_counts_all_kinds_for_one_address_in_a_day(linden):
    states = [linden.arrive(linden.reply(MIA, f"Leo has lost glove {number}")).state for number in range(4)]

    assert states == ["filed", "filed", "filed", "triage"]
    assert linden.arrive(linden.reply(JON, "Leo is well")).state == "filed"
    linden.now += timedelta(hours=24)
    assert linden.arrive(linden.reply(MIA, "Leo is back")).state == "filed"
    assert len(linden.notices()) == 5


def test_a_held_mail_over_the_cap_stays_held_without_a_mail(linden):
    outcomes = [linden.arrive(linden.reply(STRANGER, f"Hello {number}", letter_of="g-jon")) for number in range(4)]

    assert [outcome.state for outcome in outcomes] == ["held"] * 4
    assert len(linden.notices()) == 3


@pytest.mark.parametrize("address", [MIA[1], "MIA@Example.org"])
def test_a_closed_address_gets_none_so_nothing_is_filed_on_one_name(linden, address):
    linden.house.health.suppress(address, linden.now)

    assert linden.arrive(linden.reply(MIA, "Leo is ill")).state == "triage"
    assert linden.notices() == []


def test_a_school_with_one_fixed_address_has_no_buttons_and_sends_none(tmp_path):
    linden = open_school(tmp_path, shape="fixed")

    outcome = linden.arrive(linden.reply(MIA, "Leo is ill"))

    assert (outcome.state, linden.notices()) == ("triage", [])
    linden.house.database.close()


def test_each_mail_causes_one_notice_at_most_and_routing_knows_it(linden):
    linden.arrive(linden.reply(MIA, "Leo is ill"))

    assert len(dispatches("notice")) == len(linden.notices()) == 1
    assert Choice.select().count() == 2


# ---- pressing a button ----


def test_an_answered_question_files_the_waiting_words(asking):
    first = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))

    asking.arrive(asking.press(asking.raw_notices()[0], "about Ida", MIA))

    assert asking.state(first.spool_id) == "filed"
    assert asking.sees("t-ruiz") == [("c-ida", "Ida has lost her cap")]
    assert asking.sees("t-horn") == asking.sees("t-cole") == []


def test_a_press_counts_once_and_ends_the_other_buttons(asking):
    asking.arrive(asking.reply(MIA, "Ida has lost her cap"))
    (raw,) = asking.raw_notices()
    asking.arrive(asking.press(raw, "about Ida", MIA))

    again = asking.arrive(asking.press(raw, "about Ida", MIA))
    other = asking.arrive(asking.press(raw, "about Leo", MIA))

    assert (again.state, again.reasons) == ("ignored", ("button-pressed-before",))
    assert (other.state, other.reasons) == ("triage", ("button-too-late",))
    assert asking.sees("t-horn") == []


def test_a_button_is_dead_after_two_weeks(asking):
    first = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))
    mail = asking.press(asking.raw_notices()[0], "about Ida", MIA)
    asking.now += timedelta(days=14)

    assert asking.arrive(mail).reasons == ("button-too-late",)
    assert asking.state(first.spool_id) == "asked"


@pytest.mark.parametrize("author", [JON, STRANGER, EVA, RUIZ])
def test_a_button_counts_from_its_guardians_address_only(asking, author):
    first = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))
    (raw,) = asking.raw_notices()

    outcome = asking.arrive(asking.press(raw, "about Ida", author))

    assert (outcome.state, outcome.reasons) == ("held", ("button-of-another-address",))
    assert asking.state(first.spool_id) == "asked"
    assert len(asking.notices()) == 1


def test_a_button_from_a_forged_address_does_nothing(asking):
    first = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))

    outcome = asking.arrive(stamped(asking.press(asking.raw_notices()[0], "about Ida", MIA), "fail"))

    assert outcome.state == "held"
    assert asking.state(first.spool_id) == "asked"


def test_when_the_office_was_first_the_button_is_late(asking):
    first = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))
    mail = asking.press(asking.raw_notices()[0], "about Leo", MIA)
    file_mail(asking.house, first.spool_id, child_id="c-ida", role=None, guardian_id=None, now=asking.now)

    assert asking.arrive(mail).reasons == ("button-too-late",)
    assert asking.sees("t-horn") == []
    assert asking.sees("t-ruiz") == [("c-ida", "Ida has lost her cap")]


def test_something_else_takes_it_from_the_teacher_to_the_office(linden):
    first = linden.arrive(linden.reply(MIA, "Leo is ill"))

    linden.arrive(linden.press(linden.raw_notices()[0], "to the office", MIA))

    assert linden.state(first.spool_id) == "triage"
    assert linden.sees("t-horn") == []


def test_a_correction_that_is_not_possible_today_still_ends_the_wrong_filing(linden):
    first = linden.arrive(linden.reply(MIA, "Leo is ill"))
    mail = linden.press(linden.raw_notices()[0], "about Ida", MIA)
    linden.roster(
        users={"c-ida": {"status": "gone"}}, enrollments={"e-3": {"status": "gone"}, "e-4": {"status": "gone"}}
    )

    linden.arrive(mail)

    assert linden.state(first.spool_id) == "triage"
    assert linden.sees("t-horn") == []


def test_words_typed_beside_the_button_are_not_lost(asking):
    first = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))

    outcome = asking.arrive(
        asking.press(asking.raw_notices()[0], "about Ida", MIA, more="And she needs new shoes, which size?")
    )

    assert (outcome.state, outcome.reasons) == ("triage", ("button-file", "with-words"))
    assert asking.state(first.spool_id) == "filed"


@pytest.mark.parametrize("more", ["Thank you!", "Mia", "Mia Berg", "Sent from my iPhone"])
def test_thanks_and_a_name_beside_the_button_are_nobodys_work(asking, more):
    asking.arrive(asking.reply(MIA, "Ida has lost her cap"))

    assert asking.arrive(asking.press(asking.raw_notices()[0], "about Ida", MIA, more=more)).state == "ignored"


def test_yes_this_was_me_sends_the_held_words_on_their_way(linden):
    first = linden.arrive(linden.reply(("Eva", "eva@work.example"), "She is ill today.", letter_of="g-eva"))

    linden.arrive(linden.press(linden.raw_notices()[0], "this was me", EVA))

    assert linden.state(first.spool_id) == "filed"
    assert linden.sees("t-horn") == [("c-anna", "She is ill today.")]
    assert len(linden.notices()) == 1


def test_yes_this_was_me_about_one_of_several_children_is_the_offices_without_another_mail(linden):
    first = linden.arrive(linden.reply(("Mia", "mia@work.example"), "Leo is ill today.", letter_of="g-mia"))

    linden.arrive(linden.press(linden.raw_notices()[0], "this was me", MIA))

    assert linden.state(first.spool_id) == "triage"
    assert linden.sees("t-horn") == []
    assert len(linden.notices()) == 1


def test_no_this_was_not_me_leaves_it_to_the_office(linden):
    first = linden.arrive(linden.reply(STRANGER, "She is ill today.", letter_of="g-eva"))

    linden.arrive(linden.press(linden.raw_notices()[0], "this was not me", EVA))

    assert linden.state(first.spool_id) == "triage"
    assert linden.sees("t-horn") == []


@pytest.mark.parametrize(("button", "stopped"), [("stop the weekly", {"g-eva"}), ("go on sending", set())])
def test_the_weekly_letter_stops_only_when_she_confirms(linden, button, stopped):
    first = linden.arrive(linden.reply(EVA, "unsubscribe"))
    assert linden.house.preferences.stopped() == set()

    linden.arrive(linden.press(linden.raw_notices()[0], button, EVA))

    assert linden.house.preferences.stopped() == stopped
    assert linden.state(first.spool_id) == "dismissed"


def test_a_dismissed_question_takes_its_buttons_along(asking):
    first = asking.arrive(asking.reply(MIA, "Ida has lost her cap"))
    mail = asking.press(asking.raw_notices()[0], "about Ida", MIA)
    dismiss(asking.house, first.spool_id, "settled by phone", asking.now)

    assert asking.arrive(mail).reasons == ("button-too-late",)
    assert asking.state(first.spool_id) == "dismissed"
