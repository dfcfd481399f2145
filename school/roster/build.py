"""From an export's rows to a roster: one step after another, each checking what the rows refer to."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from school.people import Child, ClassGroup, Guardian, School, Teacher
from school.roster.draft import Draft, begin, finish
from school.roster.export import ClassRow, Export, ExtraRow, Kind, Part, PersonRow, SeatRow
from school.roster.kinds import decide_kinds
from school.roster.links import link_guardians
from school.roster.notes import Notes
from school.roster.roles import roles_of
from school.roster.roster import Roster
from school.roster.values import plain


def build(export: Export, base: Roster, notes: Notes) -> Roster:
    """The roster after this export: a new one from a full export, *base* changed by a delta."""
    draft = begin(export, base, notes)
    for step in STEPS:
        step(draft)
    return finish(draft, roles_of(draft.classes, draft.enrolments))


def _schools(draft: Draft) -> None:
    for row in draft.export.schools:
        if row.removed:
            draft.schools.pop(row.id, None)
        elif row.is_school:
            draft.schools[row.id] = School(id=row.id, name=row.name)
    if draft.keeps(Part.SCHOOLS):
        return
    known = {row.id for row in draft.export.schools}
    for row in draft.export.schools:
        if row.parent_id and row.parent_id not in known:
            draft.notes.note(
                *row.where, f"the parent {row.parent_id} of {row.id} is not in the file", kind="unknown parents"
            )


def _terms(draft: Draft) -> None:
    for row in draft.export.terms:
        if row.term is None:
            draft.terms.pop(row.id, None)
        else:
            draft.terms[row.id] = row.term


def _classes(draft: Draft) -> None:
    for row in draft.export.classes:
        if row.removed:
            draft.classes.pop(row.id, None)
        else:
            draft.classes[row.id] = _class_group(draft, row)


def _class_group(draft: Draft, row: ClassRow) -> ClassGroup:
    unknown = [term_id for term_id in row.term_ids if term_id not in draft.terms]
    if unknown:
        draft.notes.note(*row.where, f"{row.id}: no term {', '.join(unknown)} in the export", kind="unknown terms")
    return ClassGroup(
        id=row.id,
        title=row.title or row.id,
        homeroom=row.homeroom,
        subject=row.subject,
        school_id=row.school_id,
        term_ids=tuple(term_id for term_id in row.term_ids if term_id in draft.terms),
    )


def _people(draft: Draft) -> None:
    for row in draft.export.people:
        kinds = draft.kinds[row.id]
        if row.removed:
            draft.left_out.add(row.id)
            kinds = set()
        elif not row.enabled and Kind.CHILD not in kinds:
            draft.left_out.add(row.id)
            draft.notes.note(
                *row.where,
                f"{row.id} ({' and '.join(sorted(kinds))}) is left out: enabledUser is false",
                kind="disabled people",
            )
            kinds = set()
        _place(draft, row, kinds)


def _place(draft: Draft, row: PersonRow, kinds: set[Kind]) -> None:
    """Put the person into the tables of their kinds, and take them out of the others."""
    if Kind.CHILD in kinds:
        draft.children[row.id] = _child(row)
    else:
        draft.children.pop(row.id, None)
    guardian = draft.guardians.pop(row.id, None)
    if Kind.GUARDIAN in kinds:
        draft.guardians[row.id] = _guardian(row, guardian)
    teacher = draft.teachers.pop(row.id, None)
    if Kind.TEACHER in kinds:
        draft.teachers[row.id] = _teacher(row, teacher)


def _child(row: PersonRow) -> Child:
    called = "" if plain(row.called) == plain(row.given_name) else row.called
    return Child(id=row.id, given_name=row.given_name, family_name=row.family_name, called=called, grade=row.grade)


def _guardian(row: PersonRow, before: Guardian | None) -> Guardian:
    return Guardian(
        id=row.id,
        given_name=row.given_name,
        family_name=row.family_name,
        address=row.address,
        language=row.language or (before.language if before else ""),  # a delta comes without family_extras.csv
        phone=row.phone,
    )


def _teacher(row: PersonRow, before: Teacher | None) -> Teacher:
    return Teacher(
        id=row.id,
        given_name=row.given_name,
        family_name=row.family_name,
        address=row.address,
        title=row.title or (before.title if before else ""),
    )


def _seats(draft: Draft) -> None:
    if draft.keeps(Part.SEATS):
        for row in draft.export.seats:  # a delta's rows about one person in one class replace all that stood before
            table = draft.enrolments if row.kind is Kind.CHILD else draft.assignments
            table.pop((row.person_id, row.class_id), None)
    for row in draft.export.seats:
        if not row.removed and _may_sit(draft, row):
            tie = (row.person_id, row.class_id)
            if row.kind is Kind.CHILD:
                draft.enrolments.setdefault(tie, set()).add((row.begins, row.ends))
            else:
                draft.assignments.setdefault(tie, set()).add((row.begins, row.ends, row.role))


def _may_sit(draft: Draft, row: SeatRow) -> bool:
    """May this row stand? Else it is reported and left out: a wrong seat shows a child to a stranger."""
    person, place = row.person_id, row.class_id
    kinds = draft.kinds.get(person)
    if place not in draft.classes:
        draft.notes.warning(
            *row.where, f"{person} is in class {place}, which is not in the classes", kind="unknown classes"
        )
    elif kinds is None:
        draft.notes.warning(*row.where, f"{person} is in class {place} and not in the users", kind="unknown people")
    elif person in draft.left_out:
        return False
    elif row.kind not in kinds:
        draft.notes.warning(
            *row.where,
            f"{person} ({' and '.join(sorted(kinds)) or 'no role'}) cannot be a {row.kind} in {place}: left out",
            kind="seats of another role",
        )
    else:
        if row.begins and row.ends and row.ends < row.begins:
            draft.notes.warning(*row.where, f"{person} leaves {place} before joining: never in force", kind="dates")
        return True
    return False


def _other_schools(draft: Draft) -> None:
    """Say which children sit in a class of another school; they are taken, for schools do share classes."""
    schools = {row.id: row.school_ids for row in draft.export.people if row.school_ids}
    for row in draft.export.seats:
        group = draft.classes.get(row.class_id)
        own = schools.get(row.person_id)
        if row.kind is Kind.CHILD and group and own and group.school_id and group.school_id not in own:
            draft.notes.note(
                *row.where,
                f"{row.person_id} belongs to {', '.join(own)} and sits in {row.class_id} of {group.school_id}: taken",
                kind="classes of another school",
            )


def _extras(draft: Draft) -> None:
    for row in draft.export.extras:
        if row.person_id in draft.left_out:
            continue
        if row.person_id not in draft.guardians and row.person_id not in draft.teachers:
            draft.notes.warning(*row.where, f"{row.person_id} is no guardian or teacher of this roster: check the id")
            continue
        _extra(draft, row)


def _extra(draft: Draft, row: ExtraRow) -> None:
    guardian = draft.guardians.get(row.person_id)
    teacher = draft.teachers.get(row.person_id)
    if guardian and row.language:
        draft.guardians[guardian.id] = replace(guardian, language=row.language)
    if guardian and row.home_key:
        draft.home_keys[guardian.id] = row.home_key
    if teacher and row.title:
        draft.teachers[teacher.id] = replace(teacher, title=row.title)
    if row.barred is None:
        return
    tie = draft.guardianships.get((row.person_id, row.child_id))
    if tie is None:
        draft.notes.warning(
            *row.where, f"{row.person_id} is no guardian of {row.child_id}: nothing to bar; check both ids"
        )
        return
    draft.guardianships[row.person_id, row.child_id] = replace(
        tie,
        barred=row.barred,
        barred_until=row.barred_until if row.barred else None,
        bar_source=row.source if row.barred else "",
    )


def _home_languages(draft: Draft) -> None:
    """A guardian without a language takes the home language of her children, when they all have the same."""
    spoken = {row.id: row.home_language for row in draft.export.people if row.home_language}
    at_home: dict[str, set[str]] = defaultdict(set)
    for guardian_id, child_id in draft.guardianships:
        if child_id in spoken:
            at_home[guardian_id].add(spoken[child_id])
    for guardian_id, languages in at_home.items():
        guardian = draft.guardians.get(guardian_id)
        if guardian and not guardian.language and len(languages) == 1:
            (language,) = languages
            draft.guardians[guardian_id] = replace(guardian, language=language)


STEPS: tuple[Callable[[Draft], None], ...] = (
    _schools,
    _terms,
    _classes,
    decide_kinds,
    _people,
    _seats,
    _other_schools,
    link_guardians,
    _extras,
    _home_languages,  # after the links and after a guardian's own language
)


def say_what_is_missing(roster: Roster, today: date, notes: Notes) -> None:
    """Warn of people nobody can reach and classes nobody teaches, counted, with a few ids."""
    guarded = {tie.child_id for tie in roster.guardianships}
    guarding = {tie.guardian_id for tie in roster.guardianships}
    seated = {seat.child_id for seat in roster.enrolments}
    taught = {post.class_id for post in roster.assignments}
    untaught = {seat.class_id for seat in roster.enrolments} - taught
    for what, ids in (
        (
            "children without a guardian, about whom nobody hears",
            [c.id for c in roster.children if c.id not in guarded],
        ),
        ("children in no class", [c.id for c in roster.children if c.id not in seated]),
        ("guardians without an e-mail address", [g.id for g in roster.guardians if g.id in guarding and not g.address]),
        ("guardians without a child", [g.id for g in roster.guardians if g.id not in guarding]),
        ("teachers without an e-mail address", [t.id for t in roster.teachers if not t.address]),
        ("classes with children and no teacher", [k.id for k in roster.classes if k.id in untaught]),
    ):
        if ids:
            notes.warning("", None, f"{what}: {len(ids)} ({', '.join(ids[:5])}{' …' if len(ids) > 5 else ''})")
    if roster.terms and all(term.ends < today for term in roster.terms):
        notes.warning("", None, "every term has ended: is this last year's export?")
