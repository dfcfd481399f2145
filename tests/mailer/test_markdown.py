"""Markdown as safe HTML and as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer import markdown
from tests.mailer.hostile import VECTORS, live_markup


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("**bold** and *soft*", "<strong>bold</strong> and <em>soft</em>"),
        ("[site](https://school.test/a?b=1&c=2)", '<a href="https://school.test/a?b=1&amp;c=2">site</a>'),
        ("[mail](mailto:office@school.test)", '<a href="mailto:office@school.test">mail</a>'),
        ("[bad](javascript:alert(1))", "<a>bad</a>"),
        ("[plain](http://school.test)", "<a>plain</a>"),
        ("<b>raw</b>", "&lt;b&gt;raw&lt;/b&gt;"),
        ("![our *new* hall](https://t.test/p.gif)", "our new hall"),
        ("one\ntwo", "one<br>\ntwo"),
    ],
)
def test_html_of_a_paragraph(source, html):
    assert markdown.to_html(source) == f'<p style="margin:0 0 12px">{html}</p>'


def test_a_heading_stays_below_the_letters_own():
    assert "<h4" in markdown.to_html("# Big")
    assert "<h5" in markdown.to_html("### Small")


def test_a_list_begins_at_the_right_in_arabic():
    assert "padding-right:22px" in markdown.to_html("- واحد", "rtl")
    assert "padding-left:22px" in markdown.to_html("- one", "ltr")


@pytest.mark.parametrize("vector", VECTORS)
def test_no_vector_is_live_in_html(vector):
    assert live_markup(markdown.to_html(vector)) == []
    assert live_markup(markdown.text_to_html(vector)) == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_gives_inert_html_and_some_text(source):
    assert live_markup(markdown.to_html(source)) == []
    assert live_markup(markdown.text_to_html(source)) == []
    markdown.to_text(source)


def test_text_has_no_signs_of_markdown_and_writes_links_out():
    source = (
        "## Trip\n\nWe *go* to the [zoo](https://zoo.test). Write <mailto:a@school.test>.\n\n"
        "- coat\n- boots\n  and socks\n\n1. bus\n2. walk\n\n> bring tea"
    )

    assert markdown.to_text(source) == (
        "Trip\n\nWe go to the zoo (https://zoo.test). Write a@school.test.\n\n"
        "- coat\n- boots\n  and socks\n\n1. bus\n2. walk\n\n| bring tea"
    )


@given(st.text(alphabet="ab é我，。\n- *#>1.", max_size=400))
def test_wrapped_lines_fit_unless_one_word_does_not(source):
    for line in markdown.wrap(source, 40).splitlines():
        assert markdown.columns(line) <= 41 or " " not in line.strip()


def test_chinese_wraps_by_columns_and_never_begins_a_line_with_a_stop():
    lines = markdown.wrap("我们下周五去动物园。" * 12, 76).splitlines()

    assert all(markdown.columns(line) <= 78 for line in lines)
    assert not any(line[0] in "。，" for line in lines)
    assert "".join(lines) == "我们下周五去动物园。" * 12


def test_words_from_outside_stand_behind_a_bar_in_text():
    assert markdown.quoted("one\n\ntwo <b>") == "| one\n|\n| two <b>"


def test_direction_overrides_and_control_signs_are_dropped():
    assert "\u202e" not in markdown.to_html("a\u202eb\x00c\x1b[31m")
    assert markdown.rewrapped("a\u202eb\x00c") == "abc"
