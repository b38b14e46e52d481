"""The names in parsed SQL, as SQLAlchemy would spell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from ..schema_items import qualified

_SYSTEM_SCHEMAS = frozenset(["information_schema", "pg_catalog", "sys", "mysql", "performance_schema"])
_SYSTEM_TABLES = ("pg_", "sqlite_")


class Unclear(Exception):
    """Say that a statement is none that is known to the end."""


def table_name(table: exp.Expr | None) -> str:
    """Return the name of a table, its schema in front.

    Raises:
        Unclear: where it is a query, a function or a placeholder.
    """
    if isinstance(table, exp.Schema):
        table = table.this
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        raise Unclear
    return qualified(table.name, table.text("db") or None)


def name_in(node: exp.Expr | None) -> str:
    """Return the name of a column, an index, a constraint."""
    if isinstance(node, exp.Table | exp.Column | exp.Identifier | exp.Index | exp.ColumnDef) and node.name:
        return node.name
    raise Unclear


def names_in_list(nodes: Iterable[exp.Expr]) -> tuple[str, ...]:
    """Return the columns that a list of identifiers and expressions is over."""
    return tuple(dict.fromkeys(name for node in nodes for name in _columns_in(node)))


def _columns_in(node: exp.Expr) -> Iterator[str]:
    node = node.this if isinstance(node, exp.Ordered) else node
    if isinstance(node, exp.Identifier):
        yield node.name
    elif isinstance(node, exp.Anonymous) and all(isinstance(each, exp.Literal) and each.is_int for each in node.expressions):
        yield node.name  # MySQL: `name(20)` is the beginning of a column
    for column in node.find_all(exp.Column):
        yield column.name


def is_plain(node: exp.Expr) -> bool:
    """Tell whether an index is over this column itself."""
    inner = node.this if isinstance(node, exp.Ordered) else node
    return isinstance(inner, exp.Column | exp.Identifier)


def is_system(table: exp.Table) -> bool:
    return table.text("db").lower() in _SYSTEM_SCHEMAS or table.name.lower().startswith(_SYSTEM_TABLES)
