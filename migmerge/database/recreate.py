"""Making a database empty, as it was when it was new. Only the one that the URL names is ever dropped."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.database.backup import SIDE_FILES
from ..core.errors import MigmergeError
from .backup.copy import sqlite_file
from .backup.dump_tools import client_of
from .backup.verify import connected
from .connection import synchronous

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, RowMapping


_TIMEOUT = 2.0
"""Seconds for the locks of others, and for connections that were just closed: PostgreSQL's processes take their time."""

_FACTS = """
SELECT *, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding_name,
       shobj_description(oid, 'pg_database') AS comment,
       (SELECT spcname FROM pg_tablespace AS t WHERE t.oid = dattablespace) AS tablespace
FROM pg_database WHERE datname = :name
"""
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
    """Make a database empty, with the owner, encoding, collation, settings, grants and extensions that it has.

    Raises:
        MigmergeError: where it is in use, or may not be dropped and created; then it is what it was.
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
    """Delete SQLite's file, once nobody holds it, with what lies beside it; whoever connects next makes it."""
    if not path.exists():
        return
    in_use = MigmergeError(f"{path} is in use", hint="end what has it open, and try again")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=_TIMEOUT, isolation_level=None)) as connection:
            # With a write-ahead log this fails where anyone is connected, and else where anyone reads or writes.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise in_use if "locked" in str(error) else MigmergeError(f"{path}: {error}") from error
    for each in (path, *(Path(f"{path}{end}") for end in SIDE_FILES)):
        each.unlink(missing_ok=True)


def _recreate_mysql(url: URL) -> None:
    """Run the statement that the server itself would create the database with; its grants are kept elsewhere."""
    name = client_of(url).database
    with connected(url, _failing(name)) as connection:
        quoted = connection.dialect.identifier_preparer.quote_identifier(name)
        create = str(connection.exec_driver_sql(f"SHOW CREATE DATABASE IF NOT EXISTS {quoted}").one()[1])
        _as_it_is(connection, create)  # it is there, so that this only asks for the right
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {_TIMEOUT:.0f}")
        try:
            connection.exec_driver_sql(f"DROP DATABASE {quoted}")
            _as_it_is(connection, create)
        except BaseException:  # ^C may come when it is gone already
            with suppress(MigmergeError), connected(url.set(database="")) as another:
                _as_it_is(another, create)
            raise


def _as_it_is(connection: Connection, statement: str) -> None:
    """Run a statement of the server's own making, in which `%` is no parameter."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _failing(name: str) -> str:
    return f"{name} cannot be recreated"


def _recreate_postgresql(url: URL) -> None:
    """Make the empty database first, under another name, so that the old one is only dropped where it can be replaced."""
    name, fresh = client_of(url).database, f"migmerge_fresh_{secrets.token_hex(6)}"
    with connected(url, _failing(name)) as connection:
        extensions = _asked(connection, _EXTENSIONS)
        meant = _asked(connection, f"{_IDENTITY} current_database()")
    with _maintenance(url, name) as connection:
        if _asked(connection, f"{_IDENTITY} :name", name=name) != meant:  # a pool between may lead a name elsewhere
            raise MigmergeError(
                f"{name} is not what the server itself calls {name}", hint="use a URL of the server, not of a pool"
            )
        _require_alone(connection, name)
        try:
            _create_like(connection, fresh, _asked(connection, _FACTS, name=name)[0])
            _create_extensions(url.set(database=fresh), name, extensions)
            _equip(connection, name, fresh)
            connection.exec_driver_sql(f"DROP DATABASE {_quoted(connection, name)}")
        finally:
            _settle(url, name, fresh)


def _settle(url: URL, name: str, fresh: str) -> None:
    """Give the empty database its name where the old one is gone, however that ended, and remove it where it is not."""
    with _maintenance(url, name) as connection:
        quoted, other = _quoted(connection, name), _quoted(connection, fresh)
        if _asked(connection, "SELECT 1 FROM pg_database WHERE datname = :name", name=name):
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {other}")
        else:
            connection.exec_driver_sql(f"ALTER DATABASE {other} RENAME TO {quoted}")


@contextmanager
def _maintenance(url: URL, name: str) -> Iterator[Connection]:
    """Connect to a database that only serves to speak to the server."""
    first, *others = (each for each in ("postgres", "template1") if each != name)
    with ExitStack() as held:
        try:
            connection = held.enter_context(connected(url.set(database=first), _failing(name)))
        except MigmergeError:
            if not others:
                raise
            connection = held.enter_context(connected(url.set(database=others[0]), _failing(name)))
        yield connection


def _require_alone(connection: Connection, name: str) -> None:
    """Wait for those who are just leaving a database, and name those who stay."""
    deadline = time.monotonic() + _TIMEOUT
    while others := _asked(connection, _OTHERS, name=name):
        if time.monotonic() > deadline:
            who = ", ".join(
                f"{each['application_name'] or 'a connection'} (pid {each['pid']}, {_origin(each['client_addr'])})"
                for each in others
            )
            raise MigmergeError(f"{name} is in use by {who}", hint="end what is connected to it, and try again")
        time.sleep(0.1)


def _origin(address: object) -> str:
    return f"from {address}" if address else "on a socket"


def _create_like(connection: Connection, fresh: str, old: RowMapping) -> None:
    """Create a database with the encoding, the locale, the place and the limit of another."""
    literals = {"ENCODING": old["encoding_name"], "LC_COLLATE": old["datcollate"], "LC_CTYPE": old["datctype"]}
    # PostgreSQL 15 brought the providers, 16 the rules, and 17 another name for the locale and a provider of its own.
    locale = old.get("datlocale") or old.get("daticulocale")
    if old.get("datlocprovider") in ("i", b"i"):
        literals |= {"LOCALE_PROVIDER": "icu", "ICU_LOCALE": locale, "ICU_RULES": old.get("daticurules")}
    if old.get("datlocprovider") in ("b", b"b"):
        literals |= {"LOCALE_PROVIDER": "builtin", "BUILTIN_LOCALE": locale}
    told = [f"{option} {_literal(connection, value)}" for option, value in literals.items() if value]
    if old["tablespace"] != "pg_default":  # naming this one takes a right on it
        told.append(f"TABLESPACE {_quoted(connection, old['tablespace'])}")
    options = " ".join((f"OWNER {_quoted(connection, old['owner'])} CONNECTION LIMIT {old['datconnlimit']}", *told))
    connection.exec_driver_sql(f"CREATE DATABASE {_quoted(connection, fresh)} TEMPLATE template0 {options}")


def _create_extensions(fresh: URL, name: str, extensions: Sequence[RowMapping]) -> None:
    """Create the extensions that a database had, in their schemas, which those that name their own make themselves."""
    if not extensions:
        return
    with connected(fresh, _failing(name)) as connection:
        for each in extensions:
            schema = _quoted(connection, each["schema"])
            if not each["fixed"]:
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            where = "" if each["fixed"] else f" SCHEMA {schema}"
            connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {_quoted(connection, each['name'])}{where}")


def _equip(connection: Connection, name: str, fresh: str) -> None:
    """Give a database the grants, the comment and, at last for they may forbid the rest, the settings of another."""
    (old,) = _asked(connection, _FACTS, name=name)
    quoted = _quoted(connection, fresh)
    if old["datacl"] is not None:
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC, {_quoted(connection, old['owner'])}")
    for each in _asked(connection, _GRANTS, name=name):
        option = " WITH GRANT OPTION" if each["is_grantable"] else ""
        role = _quoted(connection, each["role"]) if each["role"] else "PUBLIC"
        connection.exec_driver_sql(f"GRANT {each['privilege']} ON DATABASE {quoted} TO {role}{option}")
    if old["comment"]:
        connection.exec_driver_sql(f"COMMENT ON DATABASE {quoted} IS {_literal(connection, old['comment'])}")
    for each in _asked(connection, _SETTINGS, name=name):
        whose = f"ROLE {_quoted(connection, each['role'])} IN DATABASE" if each["role"] else "DATABASE"
        setting = _quoted(connection, each["name"])
        _asked(connection, "SELECT set_config(:name, :value, false)", name=each["name"], value=each["value"])
        connection.exec_driver_sql(f"ALTER {whose} {quoted} SET {setting} FROM CURRENT")
        connection.exec_driver_sql(f"RESET {setting}")


def _asked(connection: Connection, query: str, **parameters: object) -> Sequence[RowMapping]:
    from sqlalchemy import text

    return connection.execute(text(query), parameters).mappings().all()


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _literal(connection: Connection, value: str) -> str:
    from sqlalchemy import literal

    return str(literal(value).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
