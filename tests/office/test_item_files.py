"""Markdown files become items; whatever is not understood is one line with file and line, and changes nothing."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from office.item_files import ItemFolder, KnownAudiences, read_folder, read_item_file
from school.errors import InputError
from school.issue import Audience, AudienceKind, Event, Item, ItemKind, ItemText

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2026, 11, 27)
KNOWN = KnownAudiences(classes={"c-3b": "3B", "c-3c": "3C", "4A": "Lions", "5A": "Lions"}, children={"s-17"})
PICNIC = """---
title: Picnic: bring soup
kind: event
audience: school
begins: 2026-12-04 15:30
ends: 18:00
place: School garden
---

Bring *soup*.
"""


def read(text: str, name: str = "picnic.md", day: date | None = FRIDAY) -> Item:
    return read_item_file(text, name, day, "en", zone=BERLIN, audiences=KNOWN)


def folder(path) -> ItemFolder:
    return read_folder(path, school_language="en", zone=BERLIN, audiences=KNOWN)


def write(path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, "utf-8")


def front(**entries: str) -> str:
    lines = {"title": "Songs", "audience": "school"} | entries
    return "".join(["---\n", *(f"{key}: {value}\n" for key, value in lines.items() if value), "---\nText\n"])


def test_a_file_becomes_an_item_with_aware_times():
    assert read(PICNIC) == Item(
        id="2026-11-27/picnic",
        issue_date=FRIDAY,
        kind=ItemKind.EVENT,
        audience=Audience(kind=AudienceKind.SCHOOL),
        texts={"en": ItemText(title="Picnic: bring soup", body="Bring *soup*.")},
        event=Event(
            begins=datetime(2026, 12, 4, 14, 30, tzinfo=UTC),
            ends=datetime(2026, 12, 4, 17, 0, tzinfo=UTC),
            place="School garden",
        ),
    )


def test_an_event_may_be_nested_and_need_no_kind():
    nested = front(event="\n  begins: 2026-12-04T15:30\n  ends: 2026-12-04T18:00+01:00\n  place: Hall: west door")

    item = read(nested)

    assert item.kind is ItemKind.EVENT
    assert item.event.ends == datetime(2026, 12, 4, 17, tzinfo=UTC)
    assert item.event.place == "Hall: west door"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Debate: should school start at nine?", "Debate: should school start at nine?"),
        ("'Quoted: it''s fine'", "Quoted: it's fine"),
        ("#1 in the race", "#1 in the race"),
        ("@home & *away*", "@home & *away*"),
        ("[Reminder] it's Friday", "[Reminder] it's Friday"),
        ("no", "no"),
        ("٣ أسئلة: لماذا؟", "٣ أسئلة: لماذا؟"),
        ("|\n  Two\n  lines", "Two lines"),
        ("One\n  continued", "One continued"),
    ],
)
def test_a_title_is_what_a_person_wrote(written, title):
    assert read(front(title=written)).texts["en"].title == title


def test_a_heading_may_be_the_title():
    item = read("---\r\naudience: school\r\n---\r\n# Songs\r\n\r\nText\r\n")

    assert item.texts == {"en": ItemText(title="Songs", body="Text")}


def test_a_class_is_found_by_its_id_or_its_only_title():
    assert read(front(audience="class:c-3b")).audience == read(front(audience="class: 3b")).audience


def test_an_item_for_a_child_and_a_role():
    item = read(front(audience="child:s-17", role="music", kind="question"))

    assert (str(item.audience), item.role, item.kind) == ("child:s-17", "music", ItemKind.QUESTION)


def test_front_matter_may_hold_translations():
    item = read(front(**{"title.es": "Canciones", "body.es": "|\n  Hola: amigos\n  title: no soy un título"}))

    assert item.texts["es"] == ItemText(title="Canciones", body="Hola: amigos\ntitle: no soy un título")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "picnic.md:1: is empty"),
        ("Bring soup", "picnic.md:1: does not begin with '---'"),
        ("---\ntitle: x\n", "picnic.md:1: the '---' here has no second one"),
        ("---\njust words\n---\n", "picnic.md:2: holds no 'key: value' lines"),
        ("---\ntitle: x\nrole: [a\n---\n", "picnic.md:3: cannot be read"),
        ("---\ntitle: x\naudience: school\ntitle: y\n---\n", "picnic.md:4: title stands here and in line 2"),
        ("---\ntitle: x\nTitle: y\n---\n", "picnic.md:3: title stands here and in line 2"),
        ("---\ntitle: x\nrole:\n  - a\n---\n", "picnic.md:3: role holds a list"),
        ("---\n" + "a: " + "[" * 5000 + "\n---\n", "picnic.md:2: cannot be read"),
        ("x" * 64_001, "picnic.md:1: is longer than 64,000 characters"),
        (front(title=""), "picnic.md:1: title is missing"),
        (front(title="''"), "picnic.md:2: title is empty"),
        (front(title="x" * 201), "picnic.md:2: title is longer than 200"),
        (front(title='"a\\x07b"'), "picnic.md:2: title holds a control character"),
        (front(tilte="x"), "picnic.md:4: unknown key 'tilte': did you mean title?"),
        (front(colour="x"), "picnic.md:4: unknown key 'colour': known keys are title, language"),
        (front(kind="party"), "picnic.md:4: unknown kind 'party': write one of news, event, question, try"),
        (front(audience=""), "picnic.md:1: audience is missing"),
        (front(audience="all"), "picnic.md:3: unknown audience 'all'"),
        (front(audience="class:"), "picnic.md:3: unknown audience 'class:'"),
        (front(audience="class:3D"), "picnic.md:3: no class has the id '3D': did you mean"),
        (front(audience="class:lions"), "picnic.md:3: 2 classes are called 'lions': write one id of 4A, 5A"),
        (front(audience="child:s-18"), "picnic.md:3: no child has the id 's-18'"),
        (front(role="music"), "picnic.md:4: role goes with a class or a child"),
        (front(date="27.11.2026"), "picnic.md:4: date is '27.11.2026': write it as 2026-11-27"),
        (front(language="Spanish!"), "picnic.md:4: language is 'Spanish!'"),
        (front(kind="event"), "picnic.md:1: begins is missing"),
        (front(place="Hall"), "picnic.md:1: begins is missing"),
        (front(begins="2026-12-04", ends="18:00"), "picnic.md:4: begins is '2026-12-04'"),
        (front(begins="2026-12-04 15:30", ends="soon"), "picnic.md:5: ends is 'soon'"),
        (front(begins="2026-12-04 15:30", ends="15:00"), "picnic.md:5: ends lies before begins"),
        (front(**{"body.es": "Hola"}), "picnic.md:4: body.es has no title.es"),
        (front(**{"title.en": "Hola"}), "picnic.md:4: title.en is the file's own language"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_line(text, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}[^\n]*$"):
        read(text)


def test_a_file_without_any_date_asks_for_one():
    with pytest.raises(InputError, match=r"picnic\.md:1: date is missing: add the day"):
        read(PICNIC, day=None)


def test_a_class_is_taken_as_written_when_no_roster_is_given():
    item = read_item_file(front(audience="class:9Z"), "x.md", FRIDAY, "en", zone=BERLIN)

    assert str(item.audience) == "class:9Z"


# ---- folders ----


def test_a_folder_named_after_a_day_dates_its_files_wherever_reading_begins(tmp_path):
    write(tmp_path, {"week/2026-11-27/3B/picnic.md": PICNIC})

    outer = folder(tmp_path).items
    inner = folder(tmp_path / "week" / "2026-11-27").items

    assert [item.id for item in outer] == ["2026-11-27/3B/picnic"]
    assert outer == inner


def test_reading_again_gives_the_same_items(tmp_path):
    write(tmp_path, {"2026-11-27/picnic.md": PICNIC, "2026-12-04/picnic.md": PICNIC, "b.md": front(date="2026-11-27")})

    assert folder(tmp_path) == folder(tmp_path)
    assert [item.id for item in folder(tmp_path).items] == ["2026-11-27/picnic", "2026-12-04/picnic", "2026-11-27/b"]


def test_a_translation_stands_beside_its_original(tmp_path):
    whole = PICNIC.replace("Picnic: bring soup", "Pícnic").replace("School garden", "Jardín")
    write(
        tmp_path,
        {
            "2026-11-27/picnic.md": PICNIC,
            "2026-11-27/picnic.es.md": whole.replace("kind", "language: es\nkind"),
            "2026-11-27/picnic.zh-hans.md": "---\ntitle: 野餐\n---\n带汤。\n",
        },
    )

    (item,) = folder(tmp_path).items

    assert {tag: text.title for tag, text in item.texts.items()} == {
        "en": "Picnic: bring soup",
        "es": "Pícnic",
        "zh-Hans": "野餐",
    }
    assert item.event.place == "School garden"


def test_one_file_is_read_with_its_translations(tmp_path):
    write(
        tmp_path / "2026-11-27",
        {"picnic.md": PICNIC, "picnic.es.md": "---\ntitle: Pícnic\n---\nSopa", "other.md": "broken"},
    )

    (item,) = folder(tmp_path / "2026-11-27" / "picnic.md").items

    assert (item.id, set(item.texts)) == ("2026-11-27/picnic", {"en", "es"})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("picnic.es.md", front(title="x", kind="news"), "picnic.es.md:4: kind differs from the original's"),
        ("picnic.es.md", front(audience="class:c-3b"), "picnic.es.md:3: audience differs"),
        ("picnic.es.md", front(begins="2026-12-04 15:00"), "picnic.es.md:4: begins differs"),
        ("picnic.es.md", front(language="fr"), "picnic.es.md:4: language is fr, but the file's name says es"),
        ("picnic.en.md", "---\ntitle: x\n---\n", "picnic.en.md:1: 2026-11-27/picnic.md has a text in en already"),
        ("outing.es.md", "---\ntitle: x\n---\n", "outing.es.md:1: is a translation by its name"),
        ("picnic.MD", front(), "picnic.md:1: another file gives the same item"),
        ("late.md", front(date="2026-12-04"), "late.md:4: date is 2026-12-04, but the folder says 2026-11-27"),
    ],
)
def test_a_folder_that_contradicts_itself_is_refused(tmp_path, name, text, message):
    write(tmp_path, {"2026-11-27/picnic.md": PICNIC, f"2026-11-27/{name}": text})

    with pytest.raises(InputError, match=f"^2026-11-27/{re.escape(message)}"):
        folder(tmp_path)


def test_all_mistakes_of_a_folder_are_told_at_once(tmp_path):
    write(tmp_path, {"2026-11-27/a.md": front(kind="x"), "2026-11-27/b.md": PICNIC, "2026-11-27/c.md": "x"})

    with pytest.raises(InputError) as told:
        folder(tmp_path)

    assert [line.split(": ")[0] for line in str(told.value).splitlines()] == ["2026-11-27/a.md:4", "2026-11-27/c.md:1"]


def test_a_file_in_another_encoding_is_named(tmp_path):
    write(tmp_path, {"2026-11-27/a.md": PICNIC})
    (tmp_path / "2026-11-27" / "a.md").write_bytes(b"---\ntitle: Caf\xe9\n---\n")

    with pytest.raises(InputError, match=r"a\.md:2: is not UTF-8 text"):
        folder(tmp_path)


def test_what_is_left_out_or_filled_in_is_noted(tmp_path):
    write(
        tmp_path,
        {"2026-11-27/a.md": front(**{"title.es": "Hola"}), "2026-11-27/photo.jpg": "", "2026-11-27/.hidden.md": "x"},
    )

    assert folder(tmp_path).notes == (
        "2026-11-27/photo.jpg: left out, for it is no .md file",
        "2026-11-27/a.md:4: title.es has no body.es; these families read the text untranslated",
    )


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no such file or folder"):
        folder(tmp_path / "nowhere")


def test_the_demo_week_is_read_without_a_note(tmp_path):
    from office.demo.sample_items import sample_items
    from office.demo.sample_school import sample_school

    school = sample_school(40, today=FRIDAY)
    write(tmp_path, sample_items(school, FRIDAY))

    found = read_folder(tmp_path, school_language="en", zone=BERLIN, audiences=KnownAudiences.of(school.roster))

    assert found.notes == ()
    assert {len(item.texts) for item in found.items} >= {1, 4}
