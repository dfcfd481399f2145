"""The lists: what only the office reads, what is a mere thank-you, who asks to stop, what hands a message back."""

import pytest

from inbox.words import NAMES, WordLists, built_in, read

WORDS = built_in()


@pytest.mark.parametrize(
    "text",
    [
        "We have a custody hearing on Monday.",
        "He has bruises on his arm",
        "she talks about suicide",
        "I want to make a formal complaint",
        "the police came",
        "Er wird zu Hause misshandelt",
        "Sie war beim Jugendamt",
        "мы вызвали полицию",
        "le père la frappe",
        "爸爸打他",
        "ضرب الطفل",
        "nos vemos en el juzgado",
        "POLICE",
    ],
)
def test_words_about_safety_go_to_the_office(text):
    assert WORDS.safeguards(text)


@pytest.mark.parametrize(
    "text",
    [
        "Leo is ill today",
        "We walk past the tennis court",
        "Sie hat Bauchweh",
        "Bring a plastic knife for the pumpkin",
        "",
    ],
)
def test_ordinary_news_does_not(text):
    assert not WORDS.safeguards(text)


@pytest.mark.parametrize(
    "text", ["She starts insulin on Monday", "He was diagnosed with ADHD", "las terapias", "孩子要做手术"]
)
def test_health_details_are_known(text):
    assert WORDS.tells_health(text)


@pytest.mark.parametrize(
    "text", ["Leo has a cold", "She was sick last night", "He has a fever", "headache, stays at home"]
)
def test_a_sick_note_is_ordinary(text):
    assert not WORDS.tells_health(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you!",
        "thanks, have a nice weekend",
        "Many thanks 🙏",
        "👍",
        "谢谢老师！",
        "شكرا جزيلا",
        "Vielen Dank!",
        "ok",
        "감사합니다",
    ],
)
def test_thanks_alone_are_a_courtesy(text):
    assert WORDS.only_thanks(text)


@pytest.mark.parametrize(
    "text", ["Thanks, Leo is ill", "Thanks?no", "not ok", "Okapi", "谢谢，孩子病了", "", "...", "hi Leo"]
)
def test_thanks_with_news_are_not(text):
    assert not WORDS.only_thanks(text)


@pytest.mark.parametrize("text", ["unsubscribe", "Please unsubscribe me. Thanks", "STOP", "bitte abmelden", "退订"])
def test_asking_to_stop(text):
    assert WORDS.asks_to_stop(text)


@pytest.mark.parametrize("text", ["How do I stop the lice?", "unsubscribe Leo from the trip", "nonstop", ""])
def test_other_uses_of_the_word_are_not(text):
    assert not WORDS.asks_to_stop(text)


@pytest.mark.parametrize(
    ("line", "back"), [("Not mine.", True), ("NOT FOR ME", True), ("not mine to say", False), ("", False)]
)
def test_handing_back_is_a_line_of_nothing_else(line, back):
    assert WORDS.hands_back(line) is back


def test_a_school_can_bring_its_own_lists():
    own = read(dict.fromkeys(NAMES, '[languages]\nxx = ["grok*"]'))

    assert isinstance(own, WordLists)
    assert own.safeguards("we grokked it")
    assert not own.safeguards("the police came")
