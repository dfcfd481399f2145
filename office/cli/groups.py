"""The tree of commands; the files beside this one hang theirs on it."""

import click

EPILOG = "Settings: config.example.toml. Every command takes --config, --json and --now."


@click.group(name="fridayfolder", epilog=EPILOG)
@click.version_option(package_name="fridayfolder", prog_name="fridayfolder")
def program() -> None:
    """One personalised letter a week to every family; every reply on the right child's record."""


@program.group()
def roster() -> None:
    """Who belongs to the school: import it, look at it."""


@program.group()
def term() -> None:
    """Terms and holidays."""


@program.group()
def item() -> None:
    """What goes into the letters."""


@program.group()
def conversations() -> None:
    """What families and teachers wrote to each other."""


@program.group()
def tray() -> None:
    """Mail that needs a person."""


@program.group()
def families() -> None:
    """Addresses that make trouble."""


@program.group()
def sending() -> None:
    """Pause, resume or cancel a run of letters, and see how far it is."""
