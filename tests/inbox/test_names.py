"""A name is found however people write it, and is not found where it is only a word."""

import time

import pytest

from inbox.names import begins_a_word, fold, may_name, names, surely_names
from inbox.words import built_in

EVERYDAY = built_in().everyday


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Zoe's coat", "Zoë"),
        ("ZOË!", "Zoë"),
        ("lukasz is ill", "Łukasz"),
        ("Herr Mueller", "Müller"),
        ("Herr Müller", "Mueller"),
        ("herr muller", "Müller"),
        ("Grüße von Jürgen Mueller", "Juergen Müller"),
        ("Frau Weiss", "Weiß"),
        ("Soren and Aase", "Søren"),
        ("Soren and Aase", "Åse"),
        ("Mrs O'Brien", "O'Brien"),
        ("anna-lena slept badly", "Anna-Lena"),
        ("İlker yarın gelmiyor", "Ilker"),
        ("وليلى مريضة", "ليلى"),
        ("أحمد مريض", "احمد"),
        ("小明病了", "小明"),
        ("지민이가 아파요", "지민"),
    ],
)
def test_it_is_found(text, name):
    assert names(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Leonie is ill", "Leo"),
        ("Cleo is ill", "Leo"),
        ("", "Leo"),
        ("Leo", ""),
        ("Leo", " "),
        ("Anna Lena", "Anna-Leni"),
    ],
)
def test_it_is_not_found(text, name):
    assert not names(text, name)


@pytest.mark.parametrize(
    ("text", "name", "sure", "maybe"),
    [
        ("leo is ill", "Leo", True, True),
        ("May I ask something?", "May", False, True),
        ("I may be late", "May", False, False),
        ("Sorry, May is ill", "May", True, True),
        ("Hope you are well. hope to see you", "Hope", False, True),
        ("She will come", "Will", False, False),
        ("I think Will is ill", "Will", True, True),
        ("bring a holly wreath", "Holly", False, False),
        ("Holly is ill", "Holly", True, True),
        ("an apple", "An", False, False),
        ("con An bị ốm", "An", True, True),
        ("Con ăn sáng rồi", "An", False, False),
        ("Idas Buch fehlt", "Ida", False, True),
        ("Leonie is ill", "Leo", False, False),
        ("我家的孩子很美丽", "丽", False, True),
        ("小丽病了", "丽", True, True),
        ("丽丽病了", "丽丽", True, True),
    ],
)
def test_sure_is_stricter_and_may_is_wider(text, name, sure, maybe):
    assert surely_names(text, name, EVERYDAY) is sure
    assert may_name(text, name, EVERYDAY) is maybe


@pytest.mark.parametrize(
    ("text", "stem", "found"),
    [
        ("вызвали полицию", "полици", True),
        ("she was abused", "abus", True),
        ("disabused", "abus", False),
        ("self-harming", "self harm", True),
        ("家暴", "家暴", True),
    ],
)
def test_a_stem_begins_a_word(text, stem, found):
    assert begins_a_word(text, stem) is found


def test_folding_leaves_plain_letters():
    assert fold("ŁUKASZ Müller İ ß Ø") == "lukasz muller i ss o"


def test_a_long_mail_is_looked_through_quickly():
    words = built_in()
    text = "Leo war gestern im Wald und hat Beeren gesammelt. " * 1200  # as much as trimming ever leaves
    began = time.perf_counter()
    words.safeguards(text)
    words.tells_health(text)

    assert time.perf_counter() - began < 0.5
