"""The words for people are true: README names every command, the example every setting, help says something."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from office.cli.groups import program
from office.cli.main import COMMANDS
from office.config import explain, load, sections
from office.example_config import example

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def commands(group: click.Group = program, prefix: str = "fridayfolder") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        full = f"{prefix} {name}"
        found.update(commands(command, full) if isinstance(command, click.Group) else {full: command})
    return found


def test_every_command_file_is_joined():
    files = {path.stem for path in (ROOT / "office" / "cli").glob("*.py")} - {"__init__", "main", "groups", "options"}

    assert files == {module.__name__.rpartition(".")[2] for module in COMMANDS}


@pytest.mark.parametrize("name", sorted(commands()))
def test_the_readme_names_every_command(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_takes_the_shared_options_and_has_help(name):
    command = commands()[name]

    assert {"config", "as_json", "now"} <= {parameter.name for parameter in command.params}
    assert command.help


def test_the_readme_names_no_command_that_is_not_there():
    written = set(re.findall(r"`(fridayfolder [a-z]+(?: [a-z]+)?)`", README))

    assert written <= set(commands())


def test_the_example_is_fresh_and_names_every_setting():
    assert (ROOT / "config.example.toml").read_text("utf-8") == example()
    for name, section in sections().items():
        for field in section.__struct_fields__:
            written = rf"^#?(?:{field} = |\[\[{name}\.{field}\]\]$)"
            assert re.search(written, example(), re.MULTILINE), f"{name}.{field}"


def test_the_example_loads_once_a_key_is_given(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(example().replace("keys = []", f'keys = ["0:{"ab" * 32}"]'))

    assert load(config, {}).smtp.host == "smtp.school.example"


def test_the_example_with_every_default_uncommented_says_the_same(tmp_path):
    text = re.sub(r"^#(\w+ = )", r"\1", example(), flags=re.MULTILINE)
    config = tmp_path / "config.toml"
    config.write_text(text)

    tomllib.loads(text)
    plain = tmp_path / "plain.toml"
    plain.write_text(example())
    assert load(config, {}) == load(plain, {})


def test_a_wrong_value_is_explained_with_its_key():
    assert explain("Expected `int`, got `str` - at `$.smtp.port`") == "smtp.port: expected `int`, got `str`"


@pytest.mark.parametrize("name", ["demo", "test", "check", "bench", "nightly"])
def test_make_has_the_targets_the_docs_name(name):
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.search(rf"^{name}:", makefile, re.MULTILINE)
    assert f"make {name}" in README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(docs/[a-z]+\.md)`", README))))
def test_every_page_the_readme_names_is_there(path):
    assert (ROOT / path).is_file()
