"""Every letter can be read by everybody: what can be checked in the markup, and what axe-core finds in a browser."""

import re
from itertools import pairwise, product

import pytest

from mailer.render import LetterPress
from tests.mailer.sample_letters import FACE
from tests.mailer.test_look import LANGUAGES, browser, letters, look, newsletter, press
from tests.peers.loopback import absent

__all__ = ["browser", "look", "press"]
RTL = {"ar"}
#: What matters to a person who cannot see or aim well; "minor" and "moderate" are matters of taste in a mail.
GRAVE = {"serious", "critical"}
#: A mail is no page of a site: it has no landmarks, and what stands below the fold is reached by reading on.
NOT_FOR_MAIL = {"region", "landmark-one-main", "page-has-heading-one"}


@pytest.fixture(scope="module")
def every_letter() -> list[tuple[str, str]]:
    press = LetterPress(None, FACE)
    return [(language, html) for language in LANGUAGES for html in letters(press, language)]


def test_every_letter_names_its_language_and_direction(every_letter):
    for language, html in every_letter:
        tag = re.search(r"<html[^>]*>", html)[0]
        found = re.search(r'\blang="([^"]+)"', tag)[1]
        assert found.split("-")[0] == language.split("-")[0]
        assert re.search(r'\bdir="(\w+)"', tag)[1] == ("rtl" if language in RTL else "ltr")


def test_every_table_is_there_for_the_layout_and_says_so(every_letter):
    for _, html in every_letter:
        tables = re.findall(r"<table[^>]*>", html)
        assert tables
        assert [table for table in tables if 'role="presentation"' not in table and 'role="none"' not in table] == []


def test_every_picture_has_words_and_every_link_too(every_letter):
    for _, html in every_letter:
        assert [image for image in re.findall(r"<img[^>]*>", html) if not re.search(r'\balt="', image)] == []
        for words in re.findall(r"<a\b[^>]*>(.*?)</a>", html, re.DOTALL):
            assert re.sub(r"<[^>]+>", "", words).strip()


def test_headings_go_down_one_step_at_a_time(every_letter):
    for _, html in every_letter:
        levels = [int(level) for level in re.findall(r"<h([1-6])\b", html)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels


@pytest.fixture
def grave_faults(look):
    """What axe-core finds in a letter that would keep somebody from reading it."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        absent("axe-core is not installed: pip install axe-playwright-python")

    def find(html: str, scheme: str = "light") -> list[tuple[str, str]]:
        found = Axe().run(look(html, width=600, scheme=scheme)).response["violations"]
        return [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in found
            if one["impact"] in GRAVE and one["id"] not in NOT_FOR_MAIL
        ]

    return find


@pytest.mark.peers
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_axe_finds_nothing_serious_in_a_newsletter(press, grave_faults, language, scheme):
    assert grave_faults(newsletter(press, language), scheme) == []


@pytest.mark.nightly
@pytest.mark.peers
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("language", "scheme"), list(product(LANGUAGES, ["light", "dark"])))
def test_axe_finds_nothing_serious_in_any_letter(press, grave_faults, language, scheme):
    for html in letters(press, language):
        assert grave_faults(html, scheme) == []


@pytest.mark.peers
def test_axe_would_find_something(grave_faults):
    html = '<html><body><img src="data:,"><a href="#x"></a><p style="color:#ccc">pale</p></body></html>'

    assert {"html-has-lang", "image-alt", "link-name", "color-contrast"} <= {name for name, _ in grave_faults(html)}
