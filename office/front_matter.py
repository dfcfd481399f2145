"""The `key: value` lines between two `---` at the top of a text, each with the line it stands in.

YAML, read as text only: `15:30` stays a time and `no` a word. A title, place or audience may hold a colon without
quotes, for people write "Debate: should school start at nine?".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from school.errors import InputError

FENCE = "---"
MAX_CHARACTERS = 64_000  # a letter ends at 90 KB of HTML, and this is one item of it
FREE_TEXT = re.compile(
    r"^(\s*)(title|title\.[\w-]+|place|audience(?=[ \t]*:[^#]*$))[ \t]*:[ \t]+(\S.*?)[ \t]*$", re.IGNORECASE
)
BLOCK_BEGINS = re.compile(r"^(\s*)[^\s#].*:[ \t]*[|>][-+\d]*[ \t]*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    value: str
    line: int  #: 1 = the file's first


@dataclass(frozen=True, kw_only=True, slots=True)
class FrontMatter:
    """What stood between the fences, and the body after them. Nested keys are joined: `event.begins`."""

    name: str  #: the file, for messages
    entries: Mapping[str, Entry]
    body: str

    def problem(self, text: str, entry: Entry | None = None) -> InputError:
        return problem(self.name, entry.line if entry else 1, text)


def problem(name: str, line: int, text: str) -> InputError:
    return InputError(f"{name}:{line}: {text}")


def split(text: str, name: str) -> FrontMatter:
    """The entries and the body of *text*; raises InputError with file and line for what cannot be read."""
    if len(text) > MAX_CHARACTERS:
        raise problem(name, 1, f"is longer than {MAX_CHARACTERS:,} characters: an item is part of one letter")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise problem(name, 1, "is empty: write title, kind and audience between two lines '---', then the text")
    if lines[first].rstrip() != FENCE:
        raise problem(name, first + 1, "does not begin with '---': put title, kind and audience between two such lines")
    last = next((number for number in range(first + 1, len(lines)) if lines[number].rstrip() == FENCE), None)
    if last is None:
        raise problem(name, first + 1, "the '---' here has no second one: close the front matter before the text")
    entries = _entries(lines[first + 1 : last], name, first + 2)
    return FrontMatter(name=name, entries=entries, body="\n".join(lines[last + 1 :]).strip())


def _entries(lines: list[str], name: str, first_line: int) -> dict[str, Entry]:
    try:
        node = yaml.compose("\n".join(_with_quotes(lines)), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = first_line + (min(mark.line, len(lines) - 1) if mark else 0)
        raise problem(
            name, line, f"cannot be read ({exc.problem}): write 'key: value', a value with ': ' in quotes"
        ) from exc
    except (yaml.YAMLError, RecursionError) as exc:
        raise problem(name, first_line, "cannot be read: write one 'key: value' a line") from exc
    if not isinstance(node, yaml.MappingNode):
        raise problem(name, first_line, "holds no 'key: value' lines: write at least title and audience")
    found: dict[str, Entry] = {}
    for key, entry in _pairs(node, "", name, first_line):
        if key in found:
            raise problem(name, entry.line, f"{key} stands here and in line {found[key].line}: keep one")
        found[key] = entry
    return found


def _pairs(node: yaml.MappingNode, prefix: str, name: str, first_line: int) -> Iterator[tuple[str, Entry]]:
    for key, value in node.value:
        line = first_line + key.start_mark.line
        if not isinstance(key, yaml.ScalarNode):
            raise problem(name, line, "a key is a single word: write 'key: value'")
        joined = f"{prefix}{key.value.strip()}"
        if isinstance(value, yaml.ScalarNode):
            yield joined, Entry(value=value.value.strip(), line=line)
        elif isinstance(value, yaml.MappingNode) and not prefix:
            yield from _pairs(value, f"{joined}.", name, first_line)
        else:
            raise problem(name, line, f"{joined} holds a list: write one value")


def _with_quotes(lines: list[str]) -> Iterator[str]:
    """The lines, with free text in quotes where its writer left them out; block texts stay as they are."""
    block: int | None = None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if block is not None and (not line.strip() or indent > block):
            yield line
            continue
        block = indent if BLOCK_BEGINS.match(line) else None
        following = lines[number + 1] if number + 1 < len(lines) else ""
        continues = bool(following.strip()) and len(following) - len(following.lstrip()) > indent
        match = FREE_TEXT.match(line)
        if block is None and match and not continues and not _quoted(match[3]):
            escaped = match[3].replace("'", "''")
            yield f"{match[1]}{match[2]}: '{escaped}'"
        else:
            yield line


def _quoted(value: str) -> bool:
    return len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]
