"""Letters in the shapes mail clients give them, each `.eml` beside what must be read in it."""

import tomllib
from pathlib import Path

import pytest

from inbox.classify import Context, classify
from inbox.parse import parse
from inbox.trim import OurMarks, trim

LETTERS = sorted((Path(__file__).parents[1] / "letters").glob("*.eml"))
OURS = OurMarks(
    domains=("reply.school.test",),
    local_parts=("reply",),
    visible_refs={1: ("Ref 7k3m-9q2c",), 2: ("Ref 4h8p-2x6d",)},
    section_lines={
        1: ("We visit the museum on Thursday, bring a packed lunch.",),
        2: ("The science fair opens on Monday at nine o'clock.",),
    },
    school_name="Hillside School",
)


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
def test_letter_is_read_as_expected(path):
    expected = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    mail = parse(path.read_bytes())

    trimmed = trim(mail.text, mail.html, OURS)

    assert trimmed.new_text == expected["new_text"].strip()
    for field in ("forwarded", "source"):
        if field in expected:
            assert getattr(trimmed, field) == (expected[field].strip() if field == "source" else expected[field])
    if "kind" in expected:
        assert classify(mail, Context()).kind == expected["kind"].strip()


@pytest.mark.parametrize("name", ["0003-gmail-between-quotes", "0013-thunderbird-inline"])
def test_answer_below_a_section_knows_the_section(name):
    path = next(path for path in LETTERS if path.stem == name)
    mail = parse(path.read_bytes())

    trimmed = trim(mail.text, mail.html, OURS)

    answers = [
        (span.after_section, trimmed.body[span.start : span.end].strip())
        for span in trimmed.spans
        if span.kind == "new" and trimmed.body[span.start : span.end].strip()
    ]
    assert [section for section, _ in answers] == [1, 2]
    assert {span.section for span in trimmed.spans if span.kind == "quoted"} >= {1, 2}


def test_quoted_sections_are_told_apart():
    path = next(path for path in LETTERS if path.stem == "0012-thunderbird-bottom")
    trimmed = trim(parse(path.read_bytes()).text, "", OURS)

    sections = {span.section: trimmed.body[span.start : span.end] for span in trimmed.spans if span.section}
    assert "museum" in sections[1]
    assert "science fair" in sections[2]
