"""Writes `config.example.toml` from the settings themselves, so the two cannot differ: `make example`."""

import json
import sys
import textwrap
from typing import Any, get_args, get_type_hints

import msgspec

from office.config import PREFIX, sections

HEAD = """\
# Friday Folder's settings. Copy to config.toml, or let `fridayfolder init` write one with fresh keys.
# A key with a # before it shows its default. Every key can come from the environment instead:
# {prefix}<SECTION>_<KEY>, or {prefix}<SECTION>_<KEY>_FILE to read it from a file (for secrets).
"""


def example() -> str:
    """The whole example file: every section, every key with its unit, default and reason."""
    parts = [HEAD.format(prefix=PREFIX)]
    for name, section in sections().items():
        parts.append(f"\n# {section.__doc__}\n[{name}]\n")
        hints = get_type_hints(section, include_extras=True)
        parts.extend(_key(field, hints[field.name], name) for field in msgspec.structs.fields(section))
    return "".join(parts)


def _key(field: msgspec.structs.FieldInfo, hint: Any, section: str = "") -> str:  # Any: a type with annotations
    meta = next(part for part in get_args(hint) if isinstance(part, msgspec.Meta) and part.description)
    comment = "".join(f"# {line}\n" for line in textwrap.wrap(meta.description or "", 110))
    if table := _table_in(hint):
        needed = sorted((one for one in msgspec.structs.fields(table) if one.required), key=lambda one: one.name)
        hints = get_type_hints(table, include_extras=True)
        lines = (line for one in needed for line in _key(one, hints[one.name]).splitlines())
        inside = "".join(f"{line}\n" if line.startswith("#") else f"#  {line}\n" for line in lines)
        return f"{comment}#[[{section}.{field.name}]]\n{inside}"
    if field.required:
        sample = (meta.examples or [[] if field.name == "keys" else ""])[0]
        return f"{comment}{field.name} = {json.dumps(sample, ensure_ascii=False)}\n"
    default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    return f"{comment}#{field.name} = {json.dumps(default, ensure_ascii=False)}\n"


def _table_in(hint: Any) -> type[msgspec.Struct] | None:  # Any: as above
    """The table that a key is a list of; None for a plain key."""
    inside = next(iter(get_args(get_args(hint)[0])), None)
    return inside if isinstance(inside, type) and issubclass(inside, msgspec.Struct) else None


if __name__ == "__main__":
    sys.stdout.write(example())
