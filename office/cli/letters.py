"""`publish`, `deliver`, `digest` and the runs they make."""

from datetime import datetime

import click

from office.cli.groups import program, sending
from office.cli.options import Call, command
from office.jobs.audience import audience
from office.jobs.cancelling import cancel_run
from office.jobs.digests import plan_digests
from office.jobs.issues import issue_of
from office.jobs.publishing import Published, publish_day, publish_due
from school.errors import InputError
from storage import hold, sent_letters
from storage.wake import announce

MOST_COUNTED = 10_000_000
DAY = click.DateTime(formats=["%Y-%m-%d"])
NO_TERM = "no term is known, so nothing is ever due: run 'fridayfolder term import FILE', or publish --date DAY"
IN_HAND = "{count} more are in a sender's hands and may still go: 'fridayfolder sending show {run}' tells later."


@command(program, "publish")
@click.option(
    "--date", "day", type=DAY, help="The issue of this day's week, whatever is due. Default: what is due now."
)
@click.option("--dry-run", is_flag=True, help="Only say who would get a letter, and how that differs from last time.")
@click.option(
    "--accept-audience",
    is_flag=True,
    help="Even if there are many more or fewer letters than last time (newsletter.audience_change).",
)
def publish(call: Call, day: datetime | None, dry_run: bool, accept_audience: bool) -> None:
    """Render the letters that are due into the outbox. Twice is as good as once."""
    if dry_run:
        _answer_dry_run(call, day)
        return
    published = (
        publish_day(call.house, day.date(), call.now, accept_audience=accept_audience)
        if day
        else _merged(publish_due(call.house, call.now, accept_audience=accept_audience))
    )
    if published is None:
        notes = [] if call.house.terms.terms() else [NO_TERM]
        nothing = {"issue": None, "planned": 0, "existing": 0, "skipped": [], "notes": notes}
        call.answer(nothing, "Nothing is due.", *notes)
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


def _answer_dry_run(call: Call, day: datetime | None) -> None:
    """The issue of *day*, else of today's week, counted and compared; nothing is kept."""
    on = day.date() if day else call.now.astimezone(call.house.zone).date()
    found = audience(call.house, issue_of(call.house, on), call.now)
    since = f"; {found.before} had {found.letters_before}" if found.before else ""
    call.answer(
        {
            "issue": found.issue_id,
            "letters": found.letters,
            "skipped": found.skipped,
            "before": found.before,
            "letters_before": found.letters_before,
            "added": list(found.added),
            "gone": list(found.gone),
            "refused": found.refused or None,
        },
        f"Issue {found.issue_id}: {found.letters} letters{since}.",
        *(f"  no letter for {count}: {reason}" for reason, count in sorted(found.skipped.items())),
        *((f"  new since then: {', '.join(found.added)}",) if found.added else ()),
        *((f"  no longer: {', '.join(found.gone)}",) if found.gone else ()),
        *((found.refused,) if found.refused else ()),
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
    """The ledger of a RUN such as issue:2026-11-27: every recipient in exactly one state, with the reasons."""
    ledger, why = call.house.outbox.ledger(_known(call, run)), sent_letters.reasons(run)
    lines = []
    for state, count in sorted(ledger.items()):
        lines.append(f"{state}: {count}")
        lines += [f"  {number}: {reason}" for reason, number in sorted(why.get(state, {}).items())]
    call.answer(
        {"run": run, **ledger, "audience": sum(ledger.values()), "reasons": why},
        *lines,
        f"audience: {sum(ledger.values())}",
    )


@command(sending, "list")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many, newest first.")
def list_runs(call: Call, limit: int) -> None:
    """The runs of letters and how far each is."""
    assert call.house.database
    found = sent_letters.newest_runs(limit)
    call.answer(
        [
            {
                "run": one.run,
                "state": "finished" if one.state == "ready" and one.finished == one.total else one.state,
                "letters": one.total,
                "finished": one.finished,
                "sent": one.sent,
                "skipped": one.skipped,
            }
            for one in found
        ],
        *(
            f"{one.run:28} {one.state if one.finished < one.total else 'finished':10} "
            f"{one.finished} of {one.total} letters finished, {one.sent} sent"
            for one in found
        ),
    )


@command(sending, "pause")
@click.argument("run")
def pause(call: Call, run: str) -> None:
    """No letter of RUN goes out from now on."""
    paused = call.house.outbox.pause(_known(call, run))
    call.answer({"run": run, "paused": paused}, f"{run} is paused." if paused else _as_it_is(call, run))


@command(sending, "resume")
@click.argument("run")
def resume(call: Call, run: str) -> None:
    """Exactly the letters of RUN that are not finished go on."""
    resumed = call.house.outbox.resume(_known(call, run))
    announce(call.house.database)
    call.answer({"run": run, "resumed": resumed}, f"{run} goes on." if resumed else _as_it_is(call, run))


@command(sending, "cancel")
@click.argument("run")
def cancel(call: Call, run: str) -> None:
    """The letters of RUN that still wait are never sent."""
    done = cancel_run(call.house, _known(call, run), call.now)
    call.answer(
        {"run": run, "cancelled": done.cancelled, "in_hand": done.in_hand},
        f"{done.cancelled} letters cancelled.",
        *([IN_HAND.format(count=done.in_hand, run=run)] if done.in_hand else []),
    )


@command(sending, "hold")
def hold_everything(call: Call) -> None:
    """Nothing at all is sent from now on, by whatever service or worker, until `sending confirm`."""
    hold.begin(call.house.database, f"the office held it on {call.now.astimezone(call.house.zone):%Y-%m-%d %H:%M}")
    call.answer({"held": hold.reason(call.house.database)}, "Nothing is sent any more.")


@command(sending, "confirm")
def confirm(call: Call) -> None:
    """What waits may go out again: after a restored backup, or after `sending hold`."""
    ended = hold.end(call.house.database)
    announce(call.house.database)
    waiting = call.house.outbox.waiting(call.now, MOST_COUNTED)
    words = f"{waiting} letter(s) go out now." if ended else "Nothing was held."
    call.answer({"confirmed": ended, "waiting": waiting}, words)


def _as_it_is(call: Call, run: str) -> str:
    progress = call.house.outbox.progress(run)
    assert progress is not None
    return f"Nothing was changed: {run} is {'sending' if progress.state == 'ready' else progress.state}."


def _known(call: Call, run: str) -> str:
    if call.house.outbox.progress(run) is None:
        raise InputError(f"there is no run {run}: see 'fridayfolder sending list'")
    return run
