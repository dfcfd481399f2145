"""What the inbox reads back of every mail program's answer: the author's words, all of them and nothing else."""

from datetime import datetime

import pytest

from inbox.new_words import words_of
from inbox.parse import parse
from inbox.trim import OurMarks, SpanKind, trim
from office.demo.clients import CLIENTS, reply
from school.letter import Dispatch, Letter
from tests.office.our_letters import SHAPE, ZONE, newsletter

AT = datetime(2026, 11, 27, 19, 12, tzinfo=ZONE)
LANGUAGES = ("en", "es", "ar", "zh-Hans")
WORDS = {
    "one line": "We counted seven lanterns on the way home.",
    "a greeting, a gap, a wish": "Dear Ms Osei,\n\nLeif has a cough.\n\nCould a friend bring his book?",
    "Spanish": "Estimada maestra:\n\n¿A qué hora vuelve el autobús? Mañana llevamos los calcetines amarillos.",
    "Arabic": "مساء الخير،\n\nجربنا ذلك في البيت يوم السبت وعددنا سبعة فوانيس.",
    "Chinese": "老师您好：\n\n孩子明天会带雨靴去学校，谢谢！",
    "a list": "Yes to all three:\n\n- soup on Friday\n- two blankets\n- the game with chestnuts",
    "looks like a quotation": "On Friday we wrote: thank you!\nAll of us, to all of you",
    "very short": "OK!",
}


@pytest.fixture(scope="module")
def letters() -> dict[str, tuple[Letter, Dispatch]]:
    return {language: newsletter(1, language) for language in LANGUAGES}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("client", CLIENTS)
def test_the_words_come_back_whole_and_alone(letters, client, language, words):
    assert read_back(letters[language], client, WORDS[words]).split() == WORDS[words].split()


@pytest.mark.parametrize(
    "words",
    [
        "Thank you!\nFrom: all of us, to all of you",
        "We are away\nFrom: Monday\nTo: Friday",
        "Subject: the coat\nTo: whom it may concern",
        "Away.\nDate: Friday",
    ],
)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_last_line_that_looks_like_a_header_is_the_authors(letters, client, words):
    assert read_back(letters["en"], client, words).split() == words.split()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_without_words_stays_without_words(letters, client, language):
    assert read_back(letters[language], client, "") == ""


def read_back(sent: tuple[Letter, Dispatch], client: str, words: str) -> str:
    letter, dispatch = sent
    mail = parse(reply(letter.raw, client, words, ("Signe Tamsin", "signe.tamsin@example.org"), AT))
    marks = OurMarks(
        domains=(SHAPE.domain, "school.test"),
        local_parts=("news",),
        visible_refs={section.ordinal: (section.visible_ref,) for section in dispatch.sections},
        section_lines={section.ordinal: section.fingerprints for section in dispatch.sections},
        school_name="Lindenfield Primary School",
    )

    trimmed = trim(mail.text, mail.html, marks)
    return words_of(trimmed, tuple((s.start, s.end) for s in trimmed.spans if s.kind is SpanKind.NEW))
