"""Which guardian belongs to which child: links in either direction, each end's role checked.

A wrong link would tell a stranger about a child, so an agent who is a teacher is reported and not taken.
"""

from collections.abc import Iterator
from dataclasses import replace

from school.people import Guardianship
from school.roster.draft import Draft, Tie
from school.roster.export import KIND_WORDS, Kind, LinkRow, Part, PersonRow


def link_guardians(draft: Draft) -> None:
    """Fill `draft.guardianships`. A bar that stood before stays while the link does."""
    relations = {tie.guardian_id: tie.relation for tie in draft.guardianships.values()}  # what a delta began with
    relations |= {row.id: row.relation for row in draft.export.people if row.relation}
    declared: dict[Tie, str] = {}
    for row in draft.export.people:
        if row.linked_ids and not row.removed:
            for tie in _agents(draft, row):
                declared.setdefault(tie, relations.get(tie[0], ""))
    for link in draft.export.links:
        _relationship(draft, link, declared)
    if draft.keeps(Part.LINKS):
        _forget_replaced(draft, declared)
    for (guardian_id, child_id), relation in declared.items():
        if guardian_id in draft.left_out or child_id in draft.left_out:
            continue
        before = draft.guardianships.get((guardian_id, child_id))
        draft.guardianships[guardian_id, child_id] = (
            replace(before, relation=relation or before.relation)
            if before
            else Guardianship(guardian_id=guardian_id, child_id=child_id, relation=relation or "guardian")
        )


def _agents(draft: Draft, row: PersonRow) -> Iterator[Tie]:
    """The (guardian, child) ties that one person's list of agents declares."""
    own = draft.kinds[row.id]
    for target in row.linked_ids:
        other = draft.kinds.get(target)
        if other is None:
            draft.notes.warning(
                *row.where, f"{row.id} is linked to {target}, who is not in the users: not taken", kind="unknown agents"
            )
        elif Kind.CHILD in own and Kind.GUARDIAN in other:
            yield target, row.id
        elif Kind.GUARDIAN in own and Kind.CHILD in other:
            yield row.id, target
        else:
            draft.notes.warning(
                *row.where,
                f"{row.id} ({_words(own)}) is linked to {target} ({_words(other)}): not taken as child and guardian",
                kind="agents of another role",
            )


def _words(kinds: set[Kind]) -> str:
    return " and ".join(sorted(kinds)) or "no role"


def _relationship(draft: Draft, link: LinkRow, declared: dict[Tie, str]) -> None:
    """One row of relationships.csv: the student first, then the contact; the other way round is noticed."""
    meaning = KIND_WORDS.get(link.relation.casefold())
    if link.relation and meaning is not Kind.GUARDIAN:
        draft.notes.note(
            *link.where,
            f"{link.guardian_id} is {link.relation} of {link.child_id}: not a guardian, not taken",
            kind="contacts who are no guardians",
        )
        return
    first, second = draft.kinds.get(link.child_id), draft.kinds.get(link.guardian_id)
    for person_id, kinds in ((link.child_id, first), (link.guardian_id, second)):
        if kinds is None:
            draft.notes.warning(*link.where, f"{person_id} is not in the users: not taken", kind="unknown contacts")
    if first is None or second is None:
        return
    if Kind.CHILD in first and Kind.GUARDIAN in second:
        tie = (link.guardian_id, link.child_id)
    elif Kind.GUARDIAN in first and Kind.CHILD in second:
        tie = (link.child_id, link.guardian_id)
        draft.notes.note(*link.where, "names the guardian first: read the other way round", kind="reversed rows")
    else:
        draft.notes.warning(
            *link.where,
            f"{link.child_id} ({_words(first)}) is linked to {link.guardian_id} ({_words(second)}): not taken as child "
            f"and guardian; if the second is a parent too, give them a role row that says so",
            kind="contacts of another role",
        )
        return
    if link.removed:
        draft.guardianships.pop(tie, None)
    else:
        declared[tie] = link.relation.casefold()


def _forget_replaced(draft: Draft, declared: dict[Tie, str]) -> None:
    """In a delta, a person's list of agents is complete: older ties that it leaves out end. An empty list says nothing.

    Systems differ in which side holds the links, so only a list that names somebody can speak for its person.
    """
    spoke = {row.id for row in draft.export.people if row.linked_ids and not row.removed}
    silent = {
        row.id
        for row in draft.export.people
        if not row.linked_ids and not row.removed and Kind.CHILD in draft.kinds[row.id]
    }
    for tie in list(draft.guardianships):
        guardian_id, child_id = tie
        if tie in declared:
            continue
        if guardian_id in spoke or child_id in spoke:
            del draft.guardianships[tie]
        elif child_id in silent:
            draft.notes.note(
                "users.csv",
                None,
                f"{child_id} has no guardians in this delta: {guardian_id} stays one; a full export would end it",
                kind="children without guardians in a delta",
            )
