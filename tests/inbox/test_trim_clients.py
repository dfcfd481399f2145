"""The author's words are found in the HTML of every mail program we know of, above a quotation and inside it."""

import tomllib
from pathlib import Path

import pytest

from inbox.trim import trim

SHAPES = tomllib.loads(Path(__file__).with_name("client_html.toml").read_text("utf-8"))
WORDS = "Leo is ill today.\nHe will be back on Monday.\n\nMia"
SENDER = {"{name}": "Hillside School", "{address}": "news@school.test"}
BELOW = SENDER | {
    "{words}": "<div>Leo is ill today.</div><div>He will be back on Monday.</div><div><br></div><div>Mia</div>",
    "{letter}": "<p>This week in class 3B</p><p>We go to the museum on Thursday.</p>",
}
INLINE = SENDER | {
    "{first answer}": "Leo is ill today.",
    "{second answer}": "Ida comes.",
    "{first piece}": "<p>Class 3B goes to the museum.</p>",
    "{second piece}": "<p>Class 5A has a science fair.</p>",
}


def filled(shape: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        shape = shape.replace(key, value)
    return shape


@pytest.mark.parametrize("shape", SHAPES["below"])
def test_words_above_or_below_a_quotation_are_found_alone(shape):
    assert trim("", filled(SHAPES["below"][shape], BELOW)).new_text.split() == WORDS.split()


@pytest.mark.parametrize("shape", SHAPES["below"])
def test_words_survive_the_prefixes_of_outlook_on_the_web(shape):
    made = filled(SHAPES["below"][shape], BELOW)
    renamed = made.replace('class="', 'class="x_').replace('id="', 'id="x_')

    assert trim("", renamed).new_text.split() == WORDS.split()


@pytest.mark.parametrize("shape", SHAPES["inline"])
def test_answers_between_quoted_pieces_are_found_alone(shape):
    trimmed = trim("", filled(SHAPES["inline"][shape], INLINE))

    assert trimmed.new_text.split() == ["Leo", "is", "ill", "today.", "Ida", "comes."]


@pytest.mark.parametrize(
    "line", ["Hillside School <news@school.test> 4/3/2026 4:05 PM", "Hillside School 03.04.26 16:05 Uhr"]
)
def test_groupwise_introduces_a_quotation_between_marks(line):
    assert trim(f"Leo is ill.\n\n>>> {line} >>>\nThis week in class 3B\n").new_text == "Leo is ill."


def test_a_plain_blockquote_in_the_middle_is_the_authors_own():
    made = "<div>You ask:</div><blockquote>Who brings soup?</blockquote><div>We do.</div>"

    assert trim("", made).new_text.split() == ["You", "ask:", "Who", "brings", "soup?", "We", "do."]


def test_words_typed_inside_a_signature_are_words_when_there_are_no_others():
    assert trim("", '<div class="gmail_signature">Leo is ill today.</div>').new_text == "Leo is ill today."
