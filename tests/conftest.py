"""Fixtures for every test: the real peers."""

from tests.peers.dovecot import dovecot, dovecot_server
from tests.peers.fake_imap import fake_imap
from tests.peers.postfix import postfix
from tests.peers.postgres import (
    database,
    database_url,
    new_database_url,
    new_postgres_url,
    postgres_host,
    postgres_server,
    postgres_template,
    postgres_url,
)
from tests.peers.pymap_server import pymap_server
from tests.peers.smtp_sink import smtp_sink

__all__ = [
    "database",
    "database_url",
    "dovecot",
    "dovecot_server",
    "fake_imap",
    "new_database_url",
    "new_postgres_url",
    "postfix",
    "postgres_host",
    "postgres_server",
    "postgres_template",
    "postgres_url",
    "pymap_server",
    "smtp_sink",
]
