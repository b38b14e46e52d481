"""Scratch databases: made beside the database that a URL names, and dropped afterwards; no other database is dropped here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.database.backup import SIDE_FILES
from ..core.database.scratch_names import scratch_name
from ..core.errors import MigmergeError
from .connection import connected, literal, quoted, synchronous
from .error_text import code_of, reason_of
from .left_scratch import drop_left_databases, this_process
from .postgresql import create_like, properties_of

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


COPIED = ("sqlite", "postgresql")
"""The dialects whose databases are copied faster than their migrations run again."""

_MISSING_RIGHT = ("42501", "1044", "1142", "1227")
"""The codes of PostgreSQL, and then of MySQL and MariaDB, for a missing right."""
_NO_SUCH_THREAD = "1094"
_TIMEOUT = 30
"""Seconds that a DROP waits for the locks of a connection that was just terminated; MariaDB's default is a day."""


@contextmanager
def scratch_database(url: URL, folder: Path) -> Iterator[URL]:
    """Make an empty database of the same dialect, yield its URL, and drop the database afterwards.

    A SQLite database is a file in `folder`. Another one is on the server of `url`.

    Raises:
        MigmergeError: where the dialect is not supported, no driver is installed, or the server refuses.
    """
    url = synchronous(url)
    if url.get_backend_name() == "sqlite":
        with _scratch_file(folder) as path:
            yield url.set(database=str(path))
        return
    with _database_on_server(url, _create_like if url.get_backend_name() == "postgresql" else _create_in_charset) as made:
        yield made


@contextmanager
def scratch_copy(source: URL, folder: Path) -> Iterator[URL]:
    """Copy a scratch database of a dialect in `COPIED` that has no connections; drop the copy afterwards."""
    if source.get_backend_name() != "sqlite":
        with _database_on_server(source, _create_from(source.database or "")) as made:
            yield made
        return
    with _scratch_file(folder) as path:
        path.write_bytes(Path(source.database or "").read_bytes())
        yield source.set(database=str(path))


@contextmanager
def _scratch_file(folder: Path) -> Iterator[Path]:
    path = folder / f"{_scratch_name()}.db"
    try:
        path.touch(exist_ok=False)
    except OSError as error:
        raise MigmergeError(f"no scratch database can be made in {folder}: {error.strerror}") from error
    try:
        yield path
    finally:
        for each in (path, *(path.with_name(path.name + end) for end in SIDE_FILES)):
            with suppress(OSError):  # Windows keeps an open file; the owner of the folder removes it
                each.unlink(missing_ok=True)


def _scratch_name() -> str:
    return scratch_name(this_process(), secrets.token_hex(3))


CreateStatement = Callable[["Connection", str], str]
"""Return the statement that creates a database of this name."""


@contextmanager
def _database_on_server(url: URL, statement: CreateStatement) -> Iterator[URL]:
    name = _scratch_name()
    with ExitStack() as stack:
        stack.callback(_drop, url, name)  # before the creation, which ^C can interrupt
        try:
            with _server_connection(url) as connection:
                drop_left_databases(connection)
                _create(connection, statement, name)
        except MigmergeError:
            stack.pop_all()  # a database of this name, if there is one, is not ours
            raise
        _verify_name(url.set(database=name), name)
        yield url.set(database=name)


def _create(connection: Connection, statement: CreateStatement, name: str) -> None:
    from sqlalchemy.exc import DBAPIError

    try:
        connection.exec_driver_sql(statement(connection, name))
    except DBAPIError as error:
        if code_of(error) in _MISSING_RIGHT:
            raise _missing_right(connection, error) from error
        raise MigmergeError(
            f"no scratch database could be made: {reason_of(error)}", hint="see that the user of the URL can create a database"
        ) from error


def _verify_name(url: URL, name: str) -> None:
    """Refuse a URL that leads elsewhere: a connection pooler can lead every name to one database."""
    with _server_connection(url) as connection:
        call = "current_database()" if connection.dialect.name == "postgresql" else "database()"
        reached = connection.exec_driver_sql(f"SELECT {call}").scalar()
    if reached != name:
        raise MigmergeError(
            f"{url.render_as_string()} leads to the database {reached}", hint="use a URL of the server itself, not of a pool"
        )


def _missing_right(connection: Connection, error: Exception) -> MigmergeError:
    """Name the missing right, and the statement that grants it."""
    user = str(connection.exec_driver_sql("SELECT CURRENT_USER").scalar())
    if connection.dialect.name == "postgresql":
        right, hint = "CREATEDB", f"ALTER ROLE {quoted(connection, user)} CREATEDB"
    else:
        grantee = "@".join(f"'{part}'" for part in user.rsplit("@", 1))
        right, hint = "CREATE", rf"GRANT ALL PRIVILEGES ON `migmerge\_scratch\_%`.* TO {grantee}"
    return MigmergeError(f"{user} lacks the right {right} to make a scratch database: {reason_of(error)}", hint=hint)


def _create_like(connection: Connection, name: str) -> str:
    return create_like(connection, name, properties_of(connection))


def _create_in_charset(connection: Connection, name: str) -> str:
    charset, collation = connection.exec_driver_sql("SELECT @@character_set_database, @@collation_database").one()
    return f"CREATE DATABASE {quoted(connection, name)} CHARACTER SET {charset} COLLATE {collation}"


def _create_from(template: str) -> CreateStatement:
    def statement(connection: Connection, name: str) -> str:
        _terminate(connection, template)  # PostgreSQL copies no database with connections, and a script can leave one open
        return f"CREATE DATABASE {quoted(connection, name)} TEMPLATE {quoted(connection, template)}"

    return statement


def _drop(url: URL, name: str) -> None:
    """Drop a database that was made here, also where it has connections."""
    from sqlalchemy.exc import DBAPIError

    try:
        with _server_connection(url) as connection:
            option = _end_connections(connection, name)
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(connection, name)}{option}")
    except (DBAPIError, MigmergeError) as error:
        raise MigmergeError(
            f"the scratch database {name} could not be dropped: {reason_of(error)}", hint=f"DROP DATABASE {name}"
        ) from error


def _end_connections(connection: Connection, name: str) -> str:
    """End the connections of a database, or return the option of DROP that does so."""
    if connection.dialect.name == "postgresql":
        if (connection.dialect.server_version_info or (0,)) >= (13,):
            return " WITH (FORCE)"
        _terminate(connection, name)
        return ""
    connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {_TIMEOUT}")
    busy = f"SELECT id FROM information_schema.processlist WHERE db = '{name}' AND id <> CONNECTION_ID()"  # noqa: S608
    for number in connection.exec_driver_sql(busy).scalars().all():
        _kill(connection, int(number))
    return ""


def _terminate(connection: Connection, name: str) -> None:
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname ="
    connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others} {literal(connection, name)}")


def _kill(connection: Connection, number: int) -> None:
    from sqlalchemy.exc import DBAPIError

    try:
        connection.exec_driver_sql(f"KILL {number}")
    except DBAPIError as error:
        if code_of(error) != _NO_SUCH_THREAD:
            raise


@contextmanager
def _server_connection(url: URL) -> Iterator[Connection]:
    """Connect to a server: through the database that the URL names, or through another one where that is missing."""
    others = ("postgres", "template1") if url.get_backend_name() == "postgresql" else ("",)
    with ExitStack() as stack:
        yield _first_connection(stack, [url, *(url.set(database=other) for other in others)])


def _first_connection(stack: ExitStack, urls: list[URL]) -> Connection:
    """Try one URL after the other, as long as the server answers that the database is missing."""
    from sqlalchemy.exc import SQLAlchemyError

    url, *others = urls
    try:
        return stack.enter_context(connected(url))
    except (SQLAlchemyError, TypeError) as error:  # a setting that the driver does not know is a TypeError
        named = url.database or url.username
        if not others or not any(f"{mark}{named}{mark}" in str(error) for mark in "\"'"):
            reason = f"the server of {url.render_as_string()} cannot be reached: {reason_of(error)}"
            raise MigmergeError(reason, hint="start it, or correct the URL") from error
    return _first_connection(stack, others)
