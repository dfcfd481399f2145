"""A newsletter's own lines tell the short answers typed inside its unmarked quotation, and change nothing else."""

import random
import re
from dataclasses import replace

import pytest

from inbox.intake import read
from inbox.parse import parse
from inbox.reading import Arrived
from inbox.trim import OurMarks, trim
from inbox.trim.familiar import Familiar
from inbox.trim.letter_words import PART_END
from office.demo.clients import CLIENTS, reply
from office.directory import lines_of
from tests.inbox.letters import MIA, MIAS_LETTER, People, address
from tests.inbox.test_intake import LETTER, NOW, READING
from tests.office.our_letters import SHAPE, newsletter
from tests.office.test_demo_clients_are_read import AT, LANGUAGES, WORDS

AUTHOR = ("Signe Tamsin", "signe.tamsin@example.org")
OUTLOOK = tuple(name for name in CLIENTS if "outlook" in name)
SHORT = (
    "Yes",
    "No!",
    "Both of us",
    "12:30",
    "好的",
    "نعم",
    "Leif: yes, Petra: no",
    "Thank you",
    "See you there!",
    "✓ ok",
)


def marks(dispatch, *lines: str) -> OurMarks:
    return OurMarks(
        domains=(SHAPE.domain, "school.test"),
        local_parts=("news",),
        visible_refs={held.ordinal: (f"Ref {held.visible_ref}",) for held in dispatch.sections if held.visible_ref},
        section_lines={held.ordinal: held.fingerprints for held in dispatch.sections},
        letter_lines=lines,
        school_name="Lindenfield Primary School",
    )


@pytest.fixture(scope="module")
def letters():
    return {language: newsletter(2, language) for language in LANGUAGES}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("client", CLIENTS)
def test_adding_our_letter_below_an_answer_changes_none_of_its_words(letters, client, language):
    letter, dispatch = letters[language]
    ours = marks(dispatch, *lines_of(letter.raw))
    for words in (*random.Random(f"{client}{language}").sample([*WORDS.values(), *SHORT], 3), ""):
        mail = parse(reply(letter.raw, client, words, AUTHOR, AT))

        assert trim(mail.text, mail.html, ours).new_text.split() == words.split()


def between(body: str, answer: str, dice: random.Random) -> str:
    """The body with an answer on a line of its own somewhere in the middle of the quoted letter."""
    is_html = "<" in body and "</" in body
    first = body.index("gloves")
    last = body.rindex("The river")
    ends = [end.end() for end in re.finditer(r"</p>|</td>" if is_html else r"\n\n", body[:last]) if end.end() > first]
    at = dice.choice(ends)
    return body[:at] + (f"<p>{answer}</p>" if is_html else f"{answer}\n\n") + body[at:]


@pytest.mark.parametrize("client", OUTLOOK)
def test_a_short_answer_typed_inside_an_unmarked_quotation_is_found(letters, client):
    letter, dispatch = letters["en"]
    dice, whole = random.Random(client), lines_of(letter.raw)
    for number, answer in enumerate(SHORT):
        above = "See below." if number % 2 else ""
        mail = parse(reply(letter.raw, client, above, AUTHOR, AT))
        if mail.html:
            found = trim("", between(mail.html, answer, dice), marks(dispatch, *whole))
        else:
            found = trim(between(mail.text, answer, dice), "", marks(dispatch, *whole))

        assert found.new_text.split() == f"{above} {answer}".split()


@pytest.mark.parametrize("client", OUTLOOK)
def test_the_letter_is_asked_for_only_where_it_can_tell_more(letters, client):
    """Two families of one class; the second one's plain answer needs no look at her letter."""
    letter, dispatch = letters["en"]
    mail = parse(reply(letter.raw, client, "We come.", AUTHOR, AT))
    trimmed = trim(mail.text, mail.html, marks(dispatch))
    familiar, names = Familiar(), frozenset({"signe", "tamsin"})
    before = familiar.explains("week", trimmed.unmarked, names)
    familiar.learn("week", lines_of(letter.raw), names)
    inside = between(mail.html, "Yes", random.Random(1)) if mail.html else between(mail.text, "Yes", random.Random(1))
    answered = trim("" if mail.html else inside, inside if mail.html else "", marks(dispatch))

    assert trimmed.unmarked
    assert not before
    assert familiar.explains("week", trimmed.unmarked, names)
    assert not familiar.explains("week", answered.unmarked, names)
    assert not familiar.explains("next week", trimmed.unmarked, names)


def test_another_familys_names_are_no_news_and_a_name_alone_is(letters):
    familiar = Familiar()
    familiar.learn(
        "week", ["Dear Signe Tamsin,", "News of Leif", "Bring boots on Wednesday, please."], {"signe", "tamsin", "leif"}
    )
    novak = frozenset({"eva", "novak", "anna"})

    assert familiar.explains("week", ["Dear Eva Novak,", "News of Anna"], novak)
    assert not familiar.explains("week", ["Anna yes"], novak)
    assert not familiar.explains("week", ["boots"], novak)


def test_what_the_letter_says_once_and_the_quotation_twice_was_typed(letters):
    """The first family's letter explains the second's quotation, and none of the answers that repeat its words."""
    familiar, names = Familiar(), frozenset({"leo"})
    letter = [
        "Please answer with one of these:",
        "I can help on Friday",
        "Not this time",
        "Leo",
        "We thank you for it.",
    ]
    familiar.learn("week", [*letter, PART_END, *letter], names)

    assert familiar.explains("week", letter, names)
    for typed in ("I can help on Friday", "Not this time", "Leo", "thank you", "we", "help on Friday"):
        assert not familiar.explains("week", [*letter, typed], names), typed
    assert not familiar.explains("week", [*letter[:2], "thank you", *letter[2:4]], names)


def test_a_line_wrapped_anew_is_explained():
    familiar = Familiar()
    familiar.learn("week", ["Bring boots and a warm coat on Wednesday, please."], ())

    assert familiar.explains("week", ["Bring boots and a warm coat", "on Wednesday,", "please."], ())
    assert not familiar.explains("week", ["Bring boots and a warm coat", "please."], ())


def test_a_quotation_with_quote_signs_never_asks(letters):
    letter, dispatch = letters["en"]
    mail = parse(reply(letter.raw, "mutt", "We come.", AUTHOR, AT))

    assert trim(mail.text, mail.html, marks(dispatch)).unmarked == ()


def test_an_answer_inside_reaches_the_record():
    lines = ("What floated today", "We put eleven things into the bucket.", "Will he bring a towel?", "The music room")
    sections = tuple(replace(held, fingerprints=lines) if held.ordinal == 3 else held for held in MIAS_LETTER.sections)
    people = People(letters=(replace(MIAS_LETTER, sections=sections),), lines=("Dear Mia Berg", *lines))
    quoted = ["Dear Mia Berg", *lines[:3], "Leo: yes", lines[3]]
    body = "\r\n".join(
        ["Good morning", "", "From: School <news@school.test>", "Sent: Friday, 27 November 2026 15:10", "", *quoted]
    )
    mail = f"From: {MIA.address}\r\nTo: {address(LETTER, 3)}\r\nMessage-ID: <1@example.org>\r\n\r\n{body}\r\n"
    arrived = Arrived(spool_id=1, raw=mail.encode(), arrived=NOW)

    with_letter = read(arrived, READING, people, NOW).outcome
    without = read(arrived, READING, replace(people, lines=()), NOW).outcome

    assert [held.text.split() for held in with_letter.filings] == [["Good", "morning", "Leo:", "yes"]]
    assert without.filings == ()
