"""The tree of commands; the files beside this one hang theirs on it."""

import sys
from typing import Any

import click

from office.cli.options import remember, say_error, with_shared_options

# Any in this file: click's own arguments.

EPILOG = "Settings: config.example.toml. Every command takes --config, --json and --now."


class Program(click.Group):
    """The whole program: wrong use is told in one line too, and with --json as a document."""

    def main(self, *args: Any, **more: Any) -> Any:
        words = args[0] if args else more.get("args")
        try:
            code = super().main(*args, **{**more, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as exc:
            exc.show()  # the help itself is what to do
            sys.exit(exc.exit_code)
        except click.ClickException as exc:
            say_error(_in_one_line(exc), as_json="--json" in (sys.argv if words is None else words))
            sys.exit(exc.exit_code)
        except click.Abort:
            click.echo("fridayfolder: stopped", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _in_one_line(exc: click.ClickException) -> str:
    """What is wrong, with which command, and where its help is."""
    context = exc.ctx if isinstance(exc, click.UsageError) else None
    words = exc.format_message().rstrip(".")
    return f"{words}: see '{context.command_path} --help'" if context else words


@click.group(name="fridayfolder", cls=Program, epilog=EPILOG)
@click.version_option(package_name="fridayfolder", prog_name="fridayfolder")
@with_shared_options
def program(**said: Any) -> None:
    """One personalised letter a week to every family; every reply on the right child's record."""
    remember(**said)


def _group(name: str, words: str) -> click.Group:
    """A group of commands that takes the shared options before its commands' names too."""
    made = click.group(name=name, help=words)(with_shared_options(remember))
    program.add_command(made)
    return made


roster = _group("roster", "Who belongs to the school: import it, look at it.")
term = _group("term", "Terms and holidays.")
item = _group("item", "What goes into the letters.")
conversations = _group("conversations", "What families and teachers wrote to each other.")
tray = _group("tray", "Mail that needs a person.")
families = _group("families", "Addresses that make trouble, and what was sent to them.")
sending = _group("sending", "Pause, resume or cancel a run of letters, and see how far it is.")
