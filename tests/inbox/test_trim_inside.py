"""What is typed inside an unmarked quotation of our letter is the author's, and our own lines never are."""

import textwrap

import pytest

from inbox.trim import OurMarks, SpanKind, trim

SECTIONS = {
    1: ("We visit the museum on Thursday, bring a packed lunch.", "Please sign the reading diary every evening."),
    2: ("The science fair opens on Monday at nine o'clock.", "Ida's class needs helpers for the cake stall."),
}
LETTER = (
    "Hillside School",
    "Hello Mia,",
    "here is what this week holds.",
    "Leo · 3B",
    "News",
    SECTIONS[1][0],
    "Homework",
    SECTIONS[1][1],
    "Write to Ms Horn about Leo",
    "Opens a mail to the teacher, in your own mail program. Ref 7k3m-9q2c",
    "Ida · 5A",
    "Save the date",
    SECTIONS[2][0],
    "Monday, April 6, 2026",
    "9:00 AM - 11:00 AM",
    SECTIONS[2][1],
    "You get this letter because the school has you as a guardian.",
)
MARKS = {
    "the sections' lines": OurMarks(section_lines=SECTIONS, visible_refs={1: ("Ref 7k3m-9q2c",)}),
    "the whole letter": OurMarks(section_lines=SECTIONS, letter_lines=LETTER),
}
BLOCK = (
    "From: Hillside <news@school.test>",
    "Sent: Friday, April 3, 2026 4:05 PM",
    "To: Mia",
    "Subject: This week",
    "",
)


def as_text(lines, above=""):
    return {"mail_text": "\n".join((above, "_" * 32, *BLOCK, *lines))}


def as_word(lines, above=""):
    """Outlook's desktop program: no id or class, only a rule and bold labels."""
    head = "<br>".join(f"<b>{name}:</b>{rest}" for name, _, rest in (line.partition(":") for line in BLOCK[:4]))
    rule = f'<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">{head}</p></div>'
    body = "".join(f'<p class="MsoNormal">{line}<o:p></o:p></p>' for line in lines)
    return {"mail_text": "", "mail_html": f'<div class="WordSection1"><p>{above}</p>{rule}{body}</div>'}


def as_web(lines, above=""):
    head = "<br>".join(f"<b>{name}:</b>{rest}" for name, _, rest in (line.partition(":") for line in BLOCK[:4]))
    body = "".join(f"<div>{line}</div>" for line in lines)
    return {
        "mail_text": "",
        "mail_html": f'<div>{above}</div><hr><div id="divRplyFwdMsg">{head}</div><div>{body}</div>',
    }


SHAPES = {"text": as_text, "Word": as_word, "web": as_web}


def below(ours, *typed):
    """The letter with these lines typed below one of its own."""
    at = LETTER.index(ours) + 1
    return (*LETTER[:at], *typed, *LETTER[at:])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("marks", MARKS)
def test_a_sentence_typed_below_a_section_is_new_and_knows_the_section(marks, shape):
    typed = ("Leo cannot come, he has a cough.", "Can he bring it on Friday?")

    trimmed = trim(**SHAPES[shape](below(SECTIONS[1][0], *typed)), ours=MARKS[marks])

    assert all(line in trimmed.new_text for line in typed)
    assert "museum" not in trimmed.new_text
    new = [span for span in trimmed.spans if span.kind is SpanKind.NEW and trimmed.body[span.start : span.end].strip()]
    assert new[0].after_section == 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("marks", MARKS)
def test_our_letter_without_an_answer_stays_without_words(marks, shape):
    assert trim(**SHAPES[shape](LETTER), ours=MARKS[marks]).new_text == ""


@pytest.mark.parametrize("shape", SHAPES)
def test_where_the_whole_letter_is_held_only_the_typed_words_are_new(shape):
    made = SHAPES[shape](below("Write to Ms Horn about Leo", "ok!", "He is ill"))

    assert trim(**made, ours=MARKS["the whole letter"]).new_text.split() == ["ok!", "He", "is", "ill"]


def test_where_the_whole_letter_is_held_words_above_and_inside_are_both_new():
    made = as_text(below(SECTIONS[2][0], "Yes please"), above="See my answers below.\n")

    assert trim(**made, ours=MARKS["the whole letter"]).new_text.split("\n")[0] == "See my answers below."
    assert trim(**made, ours=MARKS["the whole letter"]).new_text.endswith("Yes please")


def test_words_above_the_letter_are_enough_where_only_sections_are_held():
    made = as_text(LETTER, above="Thank you!\n")

    assert trim(**made, ours=MARKS["the sections' lines"]).new_text == "Thank you!"


@pytest.mark.parametrize("width", [30, 45, 60])
def test_lines_a_program_wrapped_anew_are_still_ours(width):
    wrapped = [piece for line in LETTER for piece in textwrap.wrap(line, width)]

    assert trim(**as_text(wrapped), ours=MARKS["the whole letter"]).new_text == ""


def test_a_link_the_program_wrote_out_is_no_word_of_the_author():
    lines = tuple(line.replace("Leo", "Leo<mailto:reply+4d0jq8w2@reply.school.test?subject=Re>") for line in LETTER)

    assert trim(**as_text(lines), ours=MARKS["the whole letter"]).new_text == ""


@pytest.mark.parametrize(
    "typed",
    [
        "We visit the museum on Thursday, bring a packed lunch.",
        "The museum on Thursday: bring a packed lunch.",
        "On Thursday bring a packed lunch a lunch",
    ],
)
@pytest.mark.parametrize("place", [SECTIONS[1][0], SECTIONS[2][0]])
def test_a_long_answer_in_the_letters_own_words_is_new(place, typed):
    made = as_text(below(place, typed))

    assert trim(**made, ours=MARKS["the whole letter"]).new_text == typed


def test_a_long_line_that_lost_a_word_on_the_way_is_still_ours():
    lines = tuple(line.replace("on Thursday, ", "Thursday, ") for line in LETTER)

    assert trim(**as_text(lines), ours=MARKS["the whole letter"]).new_text == ""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("marks", MARKS)
def test_a_letter_that_is_quoted_twice_is_ours_both_times(marks, shape):
    """The other parent forwarded hers, and below it stands the one that is answered."""
    hers = tuple(line.replace("Mia", "Jon").replace("7k3m-9q2c", "2c9q-m3k7") for line in LETTER)
    lines = (*hers, *BLOCK[:4], *LETTER)

    assert trim(**SHAPES[shape](lines, above="Who goes?"), ours=MARKS[marks]).new_text == "Who goes?"


@pytest.mark.parametrize("number", [1, 2])
def test_a_short_letter_that_is_quoted_twice_shows_no_section(number):
    marks = OurMarks(section_lines={number: SECTIONS[number]}, letter_lines=("Hillside School", *SECTIONS[number]))
    lines = ("Hello Jon,", *marks.letter_lines, "Hello Mia,", *marks.letter_lines)

    assert trim(**as_text(lines, above="Who goes?"), ours=marks).new_text == "Who goes?"
