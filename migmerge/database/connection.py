"""Drivers: which one talks to a database, and what they say when it refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..core.errors import MigmergeError

if TYPE_CHECKING:
    from sqlalchemy import URL


_MYSQL = ("mysql", "mariadb")
_DRIVERS = {"sqlite": ("pysqlite",), "postgresql": ("psycopg", "psycopg2")} | dict.fromkeys(_MYSQL, ("pymysql", "mysqldb"))
_PACKAGES = {"postgresql": "psycopg[binary]"} | dict.fromkeys(_MYSQL, "pymysql")
_ASYNCPG_AND_LIBPQ = {"ssl": "sslmode"} | {name: name for name in ("host", "port", "passfile", "krbsrvname", "sslmode")}


def synchronous(url: URL) -> URL:
    """Return the URL with a driver that is installed and not asynchronous, its own where that is one.

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


def reason_of(error: BaseException) -> str:
    """Return in one line what went wrong: the driver's own words, without its number and its help."""
    original = getattr(error, "orig", None) or error
    match getattr(original, "args", ()):
        case (int(), words) if not isinstance(original, OSError):
            text = str(words)
        case _:
            text = str(original)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else type(original).__name__


def unqualified(text: str, database: str | None) -> str:
    """Leave out a database's name before those of its tables, where MariaDB puts it: a scratch database's says nothing."""
    return re.sub(rf"`?{re.escape(database)}`?\.", "", text) if database else text


def code_of(error: BaseException) -> str:
    """Return the number or SQLSTATE of a driver's error, empty where it has none."""
    original: Any = getattr(error, "orig", None)
    match getattr(original, "args", ()):
        case (int() as number, *_):
            return str(number)
        case _:
            return str(getattr(original, "sqlstate", None) or getattr(original, "pgcode", None) or "")


def _bare(url: URL) -> URL:
    """Leave out what says where a file is or how it is opened: the scratch database is another one."""
    return url._replace(query=type(url.query)({}), host=None, port=None, username=None, password=None)


def _named_once(url: URL) -> URL:
    """Take the database's name out of the query, where it would win over the scratch database's."""
    names = ("dbname", "database", "db")
    named = next((str(url.query[name]) for name in names if name in url.query), url.database)
    return url._replace(database=named).difference_update_query(names)


def _translated(url: URL) -> URL:
    """Name the settings of a URL as the other driver does; asyncpg has some that nobody else knows."""
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
