"""A few rows for every table: values in every column, and NULL in every column that allows it."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..error_text import reason_of, unqualified

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, MetaData, Table
    from sqlalchemy.types import TypeEngine


_ROWS = 3
"""The number of rows for each table: two with values, and one with NULL wherever that is allowed."""

SeedRows = dict[str, list[Mapping[str, Any]]]
"""The inserted rows, by the table's name with its schema, with the values that a foreign key can refer to."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """Hold the tables that have rows; where some have fewer or none, how many have some, and each reason, one a line."""

    tables: tuple[str, ...]
    notes: tuple[str, ...]


def seed(connection: Connection, metadata: MetaData) -> Seeded:
    """Insert rows into the tables of `metadata`, each table after those that it refers to, and commit."""
    virtual = _virtual_tables(connection)
    tables = [table for table in _in_order(metadata) if not any(table.name.startswith(f"{name}_") for name in virtual)]
    rows: SeedRows = {table.fullname: [] for table in tables}
    reasons: dict[str, list[str]] = {}
    for table in (*tables, *tables):  # twice, because in a cycle a table comes before one that it refers to
        if not rows[table.fullname]:
            reasons[table.fullname] = _fill(connection, table, rows)
    filled = tuple(name for name, found in rows.items() if found)
    count = () if len(filled) == len(rows) else (f"{len(filled)} of {len(rows)} tables had rows",)
    return Seeded(filled, (*count, *(_note(name, len(rows[name]), why[0]) for name, why in reasons.items() if why)))


def _in_order(metadata: MetaData) -> list[Table]:
    """Return the tables, each after those that it refers to, except in cycles."""
    from sqlalchemy import schema

    sort: Callable[..., Any] = schema.sort_tables_and_constraints  # unlike `sorted_tables` without a warning for cycles
    named = sorted(metadata.tables.values(), key=lambda table: table.fullname)
    return [table for table, _ in sort(named) if table is not None]


def _note(table: str, count: int, reason: str) -> str:
    left = f"has {count} of {_ROWS} rows" if count else "stays empty"
    return f"{table} {left} in the rehearsal: {reason}"


def _virtual_tables(connection: Connection) -> list[str]:
    """Return SQLite's virtual tables, whose shadow tables, with names that begin alike, must not get rows."""
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
    return [name for (name,) in rows]


def _fill(connection: Connection, table: Table, rows: SeedRows) -> list[str]:
    """Insert rows into a table and commit them; return the reasons of refused rows."""
    from sqlalchemy.exc import SQLAlchemyError

    reasons = [reason for number in range(_ROWS) if (reason := _insert(connection, table, number, rows))]
    try:
        connection.commit()
    except SQLAlchemyError as error:  # a deferred constraint
        connection.rollback()
        rows[table.fullname].clear()
        return [reason_of(error)]
    return reasons


def _insert(connection: Connection, table: Table, number: int, rows: SeedRows) -> str | None:
    """Insert one row; return the reason where it is refused."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        values = _values(connection, table, number, rows)
        with connection.begin_nested():
            result = connection.execute(table.insert().values(values))
    except (SQLAlchemyError, _UnknownValue, TypeError, ValueError) as error:
        return unqualified(reason_of(error), connection.engine.url.database)
    keys = zip((column.name for column in table.primary_key), result.inserted_primary_key or (), strict=False)
    rows[table.fullname].append({**dict(keys), **values})
    return None


class _UnknownValue(Exception):
    """Say which value of a row is not known."""


def _values(connection: Connection, table: Table, number: int, rows: SeedRows) -> dict[str, Any]:
    values = _own_values(connection, table, number)
    for names, referred, parents in _references(table):
        if any(values.get(name, 0) is None for name in names):
            continue
        found = rows.get(referred) or []
        if found:
            parent = found[min(number, len(found) - 1)]
            values |= {name: parent.get(other) for name, other in zip(names, parents, strict=True)}
        elif all(_may_be_null(table.c[name]) for name in names):
            values |= dict.fromkeys(names)
        elif referred != table.fullname:
            raise _UnknownValue(f"it refers to {referred}, which has no rows yet")
    return values


def _own_values(connection: Connection, table: Table, number: int) -> dict[str, Any]:
    values = {}
    for column in table.columns:
        if _is_generated(column, connection.dialect.name):
            continue
        value = None if _may_be_null(column) and number == _ROWS - 1 else _value(column.type, number)
        if value is not None or _may_be_null(column):
            values[column.name] = value
        elif column.server_default is None:
            raise _UnknownValue(f"no value is known for the type of {column.name}")
    return values


def _references(table: Table) -> Iterator[tuple[list[str], str, list[str]]]:
    """Yield for each foreign key its columns, the table that it refers to and the columns of that table."""
    for constraint in table.foreign_key_constraints:
        elements = list(constraint.elements)
        parents = [element.column for element in elements]
        yield [element.parent.name for element in elements], parents[0].table.fullname, [parent.name for parent in parents]


def _may_be_null(column: Column[Any]) -> bool:
    return bool(column.nullable) and not column.primary_key


def _is_generated(column: Column[Any], dialect: str) -> bool:
    """Say whether the database computes the value, or takes it from a counter that later inserts use too."""
    if column.computed is not None or column.identity is not None:
        return True
    if dialect in ("mysql", "mariadb"):
        return column is column.table.autoincrement_column
    return "nextval(" in str(getattr(column.server_default, "arg", ""))


_BY_NAME: Mapping[str, Callable[[int], Any]] = {
    "INET": lambda n: f"10.0.0.{n}",
    "INET4": lambda n: f"10.0.0.{n}",
    "INET6": lambda n: f"fe80::{n}",
    "CIDR": lambda n: f"10.0.{n}.0/24",
    "MACADDR": lambda n: f"08:00:2b:01:02:0{n}",
    "MACADDR8": lambda n: f"08:00:2b:01:02:03:04:0{n}",
    "INTERVAL": lambda n: datetime.timedelta(days=n),
    "TSVECTOR": str,
    "MONEY": str,
    "OID": int,
    "YEAR": lambda n: 2000 + n,
    "HSTORE": lambda n: {"n": str(n)},
}

_BY_PYTHON_TYPE: Mapping[type, Callable[[int], Any]] = {
    bool: lambda n: n % 2 == 1,
    int: int,
    float: float,
    # Digits fit the shortest column, and are valid JSON, which MariaDB stores as text.
    str: str,
    bytes: lambda n: str(n).encode(),
    datetime.date: lambda n: datetime.date(2024, 1, n),
    datetime.datetime: lambda n: datetime.datetime(2024, 1, n, 12),
    datetime.time: lambda n: datetime.time(n),
    datetime.timedelta: lambda n: datetime.timedelta(days=n),
    uuid.UUID: lambda n: uuid.UUID(int=n),
}


def _value(given: TypeEngine[Any], number: int) -> Any:
    """Return the value of a type for a number, different ones as far as the type has them; None for an unknown type."""
    from sqlalchemy import JSON

    count = number + 1
    inner = getattr(given, "data_type", None) or getattr(given, "item_type", None)
    if inner is not None:  # a domain, or an array
        return [_value(inner, number)] if hasattr(given, "item_type") else _value(inner, number)
    choices = getattr(given, "enums", None) or getattr(given, "values", None)
    if choices:
        return choices[number % len(choices)]
    name = type(given).__name__
    if name in _BY_NAME:
        return _BY_NAME[name](count)
    if isinstance(given, JSON):
        return {"n": count}
    if name == "BIT":
        return _bits(given, count)
    return _by_python_type(given, count)


def _by_python_type(given: TypeEngine[Any], count: int) -> Any:
    try:
        python_type = given.python_type
    except NotImplementedError:
        return None
    if python_type is decimal.Decimal:
        return _number(given, count)
    if python_type is int and getattr(given, "display_width", None) == 1:  # MySQL's boolean
        return count % 2
    make = _BY_PYTHON_TYPE.get(python_type)
    return make(count) if make else None


def _number(given: Any, count: int) -> decimal.Decimal:
    """Return a number that fits the precision: a whole one where a digit fits before the point, else a fraction."""
    scale = given.scale or 0
    fits = given.precision is None or given.precision > scale
    return decimal.Decimal(count) if fits else decimal.Decimal(count).scaleb(-scale)


def _bits(given: Any, count: int) -> Any:
    length = given.length or 1
    is_text = type(given).__module__.startswith("sqlalchemy.dialects.postgresql")
    return format(count % 2**length, f"0{length}b") if is_text else count % 2**length
