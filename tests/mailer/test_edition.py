"""Who hears what: sections, order, siblings, bars, and every reason for no letter."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from mailer.edition import MAX_ORDINAL, ItemShelf, for_guardian, without_button
from school.audience import Addressee, Desk, TaughtChild
from school.issue import AudienceKind, Edition, Item, ItemKind, Skipped
from school.people import Child, ClassGroup, Guardian, Teacher
from tests.mailer.sample_letters import (
    CLASS_3B,
    HORN,
    IDA,
    IDAS_DESKS,
    ISSUE,
    ITEMS,
    LEO,
    LEOS_DESKS,
    MARIA,
    SCHOOL,
    child_,
    class_,
    item,
    taught,
)

SHELF = ItemShelf.of(ITEMS)


def made(*children: TaughtChild, shelf: ItemShelf = SHELF, guardian: Guardian = MARIA, suppressed: bool = False):
    return for_guardian(ISSUE, Addressee(guardian=guardian, children=children), shelf, "en-GB", suppressed=suppressed)


def ids(items: tuple[Item, ...]) -> list[str]:
    return [found.id for found in items]


def news(name: str, audience, role: str = "") -> Item:
    return item(name, ItemKind.NEWS, audience, {"en": (name, "text")}, role=role)


def test_shared_items_come_once_and_each_child_gets_the_desks_that_say_something():
    edition = made(taught(IDA, *IDAS_DESKS), taught(LEO, *LEOS_DESKS))

    assert ids(edition.shared) == ["fair", "library"]
    assert [(s.ordinal, s.child.id, s.class_group.id, s.role, ids(s.items)) for s in edition.sections] == [
        (1, "c-ida", "3B", "class", ["volcano", "try", "question", "ida"]),
        (2, "c-ida", "mus3", "music", ["choir"]),
        (3, "c-leo", "1A", "class", ["shoes"]),
    ]


def test_the_class_desk_has_a_section_even_without_items_and_a_silent_subject_has_none():
    edition = made(taught(IDA, *IDAS_DESKS), shelf=ItemShelf.of(()))

    assert [(s.class_group.id, s.items, s.teachers) for s in edition.sections] == [("3B", (), (HORN,))]


def test_a_subject_teachers_item_for_the_homeroom_class_stands_in_the_subjects_section():
    desks = (*IDAS_DESKS, Desk(class_group=CLASS_3B, role="art", teachers=()))
    edition = made(taught(IDA, *desks), shelf=ItemShelf.of([news("clay", class_("3B"), role="art")]))

    assert [(s.role, ids(s.items)) for s in edition.sections] == [("class", []), ("art", ["clay"])]


def test_an_item_of_a_role_nobody_holds_is_not_lost_but_stands_with_the_class_teacher():
    edition = made(taught(IDA, *IDAS_DESKS), shelf=ItemShelf.of([news("swim", class_("3B"), role="swimming")]))

    assert [(s.role, ids(s.items)) for s in edition.sections] == [("class", ["swim"])]


def test_siblings_in_one_class_each_get_the_class_item_once():
    edition = made(
        taught(IDA, *IDAS_DESKS), taught(LEO, *IDAS_DESKS), shelf=ItemShelf.of([news("trip", class_("3B"))] * 2)
    )

    assert [(s.child.id, ids(s.items)) for s in edition.sections] == [("c-ida", ["trip"]), ("c-leo", ["trip"])]


def test_a_barred_child_is_nowhere_in_the_edition():
    edition = made(taught(IDA, *IDAS_DESKS, barred=True), taught(LEO, *LEOS_DESKS))

    assert {s.child.id for s in edition.sections} == {"c-leo"}
    assert "volcano" not in str(edition)
    assert "Ida" not in str(edition)


@pytest.mark.parametrize(
    ("reason", "arguments"),
    [
        ("no-child", {"children": ()}),
        ("barred", {"children": (taught(IDA, barred=True),)}),
        ("barred", {"children": (taught(IDA, barred=True),), "suppressed": True}),
        ("no-address", {"guardian": replace(MARIA, address="")}),
        ("suppressed", {"suppressed": True}),
    ],
)
def test_every_guardian_without_a_letter_has_a_reason(reason, arguments):
    children = arguments.pop("children", (taught(IDA),))

    assert made(*children, **arguments) == Skipped(guardian_id="g-maria", reason=reason)


def test_a_child_in_no_class_still_gets_her_own_item_and_else_no_letter_goes_home():
    lone = TaughtChild(child=IDA, barred=False, desks=())

    edition = made(lone, shelf=ItemShelf.of([news("welcome", child_("c-ida"))]))
    assert [(s.ordinal, s.teachers, ids(s.items)) for s in edition.sections] == [(1, (), ["welcome"])]
    for_all = ItemShelf.of([news("fair", SCHOOL)])
    assert made(lone, shelf=for_all) == Skipped(guardian_id="g-maria", reason="no-child")


def test_sections_past_the_31st_have_no_button_and_are_reported():
    many = tuple(taught(replace(IDA, id=f"c-{n}"), *LEOS_DESKS) for n in range(33))
    edition = made(*many)

    assert [s.ordinal for s in edition.sections] == [*range(1, MAX_ORDINAL + 1), 0, 0]
    assert [s.child.id for s in without_button(edition)] == ["c-31", "c-32"]


def test_the_guardians_language_else_the_schools():
    assert made(taught(IDA)).language == "en"
    assert made(taught(IDA), guardian=replace(MARIA, language="")).language == "en-GB"


# ---- a generated school: 500 households, step-parents, two homes, bars --------------------------------------------


def a_school(seed: int) -> tuple[list[Addressee], tuple[Item, ...]]:
    chance = random.Random(seed)
    classes = [ClassGroup(id=f"k{n}", title=f"Class {n}") for n in range(20)]
    choirs = [ClassGroup(id=f"m{n}", title=f"Choir {n}", homeroom=False, subject="Music") for n in range(4)]
    addressees: list[Addressee] = []
    children: list[str] = []
    for home in range(500):
        family: list[tuple[Child, tuple[Desk, ...]]] = []
        for number in range(chance.choice((1, 1, 2, 2, 3))):
            child = Child(id=f"c{home}-{number}", given_name=f"Kid{home}-{number}", family_name="Invented")
            teacher = Teacher(id=f"t{home}", given_name="A", family_name="Teacher")
            home_class, choir = chance.choice(classes), chance.choice(choirs)
            desks = [Desk(class_group=home_class, role="class", teachers=(teacher,))]
            if chance.random() < 0.5:
                desks.append(Desk(class_group=home_class, role="art", teachers=(teacher,)))
            if chance.random() < 0.5:
                desks.append(Desk(class_group=choir, role="music", teachers=(teacher,)))
            family.append((child, tuple(desks)))
            children.append(child.id)
        for parent in range(chance.choice((1, 2, 2, 3))):
            known = [held for held in family if parent < 2 or chance.random() < 0.5]
            ties = tuple(TaughtChild(child=c, desks=d, barred=chance.random() < 0.08) for c, d in known)
            address = "" if chance.random() < 0.05 else f"p{home}-{parent}@example.org"
            guardian = Guardian(id=f"g{home}-{parent}", given_name="P", family_name="Invented", address=address)
            addressees.append(Addressee(guardian=guardian, children=ties))
    items = [news(f"s{n}", SCHOOL) for n in range(3)]
    items += [news(f"{k.id}-{r or 'plain'}", class_(k.id), role=r) for k in classes for r in ("", "art", "sport")]
    items += [news(f"{m.id}-song", class_(m.id)) for m in choirs]
    items += [news(f"own-{c}", child_(c)) for c in chance.sample(children, 120)]
    chance.shuffle(items)
    return addressees, tuple(items)


def entitled(addressee: Addressee, items: tuple[Item, ...]) -> Counter:
    """Written straight from the rule, without the code under test: (item, child or "" for shared) → once."""
    pairs: Counter = Counter()
    for found in items:
        if found.audience.kind is AudienceKind.SCHOOL:
            pairs[found.id, ""] = 1
        for held in addressee.children:
            mine = found.audience.id == held.child.id
            in_class = any(desk.class_group.id == found.audience.id for desk in held.desks)
            if not held.barred and (
                (found.audience.kind is AudienceKind.CHILD and mine)
                or (found.audience.kind is AudienceKind.CLASS and in_class)
            ):
                pairs[found.id, held.child.id] = 1
    return pairs


@pytest.mark.parametrize("seed", [2026, 27, 11])
def test_over_a_school_of_500_households_each_entitled_pair_comes_once_and_no_other(seed):
    addressees, items = a_school(seed)
    shelf = ItemShelf.of(items)
    letters = 0
    for addressee in addressees:
        result = for_guardian(ISSUE, addressee, shelf, "en")
        if isinstance(result, Skipped):
            assert not addressee.guardian.address or not addressee.hears_about
            continue
        letters += 1
        got = Counter((found.id, "") for found in result.shared)
        got.update((found.id, section.child.id) for section in result.sections for found in section.items)

        assert got == entitled(addressee, items)
        assert [s.ordinal for s in result.sections] == list(range(1, len(result.sections) + 1))
        assert all(
            s.class_group.id in {d.class_group.id for d in held.desks}
            for s in result.sections
            for held in addressee.children
            if held.child.id == s.child.id
        )
    assert letters > 700


def test_the_same_input_gives_the_same_edition():
    addressees, items = a_school(5)

    first = [for_guardian(ISSUE, addressee, ItemShelf.of(items), "en") for addressee in addressees[:50]]
    assert first == [for_guardian(ISSUE, addressee, ItemShelf.of(items), "en") for addressee in addressees[:50]]
    assert any(isinstance(result, Edition) for result in first)
