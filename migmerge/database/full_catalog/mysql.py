"""The facts of a MySQL or MariaDB database."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...core.database.schema_catalog import COLLATION, CatalogKey
from .normal_form import CatalogFact, collapsed, constraint_facts, shown_default, unquoted
from .rows import CatalogRows, read_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


_TABLES = """SELECT TABLE_NAME, TABLE_TYPE, TABLE_COLLATION, TABLE_COMMENT FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE()"""
_COLUMNS = """SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, COLUMN_COMMENT,
GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"""
_INDEXES = """SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, INDEX_TYPE, {} FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"""
_FOREIGN_KEYS = """SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME,
r.UPDATE_RULE, r.DELETE_RULE FROM information_schema.KEY_COLUMN_USAGE AS k JOIN information_schema.REFERENTIAL_CONSTRAINTS AS r
ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
WHERE k.CONSTRAINT_SCHEMA = DATABASE() ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION"""
_CHECKS_OF_MARIADB = """SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = DATABASE()"""
_CHECKS_OF_MYSQL = """SELECT t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS AS c
JOIN information_schema.TABLE_CONSTRAINTS AS t USING (CONSTRAINT_SCHEMA, CONSTRAINT_NAME)
WHERE c.CONSTRAINT_SCHEMA = DATABASE()"""
_VIEWS = "SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"
_TRIGGERS = """SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"""
_ROUTINES = """SELECT ROUTINE_TYPE, ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES
WHERE ROUTINE_SCHEMA = DATABASE()"""
_CHECKS = "checks"
_WIDTH = re.compile(r"^((?!tinyint\(1\))(?:tiny|small|medium|big)?int)\(\d+\)")
_JSON = re.compile(r"json_valid\(`?\w+`?\)", re.IGNORECASE)


def mysql_rows(connection: Connection, _: CatalogRows | None = None) -> CatalogRows:
    """Return the rows of the current database, whose name is left out of the definitions of views."""
    is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
    name = str(connection.exec_driver_sql("SELECT DATABASE()").scalar())
    rows: dict[str, list[Any]] = {query: read_rows(connection, query) for query in (_TABLES, _COLUMNS)}
    rows[_INDEXES] = read_rows(connection, _INDEXES.format("NULL" if is_mariadb else "EXPRESSION"))
    rows[_FOREIGN_KEYS] = read_rows(connection, _FOREIGN_KEYS)
    rows[_CHECKS] = _checks(connection, is_mariadb=is_mariadb)
    views = read_rows(connection, _VIEWS)
    rows[_VIEWS] = [(view, collapsed(definition).replace(f"`{name}`.", "")) for view, definition in views]
    rows[_TRIGGERS] = read_rows(connection, _TRIGGERS)
    rows[_ROUTINES] = [(name, kind, body) for kind, name, body in read_rows(connection, _ROUTINES)]
    return rows


def mysql_facts(rows: CatalogRows) -> Iterator[CatalogFact]:
    """Yield the facts of a database."""
    yield from _tables(rows)
    yield from _columns(rows)
    yield from _indexes(rows)
    yield from _foreign_keys(rows)
    for table, constraint, clause in rows[_CHECKS]:
        if not _JSON.fullmatch(collapsed(clause)):
            yield from constraint_facts("check constraint", table, f"({unquoted(clause)})", constraint)
    for view, definition in rows[_VIEWS]:
        yield CatalogKey("view", view), definition
    for table, trigger, when, event, statement in rows[_TRIGGERS]:
        yield CatalogKey("trigger", table, trigger), f"{when} {event} {collapsed(statement)}"
    for routine, kind, body in rows[_ROUTINES]:
        yield CatalogKey(kind.lower(), routine), collapsed(body)


def _tables(rows: CatalogRows) -> Iterator[CatalogFact]:
    for name, kind, collation, comment in rows[_TABLES]:
        if kind == "SEQUENCE":
            yield CatalogKey("sequence", name), ""
        elif kind == "BASE TABLE":
            yield CatalogKey("table", name), ""
            yield CatalogKey("table", name, aspect=COLLATION), collation or ""
            if comment:
                yield CatalogKey("table", name, aspect="comment"), repr(comment)


def _columns(rows: CatalogRows) -> Iterator[CatalogFact]:
    tables = {name for name, kind, *_ in rows[_TABLES] if kind == "BASE TABLE"}
    for table, name, declared, nullable, default, extra, collation, comment, generated in rows[_COLUMNS]:
        if table not in tables:
            continue
        column = CatalogKey("column", table, name)
        yield column, ""
        yield column._replace(aspect="type"), _WIDTH.sub(r"\1", str(declared))
        yield column._replace(aspect="nullability"), "NULL" if nullable == "YES" else "NOT NULL"
        yield column._replace(aspect=COLLATION), collation or ""
        if default is not None and default != "NULL":
            yield column._replace(aspect="default"), shown_default(default)
        if extra := " ".join(word for word in str(extra or "").split() if word != "DEFAULT_GENERATED"):
            yield column._replace(aspect="attribute"), extra.replace("()", "")
        if generated:
            yield column._replace(aspect="generation"), collapsed(generated)
        if comment:
            yield column._replace(aspect="comment"), repr(comment)


def _indexes(rows: CatalogRows) -> Iterator[CatalogFact]:
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows[_INDEXES]:
        found[row[0], row[1]].append(row)
    for (table, name), parts in found.items():
        columns = ",".join(f"{row[3] or row[6]}{f'({row[4]})' if row[4] else ''}" for row in parts)
        way = "" if parts[0][5] == "BTREE" else f" {parts[0][5]}"
        kind = "primary key" if name == "PRIMARY" else "index" if parts[0][2] else "unique index"
        # The server names an index after its first column.
        is_given = name != "PRIMARY" and not re.fullmatch(rf"{re.escape(str(parts[0][3]))}(_\d+)?", name)
        yield from constraint_facts(kind, table, f"({columns}){way}", name if is_given else "")


def _foreign_keys(rows: CatalogRows) -> Iterator[CatalogFact]:
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows[_FOREIGN_KEYS]:
        found[row[0], row[1]].append(row)
    for (table, name), parts in found.items():
        columns, targets = ",".join(row[2] for row in parts), ",".join(row[4] for row in parts)
        given = (("UPDATE", parts[0][5]), ("DELETE", parts[0][6]))
        rules = "".join(f" ON {what} {rule}" for what, rule in given if rule not in ("NO ACTION", "RESTRICT"))
        yield from constraint_facts("foreign key", table, f"({columns}) to {parts[0][3]}({targets}){rules}", name)


def _checks(connection: Connection, *, is_mariadb: bool) -> list[Any]:
    version = connection.dialect.server_version_info or ()
    if not is_mariadb and version < (8, 0, 16):
        return []
    return read_rows(connection, _CHECKS_OF_MARIADB if is_mariadb else _CHECKS_OF_MYSQL)
