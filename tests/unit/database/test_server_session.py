"""The limit of a wait for locks: ours where nobody has set one, the project's own where it has."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from migmerge.database.server_session import blockers_of, limited
from tests.support.databases import database

SHOWN = {"postgresql": "SHOW lock_timeout", "mariadb": "SELECT @@lock_wait_timeout"}
OURS = {"postgresql": "10s", "mariadb": "10"}
PROJECTS_OWN = {"postgresql": "?options=-clock_timeout%3D3s", "mariadb": "?init_command=SET+SESSION+lock_wait_timeout%3D3"}
THEIRS = {"postgresql": "3s", "mariadb": "3"}
NUMBER = {"postgresql": "SELECT pg_backend_pid()", "mariadb": "SELECT connection_id()"}


@pytest.mark.parametrize("dialect", SHOWN)
@pytest.mark.parametrize("own", [False, True])
def test_a_connection_waits_as_long_as_the_project_says_or_ten_seconds(dialect: str, own: bool, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as url:
        engine = sa.create_engine(url + PROJECTS_OWN[dialect] * own, poolclass=sa.NullPool)
        with engine.connect() as connection:
            session = limited(connection)
            assert not connection.in_transaction()
            connection.rollback()
            assert str(connection.exec_driver_sql(SHOWN[dialect]).scalar()) == (THEIRS if own else OURS)[dialect]
            assert session and session.pid == connection.exec_driver_sql(NUMBER[dialect]).scalar()
            assert blockers_of([session]) == ()


def test_sqlite_has_no_server(tmp_path: Path) -> None:
    with sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}").connect() as connection:
        assert limited(connection) is None
