"""What one guardian receives of an issue: shared items once, then a section per child and desk.

    no-child? barred? no-address? suppressed?  ->  Skipped, with the reason
    school items                               ->  shared, once
    child by child: the class desk always, then each subject desk with something to say this week

Everything is decided from one day's `Addressee`: a barred child is not in the edition, so nothing about it can leak.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from school.audience import Addressee, Desk, TaughtChild
from school.issue import AudienceKind, Edition, Issue, Item, Section, Skipped
from school.people import CLASS_TEACHER, ClassGroup

MAX_ORDINAL = 31
"""A reply address carries the section's number in five bits; 0 is kept for "no button of its own"."""

NO_CLASS = ClassGroup(id="", title="", homeroom=False)
"""Where a child who sits in no class today keeps her own items; mail about her goes to the office."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemShelf:
    """One issue's items by audience, laid out once and asked for every guardian."""

    shared: tuple[Item, ...]
    by_class: Mapping[str, tuple[Item, ...]]
    by_child: Mapping[str, tuple[Item, ...]]

    @classmethod
    def of(cls, items: Iterable[Item]) -> "ItemShelf":
        """The shelf; items keep their order within an audience, and an id that comes twice is laid out once."""
        shared: list[Item] = []
        by_class: dict[str, list[Item]] = {}
        by_child: dict[str, list[Item]] = {}
        for item in {item.id: item for item in items}.values():
            match item.audience.kind:
                case AudienceKind.SCHOOL:
                    shared.append(item)
                case AudienceKind.CLASS:
                    by_class.setdefault(item.audience.id, []).append(item)
                case AudienceKind.CHILD:
                    by_child.setdefault(item.audience.id, []).append(item)
        return cls(
            shared=tuple(shared),
            by_class={key: tuple(found) for key, found in by_class.items()},
            by_child={key: tuple(found) for key, found in by_child.items()},
        )


def for_guardian(
    issue: Issue, addressee: Addressee, items: ItemShelf, school_language: str, suppressed: bool = False
) -> Edition | Skipped:
    """Her edition, or why she gets none. *suppressed*: her address refused mail, or she asked us to stop."""
    reason = _reason_to_skip(addressee, items, suppressed)
    if reason:
        return Skipped(guardian_id=addressee.guardian.id, reason=reason)
    sections = tuple(_numbered(section for taught in addressee.hears_about for section in _sections(taught, items)))
    if not sections and not items.shared:
        return Skipped(guardian_id=addressee.guardian.id, reason="nothing-to-say")
    return Edition(
        issue=issue,
        guardian=addressee.guardian,
        language=addressee.guardian.language or school_language,
        shared=items.shared,
        sections=sections,
    )


def without_button(edition: Edition) -> tuple[Section, ...]:
    """Sections past the 31st: they are in the letter, but have no reply address of their own (to be reported)."""
    return tuple(section for section in edition.sections if not section.ordinal)


def _reason_to_skip(addressee: Addressee, items: ItemShelf, suppressed: bool) -> str:
    """The first reason that holds, the hardest to mend first; empty = she gets a letter."""
    if not addressee.children:
        return "no-child"
    if not addressee.hears_about:
        return "barred"
    if not any(taught.desks or taught.child.id in items.by_child for taught in addressee.hears_about):
        return "no-child"  # every child of hers has left its class, and nothing is written for any
    if not addressee.guardian.address:
        return "no-address"
    return "suppressed" if suppressed else ""


def _sections(taught: TaughtChild, items: ItemShelf) -> Iterator[Section]:
    own = items.by_child.get(taught.child.id, ())
    class_desk = taught.class_desk
    if class_desk is None:
        if own:
            yield Section(
                ordinal=0, child=taught.child, class_group=NO_CLASS, role=CLASS_TEACHER, teachers=(), items=own
            )
        return
    found = _items_by_desk(taught, items)
    for desk in (class_desk, *(desk for desk in taught.desks if desk != class_desk)):
        said = found.get((desk.class_group.id, desk.role), ())
        if desk == class_desk:
            said = (*said, *own)
        elif not said:
            continue
        yield Section(
            ordinal=0,
            child=taught.child,
            class_group=desk.class_group,
            role=desk.role,
            teachers=desk.teachers,
            items=tuple(said),
        )


def _items_by_desk(taught: TaughtChild, items: ItemShelf) -> dict[tuple[str, str], list[Item]]:
    """Her class items by (class, role) of the desk they come from; each item stands at one desk only."""
    found: dict[tuple[str, str], list[Item]] = {}
    for class_id in dict.fromkeys(desk.class_group.id for desk in taught.desks):
        for item in items.by_class.get(class_id, ()):
            desk = _desk_of(item, taught.desks)
            found.setdefault((desk.class_group.id, desk.role), []).append(item)
    return found


def _desk_of(item: Item, desks: tuple[Desk, ...]) -> Desk:
    """The desk that holds the item's role in its class; else that class's first: the item is not lost."""
    in_class = [desk for desk in desks if desk.class_group.id == item.audience.id]
    role = item.role or CLASS_TEACHER
    return next((desk for desk in in_class if desk.role == role), in_class[0])


def _numbered(sections: Iterable[Section]) -> Iterator[Section]:
    for number, section in enumerate(sections, start=1):
        yield replace(section, ordinal=number if number <= MAX_ORDINAL else 0)
