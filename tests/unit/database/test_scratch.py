"""Scratch databases on real servers: empty, alike, apart from everything else, and gone afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from migmerge.core.errors import MigmergeError
from migmerge.database.connection import synchronous
from migmerge.database.scratch import COPIED, scratch_copy, scratch_database
from tests.support.databases import DIALECTS, database, tables

SERVERS = DIALECTS[1:]


@pytest.fixture(params=DIALECTS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.URL]:
    """Yield a database with one table and one row, which must be the same in the end."""
    with database(request.param, tmp_path) as text:
        run(sa.make_url(text), "CREATE TABLE kept (id INTEGER PRIMARY KEY)", "INSERT INTO kept VALUES (7)")
        yield sa.make_url(text)
        assert tables(text) == {"kept"}
        assert run(sa.make_url(text), "SELECT id FROM kept") == [(7,)]


def run(url: sa.URL, *statements: str) -> list[tuple[object, ...]]:
    """Run statements and return the rows of the last one."""
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = [connection.exec_driver_sql(statement) for statement in statements][-1]
        return [tuple(row) for row in result] if result.returns_rows else []


def exists(url: sa.URL, scratch: sa.URL) -> bool:
    """Say whether the scratch database is still there, asking the server through `url`."""
    name = scratch.database or ""
    if url.get_backend_name() == "sqlite":
        return any(Path(name).parent.glob("migmerge_scratch_*"))
    if url.get_backend_name() == "postgresql":
        return (name,) in run(url, "SELECT datname FROM pg_database")
    return (name,) in run(url, "SHOW DATABASES")


def test_it_is_empty_apart_and_gone_afterwards(url: sa.URL, tmp_path: Path) -> None:
    with scratch_database(url, tmp_path) as scratch:
        assert scratch.get_backend_name() == url.get_backend_name()
        assert (scratch.host, scratch.port, scratch.username) == (url.host, url.port, url.username)
        name = Path(scratch.database or "").stem
        assert name.startswith("migmerge_scratch_") and len(name) <= 50
        assert tables(scratch.render_as_string(hide_password=False)) == set()
        run(scratch, "CREATE TABLE kept (id INTEGER PRIMARY KEY)", "DROP TABLE kept")
        assert exists(url, scratch)
    assert not exists(url, scratch)


def test_two_at_once_are_two(url: sa.URL, tmp_path: Path) -> None:
    with scratch_database(url, tmp_path) as one, scratch_database(url, tmp_path) as other:
        assert one.database != other.database
        run(one, "CREATE TABLE only_here (id INTEGER PRIMARY KEY)")
        assert tables(other.render_as_string(hide_password=False)) == set()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_it_is_gone_whatever_is_raised(url: sa.URL, tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with scratch_database(url, tmp_path) as scratch:
            made.append(scratch)
            run(scratch, "CREATE TABLE a (id INTEGER PRIMARY KEY)")
            raise error

    made: list[sa.URL] = []
    with pytest.raises(error):
        fail()
    [scratch] = made
    assert not exists(url, scratch)


@pytest.mark.parametrize("dialect", SERVERS)
def test_it_is_gone_though_somebody_is_in_a_transaction_there(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text:
        with scratch_database(sa.make_url(text), tmp_path) as scratch:
            connection = sa.create_engine(scratch, poolclass=NullPool).connect()
            connection.exec_driver_sql("CREATE TABLE a (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql("INSERT INTO a VALUES (1)")
        assert not exists(sa.make_url(text), scratch)
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("SELECT 1")
        connection.invalidate()
        connection.close()


@pytest.mark.parametrize("dialect", SERVERS)
def test_other_connections_of_the_server_are_left_alone(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text:
        engine = sa.create_engine(text, poolclass=NullPool)
        with engine.connect() as connection:
            with scratch_database(sa.make_url(text), tmp_path):
                pass
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_it_is_no_matter_that_it_was_dropped_meanwhile(url: sa.URL, tmp_path: Path) -> None:
    with scratch_database(url, tmp_path) as scratch:
        if url.get_backend_name() == "sqlite":
            Path(scratch.database or "").unlink()
        else:
            run(url, f"DROP DATABASE {scratch.database}")


@pytest.mark.parametrize(
    ("dialect", "made", "fact"),
    [
        ("postgresql", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", ["LATIN1", "C", "C"]),
        ("mariadb", "CHARACTER SET latin1 COLLATE latin1_spanish_ci", ["latin1", "latin1_spanish_ci"]),
    ],
)
def test_encoding_and_collation_are_the_originals(dialect: str, made: str, fact: list[str], tmp_path: Path) -> None:
    asked = {
        "postgresql": "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()",
        "mariadb": "SELECT @@character_set_database, @@collation_database",
    }[dialect]
    with database(dialect, tmp_path) as text:
        server = sa.make_url(text)
        name = f"{server.database}_alike"
        run(server, f"CREATE DATABASE {name} {'TEMPLATE template0 ' if dialect == 'postgresql' else ''}{made}")
        try:
            with scratch_database(server.set(database=name), tmp_path) as scratch:
                assert run(scratch, asked) == [tuple(fact)]
        finally:
            run(server, f"DROP DATABASE {name}")


@pytest.mark.parametrize("dialect", SERVERS)
def test_the_named_database_need_not_be_there_yet(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text:
        missing = sa.make_url(text).set(database="migmerge_nowhere")
        with scratch_database(missing, tmp_path) as scratch:
            assert run(scratch, "SELECT 1") == [(1,)]
        assert not exists(sa.make_url(text), scratch)


@pytest.mark.parametrize(("dialect", "setting"), [("postgresql", "dbname"), ("mariadb", "database"), ("mariadb", "db")])
def test_a_database_named_in_the_query_does_not_win(dialect: str, setting: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text:
        url = sa.make_url(text)
        named = sa.make_url(f"{url.set(database='').render_as_string(hide_password=False).rstrip('/')}/?{setting}={url.database}")
        with scratch_database(named, tmp_path) as scratch:
            run(scratch, "CREATE TABLE astray (id INTEGER PRIMARY KEY)")
        assert tables(text) == set()


@pytest.mark.parametrize("dialect", COPIED)
def test_a_copy_has_the_rows_and_goes_its_own_way(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text, scratch_database(sa.make_url(text), tmp_path) as scratch:
        run(scratch, "CREATE TABLE a (id INTEGER PRIMARY KEY)", "INSERT INTO a VALUES (1)")
        left_open = sa.create_engine(scratch, poolclass=NullPool).connect()
        with scratch_copy(scratch, tmp_path) as copy:
            assert run(copy, "SELECT id FROM a") == [(1,)]
            run(copy, "DROP TABLE a")
        assert run(scratch, "SELECT id FROM a") == [(1,)]
        left_open.invalidate()
        left_open.close()


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite+aiosqlite:///app.db", "sqlite+pysqlite"),
        ("sqlite+pysqlcipher://:key@/app.db", "sqlite+pysqlite"),
        ("postgresql+asyncpg://u:p@h:1/d", "postgresql+psycopg"),
        ("postgresql+psycopg_async://u@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg2://u@h/d", f"postgresql+{'psycopg2' if find_spec('psycopg2') else 'psycopg'}"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg"),
        ("mysql+aiomysql://u@h/d", "mysql+pymysql"),
        ("mysql+asyncmy://u@h/d", "mysql+pymysql"),
        ("mariadb+pymysql://u@h/d", "mariadb+pymysql"),
        ("mariadb+mariadbconnector://u@h/d", "mariadb+pymysql"),
        ("postgresql+no_such_driver://u@h/d", "postgresql+psycopg"),
    ],
)
def test_an_installed_synchronous_driver_is_taken(given: str, driver: str) -> None:
    assert synchronous(sa.make_url(given)).drivername == driver


def test_settings_of_asyncpg_become_those_of_libpq() -> None:
    url = synchronous(sa.make_url("postgresql+asyncpg://u:p%40@h/d?ssl=true&prepared_statement_cache_size=0&host=other"))
    assert url.render_as_string(hide_password=False) == "postgresql+psycopg://u:p%40@h/d?host=other&sslmode=require"


@pytest.mark.parametrize("given", ["oracle://u@h/d", "mssql+pyodbc://u@h/d", "postgres://u@h/d"])
def test_other_dialects_are_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(MigmergeError) as refused, scratch_database(sa.make_url(given), tmp_path):
        raise AssertionError
    assert str(refused.value) == f"no scratch database can be made on {sa.make_url(given).get_backend_name()}"
    assert refused.value.hint == "use a database of SQLite, PostgreSQL, MySQL and MariaDB"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(MigmergeError, match="No such file or directory"),
        scratch_database(sa.make_url("sqlite://"), tmp_path / "no"),
    ):
        raise AssertionError


@pytest.mark.parametrize("given", ["postgresql+psycopg://u:secret@127.0.0.1:1/d", "mariadb+pymysql://u:secret@127.0.0.1:1/d"])
def test_a_server_that_does_not_answer_is_named_without_its_password(given: str, tmp_path: Path) -> None:
    with pytest.raises(MigmergeError) as refused, scratch_database(sa.make_url(given), tmp_path):
        raise AssertionError
    assert str(refused.value).startswith(f"the server of {given.replace('secret', '***')} cannot be reached: ")
    assert "secret" not in str(refused.value)
    assert refused.value.hint == "start it, or correct the URL"


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_setting_that_the_driver_does_not_know_is_refused(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text:
        url = sa.make_url(text).update_query_dict({"no_such_setting": "1"})
        with pytest.raises(MigmergeError, match="no_such_setting"), scratch_database(url, tmp_path):
            raise AssertionError


@contextmanager
def guest(dialect: str, text: str) -> Iterator[sa.URL]:
    """Make a user who may use the database and make none."""
    server, name = sa.make_url(text), f"guest_{uuid.uuid4().hex[:8]}"
    if dialect == "postgresql":
        made, dropped = [f"CREATE ROLE {name} LOGIN PASSWORD 'secret'"], [f"DROP ROLE {name}"]
    else:
        user = f"'{name}'@'127.0.0.1'"
        made = [f"CREATE USER {user} IDENTIFIED BY 'secret'", f"GRANT ALL ON {server.database}.* TO {user}"]
        dropped = [f"DROP USER {user}"]
    run(server, *made)
    try:
        yield server.set(username=name, password="secret")
    finally:
        run(server, *dropped)


@pytest.mark.parametrize("dialect", SERVERS)
def test_the_lacking_right_is_named(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text, guest(dialect, text) as url, pytest.raises(MigmergeError) as refused:
        scratch_database(url, tmp_path).__enter__()
    who = f"'{url.username}'@'127.0.0.1'"
    right, hint = {
        "postgresql": ("CREATEDB", f"ALTER ROLE {url.username} CREATEDB"),
        "mariadb": ("CREATE", rf"GRANT ALL PRIVILEGES ON `migmerge\_scratch\_%`.* TO {who}"),
    }[dialect]
    assert f" lacks the right {right} to make a scratch database: " in str(refused.value)
    assert refused.value.hint == hint


@pytest.mark.parametrize("dialect", SERVERS)
def test_the_hint_really_gives_the_right(dialect: str, tmp_path: Path) -> None:
    with database(dialect, tmp_path) as text, guest(dialect, text) as url:
        with pytest.raises(MigmergeError) as refused, scratch_database(url, tmp_path):
            raise AssertionError
        assert refused.value.hint and refused.value.hint.startswith(("ALTER ROLE guest_", "GRANT "))
        run(sa.make_url(text), refused.value.hint.replace("%", "%%" if dialect == "mariadb" else "%"))
        with scratch_database(url, tmp_path) as scratch:
            run(scratch, "CREATE TABLE a (id INTEGER PRIMARY KEY)")
        assert not exists(sa.make_url(text), scratch)
