"""Connections of our own: the driver, the connection, and the quoting of its dialect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..core.errors import MigmergeError
from .error_text import reason_of

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


_MYSQL = ("mysql", "mariadb")
_DRIVERS = {"sqlite": ("pysqlite",), "postgresql": ("psycopg", "psycopg2")} | dict.fromkeys(_MYSQL, ("pymysql", "mysqldb"))
_PACKAGES = {"postgresql": "psycopg[binary]"} | dict.fromkeys(_MYSQL, "pymysql")
_ASYNCPG_AND_LIBPQ = {"ssl": "sslmode"} | {name: name for name in ("host", "port", "passfile", "krbsrvname", "sslmode")}


def synchronous(url: URL) -> URL:
    """Return the URL with an installed synchronous driver: its own one, or else another one of its dialect.

    Raises:
        MigmergeError: where the dialect is not supported or no driver is installed.
    """
    backend = url.get_backend_name()
    if backend not in _DRIVERS:
        known = "SQLite, PostgreSQL, MySQL and MariaDB"
        raise MigmergeError(f"no scratch database can be made on {backend}", hint=f"use a database of {known}")
    if backend == "sqlite":
        return _bare(url.set(drivername="sqlite+pysqlite"))
    url = _named_once(url)
    if _is_usable(url):
        return url
    for driver in _DRIVERS[backend]:
        other = _translated(url).set(drivername=f"{backend}+{driver}")
        if _is_usable(other):
            return other
    raise MigmergeError(
        f"no synchronous driver for {backend} is installed", hint=f"pip install '{_PACKAGES[backend]}' into this environment"
    )


@contextmanager
def connected(
    url: URL, failing: str | None = None, *, autocommit: bool = True, settings: Sequence[str] = ()
) -> Iterator[Connection]:
    """Connect without a pool, and close the connection and its engine afterwards.

    `settings` are statements that run at the start of every connection of the engine.

    Raises:
        MigmergeError: with the driver's reason after `failing`, where that is given, for every error of SQLAlchemy.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    level: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    engine = create_engine(synchronous(url), poolclass=NullPool, **level)
    if settings:
        event.listen(engine, "connect", lambda driver_connection, _: _execute(driver_connection, settings))
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        if failing is None:
            raise
        raise MigmergeError(f"{failing}: {reason_of(error)}") from error
    finally:
        engine.dispose()


def _execute(driver_connection: Any, statements: Sequence[str]) -> None:
    cursor = driver_connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
    driver_connection.commit()


def quoted(connection: Connection, name: str) -> str:
    """Return an identifier, quoted where its dialect needs that."""
    return connection.dialect.identifier_preparer.quote(name)


def literal(connection: Connection, text: str) -> str:
    """Return a string literal of the connection's dialect."""
    from sqlalchemy import literal as bind

    return str(bind(text).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))


def _bare(url: URL) -> URL:
    """Remove what says how a SQLite file is opened, and what is no part of a file's name."""
    return url._replace(query=type(url.query)({}), host=None, port=None, username=None, password=None)


def _named_once(url: URL) -> URL:
    """Move the database's name out of the query, where it would override the name of a scratch database."""
    names = ("dbname", "database", "db")
    named = next((str(url.query[name]) for name in names if name in url.query), url.database)
    return url._replace(database=named).difference_update_query(names)


def _translated(url: URL) -> URL:
    """Name the settings of asyncpg as libpq does, and remove those that only asyncpg has."""
    if not url.drivername.endswith("+asyncpg"):
        return url
    kept = {_ASYNCPG_AND_LIBPQ[name]: value for name, value in url.query.items() if name in _ASYNCPG_AND_LIBPQ}
    if kept.get("sslmode") in ("true", "True", "1"):
        kept["sslmode"] = "require"
    return url._replace(query=type(url.query)(kept))


def _is_usable(url: URL) -> bool:
    from sqlalchemy.exc import NoSuchModuleError

    try:
        dialect = url.get_dialect()
        dialect.import_dbapi()
    except (ImportError, NoSuchModuleError):
        return False
    return not dialect.is_async
