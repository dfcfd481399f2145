"""The forty scenarios of inbound mail on both databases, with each shape of reply address: our letter, a mail program's
answer, spool, reading.

A school with one fixed address has its buttons and plain replies known by a tag in the subject, which proves nothing:
there every mail is one that the school's own server vouches for, unless the scenario is about one it does not.

Cast: Eva Novak, her Anna in 3B with Ms Horn; Jon and Mia Berg, their Leo in 3B and Ida in 5A with Ms Ruiz, and Mr Cole
for music. Scenarios 37 and 38 are about a mailbox that refuses or can do little: tests/inbox/test_mailbox*.py.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from office.demo.clients import File, reply, teacher_reply, write_new
from office.demo.clients.original import buttons
from office.demo.machines import bounce, calendar_accept, read_receipt, vacation_notice
from office.jobs.reading import read_waiting
from office.jobs.tray import age_tray
from school.filing import Outcome
from storage.tables import Dispatch, Letter
from tests.office.linden import EVA, HORN, JON, MIA, Linden, copy_of, open_school, stamped
from tests.peers.postgres import new_database

PHOTO = File(name="IMG_1.jpg", content_type="image/jpeg", data=b"\xff\xd8\xff\xe0" + b"0" * 400)
ANNA, LEO, IDA = ("c-anna", "class"), ("c-leo", "class"), ("c-ida", "class")


SHAPES = ("catch-all", "plus", "fixed")
SCHOOLS = [(engine, shape) for engine in ("sqlite", "postgres") for shape in SHAPES]


@pytest.fixture(scope="module", params=SCHOOLS, ids="-".join)
def published(request, tmp_path_factory) -> Linden:
    """The school on each engine, with each shape of address; every scenario gets a copy of it."""
    engine, shape = request.param
    folder = tmp_path_factory.mktemp("published")
    if engine == "sqlite":
        yield open_school(folder, shape=shape)
        return
    with new_database(request.getfixturevalue("postgres_host")) as url:
        yield open_school(folder, shape=shape, database_url=url)


@contextmanager
def copied(published: Linden, folder: Path, routing: dict[str, object] | None = None) -> Iterator[Linden]:
    with ExitStack() as held:
        url, published_url = "", published.house.settings.database.url
        published.house.database.close()
        if published.house.database.postgres:
            host = published_url.partition("host=")[2]
            url = held.enter_context(new_database(host, copied_from=published_url))
        linden = copy_of(published, folder, routing, database_url=url)
        held.callback(linden.close)
        yield linden


@pytest.fixture
def linden(published, tmp_path) -> Linden:
    with copied(published, tmp_path) as linden:
        yield linden


@dataclass(frozen=True, kw_only=True)
class Scenario:
    name: str
    mail: Callable[[Linden], bytes]
    state: str
    kind: str = "human"
    reasons: frozenset[str] = frozenset()
    filed: tuple[tuple[tuple[str, str], str], ...] = ()  #: ((child, role), the words a teacher sees)
    notice: str = ""  #: who gets an automatic mail
    dmarc: str = ""  #: what the school's server says; empty = nothing, but "pass" where the address is fixed
    told_in_fixed: bool = True  #: does the same automatic mail go out where buttons count only for a vouched author?

    def notices(self, shape: str) -> list[str]:
        return [self.notice] if self.notice and (shape != "fixed" or self.told_in_fixed) else []


def fresh(author: tuple[str, str], words: str, subject: str = "A question") -> Callable[[Linden], bytes]:
    return lambda school: write_new(
        words, client="iphone", author=author, at=school.now, to="reply@school.test", subject=subject
    )


def answering(author: tuple[str, str], words: str, client: str = "iphone", **how) -> Callable[[Linden], bytes]:
    return lambda school: school.reply(author, words, client, **how)


def edited(mail: Callable[[Linden], bytes], pattern: bytes, new: bytes) -> Callable[[Linden], bytes]:
    """The mail with one thing changed on the way; the pattern must be there."""

    def change(school: Linden) -> bytes:
        raw, count = re.subn(pattern, new, mail(school), flags=re.MULTILINE)
        assert count, f"{pattern!r} is not in the mail"
        return raw

    return change


def without_header(mail: Callable[[Linden], bytes], name: str) -> Callable[[Linden], bytes]:
    return edited(mail, rb"^%s:.*\r\n(?:[ \t].*\r\n)*" % name.encode(), b"")


def with_header(mail: Callable[[Linden], bytes], line: str) -> Callable[[Linden], bytes]:
    return lambda school: line.encode() + b"\r\n" + mail(school)


SIGNATURE_ONLY = "From: Eva Novak <eva@example.org>\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n-- \r\nEva Novak\r\n"
SPAM = b"From: Shop <deals@example.net>\r\nTo: reply@school.test\r\nSubject: Sale\r\nPrecedence: bulk\r\n\r\nBuy.\r\n"
LIST = ("Eva via Parents", "parents@lists.example.net")


def broken_charset(school: Linden) -> bytes:
    letter = school.letters["g-eva"]
    return (
        b"From: Eva Novak <eva@example.org>\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <b@x.example>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=windows-foo\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        b"Anna kommt sp\xe4ter.\r\n" % (school_address(letter).encode(), answer_subject(letter).encode())
    )


def school_address(letter: bytes) -> str:
    return re.search(rb"^Reply-To: (\S+)", letter, re.MULTILINE)[1].decode()


def answer_subject(letter: bytes) -> str:
    return f"Re: {message_from_bytes(letter, policy=policy.default)['Subject']}"


def signature_only(school: Linden) -> bytes:
    letter = school.letters["g-eva"]
    return SIGNATURE_ONLY.format(to=school_address(letter), subject=answer_subject(letter)).encode()


def photo_without_text(school: Linden) -> bytes:
    letter = school.letters["g-eva"]
    to, subject = school_address(letter), answer_subject(letter)
    return (
        f"From: Eva Novak <eva@example.org>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <p@x.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: image/jpeg; name=IMG_1.jpg\r\n"
        "Content-Disposition: attachment; filename=IMG_1.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + b64encode(PHOTO.data)


SCENARIOS = (
    Scenario(
        name="01 single_child_plain_reply",
        mail=answering(EVA, "She would like to paint it."),
        state="filed",
        reasons=frozenset({"C3"}),
        filed=((ANNA, "She would like to paint it."),),
    ),
    Scenario(
        name="02 section_link_two_children",
        mail=answering(MIA, "She has no boots.", via_section_of="Ida"),
        state="filed",
        reasons=frozenset({"C1"}),
        filed=((IDA, "She has no boots."),),
    ),
    Scenario(name="03 thanks_only_two_children", mail=answering(JON, "Thank you!"), state="courtesy"),
    Scenario(
        name="04 vacation_standard",
        mail=lambda school: vacation_notice(school.letters["g-jon"], JON, school.now),
        state="ignored",
        kind="auto",
    ),
    Scenario(
        name="05 gmail_mobile_top_post",
        mail=answering(EVA, "A stone bridge, very old.", "gmail-android"),
        state="filed",
        filed=((ANNA, "A stone bridge, very old."),),
    ),
    Scenario(
        name="06 outlook_quote_block",
        mail=answering(MIA, "Dear Ms Horn,\n\nLeo saw a bridge.", "outlook-desktop"),
        state="filed",
        reasons=frozenset({"C5", "C6"}),
        filed=((LEO, "Dear Ms Horn,\n\nLeo saw a bridge."),),
    ),
    Scenario(
        name="07 one_name_plain_reply",
        mail=answering(MIA, "Leo is ill"),
        state="filed",
        reasons=frozenset({"C6", "single-strong"}),
        filed=((LEO, "Leo is ill"),),
        notice="mia@example.org",
    ),
    Scenario(name="08 two_names_plain_reply", mail=answering(MIA, "Leo ill, Ida forgot book"), state="triage"),
    Scenario(name="11 photo_no_text", mail=photo_without_text, state="filed", filed=((ANNA, ""),)),
    Scenario(
        name="12 other_address_valid_token",
        mail=answering(("Jon Berg", "jon@work.example"), "Leo is ill.", letter_of="g-jon"),
        state="held",
        reasons=frozenset({"unknown-address"}),
        notice="jon@example.org",
    ),
    Scenario(
        name="14 fresh_mail_known_parent",
        mail=fresh(EVA, "May she bring her lantern?"),
        dmarc="pass",
        state="filed",
        reasons=frozenset({"one-child"}),
        filed=((ANNA, "May she bring her lantern?"),),
    ),
    Scenario(
        name="14 fresh_mail_known_parent, nobody vouches",
        mail=fresh(EVA, "May she bring her lantern?"),
        dmarc="none",
        told_in_fixed=False,
        state="held",
        notice="eva@example.org",
    ),
    Scenario(name="15 spam_no_token", mail=lambda _: SPAM, state="ignored", kind="quarantine"),
    Scenario(
        name="16 soft_bounce",
        mail=lambda school: bounce(
            school.letters["g-jon"], JON[1], "4.2.2", at=school.now, envelope_from="x@y.example"
        ),
        state="ignored",
        kind="bounce",
    ),
    Scenario(
        name="18 ios_no_references_ses_id",
        mail=without_header(
            edited(
                answering(EVA, "Yes."),
                rb"^In-Reply-To:.*\r\n(?:[ \t].*\r\n)*",
                b"In-Reply-To: <0100@x.amazonses.com>\r\n",
            ),
            "References",
        ),
        state="filed",
        filed=((ANNA, "Yes."),),
    ),
    Scenario(
        name="20 signature_only",
        mail=signature_only,
        state="triage",
        reasons=frozenset({"empty"}),
    ),
    Scenario(
        name="21 forwarded_to_grandma",
        mail=answering(("Oma", "oma@example.net"), "How lovely!", letter_of="g-eva"),
        state="held",
        notice="eva@example.org",
    ),
    Scenario(
        name="22 lowercase_or_upper_local",
        mail=lambda school: school.reply(EVA, "Yes.", to=school_address(school.letters["g-eva"]).upper()),
        state="filed",
        filed=((ANNA, "Yes."),),
    ),
    Scenario(
        name="23 calendar_accept",
        mail=lambda school: calendar_accept(school.letters["g-jon"], JON, school.now, "choir@school.test", "Choir"),
        state="ignored",
        kind="system",
    ),
    Scenario(
        name="24 read_receipt",
        mail=lambda school: read_receipt(school.letters["g-jon"], JON, school.now),
        state="ignored",
        kind="system",
    ),
    Scenario(
        name="25 unsubscribe_word",
        mail=answering(EVA, "Please unsubscribe me"),
        state="asked",
        reasons=frozenset({"preference"}),
        notice="eva@example.org",
    ),
    Scenario(
        name="25 unsubscribe_word, by the link in the header",
        mail=lambda school: write_new(
            "",
            client="gmail-web",
            author=EVA,
            at=school.now,
            to=school_address(school.letters["g-eva"]),
            subject="unsubscribe",
        ),
        state="asked",
        reasons=frozenset({"preference"}),
        notice="eva@example.org",
    ),
    Scenario(
        name="26 plus_stripped_by_provider",
        mail=answering(EVA, "Yes.", to="reply@school.test"),
        state="filed",
        filed=((ANNA, "Yes."),),
    ),
    Scenario(
        name="27 only_subject_tag, vouched",
        mail=without_header(
            without_header(answering(MIA, "Leo is ill", to="reply@school.test"), "References"), "In-Reply-To"
        ),
        dmarc="pass",
        state="asked",
        reasons=frozenset({"C6"}),
        notice="mia@example.org",
    ),
    Scenario(
        name="27 only_subject_tag, nobody vouches",
        mail=without_header(
            without_header(answering(MIA, "Leo is ill", to="reply@school.test"), "References"), "In-Reply-To"
        ),
        dmarc="none",
        told_in_fixed=False,
        state="held",
        notice="mia@example.org",
    ),
    Scenario(
        name="30 no_message_id",
        mail=without_header(answering(EVA, "Yes."), "Message-I[Dd]"),
        state="filed",
        filed=((ANNA, "Yes."),),
    ),
    Scenario(
        name="32 spoofed_from_no_token",
        mail=fresh(EVA, "Please send me her address."),
        dmarc="fail",
        told_in_fixed=False,
        state="held",
        notice="eva@example.org",
    ),
    Scenario(
        name="33 list_rewrites_from",
        mail=with_header(answering(LIST, "Anna is ill.", letter_of="g-eva"), "List-Id: <parents.lists.example.net>"),
        state="held",
        reasons=frozenset({"unknown-address"}),
    ),
    Scenario(
        name="34 broken_charset",
        mail=broken_charset,
        state="filed",
        filed=((ANNA, "Anna kommt später."),),
    ),
    Scenario(name="39 own_echo", mail=lambda school: school.letters["g-mia"], state="ignored", kind="echo"),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(linden, scenario):
    raw = scenario.mail(linden)
    outcome = linden.arrive(stamped(raw, scenario.dmarc) if scenario.dmarc else believed(linden, raw))

    assert (outcome.kind, outcome.state) == (scenario.kind, scenario.state), outcome.reasons
    assert scenario.reasons <= set(outcome.reasons)
    assert tuple(((held.child_id, held.role), held.text) for held in outcome.filings) == scenario.filed
    assert [notice["To"].addresses[0].addr_spec for notice in linden.notices()] == scenario.notices(linden.shape)
    assert_seen_by_its_teachers_only(linden, outcome)


def believed(linden: Linden, raw: bytes) -> bytes:
    """The mail as it must come to count: in a school of one fixed address its server vouches for the author."""
    if linden.shape != "fixed":
        return raw
    author = message_from_bytes(raw, policy=policy.default)["From"].addresses[0]
    return stamped(raw, "pass", author.domain)


def assert_seen_by_its_teachers_only(linden: Linden, outcome: Outcome) -> None:
    """Invariant I5, and that nobody else sees a word."""
    expected = [(held.child_id, held.text, teacher) for held in outcome.filings for teacher in held.teacher_ids]
    seen = [(*held, teacher) for teacher in ("t-horn", "t-ruiz", "t-cole") for held in linden.sees(teacher)]
    assert seen == expected


def test_07_asks_where_the_school_wants_to_be_asked(published, tmp_path):
    with copied(published, tmp_path, {"single_strong": "ask"}) as linden:
        outcome = linden.arrive(believed(linden, linden.reply(MIA, "Leo is ill")))

        assert outcome.state == "asked"
        assert outcome.suggestions[0].child_id == "c-leo"
        assert [button.label for button in buttons(linden.raw_notices()[0])][:3] == [
            "It was about Leo",
            "It was about Ida",
            "Something else: send it to the office",
        ]


def test_09_hard_bounce_counts_on_that_address_only(linden):
    letter = Letter.get(Letter.recipient_id == "g-jon")
    raw = bounce(linden.letters["g-jon"], JON[1], "5.1.1", at=linden.now, envelope_from=letter.envelope_from)

    outcome = linden.arrive(raw)

    assert (outcome.kind, outcome.state) == ("bounce", "ignored")
    assert linden.house.health.suppressed(JON[1])
    assert not linden.house.health.suppressed(MIA[1])


def answered(linden: Linden, words: str = "Bring a torch.") -> bytes:
    """Eva has asked, Ms Horn has answered by mail: the answer as Eva gets it."""
    linden.arrive(believed(linden, linden.reply(EVA, "What shall she bring?")))
    digest = linden.digest("t-horn")
    raw = teacher_reply(digest, 1, words, client="outlook-web", author=HORN, at=linden.now)
    outcome = linden.arrive(believed(linden, raw))
    assert outcome.reasons == ("teacher-answer",)
    return linden.answers()[-1].as_bytes()


def test_10_a_reply_to_the_teachers_answer_goes_on_in_the_same_conversation(linden):
    answer = answered(linden)

    outcome = linden.arrive(reply(answer, "gmail-web", "A big one?", EVA, linden.now))

    assert (outcome.state, outcome.reasons) == ("filed", ("C2",))
    (talk,) = linden.house.conversations.listing(today=linden.today, teacher_id="t-horn")
    assert [turn.text for turn in talk.messages] == ["What shall she bring?", "Bring a torch.", "A big one?"]


def test_10_the_answer_goes_to_the_asking_guardian_alone(linden):
    answered(linden)

    (answer,) = linden.answers()
    assert [held.addr_spec for held in answer["To"].addresses] == [EVA[1]]
    assert answer["Cc"] is None
    assert b"horn@school.test" not in answer.as_bytes()


def test_13_an_old_issue_reaches_the_current_teacher_of_the_role(linden):
    mail = linden.reply(EVA, "We have found the bridge!")
    linden.now += timedelta(days=20)
    linden.roster(enrollments={"e-5": {"userSourcedId": "t-ruiz"}})

    outcome = linden.arrive(mail)

    assert [held.teacher_ids for held in outcome.filings] == [("t-ruiz",)]
    assert linden.sees("t-horn") == []


def test_17_a_mail_fetched_twice_is_filed_once(linden):
    mail = linden.reply(EVA, "Yes.")
    linden.arrive(mail)

    linden.keep(b"Received: from elsewhere\r\n" + mail)
    outcomes = read_waiting(linden.house, linden.now)

    assert outcomes == []
    assert linden.filings() == 1
    assert linden.house.spool.counts_by_state() == {"filed": 1, "copy": 1}


def test_31_a_restored_server_brings_no_second_filing_and_the_new_mail_is_filed(linden):
    mail = linden.reply(EVA, "Yes.")
    linden.arrive(mail)

    linden.keep(mail, uidvalidity=2)
    linden.keep(linden.reply(EVA, "And a cap."), uidvalidity=2)
    outcomes = read_waiting(linden.house, linden.now)

    assert [outcome.state for outcome in outcomes] == ["filed"]
    assert linden.filings() == 2


@pytest.mark.parametrize(
    ("registered", "written"),
    [("Zoë", "Zoe's"), ("Łukasz", "lukasz"), ("Müller", "Mueller"), ("Mueller", "Müller"), ("Leo", "LEO")],
)
def test_19_names_are_found_however_they_are_written(linden, registered, written):
    linden.roster(users={"c-leo": {"givenName": registered}})

    outcome = linden.arrive(believed(linden, linden.reply(MIA, f"Sorry, {written} cold is worse")))

    assert [held.child_id for held in outcome.filings] == ["c-leo"]


def test_28_a_teacher_who_says_not_mine_sees_it_no_more(linden):
    first = linden.arrive(believed(linden, linden.reply(EVA, "Where is the gym?")))
    digest = linden.digest("t-horn")

    raw = teacher_reply(digest, 1, "not mine", client="iphone", author=HORN, at=linden.now)
    outcome = linden.arrive(believed(linden, raw))

    assert (outcome.state, outcome.reasons) == ("ignored", ("not-mine",))
    assert linden.sees("t-horn") == []
    assert linden.answers() == []
    assert linden.state(first.spool_id) == "triage"
    assert ("teacher:t-horn", "unfiled") in linden.audit(first.spool_id)


def test_29_a_parents_correction_moves_her_words_to_the_sibling(linden):
    first = linden.arrive(believed(linden, linden.reply(MIA, "Leo is ill")))
    assert linden.sees("t-horn") == [("c-leo", "Leo is ill")]

    outcome = linden.arrive(believed(linden, linden.press(linden.raw_notices()[0], "about Ida", MIA)))

    assert (outcome.state, outcome.reasons) == ("ignored", ("button-file",))
    assert linden.sees("t-horn") == []
    assert linden.sees("t-ruiz") == [("c-ida", "Leo is ill")]
    assert linden.audit(first.spool_id) == [("parent", "unfiled"), ("parent", "filed")]


def test_35_an_oversize_mail_is_read_so_far_as_it_was_kept(linden):
    """The mailbox keeps the headers and the first 64 KB of a video's mail; the next mail goes on."""
    whole = linden.reply(EVA, "See the video of her dance!", files=(PHOTO,))
    cut = whole[: whole.rindex(b"\r\n--")]

    outcome = linden.arrive(cut)
    following = linden.arrive(believed(linden, linden.reply(EVA, "Did it arrive?")))

    assert [held.text for held in outcome.filings] == ["See the video of her dance!"]
    assert following.state == "filed"


def test_36_after_the_summer_the_former_teacher_gets_nothing(linden):
    mail = linden.reply(EVA, "Thank you for the year, she loved it.")
    linden.now += timedelta(days=100)
    linden.roster(
        enrollments={
            "e-1": {"classSourcedId": "k-5a", "beginDate": "2027-01-01", "endDate": "2027-08-01"},
            "e-6": {"beginDate": "2027-01-01", "endDate": "2027-08-01"},
            "e-5": {"beginDate": "2027-01-01", "endDate": "2027-08-01"},
        }
    )

    outcome = linden.arrive(mail)

    assert [held.teacher_ids for held in outcome.filings] == [("t-ruiz",)]
    assert "old-letter" in outcome.reasons
    assert linden.sees("t-horn") == []


def test_40_a_family_that_left_is_the_offices_matter(linden):
    mail = linden.reply(EVA, "One more thing.")
    Dispatch.update(revoked_at=linden.now).where(Dispatch.recipient_id == "g-eva").execute()

    outcome = linden.arrive(mail)

    assert (outcome.state, outcome.reasons) == ("triage", ("tokens-revoked",))
    assert linden.notices() == []


def test_40_a_guardian_no_longer_on_the_roster_is_the_offices_matter(linden):
    mail = linden.reply(EVA, "One more thing.")
    linden.roster(users={"g-eva": {"status": "gone"}, "c-anna": {"agentSourcedIds": ""}})

    outcome = linden.arrive(mail)

    assert (outcome.state, outcome.reasons) == ("triage", ("guardian-left",))
    assert linden.notices() == []


def test_a_question_nobody_answers_is_the_offices_after_two_days(linden):
    outcome = linden.arrive(believed(linden, linden.reply(("Oma", "oma@example.net"), "Hello", letter_of="g-eva")))

    assert age_tray(linden.house, linden.now + timedelta(hours=47)) == 0
    assert age_tray(linden.house, linden.now + timedelta(hours=49)) == 1
    assert linden.state(outcome.spool_id) == "triage"
    assert age_tray(linden.house, linden.now + timedelta(hours=99)) == 0
