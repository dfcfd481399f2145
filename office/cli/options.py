"""What every command shares: --config, --json, --now; one JSON document out, or words; errors in one line.

The shared options may stand before the command's name or after it. Exit 0: done. Exit 1: a run that failed. Exit 2:
wrong use, wrong input or wrong configuration.
"""

import functools
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from office import logs
from office.config import ConfigError, load
from office.settings import Settings
from office.wiring import House
from school.errors import FridayFolderError, InputError

# Any in this file: what JSON holds, and click's own decorated functions.
CONFIG = Path("config.toml")


@dataclass(frozen=True)
class Call:
    """One call of the program: where its configuration is, what time it is, how to answer."""

    config: Path
    as_json: bool
    now: datetime

    @cached_property
    def settings(self) -> Settings:
        return load(self.config, os.environ)

    @cached_property
    def house(self) -> House:
        return House(self.settings, self.config.resolve().parent)

    def close(self) -> None:
        """Give back what the house holds: its database connection and its mailbox."""
        house = self.__dict__.get("house")  # only if it was ever asked for
        if house is not None:
            house.close()

    @property
    def console(self) -> Console:
        return Console(soft_wrap=True, highlight=False)

    def answer(self, document: Any, *words: str) -> None:
        """The command's one answer: the document with --json, else the words."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, indent=1))
            return
        for line in words:
            click.echo(line)


class Moment(click.ParamType[datetime]):
    """An aware ISO time, such as 2026-11-27T15:10+01:00."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no ISO time: write one such as 2026-11-27T15:10+01:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no zone: add an offset, such as 2026-11-27T15:10+01:00", param, ctx)
        return moment


def command(group: click.Group, name: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command of *group* with the options all share; it is called with a `Call` first."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(config: Path | None, as_json: bool, now: datetime | None, verbose: bool, **rest: Any) -> None:
            given = _remembered(config=config, as_json=as_json, now=now, verbose=verbose)
            logs.set_up(verbose=bool(given.get("verbose")))
            json_wanted = bool(given.get("as_json"))
            call = Call(
                config=given.get("config", CONFIG), as_json=json_wanted, now=given.get("now") or datetime.now(UTC)
            )
            try:
                _guarded(lambda: function(call, **rest), as_json=json_wanted)
            finally:
                call.close()

        return group.command(name)(with_shared_options(run))

    return decorate


def with_shared_options(function: Callable[..., None]) -> Callable[..., None]:
    """The function with --config, --json, --now and --verbose."""
    for option in OPTIONS:
        option(function)
    return function


def remember(config: Path | None, as_json: bool, now: datetime | None, verbose: bool) -> None:
    """A group's part: what was said before the command's name holds for the command."""
    _remembered(config=config, as_json=as_json, now=now, verbose=verbose)


def _remembered(**said: Any) -> dict[str, Any]:
    """What was said here and before; what stands nearest to the end holds."""
    context = click.get_current_context()
    held: dict[str, Any] = {**(context.obj or {}), **{name: value for name, value in said.items() if value}}
    context.obj = held
    return held


OPTIONS = (
    click.option("--verbose", is_flag=True, help="Log every decision to standard error."),
    click.option("--now", type=Moment(), help="Pretend it is this time; for rehearsals."),
    click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document."),
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        show_default=str(CONFIG),
        help="The configuration file.",
    ),
)


def _guarded(function: Callable[[], None], *, as_json: bool) -> None:
    try:
        function()
    except (click.ClickException, click.Abort, click.exceptions.Exit):
        raise  # click words these itself
    except FridayFolderError as exc:
        _fail(str(exc), 2 if isinstance(exc, ConfigError | InputError) else 1, as_json=as_json)
    except OSError as exc:
        if exc.filename is None or exc.strerror is None:
            _fail(_unexpected(exc), 1, as_json=as_json)
        _fail(f"{exc.filename}: {exc.strerror}", 1, as_json=as_json)
    except Exception as exc:  # noqa: BLE001 - the office reads one line; its place in the code is for us
        _fail(_unexpected(exc), 1, as_json=as_json)


def _unexpected(exc: Exception) -> str:
    # Never its own words: they may quote a mail.
    return (
        f"a fault of ours ({logs.where(exc)}); what was finished is kept: try again, and report this line if it stays"
    )


def _fail(words: str, code: int, *, as_json: bool) -> NoReturn:
    say_error(words, as_json=as_json)
    sys.exit(code)


def say_error(words: str, *, as_json: bool) -> None:
    """One line on standard error; with --json the document all the same."""
    line = " ".join(words.split())
    if as_json:
        click.echo(json.dumps({"error": line}, ensure_ascii=False))
    click.echo(f"fridayfolder: {line}", err=True)
