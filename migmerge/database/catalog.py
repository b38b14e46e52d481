"""What a database's catalogue holds beside what Alembic compares: constraints, enum labels, views, triggers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, ForeignKeyConstraint, Inspector, MetaData


CatalogItem = tuple[str | None, str]
"""The table that an item belongs to, or None, and the name of the item in words."""

ForeignKeySignature = tuple[str, tuple[str, ...], tuple[str, ...]]
"""The table and the columns of a foreign key, and the columns that it refers to."""

_NUMBERED = re.compile(r"CONSTRAINT_\d+|.*_chk_\d+|.*_check\d*")
"""Names that MariaDB, MySQL and PostgreSQL give to unnamed checks: numbers that depend on the order of creation."""


def schemas_of(inspector: Inspector, *, default_by_name: bool = False) -> list[str | None]:
    """Return the schemas of a database: on PostgreSQL all of its own, elsewhere the default one alone.

    The default schema is None, or its name on PostgreSQL with `default_by_name`. Other schemas of MySQL and MariaDB are
    other databases.
    """
    if inspector.dialect.name != "postgresql":
        return [None]
    names = [name for name in inspector.get_schema_names() if name != "information_schema" and not name.startswith("pg_")]
    return [*names] if default_by_name else [None, *(name for name in names if name != inspector.default_schema_name)]


def shown_type(given: Any, connection: Connection) -> str:
    """Return a type as its dialect writes it."""
    from sqlalchemy.exc import CompileError

    try:
        return str(given.compile(dialect=connection.dialect))
    except CompileError:  # SQLAlchemy does not know the type
        return "another type"


def key_of(constraint: ForeignKeyConstraint) -> ForeignKeySignature:
    """Return what identifies a foreign key, which its name does not."""
    columns = tuple(str(element.parent.name) for element in constraint.elements)
    return constraint.table.fullname, columns, tuple(element.target_fullname for element in constraint.elements)


def shown_key(key: ForeignKeySignature) -> str:
    """Return a foreign key in words."""
    return f"on {key[0]} ({', '.join(key[1])}) to {', '.join(key[2])}"


def detach_dangling_keys(metadata: MetaData) -> frozenset[ForeignKeySignature]:
    """Detach and return the foreign keys that refer to no table, which SQLite allows and SQLAlchemy cannot sort."""
    from sqlalchemy.exc import NoReferenceError

    found = set()
    for constraint in [each for table in metadata.tables.values() for each in table.foreign_key_constraints]:
        try:
            assert all(element.column is not None for element in constraint.elements)
        except NoReferenceError:
            found.add(key_of(constraint))
            constraint.table.constraints.discard(constraint)
            for element in constraint.elements:
                constraint.table.foreign_keys.discard(element)
                element.parent.foreign_keys.discard(element)
    return frozenset(found)


def column_types(connection: Connection, metadata: MetaData) -> dict[CatalogItem, str]:
    """Return the type of each column with its collation, which Alembic does not compare."""
    return {
        (table.fullname, column.name): shown_type(column.type, connection)
        for table in metadata.tables.values()
        for column in table.columns
    }


def catalog_items(connection: Connection, metadata: MetaData) -> dict[CatalogItem, str]:
    """Return primary keys, checks, table comments, enums, sequences, views, and what SQLAlchemy does not reflect of SQLite."""
    from sqlalchemy import inspect

    inspector = inspect(connection)
    found = dict(_of_tables(metadata))
    for schema in schemas_of(inspector):
        found |= dict(_views(inspector, schema))
        if schema:
            found[None, f"schema {schema}"] = ""
    if connection.dialect.name == "postgresql":
        found |= {**dict(_enums(inspector)), **dict(_sequences(connection))}
    if connection.dialect.name == "sqlite":
        found |= dict(_unreflected(connection, metadata))
    return found


def _of_tables(metadata: MetaData) -> Iterator[tuple[CatalogItem, str]]:
    from sqlalchemy import CheckConstraint

    for table in metadata.tables.values():
        key = table.primary_key
        if key.columns:
            named = f"{key.name} " if key.name else ""
            yield (table.fullname, f"primary key of {table.fullname}"), f"{named}({', '.join(key.columns.keys())})"
        for check in table.constraints:
            if isinstance(check, CheckConstraint):
                yield _check(table.fullname, check.name, " ".join(str(check.sqltext).split()))
        if table.comment:
            yield (table.fullname, f"comment of the table {table.fullname}"), repr(table.comment)


def _check(table: str, name: object, text: str) -> tuple[CatalogItem, str]:
    if name and not _NUMBERED.fullmatch(str(name)):
        return (table, f"check constraint {name} on {table}"), f"({text})"
    return (table, f"check constraint on {table} ({text})"), ""


def _views(inspector: Inspector, schema: str | None) -> Iterator[tuple[CatalogItem, str]]:
    names = inspector.get_view_names(schema)
    if inspector.dialect.name == "postgresql":
        names += inspector.get_materialized_view_names(schema)
    for name in names:
        definition = " ".join(inspector.get_view_definition(name, schema).split()).rstrip(";")
        yield (None, f"view {_full(schema, name)}"), f"({definition})"


def _enums(inspector: Any) -> Iterator[tuple[CatalogItem, str]]:
    for enum in inspector.get_enums("*"):
        schema = None if enum["visible"] else enum["schema"]
        yield (None, f"enum {_full(schema, enum['name'])}"), f"({', '.join(enum['labels'])})"


def _sequences(connection: Connection) -> Iterator[tuple[CatalogItem, str]]:
    """Yield the sequences that belong to no column."""
    rows = connection.exec_driver_sql(
        "SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relkind = 'S' AND NOT EXISTS "
        "(SELECT FROM pg_depend WHERE objid = pg_class.oid AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i'))"
    )
    for schema, name in rows:
        yield (None, f"sequence {_full(None if schema == connection.dialect.default_schema_name else schema, name)}"), ""


def _unreflected(connection: Connection, metadata: MetaData) -> Iterator[tuple[CatalogItem, str]]:
    """Yield triggers and indexes on expressions, which a batch operation of SQLite loses with the table that it replaces."""
    known = {index.name for table in metadata.tables.values() for index in table.indexes}
    rows = connection.exec_driver_sql(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    )
    for kind, name, table, sql in rows:
        if kind == "trigger" or name not in known:
            yield (table, f"{kind} {name} on {table}"), f"({' '.join(sql.split())})"


def _full(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema else name
