"""Real databases, one for each test: SQLite always, PostgreSQL and MariaDB where a server answers."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

DIALECTS = ("sqlite", "postgresql", "mariadb")
_SERVERS = {
    "postgresql": ("MIGMERGE_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("MIGMERGE_TEST_MARIADB", "mariadb+pymysql://root@127.0.0.1:3306/test"),
}


@contextmanager
def database(dialect: str, folder: Path) -> Iterator[str]:
    """Make an empty database and yield its URL; it is gone afterwards."""
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'test.db'}"
        return
    variable, usual = _SERVERS[dialect]
    server = sa.make_url(os.environ.get(variable, usual))
    name = f"migmerge_{uuid.uuid4().hex[:12]}"
    _on_server(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _on_server(server, f"DROP DATABASE {name}")


def _on_server(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    except sa.exc.OperationalError as error:
        if os.environ.get("MIGMERGE_REQUIRE_DATABASES"):
            raise
        pytest.skip(f"no {server.get_backend_name()} at {server.host}:{server.port}: {error.orig}")
    finally:
        engine.dispose()


def tables(url: str) -> set[str]:
    """Return the tables that a database has, without Alembic's own."""
    engine = sa.create_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()
