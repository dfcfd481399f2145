"""Fixtures for every test: the real peers."""

from tests.peers.postgres import database, database_url, postgres_host, postgres_url

__all__ = ["database", "database_url", "postgres_host", "postgres_url"]
