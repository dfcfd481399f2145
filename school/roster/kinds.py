"""Who is a child, a guardian, a teacher: by role rows first, then by the place in a class or in a relationship."""

from school.roster.draft import Draft
from school.roster.export import KIND_WORDS, Kind, Part


def decide_kinds(draft: Draft) -> None:
    """Fill `draft.kinds`. A teacher who is also a parent is both."""
    if draft.keeps(Part.PEOPLE):
        _as_before(draft)
    _by_their_rows(draft)
    _by_their_seats(draft)
    _by_their_relationships(draft)
    _say_who_is_nothing(draft)


def _as_before(draft: Draft) -> None:
    for kind, people in (
        (Kind.CHILD, draft.children),
        (Kind.GUARDIAN, draft.guardians),
        (Kind.TEACHER, draft.teachers),
    ):
        for person_id in people:
            draft.kinds.setdefault(person_id, set()).add(kind)


def _by_their_rows(draft: Draft) -> None:
    said: set[str] = set()
    children: dict[str, bool] = {}
    for row in draft.export.people:
        if row.kinds and children.setdefault(row.id, Kind.CHILD in row.kinds) != (Kind.CHILD in row.kinds):
            draft.notes.error(*row.where, f"the id {row.id} is a child's and an adult's: ids must differ", kind="ids")
        if row.kinds and row.id not in said:
            draft.kinds[row.id] = set()  # the export's word replaces what the base knew
        draft.kinds.setdefault(row.id, set()).update(row.kinds)
        if row.kinds:
            said.add(row.id)


def _by_their_seats(draft: Draft) -> None:
    """An enrolment may make a child or a teacher of somebody, never a teacher of a child or a child of an adult."""
    for seat in draft.export.seats:
        kinds = draft.kinds.get(seat.person_id)
        if kinds is None or seat.removed or seat.kind in kinds:
            continue
        if seat.kind is Kind.TEACHER and Kind.CHILD not in kinds:
            if kinds:
                who = " and ".join(sorted(kinds))
                draft.notes.note(
                    *seat.where,
                    f"{seat.person_id} ({who}) teaches {seat.class_id}: taken as a teacher there",
                    kind="teaches besides another role",
                )
            kinds.add(Kind.TEACHER)
        elif seat.kind is Kind.CHILD and not kinds:
            kinds.add(Kind.CHILD)


def _by_their_relationships(draft: Draft) -> None:
    """SDS guardians have no role row: being somebody's guardian is their role."""
    for link in draft.export.links:
        for person_id in (link.guardian_id, link.child_id):
            kinds = draft.kinds.get(person_id)
            if kinds is not None and not kinds and KIND_WORDS.get(link.relation.casefold()) is Kind.GUARDIAN:
                kinds.add(Kind.GUARDIAN)


def _say_who_is_nothing(draft: Draft) -> None:
    for row in draft.export.people:
        if not row.removed and not draft.kinds[row.id]:
            draft.notes.warning(*row.where, f"{row.id} has no role in any file: left out", kind="people without a role")
