"""What a catalogue holds beside tables and their parts: views, sequences, functions, and enum types in use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.database.database import CatalogObject
from ..core.operations.operation import ObjectKind, OtherKind

if TYPE_CHECKING:
    from sqlalchemy import Connection


_OF_POSTGRESQL = """
SELECT n.nspname, n.nspname = current_schema(), c.relkind::text, c.relname, EXISTS (
    SELECT FROM pg_depend AS d
    WHERE ((d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)
        OR (d.refclassid = 'pg_type'::regclass AND d.refobjid = c.reltype)) AND d.deptype IN ('n', 'a')
      AND NOT (d.classid = 'pg_rewrite'::regclass AND d.objid IN (SELECT oid FROM pg_rewrite WHERE ev_class = c.oid))
      AND NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT indexrelid FROM pg_index WHERE indrelid = c.oid)))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm', 'S') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i', 'e'))
UNION ALL
SELECT n.nspname, n.nspname = current_schema(), 'f', p.proname, EXISTS (
    SELECT FROM pg_depend AS d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND d.deptype IN ('n', 'a'))
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.pronargs = 0 AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT n.nspname, n.nspname = current_schema(), 'e', t.typname, true
FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray) AND d.deptype IN ('n', 'a'))
"""
"""Without what belongs to a column or to an extension; a view is no user of itself, nor is an index on it."""

_KINDS: dict[str, ObjectKind | OtherKind] = {
    "v": OtherKind.VIEW,
    "m": OtherKind.MATERIALIZED_VIEW,
    "S": OtherKind.SEQUENCE,
    "f": OtherKind.FUNCTION,
    "e": ObjectKind.ENUM,
}
_WORD = re.compile(r"\w+")


def other_objects(connection: Connection, tenant: str = "") -> Iterator[CatalogObject]:
    """Yield the objects of a PostgreSQL database; where env.py works in the schema of a tenant, only that is left out."""
    for schema, is_current, kind, name, is_used in connection.exec_driver_sql(_OF_POSTGRESQL):
        is_own = schema == tenant if tenant else is_current
        yield CatalogObject(_KINDS[kind], name if is_own else f"{schema}.{name}", is_used=is_used)


def views_of_sqlite(connection: Connection) -> Iterator[CatalogObject]:
    """Yield the views; SQLite itself keeps no account of what uses one: a word in another view or a trigger may be its name."""
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')").all()
    said = Counter(word for _, _, sql in rows for word in {*_WORD.findall(sql.casefold())})
    for kind, name, _ in rows:
        if kind == "view":
            yield CatalogObject(OtherKind.VIEW, name, is_used=said[name.casefold()] != 1)
