"""The command line: `fridayfolder COMMAND`. Each group of commands has a file of its own beside this one."""

from office.cli.main import main

__all__ = ["main"]
