"""Joins the command files to one program."""

from office.cli import content, demo, duties, letters, people, replies, service, setup
from office.cli.groups import program

#: Importing a file hangs its commands on the tree.
COMMANDS = (setup, people, content, letters, replies, service, duties, demo)


def main() -> None:
    """The entry point of `fridayfolder`."""
    program(prog_name="fridayfolder")
