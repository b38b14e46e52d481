"""An empty database in place of another one. Only the database that the URL names is dropped."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.database.backup import SIDE_FILES
from ..core.errors import MigmergeError
from .backup.copy import sqlite_file
from .backup.dump_tools import client_of
from .connection import connected, literal, quoted, synchronous
from .postgresql import create_like, properties_of

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, RowMapping


_TIMEOUT = 2.0
"""Seconds to wait for the locks of others, and for PostgreSQL's processes of closed connections to end."""

_EXTENSIONS = """
SELECT e.extname AS name, n.nspname AS schema, a.schema AS fixed
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
LEFT JOIN pg_available_extension_versions AS a ON a.name = e.extname AND a.version = e.extversion
WHERE e.extname <> 'plpgsql' ORDER BY e.oid
"""
_SETTINGS = """
SELECT rolname AS role, split_part(setting, '=', 1) AS name, substr(setting, strpos(setting, '=') + 1) AS value
FROM (SELECT setrole, unnest(setconfig) AS setting FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase
      WHERE datname = :name) AS own
LEFT JOIN pg_roles AS r ON r.oid = own.setrole
"""
_GRANTS = """
SELECT rolname AS role, privilege_type AS privilege, is_grantable
FROM pg_database, aclexplode(datacl) AS own LEFT JOIN pg_roles AS r ON r.oid = own.grantee WHERE datname = :name
"""
_IDENTITY = "SELECT oid, pg_postmaster_start_time() FROM pg_database WHERE datname = "
_OTHERS = """
SELECT pid, application_name, client_addr FROM pg_stat_activity
WHERE datname = :name AND pid <> pg_backend_pid() AND backend_type IS DISTINCT FROM 'autovacuum worker' ORDER BY pid
"""


def recreate(url: URL) -> None:
    """Replace a database by an empty one with the same owner, encoding, collation, settings, grants and extensions.

    Raises:
        MigmergeError: where the database is in use, or may not be dropped and created; then it is unchanged.
    """
    match url.get_backend_name():
        case "sqlite":
            _recreate_file(sqlite_file(url))
        case "postgresql":
            _recreate_postgresql(synchronous(url))
        case "mysql" | "mariadb":
            _recreate_mysql(synchronous(url))
        case other:
            raise MigmergeError(f"migmerge cannot recreate a database of {other}", hint="drop and create it yourself")


def _recreate_file(path: Path) -> None:
    """Delete the file of SQLite and its side files, unless the file is in use; the next connection makes a new file."""
    if not path.exists():
        return
    in_use = MigmergeError(f"{path} is in use", hint="end what has it open, and try again")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=_TIMEOUT, isolation_level=None)) as connection:
            # With a write-ahead log this fails where anyone is connected, otherwise where anyone reads or writes.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise in_use if "locked" in str(error) else MigmergeError(f"{path}: {error}") from error
    for each in (path, *(Path(f"{path}{end}") for end in SIDE_FILES)):
        each.unlink(missing_ok=True)


def _recreate_mysql(url: URL) -> None:
    """Run the CREATE DATABASE that the server shows for the database; its grants are not part of the database."""
    name = client_of(url).database
    with connected(url, _failing(name)) as connection:
        identifier = connection.dialect.identifier_preparer.quote_identifier(name)
        create = str(connection.exec_driver_sql(f"SHOW CREATE DATABASE IF NOT EXISTS {identifier}").one()[1])
        _run_verbatim(connection, create)  # the database exists, so this only asks for the right to create it
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {_TIMEOUT:.0f}")
        try:
            connection.exec_driver_sql(f"DROP DATABASE {identifier}")
            _run_verbatim(connection, create)
        except BaseException:  # ^C can come after the DROP
            with suppress(MigmergeError), connected(url.set(database=""), _failing(name)) as another:
                _run_verbatim(another, create)
            raise


def _run_verbatim(connection: Connection, statement: str) -> None:
    """Run a statement of the server's, in which `%` is no parameter."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _failing(name: str) -> str:
    return f"{name} cannot be recreated"


def _recreate_postgresql(url: URL) -> None:
    """Make the empty database first, under another name, so that the old one is only dropped where it can be replaced."""
    name, fresh = client_of(url).database, f"migmerge_fresh_{secrets.token_hex(6)}"
    with connected(url, _failing(name)) as connection:
        extensions = _select(connection, _EXTENSIONS)
        identity = _select(connection, f"{_IDENTITY} current_database()")
    with ExitStack() as stack:
        connection = _maintenance_connection(stack, url, name)
        if _select(connection, f"{_IDENTITY} :name", name=name) != identity:  # a connection pooler can map names
            raise MigmergeError(
                f"{name} is not what the server itself calls {name}", hint="use a URL of the server, not of a pool"
            )
        _require_no_connections(connection, name)
        try:
            connection.exec_driver_sql(create_like(connection, fresh, properties_of(connection, name), owned=True))
            _create_extensions(url.set(database=fresh), name, extensions)
            _copy_grants_and_settings(connection, name, fresh)
            connection.exec_driver_sql(f"DROP DATABASE {quoted(connection, name)}")
        finally:
            _rename_or_drop(url, name, fresh)


def _rename_or_drop(url: URL, name: str, fresh: str) -> None:
    """Give the empty database the name of the old one where that was dropped, and else drop the empty database."""
    with ExitStack() as stack:
        connection = _maintenance_connection(stack, url, name)
        old, new = quoted(connection, name), quoted(connection, fresh)
        if _select(connection, "SELECT 1 FROM pg_database WHERE datname = :name", name=name):
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {new}")
        else:
            connection.exec_driver_sql(f"ALTER DATABASE {new} RENAME TO {old}")


def _maintenance_connection(stack: ExitStack, url: URL, name: str) -> Connection:
    """Connect to a maintenance database of the server other than the named one."""
    first, *others = (each for each in ("postgres", "template1") if each != name)
    try:
        return stack.enter_context(connected(url.set(database=first), _failing(name)))
    except MigmergeError:
        if not others:
            raise
    return stack.enter_context(connected(url.set(database=others[0]), _failing(name)))


def _require_no_connections(connection: Connection, name: str) -> None:
    """Wait for connections that are about to end, and refuse with the names of those that remain."""
    deadline = time.monotonic() + _TIMEOUT
    while others := _select(connection, _OTHERS, name=name):
        if time.monotonic() > deadline:
            who = ", ".join(
                f"{each['application_name'] or 'a connection'} (pid {each['pid']}, {_origin(each['client_addr'])})"
                for each in others
            )
            raise MigmergeError(f"{name} is in use by {who}", hint="end what is connected to it, and try again")
        time.sleep(0.1)


def _origin(address: object) -> str:
    return f"from {address}" if address else "on a socket"


def _create_extensions(fresh: URL, name: str, extensions: Sequence[RowMapping]) -> None:
    """Create the extensions of the old database, in their schemas; one with a schema of its own makes that itself."""
    if not extensions:
        return
    with connected(fresh, _failing(name)) as connection:
        for each in extensions:
            schema = quoted(connection, each["schema"])
            if not each["fixed"]:
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            where = "" if each["fixed"] else f" SCHEMA {schema}"
            connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {quoted(connection, each['name'])}{where}")


def _copy_grants_and_settings(connection: Connection, name: str, fresh: str) -> None:
    """Copy the grants and the comment of a database, and last the settings, which can forbid the rest."""
    old, target = properties_of(connection, name), quoted(connection, fresh)
    if old["datacl"] is not None:
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {target} FROM PUBLIC, {quoted(connection, old['owner'])}")
    for each in _select(connection, _GRANTS, name=name):
        option = " WITH GRANT OPTION" if each["is_grantable"] else ""
        role = quoted(connection, each["role"]) if each["role"] else "PUBLIC"
        connection.exec_driver_sql(f"GRANT {each['privilege']} ON DATABASE {target} TO {role}{option}")
    if old["comment"]:
        connection.exec_driver_sql(f"COMMENT ON DATABASE {target} IS {literal(connection, old['comment'])}")
    for each in _select(connection, _SETTINGS, name=name):
        owner = f"ROLE {quoted(connection, each['role'])} IN DATABASE" if each["role"] else "DATABASE"
        setting = quoted(connection, each["name"])
        _select(connection, "SELECT set_config(:name, :value, false)", name=each["name"], value=each["value"])
        connection.exec_driver_sql(f"ALTER {owner} {target} SET {setting} FROM CURRENT")
        connection.exec_driver_sql(f"RESET {setting}")


def _select(connection: Connection, query: str, **parameters: object) -> Sequence[RowMapping]:
    from sqlalchemy import text

    return connection.execute(text(query), parameters).mappings().all()
