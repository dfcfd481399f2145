"""A list looked up at once says the same as its phrases asked for one by one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.names import begins_a_word, names
from inbox.words import built_in, says
from inbox.words.sentences import in_one_sentence

WORDS = built_in()
LISTS = {
    name: getattr(WORDS, name) for name in ("safeguarding", "health", "gratitude", "unsubscribe", "not_mine", "urgent")
}
PIECES = sorted(
    {part.strip().removesuffix("*") for held in LISTS.values() for phrase in held for part in phrase.split("&")}
)
FILLER = ["Leo", "and", "the", "nonstop", "Müller", "وليلى", "و", "今", "x", "policeman", "über", "self", "harm", "to"]
GLUE = [" ", "", ", ", ". ", "\n", "\n\n", "'", "-", "s ", "? "]
TEXTS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(PIECES), st.sampled_from(FILLER)),
        st.sampled_from(GLUE),
        st.sampled_from([str, str.upper, str.title]),
    ),
    max_size=7,
).map(lambda pieces: "".join(case(piece) + glue for piece, glue, case in pieces))


def one_by_one(text: str, phrases: tuple[str, ...]) -> bool:
    return any(begins_a_word(text, phrase[:-1]) if phrase.endswith("*") else names(text, phrase) for phrase in phrases)


@pytest.mark.parametrize("name", [name for name in LISTS if name != "urgent"])
@given(text=TEXTS)
def test_a_list_says_what_its_phrases_say(name, text):
    assert says(text, LISTS[name]) == one_by_one(text, LISTS[name])


@pytest.mark.parametrize("name", [name for name in LISTS if name != "urgent"])
def test_every_phrase_of_a_list_is_found_by_itself(name):
    for phrase in LISTS[name]:
        text = f"so, {phrase.removesuffix('*')}."
        assert says(text, LISTS[name]) == one_by_one(text, LISTS[name])


@given(text=st.one_of(TEXTS, st.text()))
def test_parts_that_belong_together_stand_in_one_sentence(text):
    sentences = re.split(r"[.!?;。！？؟]\s|[.!?;。！？؟]$|\n\n", text)
    wanted = [[part.strip() for part in phrase.split("&")] for phrase in LISTS["urgent"]]

    assert in_one_sentence(text, LISTS["urgent"]) == any(
        all(one_by_one(sentence, (part,)) for part in parts) for sentence in sentences for parts in wanted
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Leo is sick today", True),
        ("Leo is sick. We see him today", False),
        ("Leo is sick\n\ntoday", False),
        ("今天发烧", True),
        ("urgently", True),
        ("yesterday he was sick", False),
    ],
)
def test_what_is_about_today(text, found):
    assert in_one_sentence(text, LISTS["urgent"]) is found
