"""The schema to which env.py points a run, where it runs the migrations once for each tenant of a database."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from ..core.database.scratch_names import PREFIX
from ..core.errors import MigmergeError
from .connection import quoted

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection


_SEARCHED = """SELECT current_schema() FROM pg_settings WHERE name = 'search_path' AND setting <> reset_val"""
_VERSION_TABLES = """SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relname = '{}' ORDER BY n.nspname"""
_DATABASES = "SELECT table_schema FROM information_schema.tables WHERE table_name = '{}' ORDER BY table_schema"


def tenant_of(context: MigrationContext) -> str:
    """Return the schema of a tenant; empty where env.py works in that with which every connection starts.

    Raises:
        MigmergeError: where env.py gives another name to a schema that scripts name, or another database to their tables.
    """
    connection = context.connection
    assert connection is not None
    translated = dict(connection.get_execution_options().get("schema_translate_map") or {})
    schema = str(translated.pop(None, None) or "")
    if moved := {key for key, name in translated.items() if key != name}:
        named = ", ".join(sorted(map(str, moved)))
        raise MigmergeError(f"schema_translate_map of env.py gives another name to {named}, a schema that scripts name")
    if schema and connection.dialect.name != "postgresql" and schema != connection.engine.url.database:
        raise MigmergeError(f"schema_translate_map of env.py leads to {schema}, another database than the URL names")
    if connection.dialect.name != "postgresql":
        return ""
    return schema or str(connection.exec_driver_sql(_SEARCHED).scalar() or "")


def bind_of(context: MigrationContext, tenant: str, seen: Sequence[str]) -> str:
    """Return the name of a database among several, those `seen` before it: that of its functions, or its tenant's.

    The multi-database templates put the name of the functions before their upgrade token.
    """
    token = str(context.opts.get("upgrade_token") or "")
    if token.endswith("_upgrades"):
        named = token.removesuffix("_upgrades")
        return f"{named}.{tenant}" if tenant and named in seen else named
    return tenant or (str(len(seen)) if "" in seen else "")


def schemas_with_records(connection: Connection, version_table: str, known: AbstractSet[str]) -> tuple[str, ...]:
    """Return the schemas of a PostgreSQL database that have a version table, or the databases of a MySQL server.

    A server has the databases of other projects: only those count that record one of the `known` revisions.
    """
    name = version_table.replace("'", "''")
    if connection.dialect.name == "postgresql":
        return tuple(connection.exec_driver_sql(_VERSION_TABLES.format(name)).scalars())
    if connection.dialect.name not in ("mysql", "mariadb"):
        return ()
    found = connection.exec_driver_sql(_DATABASES.format(name)).scalars().all()
    others = (each for each in found if not each.startswith(PREFIX))
    return tuple(each for each in others if not known.isdisjoint(_records(connection, each, version_table)))


def _records(connection: Connection, database: str, version_table: str) -> set[str]:
    """Return what a database of a MySQL server records; nothing where this user may not read it."""
    from sqlalchemy.exc import SQLAlchemyError

    table = f"{quoted(connection, database)}.{quoted(connection, version_table)}"
    try:
        return set(connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalars())  # noqa: S608 (quoted)
    except SQLAlchemyError:
        return set()


def has_no_schema(connection: Connection) -> bool:
    """Say whether a connection to PostgreSQL looks tables up in no schema that is there."""
    return connection.dialect.name == "postgresql" and connection.exec_driver_sql("SELECT current_schema()").scalar() is None


def is_in_no_database(connection: Connection) -> bool:
    """Say whether a connection to MySQL or MariaDB is to the server alone, where Alembic finds no table."""
    return connection.dialect.name in ("mysql", "mariadb") and connection.exec_driver_sql("SELECT DATABASE()").scalar() is None


def qualified(name: str, tenant: str) -> str:
    """Return the name of a table or a type with its schema, for a connection that searches no tenant's."""
    return f"{tenant}.{name}" if tenant and "." not in name else name
