"""What an import would change, in words for the office's screen, and whether it is too much to be true.

These lines name people: they are for the screen of whoever imports, never for a log.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from school.people import Child, Guardian, Guardianship
from school.roster.roster import Roster

NAMED = 5
"""How many people one line names before it only counts."""

Tie = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Ids of one kind, sorted."""

    before: int
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def removed_share(self) -> float:
        return len(self.left) / self.before if self.before else 0.0

    def __bool__(self) -> bool:
        return bool(self.joined or self.left or self.changed)


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterChanges:
    schools: Difference
    terms: Difference
    classes: Difference
    children: Difference
    guardians: Difference
    teachers: Difference
    moved: tuple[str, ...] = ()  #: children who stay and change classes
    linked: tuple[Tie, ...] = ()  #: (guardian, child) new between people who both were there
    unlinked: tuple[Tie, ...] = ()  #: … and ended between people who both stay
    bars_set: tuple[Tie, ...] = ()  #: (guardian, child)
    bars_lifted: tuple[Tie, ...] = ()
    bars_changed: tuple[Tie, ...] = ()  #: another last day, source or relation of a tie
    seats: int = 0  #: enrolments with other dates
    assignments: int = 0  #: teacher, class and role that came or went
    homes: int = 0  #: guardians with another household key
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Would anything change?"""
        return bool(self.words)

    @property
    def removed_share(self) -> float:
        """The largest share that would leave, among children, guardians and teachers; 0 to 1."""
        return max(kind.removed_share for kind in (self.children, self.guardians, self.teachers))

    def in_words(self) -> tuple[str, ...]:
        """One line for each kind of change; empty when the rosters are equal."""
        return self.words


def refusal(changes: RosterChanges, limit: float) -> str | None:
    """Why these changes need a second look; None when they may be taken. *limit*: the share that may leave, 0 to 1.

    A half-empty file looks like a school whose families left. And a bar is never lifted in passing: a missing
    family_extras.csv would do that.
    """
    kinds = (("children", changes.children), ("guardians", changes.guardians), ("teachers", changes.teachers))
    lost = [
        f"{len(kind.left)} of {kind.before} {name} ({kind.removed_share:.0%})"
        for name, kind in kinds
        if kind.removed_share > limit
    ]
    reasons = []
    if lost:
        reasons.append(f"{' and '.join(lost)} would leave, more than {limit:.0%}: is the export complete?")
    if changes.bars_lifted:
        ties = ", ".join(f"{guardian} about {child}" for guardian, child in changes.bars_lifted[:NAMED])
        reasons.append(
            f"{_count(len(changes.bars_lifted), 'bar')} would be lifted ({ties}): is family_extras.csv in the export?"
        )
    if not reasons:
        return None
    return f"nothing was changed: {' '.join(reasons)} If this is right, import again with --accept-removals."


def changes(old: Roster, new: Roster) -> RosterChanges:
    """What leads from *old* to *new*. Holidays are not compared: no roster format has any."""
    children = _difference(old.children, new.children, lambda child: child.id)
    guardians = _difference(old.guardians, new.guardians, lambda guardian: guardian.id)
    before, after = _ties(old), _ties(new)
    newcomers, leavers = {*children.joined, *guardians.joined}, {*children.left, *guardians.left}
    both = before.keys() & after.keys()
    found = RosterChanges(
        schools=_difference(old.schools, new.schools, lambda school: school.id),
        terms=_difference(old.terms, new.terms, lambda term: term.id),
        classes=_difference(old.classes, new.classes, lambda group: group.id),
        children=children,
        guardians=guardians,
        teachers=_difference(old.teachers, new.teachers, lambda teacher: teacher.id),
        moved=_moved(old, new),
        linked=tuple(sorted(tie for tie in after.keys() - before.keys() if not newcomers & set(tie))),
        unlinked=tuple(sorted(tie for tie in before.keys() - after.keys() if not leavers & set(tie))),
        bars_set=tuple(
            sorted(tie for tie in after if after[tie].barred and not (tie in before and before[tie].barred))
        ),
        bars_lifted=tuple(sorted(tie for tie in both if before[tie].barred and not after[tie].barred)),
        bars_changed=tuple(
            sorted(tie for tie in both if before[tie] != after[tie] and before[tie].barred == after[tie].barred)
        ),
        seats=_seats_redated(old, new),
        assignments=len(set(old.assignments) ^ set(new.assignments)),
        homes=len({guardian for guardian, _ in set(old.home_keys) ^ set(new.home_keys)}),
    )
    return _with_words(found, old, new)


def _difference(old: Iterable[object], new: Iterable[object], id_of: Callable[..., str]) -> Difference:
    before = {id_of(value): value for value in old}
    after = {id_of(value): value for value in new}
    return Difference(
        before=len(before),
        joined=tuple(sorted(after.keys() - before.keys())),
        left=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(id_ for id_ in before.keys() & after.keys() if before[id_] != after[id_])),
    )


def _ties(roster: Roster) -> dict[Tie, Guardianship]:
    return {(tie.guardian_id, tie.child_id): tie for tie in roster.guardianships}


def _classes_of(roster: Roster) -> dict[str, set[str]]:
    classes: dict[str, set[str]] = defaultdict(set)
    for seat in roster.enrolments:
        classes[seat.child_id].add(seat.class_id)
    return classes


def _moved(old: Roster, new: Roster) -> tuple[str, ...]:
    before, after = _classes_of(old), _classes_of(new)
    stayed = {child.id for child in old.children} & {child.id for child in new.children}
    return tuple(sorted(child for child in stayed if before.get(child, set()) != after.get(child, set())))


def _seats_redated(old: Roster, new: Roster) -> int:
    """Enrolments of the same child in the same class whose dates differ."""
    differing = set(old.enrolments) ^ set(new.enrolments)
    pairs = Counter((seat.child_id, seat.class_id) for seat in differing)
    return sum(1 for count in pairs.values() if count > 1)


# ---- in words ----


def _with_words(found: RosterChanges, old: Roster, new: Roster) -> RosterChanges:
    return replace(found, words=tuple(_lines(found, old, new)))


def _count(number: int, noun: str) -> str:
    plural = {"child": "children", "class": "classes"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"


def _lines(found: RosterChanges, old: Roster, new: Roster) -> list[str]:
    names = _names(old) | _names(new)
    lines: list[str] = []
    for noun, kind in (
        ("child", found.children),
        ("guardian", found.guardians),
        ("teacher", found.teachers),
        ("class", found.classes),
        ("school", found.schools),
        ("term", found.terms),
    ):
        for ids, verb in ((kind.joined, "joined"), (kind.left, "left"), (kind.changed, "changed details")):
            if ids:
                lines.append(f"{_count(len(ids), noun)} {verb}: {_named(ids, names)}")
    if found.moved:
        lines.append(f"{_count(len(found.moved), 'child')} changed class: {_moves(found.moved, old, new, names)}")
    lines.extend(_link_lines(found, new, names))
    for number, text in (
        (found.seats, "enrolment with other dates"),
        (found.assignments, "teaching assignment came or went"),
        (found.homes, "guardian with another household key"),
    ):
        if number:
            lines.append(f"{number} {text}" if number == 1 else f"{number} × {text}")
    return lines


def _names(roster: Roster) -> dict[str, str]:
    return {
        **{child.id: child.full_name or child.id for child in roster.children},
        **{guardian.id: guardian.full_name or guardian.id for guardian in roster.guardians},
        **{teacher.id: teacher.shown_name or teacher.id for teacher in roster.teachers},
        **{group.id: group.title for group in roster.classes},
        **{school.id: school.name for school in roster.schools},
        **{term.id: term.title for term in roster.terms},
    }


def _named(ids: Sequence[str], names: Mapping[str, str]) -> str:
    shown = ", ".join(f"{names.get(id_, id_)} ({id_})" for id_ in ids[:NAMED])
    return f"{shown} and {len(ids) - NAMED} more" if len(ids) > NAMED else shown


def _moves(moved: Sequence[str], old: Roster, new: Roster, names: Mapping[str, str]) -> str:
    before, after = _classes_of(old), _classes_of(new)

    def titles(ids: set[str]) -> str:
        return " and ".join(names.get(id_, id_) for id_ in sorted(ids)) or "no class"

    shown = ", ".join(
        f"{names[child]} from {titles(before.get(child, set()))} to {titles(after.get(child, set()))}"
        for child in moved[:NAMED]
    )
    return f"{shown} and {len(moved) - NAMED} more" if len(moved) > NAMED else shown


def _link_lines(found: RosterChanges, new: Roster, names: Mapping[str, str]) -> list[str]:
    lines = _linked_lines(found.linked, new, names)
    for ties, text in (
        (found.unlinked, "no longer guardian of"),
        (found.bars_set, "barred from hearing about"),
        (found.bars_lifted, "no longer barred from hearing about"),
        (found.bars_changed, "tied in another way to"),
    ):
        if ties:
            shown = ", ".join(f"{names.get(g, g)} ({g}) – {names.get(c, c)} ({c})" for g, c in ties[:NAMED])
            more = f" and {len(ties) - NAMED} more" if len(ties) > NAMED else ""
            lines.append(f"{_count(len(ties), 'guardian')} {text}: {shown}{more}")
    return lines


def _linked_lines(linked: Sequence[Tie], new: Roster, names: Mapping[str, str]) -> list[str]:
    """'1 guardian now on both Tan children: …', one line for each family name and number of children."""
    if not linked:
        return []
    children: dict[str, Child] = {child.id: child for child in new.children}
    guardians: dict[str, Guardian] = {guardian.id: guardian for guardian in new.guardians}
    of_guardian: dict[str, list[str]] = defaultdict(list)
    for tie in new.guardianships:
        of_guardian[tie.guardian_id].append(tie.child_id)
    groups: dict[str, list[str]] = defaultdict(list)
    for guardian_id in dict.fromkeys(guardian for guardian, _ in linked):
        own = of_guardian[guardian_id]
        families = " and ".join(sorted({children[child].family_name for child in own if child in children}))
        which = {1: "the", 2: "both"}.get(len(own), f"all {len(own)}")
        groups[f"{which} {families} {'child' if len(own) == 1 else 'children'}"].append(guardian_id)
    return [
        f"{_count(len(ids), 'guardian')} now on {where}: "
        f"{_named([guardian for guardian in ids if guardian in guardians], names)}"
        for where, ids in groups.items()
    ]
