"""`run`, `worker`, `deliver`, `doctor`."""

import secrets
import sys

import click

from office import logs
from office.cli.groups import program
from office.cli.options import Call, command
from office.daemon import Daemon, shifted_clock
from office.delivery_progress import shown
from office.doctor import Visit, examine
from office.jobs.delivering import deliver as deliver_letters
from office.probe import Probe
from office.sender_domain import system_lookup
from school.errors import PermanentError

MOST_COUNTED = 10_000_000


@command(program, "deliver")
def deliver(call: Call) -> None:
    """Send what is due in the outbox."""
    house, clock = call.house, shifted_clock(call.now)
    with shown(house.outbox.waiting(clock(), MOST_COUNTED), sys.stderr) as show:
        report = deliver_letters(house, secrets.token_hex(8), clock, progress=show)
    call.answer(
        {
            "sent": report.sent,
            "deferred": report.deferred,
            "failed": report.failed,
            "blocked": report.blocked,
            "expired": report.expired,
            "unsure": report.unsure,
            "paused_runs": list(report.paused_runs),
            "trouble": report.trouble or None,
        },
        f"{report.sent} sent, {report.deferred} put off, {report.failed} failed, {report.blocked} blocked.",
        *((report.trouble,) if report.trouble else ()),
    )
    if report.trouble:
        click.echo(f"fridayfolder: {report.trouble}", err=True)
        sys.exit(1)


@command(program, "run")
def run(call: Call) -> None:
    """The service: plan, send and read until told to stop (SIGTERM)."""
    logs.as_service()
    Daemon(call.house, shifted_clock(call.now)).run()
    call.answer({"service": "stopped"})


@command(program, "worker")
def worker(call: Call) -> None:
    """One more sender; needs PostgreSQL."""
    if not call.house.database.postgres:
        raise PermanentError("a worker needs PostgreSQL: with SQLite 'fridayfolder run' is the only sender")
    logs.as_service()
    Daemon(call.house, shifted_clock(call.now), only_sending=True).run()
    call.answer({"worker": "stopped"})


@command(program, "doctor")
@click.option("--probe", is_flag=True, help="Also send one mail to a reply address and see in which shape it arrives.")
def doctor(call: Call, probe: bool) -> None:
    """Check everything the service will need; say what to do about what is missing."""
    visit = Visit(
        settings=call.settings, house=call.house, now=call.now, config=call.config.resolve(), text_of=system_lookup
    )
    findings = examine(visit, probe=Probe(house=call.house, now=call.now) if probe else None)
    call.answer(
        [{"check": one.check, "state": one.state, "words": one.words} for one in findings],
        *(f"{one.state:5} {one.check}: {one.words}" for one in findings),
    )
    if any(one.state == "bad" for one in findings):
        sys.exit(1)
