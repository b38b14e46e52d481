"""The facts of a SQLite database, partly from the text of its statements."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ...core.database.schema_catalog import CatalogKey
from .normal_form import MOST_REMEMBERED, CatalogFact, collapsed, constraint_facts, folded_sql, shown_default, unquoted
from .rows import CatalogRows, read_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


_OBJECTS = """SELECT tbl_name, type, name, sql FROM sqlite_master
WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' OR type <> 'table' AND sql IS NOT NULL"""
# Without 'main' a temporary table of the same name would be read in place of the table.
_COLUMNS = """SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden
FROM sqlite_master AS m, pragma_table_xinfo(m.name, 'main') AS p
WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_'"""
_FOREIGN_KEYS = """SELECT m.name, p.id, p.seq, p."table", p."from", p."to", p.on_update, p.on_delete
FROM sqlite_master AS m, pragma_foreign_key_list(m.name, 'main') AS p
WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_'"""
_UNIQUES = """SELECT m.name, p.name, c.name
FROM sqlite_master AS m, pragma_index_list(m.name, 'main') AS p, pragma_index_info(p.name, 'main') AS c
WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_' AND p.origin = 'u'"""
_ORDERS = {_COLUMNS: "", _FOREIGN_KEYS: " ORDER BY m.name, p.id, p.seq", _UNIQUES: " ORDER BY m.name, p.name, c.seqno"}
_MOST_NAMES = 500
"""Of more tables all are read: SQLite allows 999 parameters in its older versions."""
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\b", re.IGNORECASE)
_CHECK = re.compile(r"(?:\bCONSTRAINT\s+(\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|\w+)\s+)?\bCHECK\s*(?=\()", re.IGNORECASE)
_INDEX = re.compile(r"CREATE\s+(UNIQUE\s+)?INDEX\s.*?\sON\s+(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|[\w.]+)\s*(\(.*)", re.IGNORECASE)
_TEXTS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


def sqlite_rows(connection: Connection, known: CatalogRows | None = None) -> CatalogRows:
    """Return the rows of the main database; of tables whose statement is among the `known` rows nothing else is read.

    A statement is all that SQLite itself knows of a table, unless the table is virtual.
    """
    objects = read_rows(connection, _OBJECTS)
    if known is None:
        return {_OBJECTS: objects} | {query: read_rows(connection, query + order) for query, order in _ORDERS.items()}
    before, after = _statements(known[_OBJECTS]), _statements(objects)
    kept = {name for name, sql in (before & after) if not _VIRTUAL.match(sql)}
    places = {name: place for place, (name, kind, *_) in enumerate(objects) if kind == "table"}
    fresh = [name for name in places if name not in kept]
    if len(fresh) > _MOST_NAMES:
        return sqlite_rows(connection)
    rows = {_OBJECTS: objects}
    for query, order in _ORDERS.items():
        same = known[query] if len(kept) == len(before) else [row for row in known[query] if row[0] in kept]
        found = [*same, *_read_some(connection, query, fresh)]
        rows[query] = sorted(found, key=itemgetter(0)) if order else sorted(found, key=lambda row: places[row[0]])
    return rows


def _statements(objects: Sequence[Any]) -> set[tuple[str, str]]:
    return {(name, sql or "") for name, kind, _, sql in objects if kind == "table"}


def _read_some(connection: Connection, query: str, names: Sequence[str]) -> list[Any]:
    if not names:
        return []
    return read_rows(connection, f"{query} AND m.name IN ({','.join('?' * len(names))}){_ORDERS[query]}", names)


def sqlite_facts(rows: CatalogRows) -> Iterator[CatalogFact]:
    """Yield the facts of the main database."""
    objects = rows[_OBJECTS]
    for name, kind, _, sql in objects:
        if kind == "table":
            yield from _table(name, sql or "")
    yield from _columns(rows)
    yield from _foreign_keys(rows)
    yield from _uniques(rows)
    for table, kind, name, sql in objects:
        if kind != "table":
            yield from _other(kind, name, table, sql)


@lru_cache(maxsize=MOST_REMEMBERED)
def _table(name: str, sql: str) -> tuple[CatalogFact, ...]:
    found = [(CatalogKey("table", name), ""), *_checks(name, sql)]
    if re.search(r"\bAUTOINCREMENT\b", _TEXTS.sub("", sql), re.IGNORECASE):
        found.append((CatalogKey("table", name, aspect="numbering"), "AUTOINCREMENT"))
    return tuple(found)


def _columns(rows: CatalogRows) -> Iterator[CatalogFact]:
    keys = defaultdict[str, list[tuple[int, str]]](list)
    for table, name, declared, required, default, place, hidden in rows[_COLUMNS]:
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


def _foreign_keys(rows: CatalogRows) -> Iterator[CatalogFact]:
    found: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in rows[_FOREIGN_KEYS]:
        found[row[0], row[1]].append(row)
    for (table, _), parts in found.items():
        columns, targets = ",".join(row[4] for row in parts), ",".join(row[5] or "" for row in parts)
        rules = "".join(
            f" ON {what} {rule}" for what, rule in (("UPDATE", parts[0][6]), ("DELETE", parts[0][7])) if rule != "NO ACTION"
        )
        yield from constraint_facts("foreign key", table, f"({columns}) to {parts[0][3]}({targets}){rules}", None)


def _uniques(rows: CatalogRows) -> Iterator[CatalogFact]:
    found = defaultdict[tuple[str, str], list[str]](list)
    for table, name, column in rows[_UNIQUES]:
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
