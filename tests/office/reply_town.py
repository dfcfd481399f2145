"""A school of five hundred households with every relation that has ever misled a router, its issue published.

Siblings, two homes, twins, step-families, shared addresses, teachers who are parents, barred guardians, children who
left, and a child named like her mother.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from office.demo.sample_school import sample_school
from office.jobs.publishing import publish_day
from office.jobs.setup import migrate
from office.wiring import House
from school.issue import Audience, AudienceKind, Item, ItemKind, ItemText
from school.people import Child, Guardian, Guardianship
from school.roster.roster import Roster
from tests.office.linden import FRIDAY, OPENER, PUBLISHED, Linden, settings

HOUSEHOLDS = 500
#: By the family's number, modulo twenty; the sample school's first twelve families are its cast.
TWINS, STEP, SHARED, TEACHER, BARRED, NAMESAKE, LEFT = 3, 5, 7, 9, 11, 13, 17


@dataclass(frozen=True)
class Town:
    """The roster, and what follows from it by its own words alone: nothing here asks the program."""

    roster: Roster
    linden: Linden
    guardians: dict[str, Guardian] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)

    def hears(self, guardian_id: str) -> frozenset[str]:
        """The children this guardian may hear about, so far as they are at the school."""
        return self._heard.get(guardian_id, frozenset())

    @cached_property
    def _heard(self) -> dict[str, frozenset[str]]:
        here = {tie.child_id for tie in self.roster.enrolments if tie.holds(FRIDAY)}
        held = defaultdict(set)
        for tie in self.roster.guardianships:
            if tie.may_hear(FRIDAY) and tie.child_id in here:
                held[tie.guardian_id].add(tie.child_id)
        return {guardian: frozenset(children) for guardian, children in held.items()}

    def taught(self, today: date) -> frozenset[tuple[str, str, str]]:
        """(teacher, child, role), as the timetable says."""
        held = defaultdict(list)
        for tie in self.roster.assignments:
            if tie.holds(today):
                held[tie.class_id].append((tie.teacher_id, tie.role))
        return frozenset(
            (teacher, tie.child_id, role)
            for tie in self.roster.enrolments
            if tie.holds(today)
            for teacher, role in held[tie.class_id]
        )

    @cached_property
    def taught_now(self) -> frozenset[tuple[str, str, str]]:
        return self.taught(FRIDAY)

    @property
    def barred(self) -> frozenset[str]:
        """Guardians whom a court order bars from a child: all their mail is the office's."""
        return frozenset(tie.guardian_id for tie in self.roster.guardianships if tie.barred)


def open_town(folder: Path, shape: str = "plus") -> Town:
    """The school in *folder*, imported and its letters made, with that shape of reply address."""
    roster = planted(sample_school(HOUSEHOLDS, today=FRIDAY).roster)
    house = House(settings(shape=shape), folder)
    house.__dict__["opener"] = OPENER
    migrate(house.settings.database.url, folder)
    house.people.save(roster, FRIDAY)
    house.items.put(_items(roster), PUBLISHED)
    publish_day(house, FRIDAY, PUBLISHED)
    return Town(
        roster=roster,
        linden=Linden(house=house),
        guardians={held.id: held for held in roster.guardians},
        children={held.id: held for held in roster.children},
    )


def planted(roster: Roster) -> Roster:
    """The roster with the relations of this file, each in one family of twenty."""
    for number in range(13, HOUSEHOLDS + 1):
        plant = PLANTS.get(number % 20)
        roster = plant(roster, f"{number:05d}") if plant else roster
    return roster


def _twins(roster: Roster, number: str) -> Roster:
    """The second child sits where the first one sits."""
    first, second = f"s-{number}a", f"s-{number}b"
    if second not in {child.id for child in roster.children}:
        return roster
    moved = [replace(tie, child_id=second) for tie in roster.enrolments if tie.child_id == first]
    return replace(roster, enrolments=(*(tie for tie in roster.enrolments if tie.child_id != second), *moved))


def _step(roster: Roster, number: str) -> Roster:
    """A third adult, of the first child only."""
    family = next(child.family_name for child in roster.children if child.id == f"s-{number}a")
    adult = Guardian(
        id=f"g-{number}s", given_name="Robin", family_name=family, address=f"robin{number}@example.net", language="en"
    )
    tie = Guardianship(guardian_id=adult.id, child_id=f"s-{number}a", relation="relative")
    return replace(
        roster,
        guardians=(*roster.guardians, adult),
        guardianships=(*roster.guardianships, tie),
        home_keys=(*roster.home_keys, (adult.id, f"h-{number}-s")),
    )


def _shared(roster: Roster, number: str) -> Roster:
    """Both parents read one address."""
    return _changed(roster, f"g-{number}b", address=f"both{number}@example.org", also=f"g-{number}a")


def _teacher(roster: Roster, number: str) -> Roster:
    """The mother teaches here and has her letters sent to school."""
    teacher = roster.teachers[int(number) % len(roster.teachers)]
    return _changed(roster, f"g-{number}a", address=teacher.address)


def _barred(roster: Roster, number: str) -> Roster:
    """A court order bars the second adult from the first child."""
    key = (f"g-{number}b", f"s-{number}a")
    ties = (
        replace(tie, barred=True, bar_source="court order") if (tie.guardian_id, tie.child_id) == key else tie
        for tie in roster.guardianships
    )
    return replace(roster, guardianships=tuple(ties))


def _namesake(roster: Roster, number: str) -> Roster:
    """The first child bears her mother's name."""
    mother = next(held for held in roster.guardians if held.id == f"g-{number}a")
    children = (
        replace(child, given_name=mother.given_name) if child.id == f"s-{number}a" else child
        for child in roster.children
    )
    return replace(roster, children=tuple(children))


def _left(roster: Roster, number: str) -> Roster:
    """The second child left three weeks ago."""
    ties = (
        replace(tie, ends=FRIDAY - timedelta(weeks=3)) if tie.child_id == f"s-{number}b" else tie
        for tie in roster.enrolments
    )
    return replace(roster, enrolments=tuple(ties))


PLANTS = {
    TWINS: _twins,
    STEP: _step,
    SHARED: _shared,
    TEACHER: _teacher,
    BARRED: _barred,
    NAMESAKE: _namesake,
    LEFT: _left,
}


def _changed(roster: Roster, guardian_id: str, *, address: str, also: str = "") -> Roster:
    held = (replace(one, address=address) if one.id in {guardian_id, also} else one for one in roster.guardians)
    return replace(roster, guardians=tuple(held))


def _items(roster: Roster) -> Iterator[Item]:
    """One thing for everybody, three lines from each class, one from the music lessons of three grades."""
    yield _item("fair", Audience(kind=AudienceKind.SCHOOL), "The winter fair", "The fair opens at ten beside the pond.")
    for group in roster.classes:
        audience = Audience(kind=AudienceKind.CLASS, id=group.id)
        if group.homeroom:
            yield _item(
                f"class-{group.id}",
                audience,
                f"Our week in {group.title}",
                f"The children of {group.title} measured the school yard with string and chalk.\n\n"
                f"Please send {len(group.title) + 3} corks for the boats of {group.title}.\n\n"
                f"What floats in the kitchens of {group.title}?",
            )
        elif group.subject == "Music" and int(group.id[0]) <= 3:
            body = f"In {group.title} we sing three winter songs and clap the fourth."
            yield _item(f"class-{group.id}", audience, f"Songs for {group.title}", body, role="music")


def _item(item_id: str, audience: Audience, title: str, body: str, role: str = "") -> Item:
    return Item(
        id=item_id,
        issue_date=FRIDAY,
        kind=ItemKind.NEWS,
        audience=audience,
        texts={"en": ItemText(title=title, body=body)},
        role=role,
    )
