"""The house of CONTRIBUTING.md, read from the imports: floors, edges, no circles, no drawers called utils."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {
    "school": set(),
    "mailer": {"school"},
    "inbox": {"school"},
    "storage": {"school"},
    "office": {"school", "mailer", "inbox", "storage"},
}
EDGES = ("mailer.smtp", "inbox.mailbox", "inbox.door", "inbox.opener")  #: a file, or a package with all its files
#: A package with a trade of its own, and the only places that may use it.
TRADES = {
    "jinja2": ("mailer.render",),
    "mjml": ("mailer.render",),
    "css_inline": ("mailer.render",),
    "smtplib": ("mailer.smtp",),
    "imapclient": ("inbox.mailbox",),
    "imaplib": ("inbox.mailbox", "office.demo"),
    "aiosmtpd": ("inbox.door", "office.demo"),
    "pymap": ("office.demo",),
    "peewee": ("storage",),
    "playhouse": ("storage",),
    "psycopg": ("storage",),
    "schedule": ("office.daemon",),
    "click": ("office.cli",),
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared"}


def modules() -> dict[str, Path]:
    found = {}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[str]:
    """Every module *name* imports, as far as a file of ours or the package's top name."""
    for node in ast.walk(ast.parse(MODULES[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


def within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_arrows_point_down_only(name):
    floor = name.partition(".")[0]

    for imported in imports(name):
        other = imported.partition(".")[0]
        assert other not in FLOORS or other == floor or other in FLOORS[floor], f"{name} imports {imported}"


@pytest.mark.parametrize("name", [name for name in sorted(MODULES) if name.startswith("school")])
def test_the_ground_floor_is_pure(name):
    forbidden = {"random", "secrets", "os", "pathlib", "socket", "logging", "subprocess", "time", "shutil"}

    for imported in imports(name):
        top = imported.partition(".")[0]
        assert top == "school" or top in sys.stdlib_module_names, f"{name} imports {imported}"
        assert top not in forbidden, f"{name} imports {imported}: it belongs at an edge"


@pytest.mark.parametrize("name", [name for name in sorted(MODULES) if not name.startswith("office")])
def test_pure_modules_do_not_touch_the_edges(name):
    if within(name, EDGES):
        return
    for imported in imports(name):
        assert not within(imported, EDGES), f"{name} imports the edge {imported}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_each_trade_has_one_place(name):
    for imported in imports(name):
        places = TRADES.get(imported.partition(".")[0])
        assert places is None or within(name, places), f"{name} imports {imported}; only {places} may"


def test_no_module_is_a_drawer():
    assert not [name for name in MODULES if name.rpartition(".")[2] in DRAWERS]


def test_no_import_circle():
    graph = {name: {held for held in imports(name) if held in MODULES and held != name} for name in MODULES}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as exc:
        pytest.fail(f"import circle: {' -> '.join(exc.args[1])}")


def test_no_task_engine_is_on_the_mail_path():
    engines = {"huey", "celery", "dramatiq", "procrastinate", "pgqueuer", "rq"}

    assert not {(name, held) for name in MODULES for held in imports(name) if held.partition(".")[0] in engines}


def test_every_file_opens_with_a_sentence():
    for name, path in MODULES.items():
        if "migrations" not in name:
            assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{name} says nothing about itself"
