"""A teacher's reply to a whole digest: each part to its own item, and nothing guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.digest_answer import Deed, read_digest_answer, takes_back
from inbox.trim.spans import Span, SpanKind, Trimmed
from inbox.words import built_in

WORDS = built_in()


def written(*pieces: tuple[str, SpanKind, int | None]) -> Trimmed:
    spans, body = [], ""
    for text, kind, after in pieces:
        spans.append(Span(start=len(body), end=len(body) + len(text), kind=kind, after_section=after))
        body += text
    return Trimmed(body=body, spans=tuple(spans))


def new(text: str) -> Trimmed:
    return written((text, SpanKind.NEW, None))


def parts(answer):
    return [(part.numbers, part.deed, part.text) for part in answer.parts]


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("3: Please bring\n1. a coat\n2. a hat", [], ("ambiguous",)),
        ("1. Yes\n1. No", [], ("ambiguous",)),
        ("1: Yes\n1: No\n2: Fine", [((2,), Deed.ANSWER, "Fine")], ("number-twice",)),
        ("1 thanks\n1: and bring the book", [], ("number-twice",)),
        ("For the trip, all of you:\n1. a coat\n2. a hat", [], ("ambiguous",)),
        ("1. The trip is on\n3. Dezember", [], ("ambiguous",)),
        ("1: Yes\n12: No\nreally", [((1,), Deed.ANSWER, "Yes")], ("wrong-number",)),
        ("1: Yes\n9 thanks", [((1,), Deed.ANSWER, "Yes")], ("wrong-number",)),
        ("1: Come at\n10:30 please", [((1,), Deed.ANSWER, "Come at\n10:30 please")], ()),
        ("5 office\n\nBest,\nPetra Horn", [((5,), Deed.OFFICE, "")], ()),
        ("5 office\nShe is not mine any more.", [((5,), Deed.OFFICE, "")], ("no-item",)),
        ("stop 9", [], ("wrong-number",)),
        ("stop", [(tuple(range(1, 9)), Deed.STOP, "")], ()),
        ("stop the bus", [], ("no-item",)),
        ("3: The bus will\nstop\nat the gate.", [((3,), Deed.ANSWER, "The bus will\nstop\nat the gate.")], ()),
        ("all 1,9: yes", [], ("wrong-number",)),
    ],
)
def test_what_can_be_read_in_two_ways_goes_back(text, expected, why):
    answer = read_digest_answer(new(text), 8, WORDS, author="Petra Horn")

    assert (parts(answer), answer.why) == (expected, why)


@pytest.mark.parametrize("text", ["2: for the other one", "1. a coat\n2. a hat", "yes\n3: no", "stop 2"])
def test_another_number_under_a_quoted_item_contradicts_it(text):
    answer = read_digest_answer(written(("> dentist\n", SpanKind.QUOTED, None), (text, SpanKind.NEW, 1)), 3, WORDS)

    assert (parts(answer), answer.unplaced) == ([], text)


def test_two_places_under_one_item_are_one_answer():
    pieces = (("Yes.\n", SpanKind.NEW, 1), ("> dentist\n", SpanKind.QUOTED, None), ("At nine.\n", SpanKind.NEW, 1))

    assert parts(read_digest_answer(written(*pieces), 2, WORDS)) == [((1,), Deed.ANSWER, "Yes.\n\nAt nine.")]


@pytest.mark.parametrize(
    ("text", "expected", "unplaced"),
    [
        ("3 thanks", [((3,), Deed.THANKS, "")], ""),
        ("5 → office", [((5,), Deed.OFFICE, "")], ""),
        ("5 -> office", [((5,), Deed.OFFICE, "")], ""),
        ("7 later", [((7,), Deed.LATER, "")], ""),
        ("2: I shall call you.", [((2,), Deed.ANSWER, "I shall call you.")], ""),
        ("2. I shall call you.\nOn Monday.", [((2,), Deed.ANSWER, "I shall call you.\nOn Monday.")], ""),
        ("all 4,6: we walk if it rains", [((4, 6), Deed.ANSWER, "we walk if it rains")], ""),
        ("1) Yes\n2) No", [((1,), Deed.ANSWER, "Yes"), ((2,), Deed.ANSWER, "No")], ""),
        ("Hello,\n\n1: Yes", [((1,), Deed.ANSWER, "Yes")], ""),
        ("8 not mine", [((8,), Deed.NOT_MINE, "")], ""),
        ("stop 3", [((3,), Deed.STOP, "")], ""),
        ("See you all on Friday!", [], "See you all on Friday!"),
        ("2 pencils are enough", [], "2 pencils are enough"),
        ("9: not an item", [], "9: not an item"),
        ("1,9: one of them is none", [], "1,9: one of them is none"),
        ("10:30 works for me", [], "10:30 works for me"),
        ("Thank you!", [], ""),
        ("Tell them yes.\n1: Yes", [((1,), Deed.ANSWER, "Yes")], "Tell them yes."),
        ("", [], ""),
    ],
)
def test_numbered_words_go_to_their_item(text, expected, unplaced):
    answer = read_digest_answer(new(text), 8, WORDS)

    assert (parts(answer), answer.unplaced) == (expected, unplaced)


def test_words_under_a_quoted_item_answer_it():
    answer = read_digest_answer(
        written(
            ("> [1] Eva\n> dentist\n", SpanKind.QUOTED, None),
            ("Get well soon.\n", SpanKind.NEW, 1),
            ("> [2] Mia\n> book\n", SpanKind.QUOTED, None),
            ("thanks\n", SpanKind.NEW, 2),
            ("> Questions?\n", SpanKind.QUOTED, None),
        ),
        2,
        WORDS,
    )

    assert parts(answer) == [((1,), Deed.ANSWER, "Get well soon."), ((2,), Deed.THANKS, "")]
    assert answer.unplaced == ""


LINES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), LINES), min_size=1, max_size=6), LINES)
def test_no_word_reaches_an_item_it_was_not_written_for(items, before):
    marked = [f"{number}: secret{place}x {text}" for place, (number, text) in enumerate(items)]
    answer = read_digest_answer(new("\n".join([before.replace("\n", " "), *marked])), 6, WORDS)

    for part in answer.parts:
        for place, (number, _) in enumerate(items):
            if f"secret{place}x" in part.text:
                assert part.numbers == (number,)
    for place in range(len(items)):
        assert (
            sum(f"secret{place}x" in part.text for part in answer.parts) + (f"secret{place}x" in answer.unplaced) == 1
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stop", True),
        ("stop 1", True),
        ("Stop.\n\nThanks,\nPetra Horn", True),
        ("stop 2", True),
        ("stop\nHe may come at ten.", False),
        ("He may come at ten.", False),
        ("He may come at ten.\nstop", False),
        ("\n\nstop\n", True),
        ("Petra Horn", False),
        ("", False),
        ("please stop him", False),
    ],
)
def test_taking_back_is_said_with_nothing_else(text, expected):
    assert takes_back(text, WORDS, "Petra Horn") is expected


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("He may come at ten.", True),
        ("9: He may come at ten.", False),
        ("He may come at ten.\n9: And she too.", False),
        ("1: yes\n1: no", False),
        ("1: yes", False),
    ],
)
def test_only_one_stretch_that_names_no_number_may_be_for_one_family(text, whole):
    assert read_digest_answer(new(text), 3, WORDS).whole is whole
