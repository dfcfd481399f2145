"""Reads `config.toml`, lays the environment over it, and says in one line what is wrong and where.

`FRIDAYFOLDER_SMTP_PASSWORD` sets `smtp.password`; `FRIDAYFOLDER_SMTP_PASSWORD_FILE` reads it from a file, as systemd
and container secrets want it. A list is written with commas.
"""

import difflib
import functools
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from office.settings import FORMS, ImapLogin, Settings
from school.errors import PermanentError

PREFIX = "FRIDAYFOLDER_"
FIRST_ACCOUNT = "inbox"  #: the mailbox of [imap] in logs and in the database


class ConfigError(PermanentError):
    """The configuration cannot be used; the text names the key and what to do."""


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of *path* with the environment over them; ConfigError names the first wrong key."""
    values = _toml(path)
    mailboxes = _further_mailboxes(values)
    for place, key, value in _from_environment(environment, mailboxes):
        (mailboxes[place] if place in mailboxes else values.setdefault(place, {}))[key] = value
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{path.name}: {explain(str(exc))}") from exc
    for key in _missing_beside(settings):
        raise ConfigError(f"{path.name}: {key} is missing: {_where_to_set(key)}")
    accounts = [FIRST_ACCOUNT, *(mailbox.account for mailbox in settings.imap.more)]
    for account in accounts:
        if accounts.count(account) > 1:
            raise ConfigError(
                f"{path.name}: imap.more: two mailboxes are called {account!r}: give each its own account"
            )
    return settings


def _missing_beside(settings: Settings) -> Iterator[str]:
    """Keys that have a default and are needed all the same, because of another key."""
    smtp, imap, dkim, oauth = settings.smtp, settings.imap, settings.dkim, settings.oauth
    by_token = "xoauth2" in {smtp.login, imap.login, *(mailbox.login for mailbox in imap.more)}
    needed = (
        ("smtp.user", smtp.login == "xoauth2", smtp.user),
        ("smtp.password", smtp.user and smtp.login == "password", smtp.password),
        ("imap.user", imap.host, imap.user),
        ("imap.password", imap.host and imap.login == "password", imap.password),
        ("oauth.token_url", by_token, oauth.token_url),
        ("oauth.client_id", by_token, oauth.client_id),
        ("oauth.client_secret", by_token and not oauth.refresh_token, oauth.client_secret),
        ("dkim.selector", dkim.domain, dkim.selector),
        ("dkim.key", dkim.domain, dkim.key),
    )
    yield from (key for key, because, value in needed if because and not value)
    for mailbox in imap.more:
        place = f"imap.{mailbox.account}"
        if not mailbox.user:
            yield f"{place}.user"
        if mailbox.login == "password" and not mailbox.password:
            yield f"{place}.password"


def explain(problem: str) -> str:
    """The checker's message as one line a person can act on: the dotted key first."""
    message, _, place = problem.partition(" - at ")
    where = place.strip("`").removeprefix("$").removeprefix(".")
    if match := re.search(r"unknown field `(.+?)`", message):
        key = f"{where}.{match[1]}".removeprefix(".")
        close = difflib.get_close_matches(key, _known_keys(), 1)
        hint = f": did you mean {close[0]}?" if close else ": remove it, or see config.example.toml"
        return f"{key} is not a setting{hint}"
    if match := re.search(r"missing required field `(.+?)`", message):
        key = f"{where}.{match[1]}".removeprefix(".")
        return f"{key} is missing: {_where_to_set(key)}"
    for pattern, form in FORMS.items():
        if repr(pattern) in message:
            return f"{where}: {form}"
    return f"{where}: {message[:1].lower()}{message[1:]}"


def _toml(path: Path) -> dict[str, Any]:  # Any: TOML's values before they are checked
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as exc:
        raise ConfigError(f"{path}: no such file: run 'fridayfolder init' or name one with --config") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path.name}: not UTF-8 at byte {exc.start}: save it as UTF-8") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path.name}: not valid TOML: {exc}") from exc
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc


def _further_mailboxes(values: dict[str, Any]) -> dict[str, dict[str, Any]]:  # Any: as above
    """The tables of [[imap.more]] as `imap.<account>`; what is no such table is told when it is checked."""
    imap = values.get("imap")
    held = imap.get("more") if isinstance(imap, dict) else None
    tables = [table for table in held if isinstance(table, dict)] if isinstance(held, list) else []
    return {f"imap.{table['account']}": table for table in tables if isinstance(table.get("account"), str)}


def _from_environment(
    environment: Mapping[str, str], mailboxes: Collection[str]
) -> Iterator[tuple[str, str, str | list[str]]]:
    """(table, key, value) of every variable of ours; an unknown one is an error, as in the file."""
    known = {_environment_name(key): key for key in _known_keys() if key != "imap.more"}
    fields = ImapLogin.__struct_fields__
    known |= {_environment_name(f"{place}.{field}"): f"{place}.{field}" for place in mailboxes for field in fields}
    for name, text in sorted(environment.items()):
        if not name.startswith(PREFIX):
            continue
        value = text
        key = known.get(name)
        if key is None and name.endswith("_FILE"):
            key = known.get(name.removesuffix("_FILE"))
            value = _secret_file(name, text)
        if key is None:
            close = difflib.get_close_matches(name, known, 1)
            raise ConfigError(f"{name} is not a setting" + (f": did you mean {close[0]}?" if close else ""))
        table, _, field = key.rpartition(".")
        yield table, field, _listed(value) if key in _list_keys() else value


def _secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as exc:
        raise ConfigError(f"{name}: cannot read {path}: {exc.strerror}") from exc


def _listed(value: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]


def _environment_name(key: str) -> str:
    return PREFIX + key.replace(".", "_").replace("-", "_").upper()


def _where_to_set(key: str) -> str:
    return "set it here" if "[" in key else f"set it here or as {_environment_name(key)}"


def sections() -> dict[str, type[msgspec.Struct]]:
    """Every table of config.toml by name, in the order it is written."""
    return dict(get_type_hints(Settings))


def _known_keys() -> list[str]:
    return [f"{name}.{field}" for name, section in sections().items() for field in section.__struct_fields__]


@functools.cache
def _list_keys() -> frozenset[str]:
    return frozenset(
        f"{name}.{field}"
        for name, section in sections().items()
        for field, hint in get_type_hints(section).items()
        if get_origin(hint) is list or (get_args(hint) and get_origin(get_args(hint)[0]) is list)
    )
