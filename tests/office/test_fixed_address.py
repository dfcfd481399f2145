"""A school with one fixed address, on both databases: what a tag in the subject and a quoted line can do, and what not.

Both are looked up and prove nothing: they say which letter is meant, and count only for an author our own receiving
server vouches for.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import unquote

import pytest

from office.demo.clients import reply, teacher_reply, write_new
from office.demo.clients.original import Button, buttons, section_button
from school.short_reference import lines_in, tags_in, without_tags
from storage.tables import Command
from tests.office.linden import EVA, HORN, JON, MIA, Linden, open_school, stamped
from tests.office.test_scenarios import copied, without_header
from tests.peers.postgres import new_database

STRANGER = ("Oma", "oma@example.net")
ELSEWHERE = "About Thursday"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def published(request, tmp_path_factory) -> Iterator[Linden]:
    folder = tmp_path_factory.mktemp("fixed")
    if request.param == "sqlite":
        yield open_school(folder, shape="fixed")
        return
    with new_database(request.getfixturevalue("postgres_host")) as url:
        yield open_school(folder, shape="fixed", database_url=url)


@pytest.fixture
def linden(published, tmp_path) -> Iterator[Linden]:
    with copied(published, tmp_path) as linden:
        yield linden


def vouched(raw: bytes, dmarc: str = "pass") -> bytes:
    """As our receiving server stamps it for the author's own domain; "" = it says nothing."""
    domain = message_from_bytes(raw, policy=policy.default)["From"].addresses[0].domain
    return stamped(raw, dmarc, domain) if dmarc else raw


def text_of(letter: bytes) -> str:
    held = message_from_bytes(letter, policy=policy.default).get_body(("plain",)).get_content()
    return held.replace("\r\n", "\n")


def letter_of(linden: Linden, author: tuple[str, str]) -> bytes:
    return linden.letters[f"g-{author[1].partition('@')[0]}"]


def section_mail(linden: Linden, child: str, author: tuple[str, str], words: str = "She has no boots.") -> bytes:
    """The mail that the child's own button in Mia's letter makes, whoever presses it."""
    button = section_button(letter_of(linden, MIA), child)
    return pressed(button, words, author, linden)


def pressed(button: Button, words: str, author: tuple[str, str], linden: Linden) -> bytes:
    return write_new(words, client="iphone", author=author, at=linden.now, to=button.address, subject=button.subject)


def only_tagged(linden: Linden, author: tuple[str, str], words: str) -> bytes:
    """A plain Reply of a program that kept the subject and no id."""
    raw = reply(letter_of(linden, author), "iphone", words, author, linden.now)
    return without_header(without_header(lambda _: raw, "References"), "In-Reply-To")(linden)


def only_quoted(linden: Linden, author: tuple[str, str], words: str, only: str = "") -> bytes:
    """A new mail with our letter quoted in it, or just the part about one child."""
    text = text_of(letter_of(linden, author))
    if only:
        at = text.index(f"\n{only} ·")
        text = text[at : re.compile(r"^Ref \S+$", re.MULTILINE).search(text, at).end()]
    body = "\r\n".join([words, "", "Your letter said:", *(f"> {line}" for line in text.splitlines())])
    return (
        f"From: {author[0]} <{author[1]}>\r\nTo: reply@school.test\r\nSubject: {ELSEWHERE}\r\n"
        f"Message-ID: <{len(words)}-{len(only)}@x.example>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    ).encode()


# ---- what the letters carry ----


def test_every_link_and_every_subject_carries_a_tag_and_never_a_plus(linden):
    letter = letter_of(linden, MIA)
    html = message_from_bytes(letter, policy=policy.default).get_body(("html",)).get_content()
    ours = re.findall(r'href="(mailto:reply@[^"]+)"', html)

    assert len(ours) >= 4  # Ida's class, her music, Leo's class, and stopping the letters
    assert all(len(tags_in(unquote(link))) == 1 and "+" not in link and "%20%5B%23" in link for link in ours)
    assert len({tags_in(unquote(link)) for link in ours}) == len(ours)
    assert len(tags_in(message_from_bytes(letter, policy=policy.default)["Subject"])) == 1


def test_the_plain_text_says_what_the_subject_needs(linden):
    text = text_of(letter_of(linden, MIA))
    tag = tags_in(section_button(letter_of(linden, MIA), "Ida").subject)[0]

    assert f"reply@school.test\nwith [#{tag}] in the subject" in text
    assert set(lines_in(text)) >= {tag}  # the printed line and the tag are one reference


# ---- who may use one ----


@pytest.mark.parametrize("carry", [section_mail, lambda linden, child, author: only_tagged(linden, author, "All well")])
@pytest.mark.parametrize("dmarc", ["none", "fail", ""])
def test_a_tag_alone_is_held_where_nobody_vouches(linden, carry, dmarc):
    outcome = linden.arrive(vouched(carry(linden, "Ida", MIA), dmarc))

    assert (outcome.state, outcome.filings) == ("held", ())
    assert outcome.reasons[0] in {"author-not-verified", "author-failed-authentication"}
    assert linden.notices() == []  # a button of hers would count no more than this mail does


def test_another_guardians_tag_is_held(linden):
    outcome = linden.arrive(vouched(section_mail(linden, "Ida", EVA)))

    assert (outcome.state, outcome.reasons) == ("held", ("reference-of-another-family",))
    assert linden.notices() == []


def test_the_other_parents_tag_is_the_familys(linden):
    outcome = linden.arrive(vouched(section_mail(linden, "Ida", JON)))

    assert (outcome.state, outcome.author_id) == ("filed", "g-jon")
    assert linden.sees("t-ruiz") == [("c-ida", "She has no boots.")]


@pytest.mark.parametrize("carry", ["tag", "line"])
def test_to_a_stranger_nothing_says_that_the_reference_exists(linden, carry):
    raw = section_mail(linden, "Ida", STRANGER)
    if carry == "line":
        raw = only_quoted(linden, MIA, "Hello").replace(b"mia@example.org", b"oma@example.net")
    with_it = linden.arrive(vouched(raw))
    without = linden.arrive(
        vouched(
            write_new("Hello", client="iphone", author=STRANGER, at=linden.now, to="reply@school.test", subject="x")
        )
    )

    assert (with_it.state, with_it.reasons) == ("unmatched", ("unknown-sender",))
    assert (without.state, without.reasons) == (with_it.state, with_it.reasons)
    assert linden.notices() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda tag: tag[:-1],
        lambda tag: f"{tag}0",
        lambda tag: f"{tag[:-1]}{'0' if tag[-1] != '0' else '1'}",
        lambda tag: tag[1] + tag[0] + tag[2:] if tag[0] != tag[1] else tag[:-1],
        lambda tag: f"{tag[:4]}/{tag[4:]}",
    ],
    ids=["truncated", "longer", "one sign changed", "two swapped", "a foreign sign"],
)
def test_a_damaged_tag_is_no_evidence_and_is_not_mended(linden, damage):
    tag = tags_in(section_button(letter_of(linden, MIA), "Ida").subject)[0]
    outcome = linden.arrive(vouched(section_mail(linden, "Ida", MIA).replace(tag.encode(), damage(tag).encode())))

    assert (outcome.state, outcome.reasons) == ("triage", ("several-children",))
    assert linden.sees("t-ruiz") == []


@pytest.mark.parametrize("write", [str.upper, lambda tag: f"{tag[:4]}-{tag[4:]}", lambda tag: tag.replace("0", "O")])
def test_a_tag_survives_what_its_normalisation_undoes(linden, write):
    tag = tags_in(section_button(letter_of(linden, MIA), "Ida").subject)[0]
    outcome = linden.arrive(vouched(section_mail(linden, "Ida", MIA).replace(tag.encode(), write(tag).encode())))

    assert (outcome.state, outcome.reasons) == ("filed", ("C1",))


def test_a_tag_of_a_letter_too_old_is_no_evidence(linden):
    raw = vouched(section_mail(linden, "Ida", MIA))
    linden.now += timedelta(days=401)

    outcome = linden.arrive(raw)

    assert outcome.state == "triage"
    assert "C1" not in {seen.sign for seen in outcome.evidence}


# ---- what it leads to ----


def test_each_childs_button_reaches_her_teacher_alone(linden):
    for child, teacher in (("Ida", "t-ruiz"), ("Leo", "t-horn")):
        outcome = linden.arrive(vouched(section_mail(linden, child, MIA, f"About {child}.")))

        assert (outcome.state, outcome.reasons) == ("filed", ("C1",))
        assert linden.sees(teacher) == [(f"c-{child.lower()}", f"About {child}.")]


def test_the_subject_is_kept_without_its_tag(linden):
    linden.arrive(vouched(section_mail(linden, "Ida", MIA)))

    (talk,) = linden.house.conversations.listing(today=linden.today)
    assert tags_in(talk.messages[0].subject) == ()
    assert talk.messages[0].subject == without_tags(section_button(letter_of(linden, MIA), "Ida").subject)


@pytest.mark.parametrize(
    ("author", "words", "state", "reason"),
    [
        (EVA, "A stone bridge.", "filed", "C3"),
        (MIA, "Leo is ill", "asked", "unsure"),  # one name files only for a token-verified author
        (MIA, "Dear Ms Horn,\n\nLeo is ill", "filed", "C5"),
        (MIA, "All well", "triage", "several-children"),
    ],
)
@pytest.mark.parametrize("carry", [only_tagged, only_quoted])
def test_a_reply_with_no_id_is_read_by_its_tag_or_its_quotation(linden, carry, author, words, state, reason):
    outcome = linden.arrive(vouched(carry(linden, author, words)))

    assert (outcome.state, outcome.reasons[0]) == (state, reason)
    assert outcome.author_id == f"g-{author[1].partition('@')[0]}"


def test_the_quotation_of_one_section_alone_is_a_hint_and_files_nothing(linden):
    outcome = linden.arrive(vouched(only_quoted(linden, MIA, "We have found one!", only="Leo")))

    assert (outcome.state, outcome.reasons) == ("asked", ("unsure", "C7"))
    assert outcome.suggestions[0].child_id == "c-leo"
    assert ("C7", "quoted-line", "c-leo") in {(seen.sign, seen.place, seen.child_id) for seen in outcome.evidence}


def test_words_under_a_quoted_section_are_told_apart_by_the_quotation_alone(linden):
    raw = only_quoted(linden, MIA, "Hello,").decode()
    for name in ("Ida", "Leo"):
        tag = tags_in(section_button(letter_of(linden, MIA), name).subject)[0]
        line = f"> Ref {tag[:4]}-{tag[4:]}\r\n"
        assert line in raw
        raw = raw.replace(line, f"{line}\r\nThis is under {name}'s part.\r\n\r\n")

    outcome = linden.arrive(vouched(raw.replace("Hello,\r\n\r\nYour letter said:\r\n", "", 1).encode()))

    assert (outcome.state, outcome.reasons) == ("filed", ("split", "C4"))
    assert linden.sees("t-horn") == [("c-leo", "This is under Leo's part.")]
    assert linden.sees("t-ruiz") == [("c-ida", "This is under Ida's part.")]


@pytest.mark.parametrize("words", ["Thank you!", "Leo is ill"])
def test_a_signed_id_counts_without_a_voucher_but_no_button_is_offered(linden, words):
    """A receipt that cannot be answered is no safeguard: one name alone goes to the office."""
    outcome = linden.arrive(linden.reply(MIA, words))

    assert (outcome.state, outcome.reasons) in {
        ("courtesy", ("courtesy",)),
        ("triage", ("unsure", "may-not-tell", "C6")),
    }
    assert linden.notices() == []


def test_the_claim_on_a_strangers_reply_goes_to_the_registered_guardian(linden):
    linden.arrive(linden.reply(STRANGER, "How lovely!", letter_of="g-eva"))
    (asked,) = linden.raw_notices()

    outcome = linden.arrive(vouched(linden.press(asked, "Yes", EVA)))

    assert (outcome.state, outcome.reasons) == ("ignored", ("button-mine",))
    assert linden.sees("t-horn") == [("c-anna", "How lovely!")]


def test_where_the_school_can_verify_nobody_no_button_is_sent(published, tmp_path):
    with copied(published, tmp_path, {"trusted_authserv_ids": []}) as linden:
        stranger = linden.arrive(linden.reply(STRANGER, "How lovely!", letter_of="g-eva"))
        named = linden.arrive(vouched(linden.reply(MIA, "Leo is ill")))

        assert (stranger.state, named.state) == ("held", "triage")
        assert linden.notices() == []


# ---- buttons ----


def test_a_button_counts_once_from_its_own_vouched_address(linden):
    linden.arrive(vouched(linden.reply(MIA, "Leo is ill")))
    notice = linden.raw_notices()[0]
    wanted = "about Ida"

    unproved = linden.arrive(linden.press(notice, wanted, MIA))
    forged = linden.arrive(vouched(linden.press(notice, wanted, MIA), "fail"))
    other = linden.arrive(vouched(linden.press(notice, wanted, JON)))
    stranger = linden.arrive(vouched(linden.press(notice, wanted, STRANGER)))
    assert linden.sees("t-horn") == [("c-leo", "Leo is ill")]
    first = linden.arrive(vouched(linden.press(notice, wanted, MIA)))
    again = linden.arrive(vouched(linden.press(notice, wanted, MIA)))

    assert [held.reasons[0] for held in (unproved, forged, other, stranger)] == [
        "button-not-verified",
        "author-failed-authentication",
        "button-of-another-address",
        "unknown-sender",
    ]
    assert (first.reasons, again.reasons) == (("button-file",), ("button-pressed-before",))
    assert linden.sees("t-horn") == []
    assert linden.sees("t-ruiz") == [("c-ida", "Leo is ill")]
    assert len(linden.notices()) == 1


def test_a_button_after_two_weeks_is_a_persons_matter(linden):
    linden.arrive(vouched(linden.reply(MIA, "Leo is ill")))
    late = linden.press(linden.raw_notices()[0], "about Ida", MIA)
    linden.now += timedelta(days=15)

    assert linden.arrive(vouched(late)).reasons == ("button-too-late",)


def test_the_letters_are_stopped_by_the_buttons_of_the_question(linden):
    linden.arrive(vouched(linden.reply(EVA, "unsubscribe")))

    linden.arrive(vouched(linden.press(linden.raw_notices()[0], "Yes, stop", EVA)))

    assert "g-eva" in linden.house.preferences.stopped()


# ---- teachers ----


def asked(linden: Linden) -> bytes:
    """Eva has asked about Anna, Mia about Leo: Ms Horn's digest."""
    linden.arrive(vouched(linden.reply(EVA, "What shall she bring?")))
    linden.arrive(vouched(section_mail(linden, "Leo", MIA, "He found a bridge.")))
    return linden.digest("t-horn")


def answer_of(linden: Linden, digest: bytes, item: int, words: str) -> bytes:
    return teacher_reply(digest, item, words, client="outlook-web", author=HORN, at=linden.now)


def test_each_button_of_a_digest_answers_its_own_family(linden):
    digest = asked(linden)
    for item, words in ((2, "How big?"), (1, "A torch.")):
        assert linden.arrive(vouched(answer_of(linden, digest, item, words))).reasons == ("teacher-answer",)

    told = {held["To"].addresses[0].addr_spec: held.get_body(("plain",)).get_content() for held in linden.answers()}
    assert set(told) == {"eva@example.org", "mia@example.org"}
    assert "A torch." in told["eva@example.org"]
    assert "How big?" in told["mia@example.org"]


@pytest.mark.parametrize("dmarc", ["none", "fail", ""])
def test_a_teachers_button_that_nobody_vouches_for_answers_nobody(linden, dmarc):
    outcome = linden.arrive(vouched(answer_of(linden, asked(linden), 1, "A torch."), dmarc))

    assert outcome.state == "held"
    assert linden.answers() == []


def test_a_guardian_who_presses_a_teachers_button_answers_nobody(linden):
    digest = asked(linden)
    raw = teacher_reply(digest, 1, "A torch.", client="outlook-web", author=EVA, at=linden.now)

    outcome = linden.arrive(vouched(raw))

    assert (outcome.state, outcome.reasons) == ("held", ("staff-address-used-by-a-stranger",))
    assert linden.answers() == []


def test_a_plain_reply_to_the_digest_answers_by_number_without_a_voucher(linden):
    digest = asked(linden)

    outcome = linden.arrive(reply(digest, "gmail-web", "1: A torch.\n2: How big?", HORN, linden.now))

    assert outcome.reasons[0] == "teacher-digest-answer"
    assert sorted(held["To"].addresses[0].addr_spec for held in linden.answers()) == [
        "eva@example.org",
        "mia@example.org",
    ]


def test_not_mine_is_found_by_its_tag(linden):
    digest = asked(linden)
    button = next(held for held in buttons(digest) if "not for me" in held.label)
    words = "Not for me"

    outcome = linden.arrive(vouched(pressed(button, words, HORN, linden)))

    assert (outcome.state, outcome.reasons) == ("ignored", ("button-not-mine",))
    assert Command.select().where(Command.used_at.is_null(False)).count() == 1
    assert [child for child, _ in linden.sees("t-horn")] == ["c-leo"]


def test_the_answer_to_an_answer_is_known_by_its_tag_alone(linden):
    linden.arrive(vouched(answer_of(linden, asked(linden), 1, "A torch.")))
    answer = linden.answers()[-1].as_bytes()
    raw = reply(answer, "iphone", "A big one?", EVA, linden.now)
    raw = without_header(without_header(lambda _: raw, "References"), "In-Reply-To")(linden)

    outcome = linden.arrive(vouched(raw))

    assert (outcome.state, outcome.reasons) == ("filed", ("C2",))
    assert len(tags_in(message_from_bytes(raw, policy=policy.default)["Subject"])) == 1
