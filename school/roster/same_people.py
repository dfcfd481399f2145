"""Which rows of a one-sheet roster are about the same child, and which cells about the same adult.

A sheet has no ids, so identity is made from words, with care: merging two children of one name would show one family
the other's child, and that is worse than asking for a 'student id' column.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from school.joined import Joined
from school.roster.notes import Notes
from school.roster.values import plain, slug


@dataclass(frozen=True, kw_only=True, slots=True)
class Adult:
    """A guardian's or teacher's cells in one row."""

    given_name: str
    family_name: str
    title: str = ""
    address: str = ""
    written_id: str = ""
    slot: str = ""
    language: str = ""
    phone: str = ""
    household: str = ""
    barred: str = ""
    barred_until: str = ""

    @property
    def name_key(self) -> str:
        return plain(f"{self.given_name} {self.family_name}").strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetRow:
    line: int
    given_name: str
    family_name: str
    class_title: str
    called: str = ""
    grade: str = ""
    student_id: str = ""
    class_id: str = ""
    role: str = ""  #: the teacher's role or subject, lower case; empty for the class teacher
    teacher: Adult | None = None
    guardians: tuple[Adult, ...] = ()

    @property
    def name_key(self) -> str:
        return plain(f"{self.given_name} {self.family_name}").strip()

    @property
    def contacts(self) -> frozenset[str]:
        """What tells two children of one name apart: their guardians' ids, addresses, or else names."""
        return frozenset((adult.written_id or adult.address or adult.name_key).casefold() for adult in self.guardians)


def group_children(file: str, rows: Sequence[SheetRow], notes: Notes) -> dict[str, list[SheetRow]]:
    """Child id → rows. By student id where there is one; else by name with class or guardians in common."""
    children: dict[str, list[SheetRow]] = defaultdict(list)
    nameless: dict[str, list[SheetRow]] = defaultdict(list)
    for row in rows:
        if row.student_id:
            children[row.student_id].append(row)
        else:
            nameless[row.name_key].append(row)
    for same_name in nameless.values():
        for group in _split(file, same_name, notes):
            children[_child_id(group)].extend(group)
    return dict(children)


def _split(file: str, rows: list[SheetRow], notes: Notes) -> list[list[SheetRow]]:
    """Rows of one name as groups, one a child: joined by the same class or a shared guardian.

    A lesson's row without guardians goes to the one child of that name who has a class; with two of them it is asked.
    """
    groups = _joined(rows)
    own = [group for group in groups if any(not row.role for row in group)]
    if len(own) == 1:
        for group in groups:
            if group is not own[0] and not any(row.contacts for row in group):
                own[0].extend(group)
        groups = [group for group in groups if group is own[0] or any(row.contacts for row in group)]
    first = (own or groups)[0][0]
    for group in groups:
        if group[0] is not first:
            _doubt(file, group, first, notes)
    return [sorted(group, key=lambda row: row.line) for group in groups]


def _joined(rows: list[SheetRow]) -> list[list[SheetRow]]:
    together = Joined()
    for row in rows:
        together.root(row.line)
        for sign in row.contacts:
            together.join(row.line, ("guardian", sign))
        if row.class_title:
            together.join(row.line, ("class", plain(row.class_title)))
    groups: dict[Hashable, list[SheetRow]] = defaultdict(list)
    for row in rows:
        groups[together.root(row.line)].append(row)
    return list(groups.values())


def _doubt(file: str, group: list[SheetRow], first: SheetRow, notes: Notes) -> None:
    """Say that another child of one name begins; ask where it may as well be the first one's other lesson."""
    row = group[0]
    name = f"{row.given_name} {row.family_name}".strip()
    if all(row.role for row in group):
        notes.error(
            file,
            row.line,
            f"is this {name} the one of line {first.line}? Class and guardians differ: add a 'student id' column",
        )
    else:
        notes.warning(
            file,
            row.line,
            f"{name} of {row.class_title or 'no class'} was taken as another child than the one of line {first.line}: "
            f"no guardian in common; a 'student id' column makes it sure",
        )


def _child_id(rows: Sequence[SheetRow]) -> str:
    """The name and the child's own class: the same in whatever order the rows come."""
    own = [row for row in rows if not row.role] or list(rows)
    class_title = min((row.class_title for row in own), key=lambda title: (plain(title), title))
    return slug(f"{rows[0].given_name} {rows[0].family_name} {class_title}")


def adult_ids(file: str, adults: Sequence[tuple[SheetRow, Adult, str]], notes: Notes) -> dict[tuple[int, str], str]:
    """(line, slot) → id, for (row, adult, home) where *home* tells apart people of one name without an address.

    An address is one person, unless two names share it in one row: then it is a family's, and the name joins the id.
    """
    shared = _shared_addresses(adults)
    by_name = {(home, adult.name_key): adult.address for _, adult, home in adults if adult.address and adult.name_key}
    names: dict[str, str] = {}
    ids: dict[tuple[int, str], str] = {}
    for row, adult, home in adults:
        address = (adult.address or by_name.get((home, adult.name_key), "")).casefold()
        if adult.written_id:
            made = adult.written_id
        elif not address:
            made = slug(f"{adult.name_key} {home}")
        elif address in shared:
            made = slug(f"{address} {adult.name_key}")
        else:
            made = slug(address)
            first = names.setdefault(made, adult.name_key)
            if adult.name_key and first != adult.name_key:
                notes.note(file, row.line, f"{made} has two names in this sheet: read as one person", kind="two names")
        ids[row.line, adult.slot] = made
    return ids


def _shared_addresses(adults: Sequence[tuple[SheetRow, Adult, str]]) -> frozenset[str]:
    names: Mapping[tuple[int, str], set[str]] = defaultdict(set)
    for row, adult, _ in adults:
        if adult.address and adult.name_key:
            names[row.line, adult.address.casefold()].add(adult.name_key)
    return frozenset(address for (_, address), found in names.items() if len(found) > 1)
