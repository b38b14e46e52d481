"""Scratch databases of killed runs on real servers: what is left goes with the next one, what is in use stays."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from migmerge.core.database.scratch_names import Maker, scratch_name
from migmerge.database.left_scratch import this_process
from migmerge.database.scratch import scratch_database
from tests.support.databases import database


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with database(request.param, tmp_path) as url:
        engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        yield engine
        engine.dispose()


def run(server: sa.Engine, statement: str) -> list[str]:
    with server.connect() as connection:
        result = connection.exec_driver_sql(statement)
        return [str(each) for each in result.scalars()] if result.returns_rows else []


def made_by(process: int, *, hours: int = 2) -> str:
    here = this_process()
    return scratch_name(Maker(here.machine, process, here.time - hours * 3600), secrets.token_hex(3))


@pytest.fixture
def gone() -> int:
    """Return the number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def names(server: sa.Engine) -> list[str]:
    shown = {"postgresql": "SELECT datname FROM pg_database"}
    return run(server, shown.get(server.dialect.name, "SELECT schema_name FROM information_schema.schemata"))


def test_a_left_database_goes_with_the_next_run_and_no_other(server: sa.Engine, gone: int, tmp_path: Path) -> None:
    left, young, alive = made_by(gone), made_by(gone, hours=0), made_by(1)
    for name in (left, young, alive):
        run(server, f"CREATE DATABASE {name}")
    try:
        with scratch_database(server.url, tmp_path):
            assert set(names(server)) & {left, young, alive} == {young, alive}
    finally:
        for name in (left, young, alive):
            run(server, f"DROP DATABASE IF EXISTS {name}")


def test_a_database_with_a_connection_stays(server: sa.Engine, gone: int, tmp_path: Path) -> None:
    left = made_by(gone)
    run(server, f"CREATE DATABASE {left}")
    used = sa.create_engine(server.url.set(database=left), poolclass=NullPool)
    try:
        with used.connect(), scratch_database(server.url, tmp_path):
            assert left in names(server)
    finally:
        used.dispose()
        run(server, f"DROP DATABASE IF EXISTS {left}")
