"""Scratch databases: made beside the named one, gone afterwards, and the only ones that are ever dropped."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import MigmergeError
from .connection import code_of, reason_of, synchronous

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


COPIED = ("sqlite", "postgresql")
"""Where a whole database is copied faster than its migrations run again."""

_NO_RIGHT = ("42501", "1044", "1142", "1227")
"""What PostgreSQL, and then MySQL and MariaDB, call a missing right."""
_NO_SUCH_THREAD = "1094"
_TIMEOUT = 30
"""Seconds that a DROP waits for locks of a connection that was just ended; MariaDB would wait a day."""


@contextmanager
def scratch_database(url: URL, folder: Path) -> Iterator[URL]:
    """Make an empty database of the same dialect and yield its URL; it is gone afterwards, whatever happens.

    SQLite's is a file in `folder`; the others' is on the same server, which `url` only serves to reach.

    Raises:
        MigmergeError: where the dialect is not supported, no driver is installed, or the server refuses.
    """
    url = synchronous(url)
    backend = url.get_backend_name()
    if backend == "sqlite":
        with _file(folder) as path:
            yield url.set(database=str(path))
        return
    with _on_server(url, _create_like if backend == "postgresql" else _create_in_charset) as made:
        yield made


@contextmanager
def scratch_copy(source: URL, folder: Path) -> Iterator[URL]:
    """Copy a scratch database of a dialect in `COPIED`, to which nobody is connected; the copy is gone afterwards."""
    if source.get_backend_name() != "sqlite":
        with _on_server(source, _create_from(source.database or "")) as made:
            yield made
        return
    with _file(folder) as path:
        path.write_bytes(Path(source.database or "").read_bytes())
        yield source.set(database=str(path))


@contextmanager
def _file(folder: Path) -> Iterator[Path]:
    path = folder / f"{_name()}.db"
    try:
        path.touch(exist_ok=False)
    except OSError as error:
        raise MigmergeError(f"no scratch database can be made in {folder}: {error.strerror}") from error
    try:
        yield path
    finally:
        for each in (path, *(path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm"))):
            with suppress(OSError):  # Windows keeps what is open; the folder is its owner's to remove
                each.unlink(missing_ok=True)


def _name() -> str:
    return f"migmerge_scratch_{secrets.token_hex(6)}"


Create = Callable[["Connection", str], str]
"""Return the statement that makes a database of this quoted name."""


@contextmanager
def _on_server(url: URL, create: Create) -> Iterator[URL]:
    name = _name()
    with ExitStack() as held:
        held.callback(_drop, url, name)  # first, for ^C may come while the server is at it
        try:
            with _connected(url) as connection:
                _run_create(connection, create, name)
        except MigmergeError:
            held.pop_all()  # refused: whatever has this name now is not ours
            raise
        _verify(url.set(database=name), name)
        yield url.set(database=name)


def _run_create(connection: Connection, create: Create, name: str) -> None:
    from sqlalchemy.exc import DBAPIError

    try:
        connection.exec_driver_sql(create(connection, _quoted(connection, name)))
    except DBAPIError as error:
        if code_of(error) in _NO_RIGHT:
            raise _refused(connection, error) from error
        raise MigmergeError(
            f"no scratch database could be made: {reason_of(error)}", hint="see that the user of the URL can create a database"
        ) from error


def _verify(url: URL, name: str) -> None:
    """See that the URL really leads to the scratch database: a pool between may lead every name to one database."""
    with _connected(url) as connection:
        call = "current_database()" if connection.dialect.name == "postgresql" else "database()"
        reached = connection.exec_driver_sql(f"SELECT {call}").scalar()
    if reached != name:
        raise MigmergeError(
            f"{url.render_as_string()} leads to the database {reached}", hint="use a URL of the server itself, not of a pool"
        )


def _refused(connection: Connection, error: Exception) -> MigmergeError:
    """Name the right that lacks, as a statement for whoever may give it."""
    user = str(connection.exec_driver_sql("SELECT CURRENT_USER").scalar())
    if connection.dialect.name == "postgresql":
        right, hint = "CREATEDB", f"ALTER ROLE {_quoted(connection, user)} CREATEDB"
    else:
        who = "@".join(f"'{part}'" for part in user.rsplit("@", 1))
        right, hint = "CREATE", rf"GRANT ALL PRIVILEGES ON `migmerge\_scratch\_%`.* TO {who}"
    return MigmergeError(f"{user} lacks the right {right} to make a scratch database: {reason_of(error)}", hint=hint)


def _create_like(connection: Connection, quoted: str) -> str:
    """Make a PostgreSQL database with nothing in it, of the encoding and the collation of the one connected to."""
    facts = connection.exec_driver_sql(
        "SELECT *, pg_encoding_to_char(encoding) AS encoding_name FROM pg_database WHERE datname = current_database()"
    ).mappings()
    own: Any = facts.one()
    options = {"ENCODING": own["encoding_name"], "LC_COLLATE": own["datcollate"], "LC_CTYPE": own["datctype"]}
    # PostgreSQL 15 brought the providers, and 17 another name for their locale and one of its own.
    locale = own.get("datlocale") or own.get("daticulocale")
    match own.get("datlocprovider"):
        case "i" | b"i":
            options |= {"LOCALE_PROVIDER": "icu", "ICU_LOCALE": locale}
        case "b" | b"b":
            options |= {"LOCALE_PROVIDER": "builtin", "BUILTIN_LOCALE": locale}
        case _:
            pass
    told = " ".join(f"{name} {_literal(connection, str(value))}" for name, value in options.items() if value)
    return f"CREATE DATABASE {quoted} TEMPLATE template0 {told}"


def _create_in_charset(connection: Connection, quoted: str) -> str:
    charset, collation = connection.exec_driver_sql("SELECT @@character_set_database, @@collation_database").one()
    return f"CREATE DATABASE {quoted} CHARACTER SET {charset} COLLATE {collation}"


def _create_from(template: str) -> Create:
    def create(connection: Connection, quoted: str) -> str:
        _terminate(connection, template)  # a script may have left a connection open, and PostgreSQL copies no busy database
        return f"CREATE DATABASE {quoted} TEMPLATE {_quoted(connection, template)}"

    return create


def _drop(url: URL, name: str) -> None:
    """Drop a database that was made here, also when somebody is still connected to it."""
    from sqlalchemy.exc import DBAPIError

    try:
        with _connected(url) as connection:
            forced = _end_connections(connection, name)
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {_quoted(connection, name)}{forced}")
    except (DBAPIError, MigmergeError) as error:
        raise MigmergeError(
            f"the scratch database {name} could not be dropped: {reason_of(error)}", hint=f"DROP DATABASE {name}"
        ) from error


def _end_connections(connection: Connection, name: str) -> str:
    """End who is connected to this database, and return what the DROP has to say for it where that does it better."""
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
    connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others} {_literal(connection, name)}")


def _kill(connection: Connection, number: int) -> None:
    from sqlalchemy.exc import DBAPIError

    try:
        connection.exec_driver_sql(f"KILL {number}")
    except DBAPIError as error:
        if code_of(error) != _NO_SUCH_THREAD:
            raise


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    """Connect to the server, through the named database or, where it is not there yet, another; each statement commits."""
    others = ("postgres", "template1") if url.get_backend_name() == "postgresql" else ("",)
    with _connection((url, *(url.set(database=other) for other in others))) as connection:
        yield connection


@contextmanager
def _connection(urls: tuple[URL, ...]) -> Iterator[Connection]:
    """Try one URL after the other, as long as it is the database that is missing and not the server."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    url, *others = urls
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        opened = engine.connect()
    except (SQLAlchemyError, TypeError) as error:  # a setting that the driver does not know is a TypeError
        named = url.database or url.username
        if not others or not any(f"{mark}{named}{mark}" in str(error) for mark in "\"'"):
            told = f"the server of {url.render_as_string()} cannot be reached: {reason_of(error)}"
            raise MigmergeError(told, hint="start it, or correct the URL") from error
        opened = None
    if opened is None:
        with _connection(tuple(others)) as connection:
            yield connection
        return
    with opened:
        yield opened


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _literal(connection: Connection, text: str) -> str:
    from sqlalchemy import literal

    return str(literal(text).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
