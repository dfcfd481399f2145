"""A teacher answers her whole digest with one Reply: each part to its own family, and nothing guessed."""

import zlib
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import msgspec
import pytest

from office.demo.clients import CLIENTS, reply, write_new
from office.jobs.digests import plan_digests
from office.jobs.reading import read_waiting
from office.settings import Hours, Imap
from office.wiring import House
from school.letter import LetterState
from storage.tables import Letter, LetterBody
from tests.office.digest_answers import inside, typed_into_html
from tests.office.linden import EVA, HORN, JON, MIA, Linden, buttons_of, copy_of, open_school

SAID = {"eva": "Anna sees the dentist on Monday.", "jon": "Leo forgot his rubber boots.", "mia": "When is the concert?"}


@pytest.fixture(scope="module")
def waiting(tmp_path_factory) -> Linden:
    """Three families wait for Ms Horn: Eva about Anna, Jon and Mia about Leo."""
    linden = open_school(tmp_path_factory.mktemp("waiting"))
    linden.arrive(linden.reply(EVA, SAID["eva"]))
    linden.arrive(linden.reply(JON, SAID["jon"], via_section_of="Leo"))
    linden.arrive(linden.reply(MIA, SAID["mia"], via_section_of="Leo"))
    return linden


@pytest.fixture
def linden(waiting, tmp_path):
    linden = copy_of(waiting, tmp_path)
    linden.now, linden.uid = waiting.now + timedelta(days=2), waiting.uid
    yield linden
    linden.house.database.close()


def answered(linden: Linden, words: str, client: str = "gmail-web"):
    return linden.arrive(reply(linden.digest("t-horn"), client, words, HORN, linden.now))


def sent(linden: Linden) -> dict[str, list[str]]:
    """{guardian: the words of each answer in the outbox that is not taken back}."""
    found: dict[str, list[str]] = {}
    for row, mail in zip(
        Letter.select().where(Letter.kind == "answer").order_by(Letter.id), linden.answers(), strict=True
    ):
        if row.state != "cancelled":
            found.setdefault(row.recipient_id, []).append(mail.get_body(("plain",)).get_content())
    return found


def raw_of(linden: Linden, run: str) -> bytes:
    """The one letter of a run."""
    (record,) = linden.house.outbox.letters(run)
    return zlib.decompress(bytes(LetterBody.get_by_id(record.id).packed))


def notice(linden: Linden) -> str:
    (mail,) = [held for held in linden.notices() if "horn@school.test" in held["To"]][-1:]
    return " ".join(mail.get_body(("plain",)).get_content().split())


# ---- each part to its own ----


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_numbered_words_go_to_their_own_families(linden, client):
    outcome = answered(linden, "1: Get well soon, Anna.\n2: We have spare boots.\n3: On the tenth at six.", client)

    assert (outcome.state, outcome.reasons) == ("filed", ("teacher-digest-answer",))
    texts = sent(linden)
    assert set(texts) == {"g-eva", "g-jon", "g-mia"}
    assert "Get well soon, Anna." in texts["g-eva"][0]
    assert "We have spare boots." in texts["g-jon"][0]
    assert "On the tenth at six." in texts["g-mia"][0]
    assert [len(held) for held in texts.values()] == [1, 1, 1]
    assert not any("boots" in texts["g-eva"][0] or "tenth" in held for held in (*texts["g-eva"], *texts["g-jon"]))


def test_words_under_a_quoted_item_go_to_its_family(linden):
    linden.arrive(inside(linden.digest("t-horn"), {1: "Get well soon.", 3: "On the tenth at six."}, HORN, linden.now))

    texts = sent(linden)
    assert {key: len(held) for key, held in texts.items()} == {"g-eva": 1, "g-mia": 1}
    assert "Get well soon." in texts["g-eva"][0]
    assert "On the tenth at six." in texts["g-mia"][0]


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_a_quoted_digest_without_an_answer_says_nothing(linden, client):
    outcome = answered(linden, "", client)

    assert (outcome.state, outcome.reasons) == ("triage", ("teacher-wrote-nothing",))
    assert (sent(linden), linden.notices()) == ({}, [])


WITH_HTML = sorted(set(CLIENTS) - {"mutt"})


@pytest.mark.parametrize("client", WITH_HTML)
def test_words_typed_into_a_quote_that_did_not_end_for_them_go_to_their_family(linden, client):
    digest = linden.digest("t-horn")
    linden.arrive(typed_into_html(reply(digest, client, "", HORN, linden.now), digest, {2: "We have spare boots."}))

    assert {key: len(held) for key, held in sent(linden).items()} == {"g-jon": 1}
    assert "We have spare boots." in sent(linden)["g-jon"][0]


@pytest.mark.parametrize("client", WITH_HTML)
def test_words_above_do_not_hide_the_words_typed_into_the_quote(linden, client):
    digest = linden.digest("t-horn")
    raw = reply(digest, client, "1: Get well soon, Anna.", HORN, linden.now)
    linden.arrive(typed_into_html(raw, digest, {2: "We have spare boots.", 3: "On the tenth."}))

    assert {key: len(held) for key, held in sent(linden).items()} == {"g-eva": 1, "g-jon": 1, "g-mia": 1}
    assert "We have spare boots." in sent(linden)["g-jon"][0]
    assert not any("1:" in held[0] or "boots" in held[0] for key, held in sent(linden).items() if key != "g-jon")


def test_words_typed_between_quote_marks_go_to_their_family_without_them(linden):
    """Gmail's app puts its marks before what was typed inside, too."""
    digest = linden.digest("t-horn")
    raw = inside(digest, {1: "Get well soon.\r\n> We wait for her.", 3: "On the tenth."}, HORN, linden.now, mark="> ")
    linden.arrive(raw)

    assert {key: len(held) for key, held in sent(linden).items()} == {"g-eva": 1, "g-mia": 1}
    assert "Get well soon.\nWe wait for her." in sent(linden)["g-eva"][0].replace("\r\n", "\n")


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_a_receipt_quoted_below_a_stop_is_no_answer(linden, client):
    answered(linden, "1: Get well soon, Anna.\n3: On the tenth.")

    linden.arrive(reply(linden.raw_notices()[-1], client, "stop 1", HORN, linden.now))

    assert set(sent(linden)) == {"g-mia"}
    assert len(linden.answers()) == 2
    assert "has not been sent" not in notice(linden)


def test_the_answers_wait_the_hold_time_and_stand_in_the_threads(linden):
    answered(linden, "1: Get well soon, Anna.\n2 thanks")

    rows = list(Letter.select().where(Letter.kind == "answer").order_by(Letter.seq))
    assert [(row.recipient_id, row.seq) for row in rows] == [("g-eva", 1), ("g-jon", 2)]
    assert {row.not_before - linden.now for row in rows} == {timedelta(minutes=5)}
    assert all(mail["In-Reply-To"] for mail in linden.answers())
    assert all(b"horn@school.test" not in mail.as_bytes() for mail in linden.answers())


def test_commands_do_what_they_say(linden):
    outcome = answered(linden, "1 thanks\n2 → office\n3 later\n\nBest,\nPetra Horn")

    assert outcome.state == "filed"
    assert list(sent(linden)) == ["g-eva"]
    assert "Thank you for your message." in sent(linden)["g-eva"][0]
    assert [(state, reasons[-1]) for _, state, reasons, _ in linden.house.conversations.tray()] == [
        ("triage", "teacher-to-office")
    ]
    assert linden.sees("t-horn") == [
        ("c-anna", SAID["eva"]),
        ("c-anna", "Thank you for your message. It was good to hear from you."),
        ("c-leo", SAID["mia"]),
    ]
    assert "1. Eva Novak · Anna Novak: a thank-you in your name" in notice(linden)


def test_not_mine_ends_her_access_at_once(linden):
    answered(linden, "2 not mine")

    assert ("c-leo", SAID["jon"]) not in linden.sees("t-horn")
    (spool_id, _, reasons, _) = linden.house.conversations.tray()[0]
    assert reasons[-1] == "not-mine"
    assert ("teacher:t-horn", "unfiled") in linden.audit(spool_id)


# ---- the receipt, and taking back ----


def test_the_receipt_lists_what_goes_to_whom(linden):
    answered(linden, "1: Get well soon, Anna.\n3 thanks")

    assert "1. Eva Novak · Anna Novak: your answer" in notice(linden)
    assert "3. Mia Berg · Leo Berg: a thank-you in your name" in notice(linden)
    assert "reply with its number: stop 1" in notice(linden)
    assert linden.notices()[-1]["Auto-Submitted"] == "auto-replied"


def test_stop_in_answer_to_the_receipt_takes_an_answer_back(linden):
    answered(linden, "1: Get well soon, Anna.\n2: We have spare boots.")
    linden.now -= timedelta(minutes=4)
    receipt = linden.raw_notices()[-1]

    outcome = linden.arrive(reply(receipt, "iphone", "Stop 2", HORN, linden.now))

    assert outcome.state == "filed"
    assert set(sent(linden)) == {"g-eva"}
    assert ("c-leo", "We have spare boots.") not in linden.sees("t-horn")
    assert "2. Jon Berg · Leo Berg: taken back, not sent" in notice(linden)


def test_stop_after_the_hold_time_says_that_it_is_too_late(linden):
    answered(linden, "1: Get well soon, Anna.")
    Letter.update(state=LetterState.SENT.value).where(Letter.kind == "answer").execute()

    linden.arrive(reply(linden.raw_notices()[-1], "iphone", "stop 1", HORN, linden.now))

    assert set(sent(linden)) == {"g-eva"}
    assert "could not be taken back: it has left" in notice(linden)


@pytest.mark.parametrize("words", ["stop", "Stop!\n\nPetra Horn", "stop all", "停止", "stop 1 and 3", "1 stop\n3 stop"])
def test_stop_takes_back_everything_that_has_not_left(linden, words):
    answered(linden, "1: Get well soon, Anna.\n3 thanks")

    linden.arrive(reply(linden.raw_notices()[-1], "iphone", words, HORN, linden.now))

    assert sent(linden) == {}
    assert "1. Eva Novak · Anna Novak: taken back, not sent" in notice(linden)
    assert "3. Mia Berg · Leo Berg: taken back, not sent" in notice(linden)
    assert "nothing to take back" not in notice(linden)


def test_stop_under_the_button_takes_back_what_waits_there_and_never_says_stop_to_a_family(tmp_path, waiting):
    linden = copy_of(waiting, tmp_path)
    linden.now, linden.uid = waiting.now + timedelta(days=2), waiting.uid
    linden = with_settings(linden, hours=Hours(monday="08:00-16:00", hold_answers=True))
    digest = linden.digest("t-horn")
    (button, *_) = [one for one in buttons_of(digest) if "Eva Novak" in one.label]
    linden.arrive(by_button(linden, button, "We shall talk about that."))
    assert set(sent(linden)) == {"g-eva"}

    outcome = linden.arrive(by_button(linden, button, "Stop"))

    assert (outcome.reasons, sent(linden)) == (("teacher-stop",), {})
    assert "Eva Novak · Anna Novak: taken back, not sent" in notice(linden)
    assert ("c-anna", "We shall talk about that.") not in linden.sees("t-horn")
    linden.house.database.close()


def test_stop_under_the_button_too_late_is_told_her_and_nobody_else(linden):
    digest = linden.digest("t-horn")
    (button, *_) = [one for one in buttons_of(digest) if "Eva Novak" in one.label]
    linden.arrive(by_button(linden, button, "We shall talk about that."))
    Letter.update(state=LetterState.SENT.value).where(Letter.kind == "answer").execute()

    linden.arrive(by_button(linden, button, "please stop"))

    assert len(sent(linden)["g-eva"]) == 1
    assert "could not be taken back: it has left" in notice(linden)


def with_settings(linden: Linden, **sections: object) -> Linden:
    """The same school, set otherwise."""
    house = House(msgspec.structs.replace(linden.house.settings, **sections), linden.house.folder)
    house.__dict__.update({key: linden.house.__dict__[key] for key in ("press", "database", "opener")})
    return replace(linden, house=house)


def by_button(linden: Linden, button, words: str) -> bytes:
    return write_new(
        words, client="iphone", author=HORN, at=linden.now, to=button.address, subject=button.subject or "Re:"
    )


def test_a_stop_of_the_last_minute_is_in_time(linden):
    """An answer waits two looks into the mailbox longer than the receipt says."""
    linden = with_settings(linden, imap=Imap(host="imap.school.test", user="r", password="p", poll_seconds=60))
    answered(linden, "1: Get well soon, Anna.")

    (row,) = Letter.select().where(Letter.kind == "answer")
    assert row.not_before - linden.now == timedelta(minutes=7)


# ---- files she attached ----


def test_a_file_goes_to_nobody_and_both_are_told(linden):
    linden.arrive(with_file(reply(linden.digest("t-horn"), "gmail-web", "1: Here is the list.", HORN, linden.now)))

    (mail,) = linden.answers()
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "Not sent with this mail: packing list.pdf." in " ".join(sent(linden)["g-eva"][0].split())
    assert "Not passed on: packing list.pdf." in notice(linden)


def test_the_name_of_a_file_is_told_no_family_when_several_are_answered(linden):
    raw = reply(linden.digest("t-horn"), "gmail-web", "1: Here is the list.\n2: See you.", HORN, linden.now)
    linden.arrive(with_file(raw, "Leo Berg report.pdf"))

    assert set(sent(linden)) == {"g-eva", "g-jon"}
    assert not any("report.pdf" in words for held in sent(linden).values() for words in held)
    assert "Not passed on: Leo Berg report.pdf." in notice(linden)


def test_a_file_with_a_button_answer_stays_behind_and_she_hears_it(linden):
    (button, *_) = [one for one in buttons_of(linden.digest("t-horn")) if "Eva Novak" in one.label]
    linden.arrive(with_file(by_button(linden, button, "Here is the list.")))

    assert "Not sent with this mail: packing list.pdf." in " ".join(sent(linden)["g-eva"][0].split())
    assert "Eva Novak · Anna Novak: your answer Not passed on: packing list.pdf." in notice(linden)


def test_a_signatures_logo_is_no_file(linden):
    raw = reply(linden.digest("t-horn"), "gmail-web", "1: See you.", HORN, linden.now)
    mail = message_from_bytes(raw, policy=policy.SMTP)
    html = mail.get_body(("html",))
    logo = '<div class="gmail_signature"><img src="cid:logo@x" width="90" height="30"></div>'
    html.set_content(html.get_content() + logo, subtype="html")
    html.add_related(PNG, "image", "png", cid="<logo@x>", filename="image001.png", disposition="inline")
    linden.arrive(mail.as_bytes())

    assert "image001" not in sent(linden)["g-eva"][0]
    assert "image001" not in notice(linden)


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 500


def with_file(raw: bytes, name: str = "packing list.pdf") -> bytes:
    mail = message_from_bytes(raw, policy=policy.SMTP)
    mail.make_mixed()
    mail.add_attachment(b"%PDF-1.4 coats and boots", maintype="application", subtype="pdf", filename=name)
    return mail.as_bytes()


# ---- nothing is guessed ----


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("See you all on Friday at the fair!", "We could not tell which message it answers."),
        ("1: Yes please.\n1: No thank you.", "You gave one number two answers."),
        ("7: That is fine.", "It names a number that is not in the digest."),
        ("3: Please bring\n1. a coat\n2. a hat", "We could not tell which message it answers."),
        ("Dear families, for the trip:\n1. a coat\n2. a hat", "We could not tell which message it answers."),
        ("1. We meet on\n3. December at the gate", "We could not tell which message it answers."),
    ],
)
def test_what_cannot_be_placed_goes_back_to_her_alone(linden, words, told):
    outcome = answered(linden, words)

    assert outcome.state == "asked"
    assert sent(linden) == {}
    text = notice(linden)
    assert told in text
    assert words.splitlines()[-1] in text
    assert len(linden.notices()) == 1


def test_words_without_a_number_come_back_with_a_button_for_each_family(linden):
    words = "See you on Friday at the fair!"
    outcome = answered(linden, words)
    back = linden.raw_notices()[-1]
    assert [held.label for held in buttons_of(back) if "It was for" in held.label] == [
        "It was for Eva Novak (Anna)",
        "It was for Jon Berg (Leo)",
        "It was for Mia Berg (Leo)",
    ]

    linden.arrive(linden.press(back, "Jon Berg", HORN))

    assert set(sent(linden)) == {"g-jon"}
    assert words in sent(linden)["g-jon"][0]
    assert ("c-leo", words) in linden.sees("t-horn")
    assert linden.state(outcome.spool_id) == "dismissed"

    linden.arrive(linden.press(back, "Mia Berg", HORN))  # the words are placed: a second button does nothing

    assert set(sent(linden)) == {"g-jon"}


def test_a_place_button_counts_from_her_address_alone(linden):
    answered(linden, "See you on Friday at the fair!")

    linden.arrive(linden.press(linden.raw_notices()[-1], "Jon Berg", JON))

    assert sent(linden) == {}


def test_a_family_she_no_longer_teaches_gets_no_placed_words(linden):
    outcome = answered(linden, "See you on Friday at the fair!")
    back = linden.raw_notices()[-1]
    linden.roster(enrollments={"e-2": {"classSourcedId": "k-5a"}})

    linden.arrive(linden.press(back, "Jon Berg", HORN))

    assert sent(linden) == {}
    assert linden.state(outcome.spool_id) == "triage"


def test_words_for_several_items_have_no_button(linden):
    """One button would send all of it to one family."""
    answered(linden, "1: Yes please.\n1: No thank you.")

    assert not [held for held in buttons_of(linden.raw_notices()[-1]) if "It was for" in held.label]


def test_a_wrong_number_does_not_run_on_in_the_answer_before_it(linden):
    answered(linden, "1: Get well soon.\n9: Bring the boots.\n8 thanks")

    assert list(sent(linden)) == ["g-eva"]
    assert "boots" not in sent(linden)["g-eva"][0]
    assert "8 thanks" in notice(linden)


def test_words_below_the_whole_digest_are_nobodys(linden):
    linden.arrive(inside(linden.digest("t-horn"), {}, HORN, linden.now, below="We meet at nine, all of you."))

    assert sent(linden) == {}
    assert "We meet at nine, all of you." in notice(linden)


def test_words_that_name_another_number_under_a_quoted_item_are_nobodys(linden):
    linden.arrive(inside(linden.digest("t-horn"), {2: "3: The concert is on the tenth."}, HORN, linden.now))

    assert sent(linden) == {}
    assert "The concert is on the tenth." in notice(linden)


def test_an_item_no_longer_hers_is_not_answered(linden):
    digest = linden.digest("t-horn")
    linden.roster(enrollments={"e-2": {"classSourcedId": "k-5a"}})

    linden.arrive(reply(digest, "outlook-web", "1: Get well.\n2: We have boots.", HORN, linden.now))

    assert list(sent(linden)) == ["g-eva"]
    assert "2. Jon Berg · Leo Berg: not sent: the child is no longer taught by you" in notice(linden)
    assert "We have boots." in notice(linden)


def test_a_family_that_cannot_be_reached_is_told_her(linden):
    digest = linden.digest("t-horn")
    linden.house.health.suppress("jon@example.org", linden.now, "5.1.1", "no such mailbox")

    linden.arrive(reply(digest, "iphone", "2: We have boots.", HORN, linden.now))

    assert sent(linden) == {}
    assert "not sent: the family cannot be reached by mail" in notice(linden)


def test_a_stranger_with_the_digests_address_reaches_nobody(linden):
    digest = linden.digest("t-horn")

    outcome = linden.arrive(reply(digest, "gmail-web", "1: Hello", ("Somebody", "x@example.net"), linden.now))

    assert outcome.state == "held"
    assert (sent(linden), linden.notices()) == ({}, [])


def test_over_the_days_cap_of_automatic_mails_unplaced_words_go_to_the_office(linden):
    for _ in range(3):
        answered(linden, f"1: Answer number {linden.now:%M%S}.")

    outcome = answered(linden, "See you all on Friday at the fair!")

    assert (outcome.state, outcome.reasons[-1]) == ("triage", "may-not-tell")
    assert len(linden.notices()) == 3


def test_the_copy_of_an_answer_is_read_once(linden):
    raw = reply(linden.digest("t-horn"), "gmail-web", "1: Get well soon.", HORN, linden.now)
    linden.arrive(raw)
    linden.keep(raw, uidvalidity=2)

    assert read_waiting(linden.house, linden.now) == []
    assert {key: len(held) for key, held in sent(linden).items()} == {"g-eva": 1}


def test_a_digest_of_one_item_is_answered_like_that_item(linden):
    for number in ("2", "3"):
        answered(linden, f"{number} not mine")
    linden.now += timedelta(days=2)
    plan_digests(linden.house, linden.today, linden.now)
    digest = raw_of(linden, f"digest:{linden.today}")

    outcome = linden.arrive(reply(digest, "gmail-web", "Get well soon, Anna.", HORN, linden.now))

    assert outcome.reasons == ("teacher-answer",)
    assert "Get well soon, Anna." in sent(linden)["g-eva"][0]
