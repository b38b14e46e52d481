"""A database without its tables, but for some that stay: they belong to something else that shares it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from ..core.errors import MigmergeError
from .catalog import schemas_of
from .connection import connected, quoted

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, MetaData, Table


def drop_all_but(url: URL, kept: Collection[str]) -> None:
    """Drop the tables of a database except the kept ones, with the enum types that only dropped tables use.

    Raises:
        MigmergeError: where a kept table refers to another one, or a table cannot be dropped; the database is unchanged then,
            but on MySQL and MariaDB, which commit each statement.
    """
    with connected(url, f"the tables of {url.database} cannot be dropped", autocommit=False) as connection:
        metadata = _reflected(connection)
        going = [table for table in metadata.tables.values() if table.fullname not in kept]
        _require_independent(metadata, kept)
        match connection.dialect.name:
            case "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # Python's sqlite3 begins no transaction before DDL
                _drop(connection, [[table] for table in going])
            case "postgresql":
                _drop(connection, [going])
                _drop_enums(connection, going, [table for table in metadata.tables.values() if table.fullname in kept])
            case _:
                connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
                _drop(connection, [going])
        connection.commit()


def _reflected(connection: Connection) -> MetaData:
    from sqlalchemy import MetaData, inspect

    metadata = MetaData()
    for schema in schemas_of(inspect(connection)):
        metadata.reflect(connection, schema=schema, resolve_fks=False)
    connection.rollback()
    return metadata


def _require_independent(metadata: MetaData, kept: Collection[str]) -> None:
    for table in (metadata.tables[name] for name in kept if name in metadata.tables):
        for key in table.foreign_keys:
            target = key.target_fullname.rpartition(".")[0]
            if target not in kept:
                raise MigmergeError(
                    f"{table.fullname} refers to {target} and cannot stay without it",
                    hint="migmerge reset database --drop-foreign --dry-run",
                )


def _drop(connection: Connection, groups: Iterable[Sequence[Table]]) -> None:
    """Drop tables, those of a group in one statement, which heeds no order among them."""
    preparer = connection.dialect.identifier_preparer
    for group in groups:
        if group:
            connection.exec_driver_sql(f"DROP TABLE {', '.join(preparer.format_table(table) for table in group)}")


def _drop_enums(connection: Connection, going: Iterable[Table], staying: Iterable[Table]) -> None:
    """Drop PostgreSQL's enum types of dropped tables: a revision that makes one again would fail."""
    used = _enums(staying)
    for name in sorted(_enums(going) - used):
        quoted_name = ".".join(quoted(connection, part) for part in name if part)
        connection.exec_driver_sql(f"DROP TYPE IF EXISTS {quoted_name}")


def _enums(tables: Iterable[Table]) -> set[tuple[str, str]]:
    """Return the schemas, empty for the default one, and the names of the enum types of columns."""
    from sqlalchemy.dialects.postgresql import ENUM

    types = (getattr(column.type, "item_type", column.type) for table in tables for column in table.columns)
    return {(each.schema or "", str(each.name)) for each in types if isinstance(each, ENUM)}
