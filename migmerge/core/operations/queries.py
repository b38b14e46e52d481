"""What a script sends to the database, SQL text or a statement of SQLAlchemy's, as operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..script.identifiers import COMPUTED
from .directives import Effects
from .interpreter.values import Attribute, CallResult, ScriptClass, items_of, method_of
from .operation import Action, ObjectKind, Operation, RowChange, Unread
from .schema_items import NotLiteral, column_name, names_in, qualified, table_location

_TEXT = ("text", "DDL", "TextClause")
_CHANGES = {"insert": RowChange.INSERT, "update": RowChange.UPDATE, "delete": RowChange.DELETE}
_SAME_TABLE = ("alias", "select", "join", "outerjoin", "lateral", "subquery", "cte")
_MOST_PARTS = 1000


@dataclass(frozen=True, slots=True)
class Query:
    """Hold what is sent: a statement, the rows that go with it, the line, and where in words.

    `dialect` is SQLAlchemy's name of the database, None where nobody knows it.
    """

    statement: object
    rows: object
    line: int
    what: str
    dialect: str | None = None


@dataclass(frozen=True, slots=True)
class _Link:
    """Hold one call of a chain: `table.update()`, `.where(…)`, `.values(…)`."""

    name: str
    args: tuple[object, ...]
    keywords: dict[str, object]


def sql_of(statement: object) -> str | None:
    """Return the SQL of a text, or of `sa.text(...)`; None of what SQLAlchemy puts together."""
    return _text_of(_chain(statement)[0])


def query_effects(query: Query) -> Effects:
    """Yield what a query does; one that is computed is unread."""
    base, links = _chain(query.statement)
    text = _text_of(base)
    if text is not None:
        # `sqlglot` and what reads its trees take 80 ms to import, which only a script with SQL pays.
        from .sql.text import read_sql

        yield from read_sql(text, query.line, query.what, query.dialect)
        return
    try:
        yield from list(_statement_effects(base, links, query))
    except NotLiteral:
        yield Unread(query.line, query.what)


def table_of_class(value: object) -> str | None:
    """Return the table that a model of the script stands for."""
    if isinstance(value, ScriptClass):
        name, arguments = value.names.get("__tablename__"), value.names.get("__table_args__")
        schema = arguments.get("schema") if isinstance(arguments, dict) else None
        return qualified(name, schema if isinstance(schema, str) else None) if isinstance(name, str) else None
    return None


def _text_of(value: object) -> str | None:
    match value:
        case str():
            return value
        case CallResult(args=(str() as text, *_)) if value.tail in _TEXT:
            return text
        case CallResult(keywords={"text": str() as text}) if value.tail in _TEXT:
            return text
    return None


def _chain(value: object) -> tuple[object, list[_Link]]:
    """Return what a chain of calls begins with, and its calls in their order."""
    links: list[_Link] = []
    while isinstance(value, CallResult) and (name := method_of(value)) and value.args:
        links.append(_Link(name, value.args[1:], value.keywords))
        value = value.args[0]
    return value, links[::-1]


def _statement_effects(base: object, links: list[_Link], query: Query) -> Iterator[Operation]:
    table = _table(base)
    if table is not None and links and links[0].name in _CHANGES:
        first, *rest = links
        yield from _change(_CHANGES[first.name], table, [_Link("values", first.args, first.keywords), *rest], query)
        return
    if isinstance(base, CallResult) and base.tail in _CHANGES and "sqlalchemy" in base.path and base.args:
        target = _table(base.args[0])
        if target is None:
            raise NotLiteral("table")
        yield from _change(_CHANGES[base.tail], target, links, query)
        return
    if not (isinstance(base, CallResult) and base.tail in ("select", "exists", "union", "union_all")) and table is None:
        raise NotLiteral("statement")
    yield from _references([base, *_arguments_of(links)], query.line)


def _change(change: RowChange, table: CallResult | ScriptClass, links: list[_Link], query: Query) -> Iterator[Operation]:
    name = _table_name(table)
    given = [each for link in links if link.name == "values" for each in (*link.args, link.keywords)]
    given += [query.rows] if change is RowChange.INSERT else []
    columns = _keys(given)
    if change is RowChange.INSERT:
        columns = _selected(links) or _with_defaults(columns, table) or _own_columns(table)
        yield Operation(Action.REFER, ObjectKind.TABLE, name, None, query.line, columns=columns, rows=change)
    else:
        yield Operation(Action.REFER, ObjectKind.TABLE, name, None, query.line, rows=change)
        yield from (Operation(Action.REFER, ObjectKind.COLUMN, name, column, query.line) for column in columns)
    yield from _references(_arguments_of(links), query.line)


def _arguments_of(links: Iterable[_Link]) -> list[object]:
    return [each for link in links for each in (*link.args, *link.keywords.values())]


def _keys(given: Iterable[object]) -> tuple[str, ...]:
    """Return the columns that rows have; none where that is not known of one of the rows."""
    found: dict[str, None] = {}
    for each in given:
        for row in [each] if isinstance(each, dict) else items_of(each) or ():
            if not isinstance(row, dict) or COMPUTED in row:
                return ()
            found |= dict.fromkeys(key for key in row if isinstance(key, str))
    return tuple(found)


def _selected(links: Iterable[_Link]) -> tuple[str, ...]:
    for link in links:
        if link.name == "from_select" and link.args:
            return names_in(link.args[0])
    return ()


def _own_columns(table: CallResult | ScriptClass) -> tuple[str, ...]:
    """Return the columns that a table of the script has, all of which a row of unknown keys may give."""
    items = table.args[1:] if isinstance(table, CallResult) else ()
    return tuple(column_name(item) for item in items if _is_column(item))


def _with_defaults(columns: tuple[str, ...], table: CallResult | ScriptClass) -> tuple[str, ...]:
    """Add the columns that SQLAlchemy itself has a value for."""
    if not columns or not isinstance(table, CallResult):
        return columns
    own = [column_name(item) for item in table.args[1:] if _is_column(item) and "default" in item.keywords]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys((*columns, *own)))


def _is_column(item: object) -> bool:
    return isinstance(item, CallResult) and item.tail in ("Column", "column")


def _table(value: object) -> CallResult | ScriptClass | None:
    while isinstance(value, CallResult) and method_of(value) in _SAME_TABLE and value.args:
        value = value.args[0]
    match value:
        case CallResult() if value.tail.lower() == "table":
            return value
        case ScriptClass() if table_of_class(value):
            return value
        case Attribute(owner=ScriptClass() as owner, name="__table__") if table_of_class(owner):
            return owner
    return None


def _table_name(table: CallResult | ScriptClass) -> str:
    if isinstance(table, ScriptClass):
        return table_of_class(table) or ""
    location = table_location(table, 1)
    return qualified(location.table, location.schema)


def _references(values: Iterable[object], line: int) -> Iterator[Operation]:
    """Yield the tables and columns that expressions name, each once."""
    found = dict.fromkeys(named for part in _parts(values) if (named := _named(part)))
    tables = dict.fromkeys(table for table, _ in found)
    yield from (Operation(Action.REFER, ObjectKind.TABLE, table, None, line) for table in tables)
    yield from (Operation(Action.REFER, ObjectKind.COLUMN, table, column, line) for table, column in found if column)


def _named(part: object) -> tuple[str, str | None] | None:
    match part:
        case Attribute(owner=Attribute(owner=owner, name="c" | "columns"), name=column) if table := _table(owner):
            return _table_name(table), column
        case CallResult() | ScriptClass() if table := _table(part):
            return _table_name(table), None
    return None


def _parts(values: Iterable[object]) -> Iterator[object]:
    """Yield values and what they are made of, each once: a hostile script can put a value into itself again and again."""
    pending, seen = list(values)[::-1], set[int]()
    while pending and len(seen) < _MOST_PARTS:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        match part:
            case Attribute(owner=owner):
                pending.append(owner)
            case CallResult(args=args, keywords=keywords) if _table(part) is None or method_of(part):
                pending += [*args, *keywords.values()][::-1]
            case dict():
                pending += part.values()
            case list() | tuple():
                pending += part[::-1]
