"""What only PostgreSQL has: the properties of a database, the statement that creates an empty one like it, and enum types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .connection import literal, quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


_PROPERTIES = """
SELECT *, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding_name,
       shobj_description(oid, 'pg_database') AS comment,
       (SELECT spcname FROM pg_tablespace AS t WHERE t.oid = dattablespace) AS tablespace
FROM pg_database WHERE datname = coalesce(CAST(:name AS text), current_database())
"""


_UNUSED_ENUMS = """
SELECT n.nspname, t.typname, pg_type_is_visible(t.oid) FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
WHERE t.typtype = 'e'
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray) AND d.deptype IN ('n', 'a'))
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = t.oid AND d.classid = 'pg_type'::regclass AND d.deptype = 'e')
"""


_ENUM_VALUES = """
SELECT n.nspname, t.typname, pg_type_is_visible(t.oid), e.enumlabel
FROM pg_enum AS e JOIN pg_type AS t ON t.oid = e.enumtypid JOIN pg_namespace AS n ON n.oid = t.typnamespace
"""


def unused_enums(connection: Connection, tenant: str = "") -> frozenset[str]:
    """Return the enum types that nothing uses and no extension brought, with their schema in front unless it is searched.

    Where env.py works in the schema of a tenant, only that is left out.
    """
    rows = connection.exec_driver_sql(_UNUSED_ENUMS)
    return frozenset(_type_name(schema, name, visible, tenant) for schema, name, visible in rows)


def enum_values(connection: Connection, tenant: str = "") -> dict[str, frozenset[str]]:
    """Return the values of each enum type, by its name as `unused_enums` has it."""
    found = defaultdict[str, set[str]](set)
    for schema, name, visible, value in connection.exec_driver_sql(_ENUM_VALUES):
        found[_type_name(schema, name, visible, tenant)].add(value)
    return {name: frozenset(values) for name, values in found.items()}


def _type_name(schema: str, name: str, visible: object, tenant: str) -> str:
    return name if (schema == tenant if tenant else visible) else f"{schema}.{name}"


def properties_of(connection: Connection, name: str | None = None) -> RowMapping:
    """Return the row of `pg_database` for a database, or for the current one, with its names in place of numbers."""
    from sqlalchemy import text

    return connection.execute(text(_PROPERTIES), {"name": name}).mappings().one()


def create_like(connection: Connection, name: str, like: RowMapping, *, owned: bool = False) -> str:
    """Return the statement for an empty database with the encoding and the locale of another one.

    `owned` gives the database the owner, the connection limit and the tablespace of the other one too.
    """
    options = [f"{option} {literal(connection, str(value))}" for option, value in _locale(like) if value]
    if owned:
        options = [f"OWNER {quoted(connection, like['owner'])}", f"CONNECTION LIMIT {like['datconnlimit']}", *options]
        if like["tablespace"] != "pg_default":  # to name the default one takes a right on it
            options.append(f"TABLESPACE {quoted(connection, like['tablespace'])}")
    return f"CREATE DATABASE {quoted(connection, name)} TEMPLATE template0 {' '.join(options)}"


def _locale(like: RowMapping) -> Iterator[tuple[str, Any]]:
    yield from (("ENCODING", like["encoding_name"]), ("LC_COLLATE", like["datcollate"]), ("LC_CTYPE", like["datctype"]))
    # PostgreSQL 15 brought the providers, 16 the rules, and 17 another name for the locale and a provider of its own.
    locale = like.get("datlocale") or like.get("daticulocale")
    match like.get("datlocprovider"):
        case "i" | b"i":
            yield from (("LOCALE_PROVIDER", "icu"), ("ICU_LOCALE", locale), ("ICU_RULES", like.get("daticurules")))
        case "b" | b"b":
            yield from (("LOCALE_PROVIDER", "builtin"), ("BUILTIN_LOCALE", locale))
