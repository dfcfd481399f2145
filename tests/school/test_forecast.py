"""A term's plan in words: states, counts, and what is still missing."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from school.calendar import Rhythm, sends
from school.forecast import ForecastLine, LetterCount, forecast
from school.issue import Audience, AudienceKind, Edition, Issue, Item, ItemKind, ItemText, Section
from school.people import Child, ClassGroup, Guardian
from school.term import Holiday, Term

FRIDAYS = Rhythm(weekday=4, at=time(15, 10), zone=ZoneInfo("Asia/Singapore"))
TERM = Term(id="t", title="", begins=date(2026, 11, 2), ends=date(2026, 11, 27))
CLOSED = [
    Holiday(name="Deepavali", first=date(2026, 11, 13), last=date(2026, 11, 13)),
    Holiday(name="Flood", first=date(2026, 11, 16), last=date(2026, 11, 20)),
]
LAST = date(2026, 11, 27)
NAMES = {"es": "Spanish", "zh-Hans": "Chinese (simplified)", "ta": "Tamil"}


def item(
    name: str, *, kind: ItemKind = ItemKind.QUESTION, day: date = LAST, class_id: str = "", languages: str = "en"
) -> Item:
    audience = Audience(kind=AudienceKind.CLASS if class_id else AudienceKind.SCHOOL, id=class_id)
    texts = {tag: ItemText(title=name, body="") for tag in languages.split()}
    return Item(id=name, issue_date=day, kind=kind, audience=audience, texts=texts)


def plan(
    items: dict[date, list[Item]], counts: dict[date, LetterCount] | None = None, today: date = date(2026, 11, 3)
) -> tuple[ForecastLine, ...]:
    known = counts or {}
    return forecast(
        sends(TERM, CLOSED, FRIDAYS),
        items,
        lambda day: known.get(day, LetterCount(letters=40, skipped=2)),
        today,
        language_name=lambda tag: NAMES[tag],
    )


def test_every_week_has_a_line_with_its_state_and_count():
    lines = plan({}, {date(2026, 11, 6): LetterCount(letters=41, run="sent")}, today=date(2026, 11, 12))

    assert [(str(line.date), line.state, line.letters, line.skipped) for line in lines] == [
        ("2026-11-06", "sent", 41, 0),
        ("2026-11-12", "due", 40, 2),
        ("2026-11-20", "held", 0, 0),
        ("2026-11-27", "upcoming", 40, 2),
    ]


@pytest.mark.parametrize(
    ("run", "today", "state"),
    [
        ("", date(2026, 11, 11), "moved"),
        ("", date(2026, 11, 12), "due"),
        ("", date(2026, 11, 13), "missed"),
        ("planned", date(2026, 11, 12), "planned"),
        ("sent", date(2026, 11, 13), "sent"),
    ],
)
def test_a_moved_letter_goes_through_its_states(run, today, state):
    line = plan({}, {date(2026, 11, 12): LetterCount(letters=40, run=run)}, today)[1]

    assert line.state == state
    assert line.reason == "Friday is closed: Deepavali; moved to Thursday"


def test_the_json_has_the_contract_s_keys():
    assert plan({LAST: [item("Songs")]})[3].as_json() == {
        "date": "2026-11-27",
        "at": "2026-11-27T15:10:00+08:00",
        "state": "upcoming",
        "letters": 40,
        "missing": [],
    }


def test_an_empty_week_says_one_thing():
    assert plan({})[3].missing == ("nothing is written yet",)


def test_a_class_without_an_item_is_named():
    count = LetterCount(letters=40, classes={"c-3b": "3B", "c-3a": "3A", "c-4a": "4A"})
    items = [item("Welcome"), item("Bridges", class_id="c-4a")]

    assert plan({LAST: items}, {LAST: count})[3].missing == ("no item for class 3A", "no item for class 3B")


def test_a_letter_nobody_can_answer_is_named():
    assert plan({LAST: [item("Welcome", kind=ItemKind.NEWS)]})[3].missing == ("nothing a family can answer",)


def test_a_text_that_families_cannot_read_is_named_with_their_number():
    count = LetterCount(letters=40, readers={"Picnic": {"es": 12, "zh-Hans": 1, "ta": 3, "en": 20, "": 4}})

    assert plan({LAST: [item("Picnic", languages="en ta")]}, {LAST: count})[3].missing == (
        "no Spanish text for 'Picnic' (12 families)",
        "no Chinese (simplified) text for 'Picnic' (1 family)",
    )


def test_the_base_language_serves_its_variants():
    count = LetterCount(letters=40, readers={"Picnic": {"zh-Hans": 5}})

    assert plan({LAST: [item("Picnic", languages="en zh")]}, {LAST: count})[3].missing == ()


def test_an_item_left_behind_by_a_moved_or_held_week_is_named():
    moved, held = date(2026, 11, 13), date(2026, 11, 20)

    lines = plan({moved: [item("Songs", day=moved)], held: [item("Soup", day=held)]})

    assert lines[1].missing[0] == "'Songs' is dated 2026-11-13, but this week's letter goes out on 2026-11-12"
    assert lines[2].missing == ("'Soup' is dated 2026-11-20, but this week is held",)


def test_letters_are_not_counted_for_a_held_week():
    asked = []

    def count(day: date) -> LetterCount:
        asked.append(day.day)
        return LetterCount(letters=1)

    forecast(sends(TERM, CLOSED, FRIDAYS), {}, count, date(2026, 11, 3))

    assert asked == [6, 12, 27]


def test_the_count_takes_two_guardians_of_the_same_children_as_one_family():
    issue = Issue(date=LAST, due=sends(TERM, CLOSED, FRIDAYS)[3].due)
    group = ClassGroup(id="c-3b", title="3B")
    music = ClassGroup(id="c-mu", title="Music 3B", homeroom=False)
    picnic, songs = item("Picnic"), item("Songs", class_id="c-3b")

    def edition(guardian: str, child: str, language: str) -> Edition:
        who = Child(id=child, given_name="", family_name="")
        section = Section(ordinal=1, child=who, class_group=group, role="class", teachers=(), items=(songs,))
        lesson = Section(ordinal=2, child=who, class_group=music, role="music", teachers=())
        reader = Guardian(id=guardian, given_name="", family_name="")
        return Edition(issue=issue, guardian=reader, language=language, shared=(picnic,), sections=(section, lesson))

    count = LetterCount.of([edition("g1", "s1", "es"), edition("g2", "s1", "es"), edition("g3", "s2", "en")], skipped=1)

    assert count == LetterCount(
        letters=3,
        skipped=1,
        classes={"c-3b": "3B"},
        readers={"Picnic": {"es": 1, "en": 1}, "Songs": {"es": 1, "en": 1}},
    )
