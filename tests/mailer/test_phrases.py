"""Our words in four languages: complete, alike in their gaps, and in the reader's own way of writing dates."""

import ast
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from inbox.words import built_in
from mailer.phrases import END_ISOLATE, ISOLATE, Library, match
from mailer.render import (
    TemplateError,
    answer_view,
    buttons,
    digest_view,
    newsletter,
    notice_view,
    reason_words,
    staff_words,
    template_folder,
)

LOCALES = template_folder() / "locale"
LANGUAGES = ("ar", "en", "es", "zh_Hans")
PLURAL_FORMS = {"ar": 6, "en": 2, "es": 2, "zh_Hans": 1}
GAP = re.compile(r"%\((\w+)\)s")
BERLIN = ZoneInfo("Europe/Berlin")


def catalog(language: str):
    with (LOCALES / language / "LC_MESSAGES" / "letters.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def messages(language: str):
    return {message.id: message for message in catalog(language) if message.id}


def phrases(tag: str, school: str = "en-GB"):
    return Library([LOCALES], school).phrases(tag)


def test_there_are_four_languages():
    assert Library([LOCALES], "en").languages == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_and_nothing_else(language):
    mine, english = messages(language), messages("en")

    assert mine.keys() == english.keys()
    for message in mine.values():
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy
        assert all(said), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gap_of_the_english_is_in_the_translation(language):
    for message in messages(language).values():
        wanted = set(GAP.findall(message.id[-1] if isinstance(message.id, tuple) else message.id))
        for said in message.string if isinstance(message.string, tuple) else (message.string,):
            plural_in_words = isinstance(message.string, tuple)  # "two messages" may say the number in words
            assert set(GAP.findall(said)) == wanted or (plural_in_words and set(GAP.findall(said)) < wanted), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_the_languages_own_number_of_forms(language):
    for message in messages(language).values():
        if isinstance(message.id, tuple):
            assert len(message.string) == PLURAL_FORMS[language] == catalog(language).num_plurals


def test_arabic_counts_in_its_six_ways():
    said = [
        phrases("ar").count("%(number)s message from a family", "%(number)s messages from families", number)
        for number in (0, 1, 2, 3, 11, 100)
    ]

    assert len(set(said)) == 6
    assert ["3 رسائل" in said[3], "11 رسالة" in said[4], "100 رسالة" in said[5]] == [True, True, True]


def spoken_in_code() -> set[str]:
    """Every phrase that templates and code ask for."""
    asked: set[str] = set()
    for path in template_folder().glob("*/*.*"):
        if path.suffix in {".txt", ".mjml"}:
            asked.update(re.findall(r'_\("([^"]+)"', path.read_text(encoding="utf-8")))
            asked.update(re.findall(r'_n\("([^"]+)"', path.read_text(encoding="utf-8")))
    for module in (answer_view, buttons, digest_view, newsletter, notice_view, reason_words, staff_words):
        path = Path(module.__file__)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"phrases", "phrases.count"} and node.args:
                first = node.args[0]
                assert isinstance(first, ast.Constant), (
                    f"{path.name}:{node.lineno} says something that cannot be translated"
                )
                asked.add(first.value)
    return asked


def test_the_catalogs_hold_exactly_what_is_said():
    known = {message[0] if isinstance(message, tuple) else message for message in messages("en")}

    assert spoken_in_code() == known


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-Hans", "zh-Hans"),
        ("zh_SG", "zh-Hans"),
        ("zh-TW", "zh-Hans"),
        ("es-MX", "es"),
        ("ES", "es"),
        ("ar-EG", "ar"),
        ("en-US", "en"),
        ("de", "es"),
        ("", "es"),
        ("tlh-x-klingon", "es"),
        ("not a language", "es"),
        ("'; drop table", "es"),
    ],
)
def test_a_readers_tag_finds_its_catalog_else_the_schools(tag, found):
    assert phrases(tag, school="es").language == found


def test_a_language_without_words_has_no_catalog():
    assert match("de-AT", LANGUAGES) is None


@pytest.mark.parametrize(
    ("tag", "whole", "span"),
    [
        ("en", "Friday, 27 November 2026", "10:00 – 13:30"),
        ("en-US", "Friday, November 27, 2026", "10:00\u00a0AM – 1:30\u00a0PM"),
        ("es", "viernes, 27 de noviembre de 2026", "10:00 – 13:30"),
        ("zh-CN", "2026年11月27日星期五", "10:00 – 13:30"),
        ("ar", "الجمعة، 27 نوفمبر 2026", "10:00\u00a0ص – 1:30\u00a0م"),
    ],
)
def test_dates_and_times_are_written_as_she_writes_them(tag, whole, span):
    words = phrases(tag)

    assert words.day(date(2026, 11, 27)) == whole
    begins, ends = datetime(2026, 12, 5, 9, 0, tzinfo=UTC), datetime(2026, 12, 5, 12, 30, tzinfo=UTC)
    assert words.span(begins, ends, BERLIN) == span


def test_dates_do_not_depend_on_which_language_was_asked_first():
    tags = ["zh-CN", "ar", "es", "en", "en-US", "ar-EG", "es-MX", "fr", "ur", "fa"]
    asking = (
        "import sys; from datetime import date; from pathlib import Path; from babel import Locale; import gettext\n"
        "from mailer.phrases import Phrases\n"
        "for tag in sys.argv[1:]:\n"
        "    locale = Locale.parse(tag, sep='-')\n"
        "    none = gettext.NullTranslations()\n"
        "    words = Phrases(language=tag, locale=locale, region=tag, direction='ltr', catalog=none)\n"
        "    d = date(2026, 12, 5)\n"
        "    shown = (words.day(d), words.short_day(d), words.day_and_month(d), words.month(d), words.weekday(d))\n"
        "    print(tag, shown)\n"
    )
    root = Path(__file__).parents[2]

    def said(order: list[str]) -> list[str]:
        command = [sys.executable, "-X", "utf8", "-c", asking, *order]
        done = subprocess.run(
            command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=True
        )
        return sorted(done.stdout.splitlines())

    assert said(tags) == said(tags[::-1]) == sorted(line for tag in tags for line in said([tag]))


def test_an_event_over_two_days_names_both():
    begins, ends = datetime(2026, 12, 5, 9, 0, tzinfo=UTC), datetime(2026, 12, 6, 12, 0, tzinfo=UTC)

    assert phrases("en").span(begins, ends, BERLIN) == "Sat 5 Dec, 10:00 – Sun 6 Dec, 13:00"


def test_names_are_isolated_in_arabic_and_nowhere_else():
    assert phrases("ar")("Hello %(name)s,", name="Maria") == f"مرحبًا {ISOLATE}Maria{END_ISOLATE}،"
    assert phrases("es")("Hello %(name)s,", name="Maria") == "Hola, Maria:"
    assert phrases("ar").plain(phrases("ar")("Hello %(name)s,", name="Maria")) == "مرحبًا Maria،"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_that_stops_the_letters_is_one_the_inbox_knows(language):
    assert built_in().asks_to_stop(phrases(language)("unsubscribe"))


def test_a_percent_sign_in_a_name_is_a_percent_sign():
    assert phrases("en")("Hello %(name)s,", name="100 %(x)s") == "Hello 100 %(x)s,"


def test_a_schools_own_words_win_and_ours_fill_the_gaps(tmp_path):
    own = tmp_path / "en" / "LC_MESSAGES"
    own.mkdir(parents=True)
    own.joinpath("letters.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Hello %(name)s,"\nmsgstr "Dear %(name)s,"\n'
    )
    words = Library([tmp_path, LOCALES], "en").phrases("en")

    assert words("Hello %(name)s,", name="Maria") == "Dear Maria,"
    assert words("Questions?") == "Questions?"


def test_a_damaged_catalog_is_named_with_its_line(tmp_path):
    own = tmp_path / "en" / "LC_MESSAGES"
    own.mkdir(parents=True)
    own.joinpath("letters.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Hello"\nnonsense\n')

    with pytest.raises(TemplateError, match=r"letters\.po: line 5: "):
        Library([tmp_path, LOCALES], "en").phrases("en")
