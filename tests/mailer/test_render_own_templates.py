"""A school's own templates: laid over ours, made in a child, and every mistake in them named by file and line."""

import re

import pytest

from mailer.render import LetterPress, TemplateError
from tests.mailer.sample_letters import FACE, edition, links

BODY = "<mjml><mj-body>\n<mj-section><mj-column>\n{}\n</mj-column></mj-section></mj-body></mjml>"


def rendered_with(folder, **files: str):
    for name, text in files.items():
        kind, _, rest = name.partition("__")
        path = folder / kind / rest.replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = edition()
    return LetterPress(folder, FACE).newsletter(made, links(made))


def test_one_file_of_a_schools_own_replaces_ours_and_keeps_the_rest(tmp_path):
    rendered = rendered_with(tmp_path, newsletter__subject_txt="{{ school.name }}: hello {{ letter.guardian }}")

    assert rendered.subject == "Linden Primary School: hello Maria"
    assert "We built a volcano" in rendered.html


def test_an_empty_folder_changes_not_one_byte(tmp_path):
    made = edition()

    assert LetterPress(tmp_path, FACE).newsletter(made, links(made)) == LetterPress(None, FACE).newsletter(
        made, links(made)
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("<mj-text>a < b</mj-text>", "line 3: a < in text is written &lt;"),
        ("</mj-column>", "line 4: <mj-section> is open where </mj-column> comes|line 2: <mj-section> is open"),
        ("<mj-txt>a</mj-txt>", "line 3: unknown MJML element <mj-txt>"),
        ("<mj-text>a</mj-txt>", "line 3: <mj-text> is open where </mj-txt> comes"),
        ("<mj-text>a", "line 3: <mj-text> is open where </mj-column> comes"),
        ('<mj-image alt="" width="{{ letter.day }}" src="x" />', "line 3: MJML dropped {{ letter.day }}"),
        ("<mj-text>{{ letter.gurdian }}</mj-text>", "line 3: .* has no attribute 'gurdian'"),
        ("<mj-text>{% for x in %}</mj-text>", "line 3: Expected an expression"),
        ("<mj-text>{{ letter.day|shout }}</mj-text>", "line 3: the filter shout is not for letters|No filter named"),
        ("<mj-text>[[ nothing ]]</mj-text>", "line 3: 'nothing' is undefined"),
        ("<mj-text>[% if %]</mj-text>", "line 3: Expected an expression"),
        ('[% include "partials/none.mjml" %]', "template partials/none.mjml is missing"),
        ('[% include "../../../../etc/passwd" %]', "template ../../../../etc/passwd is missing"),
        ("<mj-text>jx0001xj</mj-text>", "line 3: jx0001xj is a token of ours"),
        ("<table>" * 60 + "</table>" * 60, "line 3: more than 50 elements are nested"),
        ("<mj-raw><div></mj-raw>", "line 3: <div> is open where </mj-raw> comes"),
    ],
)
def test_a_mistake_in_a_body_is_named_by_file_and_line(tmp_path, line, why):
    with pytest.raises(TemplateError) as raised:
        rendered_with(tmp_path, newsletter__body_mjml=BODY.format(line))

    assert re.search(why, str(raised.value)), str(raised.value)
    if "missing" not in why:
        assert "newsletter/body.mjml" in str(raised.value)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{{ 'a' * 10**10 }}", "Mul is not for letters"),
        ("{{ '%1000000000d' % 1 }}", "Mod is not for letters"),
        ("{% for a in range(10**9) %}x{% endfor %}", "a loop goes over a list|only _"),
        ("{% set a = 'x' %}", "Assign is not for letters"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "is not for letters|only _"),
        ("{{ letter.__class__.__mro__ }}", "is not for letters"),
        ("{{ letter['__class__'] }}", "only a fixed name"),
        ("{{ letter|attr('__class__') }}", "the filter attr is not for letters"),
        ("{{ letter.guardian|replace('a', 'aaaa') }}", "the filter replace is not for letters"),
        ("{{ letter.guardian|safe }}", "the filter safe is not for letters"),
        ("{{ _.__globals__ }}", "is not for letters"),
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "only _|not for letters"),
        ("{{ school.name.format(school) }}", "only _"),
        ("{{ [1, 2] }}", "List is not for letters"),
        ("{% include 'x' %}", "Include is not for letters"),
        ("[[ 'a' * 10**10 ]]", "MemoryError|too much"),
        ("[[ '%1000000000d' % 1 ]]", "MemoryError|too much"),
        ("[[ ''.__class__.__mro__ ]]", "unsafe"),
        ("[[ cycler.__init__.__globals__ ]]", "unsafe|undefined"),
        ("[% for a in range(10**9) %]x[% endfor %]", "Range too big"),
        (
            "[% for a in range(99999) %][% for b in range(99999) %][% endfor %][% endfor %]",
            "too much time or memory|not made",
        ),
    ],
)
def test_a_template_that_reaches_further_or_never_ends_gets_one_clear_line(tmp_path, said, why):
    with pytest.raises(TemplateError, match=why) as raised:
        rendered_with(tmp_path, newsletter__subject_txt=said)

    assert "\n" not in str(raised.value)


def test_two_thousand_nested_elements_do_not_end_the_process(tmp_path):
    with pytest.raises(TemplateError, match="more than 50 elements are nested"):
        rendered_with(tmp_path, newsletter__body_mjml=BODY.format("<mj-wrapper>" * 2000 + "</mj-wrapper>" * 2000))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TemplateError, match="is not a folder: name the folder with your templates"):
        LetterPress(tmp_path / "none", FACE)
