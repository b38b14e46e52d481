"""The facts of a SQLite database, partly from the text of its statements."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...core.database.schema_catalog import CatalogKey
from .normal_form import MOST_REMEMBERED, CatalogFact, collapsed, constraint_facts, folded_sql, shown_default, unquoted

if TYPE_CHECKING:
    from sqlalchemy import Connection


_TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
_OF_TABLE = "FROM sqlite_master AS m, {}(m.name) AS p WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_'"
_COLUMNS = f'SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden {_OF_TABLE.format("pragma_table_xinfo")}'
_FOREIGN_KEYS = (
    f'SELECT m.name, p.id, p.seq, p."table", p."from", p."to", p.on_update, p.on_delete '
    f"{_OF_TABLE.format('pragma_foreign_key_list')} ORDER BY m.name, p.id, p.seq"
)
_UNIQUES = (
    "SELECT m.name, p.name, c.name FROM sqlite_master AS m, pragma_index_list(m.name) AS p, pragma_index_info(p.name) AS c "
    "WHERE m.type = 'table' AND p.origin = 'u' ORDER BY m.name, p.name, c.seqno"
)
_OTHERS = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'view', 'trigger') AND sql IS NOT NULL"
_CHECK = re.compile(r"(?:\bCONSTRAINT\s+(\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|\w+)\s+)?\bCHECK\s*(?=\()", re.IGNORECASE)
_INDEX = re.compile(r"CREATE\s+(UNIQUE\s+)?INDEX\s.*?\sON\s+(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[\w.]+)\s*(\(.*)", re.IGNORECASE)
_TEXTS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


def sqlite_facts(connection: Connection) -> Iterator[CatalogFact]:
    """Yield the facts of the main database."""
    for name, sql in _rows(connection, _TABLES):
        yield from _table(name, sql or "")
    yield from _columns(connection)
    yield from _foreign_keys(connection)
    yield from _uniques(connection)
    for kind, name, table, sql in _rows(connection, _OTHERS):
        yield from _other(kind, name, table, sql)


@lru_cache(maxsize=MOST_REMEMBERED)
def _table(name: str, sql: str) -> tuple[CatalogFact, ...]:
    found = [(CatalogKey("table", name), ""), *_checks(name, sql)]
    if re.search(r"\bAUTOINCREMENT\b", _TEXTS.sub("", sql), re.IGNORECASE):
        found.append((CatalogKey("table", name, aspect="numbering"), "AUTOINCREMENT"))
    return tuple(found)


def _rows(connection: Connection, query: str) -> list[Any]:
    return list(connection.exec_driver_sql(query))


def _columns(connection: Connection) -> Iterator[CatalogFact]:
    keys = defaultdict[str, list[tuple[int, str]]](list)
    for table, name, declared, required, default, place, hidden in _rows(connection, _COLUMNS):
        yield from _column(CatalogKey("column", table, name), declared, bool(required or place), default, hidden)
        if place:
            keys[table].append((place, name))
    for table, columns in keys.items():
        yield from constraint_facts("primary key", table, f"({','.join(name for _, name in sorted(columns))})", None)


@lru_cache(maxsize=MOST_REMEMBERED)
def _column(column: CatalogKey, declared: str, required: bool, default: str | None, hidden: int) -> tuple[CatalogFact, ...]:
    found = [
        (column, ""),
        (column._replace(aspect="type"), unquoted(declared).upper()),
        (column._replace(aspect="nullability"), "NOT NULL" if required else "NULL"),
    ]
    if default is not None:
        found.append((column._replace(aspect="default"), shown_default(default)))
    if hidden in (2, 3):
        found.append((column._replace(aspect="generation"), "VIRTUAL" if hidden == 2 else "STORED"))
    return tuple(found)


def _foreign_keys(connection: Connection) -> Iterator[CatalogFact]:
    found: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in _rows(connection, _FOREIGN_KEYS):
        found[row[0], row[1]].append(row)
    for (table, _), rows in found.items():
        columns, targets = ",".join(row[4] for row in rows), ",".join(row[5] or "" for row in rows)
        rules = "".join(
            f" ON {what} {rule}" for what, rule in (("UPDATE", rows[0][6]), ("DELETE", rows[0][7])) if rule != "NO ACTION"
        )
        yield from constraint_facts("foreign key", table, f"({columns}) to {rows[0][3]}({targets}){rules}", None)


def _uniques(connection: Connection) -> Iterator[CatalogFact]:
    found = defaultdict[tuple[str, str], list[str]](list)
    for table, name, column in _rows(connection, _UNIQUES):
        found[table, name].append(column or "")
    for (table, _), columns in found.items():
        yield from constraint_facts("unique constraint", table, f"({','.join(columns)})", None)


def _checks(table: str, sql: str) -> Iterator[CatalogFact]:
    # A text may hold brackets: blanked out for the search, at the same positions.
    blank = _TEXTS.sub(lambda found: "x" * len(found[0]), sql)
    for found in _CHECK.finditer(blank):
        end = _end_of_bracket(blank, found.end())
        yield from constraint_facts(
            "check constraint", table, folded_sql(sql[found.end() : end]), found[1] and unquoted(found[1])
        )


def _end_of_bracket(text: str, start: int) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "(") - (text[position] == ")")
        if depth == 0:
            return position + 1
    return len(text)


@lru_cache(maxsize=MOST_REMEMBERED)
def _other(kind: str, name: str, table: str, sql: str) -> tuple[CatalogFact, ...]:
    text = collapsed(sql)
    if kind == "view":
        return ((CatalogKey("view", name), unquoted(re.split(r"\bAS\b", text, maxsplit=1, flags=re.IGNORECASE)[-1])),)
    if kind == "trigger":
        return ((CatalogKey("trigger", table, name), unquoted(text)),)
    found = _INDEX.fullmatch(text)
    return constraint_facts("unique index" if found[1] else "index", table, folded_sql(found[2]), name) if found else ()
