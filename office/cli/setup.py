"""`init`: a configuration, keys and a database."""

from pathlib import Path

import click

from office.cli.groups import program
from office.cli.options import Call, command
from office.config import ConfigError
from office.jobs.setup import migrate, write_config


@command(program, "init")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where to put config.toml and the database; default: where --config points.",
)
def init(call: Call, folder: Path | None) -> None:
    """Write config.toml with fresh keys, and make or upgrade the database. Safe to run again."""
    config = (folder / "config.toml") if folder else call.config
    written = write_config(config)
    settings = Call(config=config, as_json=call.as_json, now=call.now).settings
    try:
        applied = migrate(settings.database.url, config.resolve().parent)
    except OSError as exc:
        raise ConfigError(f"database.url: {exc.filename or settings.database.url}: {exc.strerror or exc}") from exc
    call.answer(
        {"config": str(config), "config_written": written, "migrations": list(applied)},
        f"{'Wrote' if written else 'Kept'} {config}" + (": fill in school, mail, smtp and imap." if written else "."),
        f"Database: {f'{len(applied)} migration(s) applied' if applied else 'up to date'}.",
    )
