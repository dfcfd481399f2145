"""`backup`, `restore`."""

from pathlib import Path

import click

from office.cli.groups import program
from office.cli.options import Call, command
from office.jobs.safekeeping import back_up, restore


@command(program, "backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(call: Call, file: Path) -> None:
    """Copy everything into FILE, while the service runs or not. Keep config.toml with its keys as well."""
    size = back_up(call.house, file, call.now)
    call.answer({"backup": str(file), "bytes": size}, f"{file}: {size:,} bytes, checked. It sends nothing by itself.")


@command(program, "restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore_(call: Call, file: Path) -> None:
    """Put FILE back as the database; what is there now is kept beside it. Nothing is sent until `sending confirm`."""
    done = restore(call.house, file, call.now)
    call.answer(
        {
            "database": str(done.database),
            "before": str(done.before) if done.before else None,
            "migrations": list(done.migrations),
        },
        f"{done.database} is as it was in {file}.",
        *((f"What stood there before is kept as {done.before}.",) if done.before else ()),
        "Nothing is sent yet: see 'fridayfolder sending list', cancel what went out after the backup was made, "
        "then run 'fridayfolder sending confirm'.",
    )
