"""`roster import`, `roster show`, `families bounced`, `families reactivate`, `families revoke`."""

from dataclasses import asdict
from pathlib import Path

import click

from mailer.address import on_the_wire
from office.cli.groups import families, roster
from office.cli.options import Call, command
from office.jobs.revocations import revoke_tokens
from office.jobs.rosters import import_roster
from school.errors import InputError
from school.households import families as families_of
from storage import sent_letters


@command(roster, "import")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Show what would change; keep nothing.")
@click.option("--accept-removals", is_flag=True, help="Even if more people would go than roster.removal_limit allows.")
def import_(call: Call, path: Path, dry_run: bool, accept_removals: bool) -> None:
    """Read a OneRoster 1.1/1.2 or SDS folder or zip, or a one-sheet CSV. All of it is taken, or nothing."""
    done = import_roster(call.house, path, call.now, dry_run=dry_run, accept_removals=accept_removals)
    call.answer(
        {
            "imported": not dry_run,
            "children": len(done.roster.children),
            "guardians": len(done.roster.guardians),
            "teachers": len(done.roster.teachers),
            "classes": len(done.roster.classes),
            "families": done.families,
            "changes": list(done.changes),
            "notes": [str(note) for note in done.notes],
        },
        *(str(note) for note in done.notes),
        *(done.changes or ("No changes.",)),
        f"{len(done.roster.children)} children, {len(done.roster.guardians)} guardians in {done.families} families, "
        f"{len(done.roster.teachers)} teachers, {len(done.roster.classes)} classes"
        + (" would be kept (dry run)." if dry_run else " kept."),
    )


@command(roster, "show")
def show(call: Call) -> None:
    """The roster as kept: families, classes and teachers."""
    kept = call.house.people.roster()
    children = {child.id: child for child in kept.children}
    guardians = {guardian.id: guardian for guardian in kept.guardians}
    found = families_of(kept)
    call.answer(
        {
            "children": [{"id": child.id, "name": child.full_name} for child in kept.children],
            "guardians": [
                {"id": held.id, "name": held.full_name, "language": held.language, "has_address": bool(held.address)}
                for held in kept.guardians
            ],
            "teachers": [{"id": teacher.id, "name": teacher.shown_name} for teacher in kept.teachers],
            "classes": [{"id": group.id, "title": group.title} for group in kept.classes],
            "families": [
                {
                    "id": family.id,
                    "children": list(family.child_ids),
                    "guardians": list(family.guardian_ids),
                    "households": [list(home.guardian_ids) for home in family.households],
                }
                for family in found
            ],
        },
        *(
            ", ".join(children[key].full_name for key in family.child_ids)
            + ": "
            + " | ".join(
                " and ".join(guardians[key].full_name for key in home.guardian_ids) for home in family.households
            )
            for family in found
        ),
        f"{len(found)} families, {len(kept.children)} children, {len(kept.teachers)} teachers.",
    )


@command(families, "bounced")
def bounced(call: Call) -> None:
    """Addresses that letters come back from, in plain words."""
    listing = call.house.health.listing()
    document = [
        {
            "guardians": [held.id for held in call.house.people.guardians_at(trouble.address)]
            or sent_letters.recipients_at(trouble.address),
            "address": trouble.address,
            "suppressed": trouble.suppressed,
            "code": trouble.code,
            "words": trouble.words(),
        }
        for trouble in listing
    ]
    call.answer(document, *(f"{trouble.address}: {trouble.words()}" for trouble in listing))


@command(families, "reactivate")
@click.argument("address")
def reactivate(call: Call, address: str) -> None:
    """Send letters to ADDRESS again."""
    health = call.house.health
    if not (health.reactivate(address) or health.reactivate(on_the_wire(address))):
        raise InputError(f"{address} has made no trouble: see 'fridayfolder families bounced'")
    call.answer({"address": address, "reactivated": True}, f"Letters go to {address} again.")


@command(families, "revoke")
@click.argument("guardian")
def revoke(call: Call, guardian: str) -> None:
    """No reply address, button or tag sent to GUARDIAN so far counts; what answers one waits for the office."""
    revoked = revoke_tokens(call.house, guardian, call.now)
    call.answer(
        {"guardian": guardian, **asdict(revoked)},
        f"{revoked.letters} letters, {revoked.conversations} conversations and {revoked.buttons} buttons revoked. "
        "What is sent from now on counts again.",
    )
