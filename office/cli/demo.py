"""`demo`: a sample school, mail servers of its own on this machine, one whole week."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from office.cli.groups import program
from office.cli.options import Call, command
from office.logs import LOGGER
from school.errors import InputError

NEW = Path("demo-school")
WORDS = {
    "opening": "A school moves in",
    "publishing": "Friday: letters are rendered",
    "delivering": "Friday: letters are delivered",
    "answering": "The weekend: families answer",
    "filing": "Monday: every answer is filed",
    "digests": "Monday: teachers get their digests",
    "teachers": "Monday: teachers answer",
    "again": "Tuesday: families answer again",
    "pages": "Pages to look through",
}


@command(program, "demo")
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=NEW, show_default=True)
@click.option("--families", type=click.IntRange(1, 20_000), default=60, show_default=True)
@click.option("--serve", is_flag=True, help="Then show the pages on this machine until Ctrl-C.")
def demo(call: Call, folder: Path, families: int, serve: bool) -> None:
    """Live through one week of an invented school; exit 1 if one reply is not where it should be."""
    if find_spec("pymap") is None:
        raise InputError("the demo's mailbox needs pymap: pip install 'fridayfolder[demo]'")
    from office.demo.shown import document, show  # noqa: PLC0415 - the demo's parts load only for the demo
    from office.demo.week import run_demo  # noqa: PLC0415 - as above

    folder.mkdir(parents=True, exist_ok=True)
    with _logging_to(folder / "demo.log"), _bar() as step:
        summary = run_demo(folder, families, call.now, step)
    if call.as_json:
        call.answer(document(summary))
    else:
        show(summary, Console(highlight=False))
    if serve:
        _serve(summary.index.parent)
    if summary.problems:
        sys.exit(1)


@contextmanager
def _bar() -> Iterator["Step"]:
    """A progress bar on standard error, moved by calling it with a step."""
    columns = (TextColumn("{task.description:36}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Step(progress)


class Step:
    """Moves the bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("")

    def __call__(self, step: str, done: int, total: int) -> None:
        self._progress.update(self._task, description=WORDS[step], completed=done, total=total)


@contextmanager
def _logging_to(file: Path) -> Iterator[None]:
    """Every decision goes to a file: a bar and a thousand lines do not share a terminal."""
    shown = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.StreamHandler)]
    level = LOGGER.level
    with file.open("a", encoding="utf-8") as kept:
        before = [(handler, handler.setStream(kept)) for handler in shown]
        LOGGER.setLevel(min(level, logging.INFO) if level else logging.INFO)
        try:
            yield
        finally:
            LOGGER.setLevel(level)
            for handler, stream in before:
                handler.setStream(stream)


def _serve(folder: Path) -> None:
    """The pages, and nothing else of the folder, on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)) as server:
        click.echo(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", err=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Bye.", err=True)
