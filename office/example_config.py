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
        parts.extend(_key(field, hints[field.name]) for field in msgspec.structs.fields(section))
    return "".join(parts)


def _key(field: msgspec.structs.FieldInfo, hint: Any) -> str:  # Any: a type with annotations
    meta = next(part for part in get_args(hint) if isinstance(part, msgspec.Meta) and part.description)
    comment = "".join(f"# {line}\n" for line in textwrap.wrap(meta.description or "", 110))
    if field.required:
        sample = (meta.examples or [[] if field.name == "keys" else ""])[0]
        return f"{comment}{field.name} = {json.dumps(sample, ensure_ascii=False)}\n"
    default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    return f"{comment}#{field.name} = {json.dumps(default, ensure_ascii=False)}\n"


if __name__ == "__main__":
    sys.stdout.write(example())
