"""`publish`, `deliver`, `digest` and the runs they make."""

from datetime import date, datetime

import click

from office.cli.groups import program, sending
from office.cli.options import Call, command
from office.jobs.digests import plan_digests
from office.jobs.publishing import Published, publish_day, publish_due
from school.errors import InputError

DAY = click.DateTime(formats=["%Y-%m-%d"])


@command(program, "publish")
@click.option(
    "--date", "day", type=DAY, help="The issue of this day's week, whatever is due. Default: what is due now."
)
def publish(call: Call, day: datetime | None) -> None:
    """Render the letters that are due into the outbox. Twice is as good as once."""
    published = publish_day(call.house, day.date(), call.now) if day else _merged(publish_due(call.house, call.now))
    if published is None:
        call.answer({"issue": None, "planned": 0, "skipped": []}, "Nothing is due.")
        return
    skipped = [{"guardian": held.guardian_id, "reason": held.reason} for held in published.skipped]
    call.answer(
        {
            "issue": published.issue_id,
            "planned": published.planned,
            "existing": published.existing,
            "skipped": skipped,
            "notes": list(published.notes),
        },
        f"Issue {published.issue_id}: {published.planned} letters planned, {published.existing} were there already.",
        *(f"  no letter for {held.guardian_id}: {held.detail or held.reason}" for held in published.skipped),
        *(f"  {note}" for note in published.notes),
    )


def _merged(done: list[Published]) -> Published | None:
    """Several issues at once only happen after a long stop; they are answered for together, by the newest id."""
    if not done:
        return None
    return Published(
        issue_id=done[-1].issue_id,
        planned=sum(one.planned for one in done),
        existing=sum(one.existing for one in done),
        skipped=tuple(held for one in done for held in one.skipped),
        notes=tuple(note for one in done for note in one.notes),
    )


@command(program, "digest")
@click.option("--date", "day", type=DAY, help="The day on the digest; default: today.")
def digest(call: Call, day: datetime | None) -> None:
    """Plan each teacher's digest of what waits for her into the outbox."""
    on = day.date() if day else call.now.astimezone(call.house.zone).date()
    made = plan_digests(call.house, on, call.now)
    call.answer(
        {
            "run": made.run,
            "planned": made.planned,
            "teachers": list(made.teachers),
            "conversations": made.conversations,
        },
        f"{made.planned} digests planned, {made.conversations} conversations in them.",
    )


@command(sending, "show")
@click.argument("run")
def show(call: Call, run: str) -> None:
    """The ledger of a RUN such as issue:2026-11-27: every recipient in exactly one state."""
    ledger = call.house.outbox.ledger(_known(call, run))
    call.answer({"run": run, **ledger}, *(f"{state}: {count}" for state, count in sorted(ledger.items())))


@command(sending, "pause")
@click.argument("run")
def pause(call: Call, run: str) -> None:
    """No letter of RUN goes out from now on."""
    call.answer({"run": run, "paused": call.house.outbox.pause(_known(call, run))}, f"{run} is paused.")


@command(sending, "resume")
@click.argument("run")
def resume(call: Call, run: str) -> None:
    """Exactly the letters of RUN that are not finished go on."""
    call.answer({"run": run, "resumed": call.house.outbox.resume(_known(call, run))}, f"{run} goes on.")


@command(sending, "cancel")
@click.argument("run")
def cancel(call: Call, run: str) -> None:
    """The letters of RUN that still wait are never sent."""
    count = call.house.outbox.cancel(_known(call, run), call.now)
    call.answer({"run": run, "cancelled": count}, f"{count} letters cancelled.")


def _known(call: Call, run: str) -> str:
    if call.house.outbox.progress(run) is None:
        raise InputError(f"there is no run {run}: its name looks like issue:{date.today().isoformat()}")  # noqa: DTZ011 - an example
    return run
