"""The objects that directives are given: columns, types, constraints and tables, as SQLAlchemy spells them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .interpreter.values import Attribute, CallResult, DottedName, ScriptClass, items_of, method_of
from .operation import Action, ObjectKind, Operation

CONSTRAINTS = frozenset(
    ["PrimaryKeyConstraint", "UniqueConstraint", "ForeignKeyConstraint", "CheckConstraint", "ExcludeConstraint"]
)
_INDEXED = frozenset(["PrimaryKeyConstraint", "UniqueConstraint", "ExcludeConstraint"])
_GENERATED = ("Computed", "Identity", "FetchedValue", "Sequence")
_ENUMS = ("Enum", "ENUM")
_DEFAULT_SCHEMA = "public"
_MARKS = ("conv", "quoted_name")
_WRAPPERS = ("ARRAY", "Array")
_QUOTED = re.compile(r"'[^']*'")
_WORD = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*\()")
_SQL = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "null",
        "like",
        "ilike",
        "between",
        "any",
        "all",
        "true",
        "false",
        "asc",
        "desc",
        "nulls",
        "first",
        "last",
        "case",
        "when",
        "then",
        "else",
        "end",
        "cast",
        "as",
        "collate",
        "interval",
        "distinct",
        "from",
    ]
)


class NotLiteral(Exception):
    """Say what only running the script would tell."""


@dataclass(frozen=True, slots=True)
class ItemLocation:
    """Hold where an item is used: the table, its schema apart, and the line of the directive.

    `guarded` is a table made only where there is none yet: so are its constraints, but not its indexes and enums, which
    Alembic (1.20) creates on their own.
    """

    table: str
    schema: str | None
    line: int
    guarded: bool = False


def qualified(name: str, schema: str | None) -> str:
    """Return the name with its schema in front; in `public`, PostgreSQL's default, what names no schema is as well."""
    return f"{schema}.{name}" if schema and schema != _DEFAULT_SCHEMA else name


def name_of(value: object, noun: str) -> str:
    """Return a name, whether or not it is marked as complete.

    Raises:
        NotLiteral: where it is computed.
    """
    match value:
        case str():
            return value
        case CallResult(args=(str() as name, *_)) if value.tail in _MARKS:
            return name
    raise NotLiteral(noun)


def optional_name(value: object, noun: str) -> str | None:
    return None if value is None else name_of(value, noun)


def is_column(value: object) -> bool:
    return isinstance(value, CallResult) and value.tail == "Column"


def column_name(column: object) -> str:
    if not isinstance(column, CallResult) or column.tail not in ("Column", "column"):
        raise NotLiteral("column")
    return name_of(column.keywords.get("name", column.args[0] if column.args else None), "column name")


def column_facts(column: CallResult) -> tuple[bool | None, bool]:
    """Return whether a new column may be NULL, None where nothing is said, and whether the database has a value for it."""
    own = any(isinstance(item, CallResult) and item.tail in _GENERATED for item in column.args)
    default = own or column.keywords.get("server_default") is not None or column.keywords.get("primary_key") is True
    nullable = column.keywords.get("nullable")
    return nullable if isinstance(nullable, bool) else None, default


def names_in(values: object, noun: str = "columns") -> tuple[str, ...]:
    """Return the columns that a list of names and expressions is over.

    Raises:
        NotLiteral: where one is computed.
    """
    parts = [values] if isinstance(values, str | CallResult) else items_of(values)
    if parts is None:
        raise NotLiteral(noun)
    return tuple(dict.fromkeys(name for part in parts for name in _names(part, noun)))


def are_plain(values: object) -> bool:
    """Tell whether an index is over columns alone; over an expression, SQLAlchemy (2.1) does not see it in SQLite."""
    parts = [values] if isinstance(values, str) else items_of(values)
    return bool(parts) and all(isinstance(part, str) for part in parts or ())


def _names(value: object, noun: str, depth: int = 4) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Attribute(owner=owner, name="key" | "name"):
            yield from _names(owner, noun, depth)
        case Attribute(owner=Attribute(name="c" | "columns"), name=name):
            yield name
        case CallResult(args=args) if value.tail in ("text", "literal_column"):
            yield from words_of(args[0] if args else None)
        case CallResult(args=args) if value.tail in ("column", "Column"):
            yield column_name(value)
        case CallResult(args=(owner, *_)) if method_of(value):
            yield from _names(owner, noun, depth - 1) if depth else ()
        case CallResult(args=args):
            # Ten arguments four deep: a hostile script can nest one value into itself without end.
            for arg in args[:10] if depth else ():
                if isinstance(arg, CallResult | Attribute):
                    yield from _names(arg, noun, depth - 1)
        case _:
            raise NotLiteral(noun)


def words_of(sql: object) -> Iterator[str]:
    """Yield the words of an SQL expression that may be columns."""
    if isinstance(sql, CallResult) and sql.tail in ("text", "literal_column") and sql.args:
        sql = sql.args[0]
    if isinstance(sql, str):
        for word in _WORD.findall(_QUOTED.sub("", sql)):
            if word.lower() not in _SQL:
                yield word


def enums_in(type_: object) -> Iterator[CallResult]:
    """Yield the enum that a column's type is or holds; MySQL's ENUM has no name of its own."""
    match type_:
        case CallResult() if (
            type_.tail in _ENUMS and "mysql" not in type_.path and type_.keywords.get("native_enum") is not False
        ):
            yield type_
        case CallResult(args=(inner, *_)) if type_.tail in _WRAPPERS:
            yield from enums_in(inner)


def enum_operation(
    action: Action, enum: CallResult, place: ItemLocation | None, line: int, *, guarded: bool = False
) -> Iterator[Operation]:
    """Yield what is done to an enum that has a name; without one, PostgreSQL has none to do it to."""
    name = _enum_name(enum)
    if name is None:
        return
    inherited = place.schema if place and enum.keywords.get("inherit_schema") is True else None
    schema = optional_name(enum.keywords.get("schema", inherited), "enum's schema")
    table = qualified(place.table, place.schema) if place else None
    yield Operation(action, ObjectKind.ENUM, table, qualified(name, schema), line, guarded=guarded)


def _enum_name(enum: CallResult) -> str | None:
    if enum.keywords.get("name") is not None:
        return name_of(enum.keywords["name"], "enum name")
    match enum.args:
        case (ScriptClass(name=name),):
            return name.lower()
        case (DottedName() as dotted,):
            return dotted.tail.lower()
    return None


def type_operations(type_: object, place: ItemLocation, line: int, *, creates: bool) -> Iterator[Operation]:
    """Yield what a type does to the enums it names: PostgreSQL creates them with a table, and only with one."""
    for enum in enums_in(type_):
        own = creates and enum.keywords.get("create_type") is not False and enum.keywords.get("metadata") is None
        yield from enum_operation(Action.CREATE if own else Action.REFER, enum, place, line)


def column_operations(column: CallResult, place: ItemLocation, *, new_table: bool) -> Iterator[Operation]:
    """Yield what a column brings with it: enums, foreign keys, named constraints, an index."""
    for item in (*column.args[:3], column.keywords.get("type_")):
        yield from type_operations(item, place, column.line, creates=new_table)
    for item in column.args[1:]:
        if isinstance(item, CallResult) and (item.tail == "ForeignKey" or item.tail in CONSTRAINTS):
            yield from constraint_operations(item, place, (column_name(column),))
    if column.keywords.get("index") is True:
        yield _index_operation(column, place)


def _index_operation(column: CallResult, place: ItemLocation) -> Operation:
    """Return the index of `index=True`, under the name that SQLAlchemy gives it where no naming convention is set."""
    over = column_name(column)
    schema = f"{place.schema.replace('.', '_')}_" if place.schema else ""
    table = qualified(place.table, place.schema)
    return Operation(Action.CREATE, ObjectKind.INDEX, table, f"ix_{schema}{place.table}_{over}", column.line, columns=(over,))


def constraint_operations(item: CallResult, place: ItemLocation, columns: tuple[str, ...] = ()) -> Iterator[Operation]:
    """Yield the constraint or index, if it has a name, and what its foreign key refers to."""
    table = qualified(place.table, place.schema)
    index = item.tail == "Index"
    name = optional_name(item.args[0] if index and item.args else item.keywords.get("name"), "constraint name")
    if name is not None:
        kind = ObjectKind.INDEX if index else ObjectKind.CONSTRAINT
        made = Operation(Action.CREATE, kind, table, name, item.line, columns=columns or _columns_of(item))
        listed = index and are_plain(item.args[1:])
        yield replace(made, guarded=place.guarded and not index, indexed=item.tail in _INDEXED, listed=listed)
    if item.tail in ("ForeignKey", "ForeignKeyConstraint"):
        yield from _targets(item)


def _columns_of(item: CallResult) -> tuple[str, ...]:
    match item.tail:
        case "CheckConstraint":
            return tuple(dict.fromkeys(words_of(item.args[0] if item.args else item.keywords.get("sqltext"))))
        case "ForeignKeyConstraint":
            return names_in(item.args[0] if item.args else item.keywords.get("columns"))
        case "ExcludeConstraint":
            return names_in([pair[0] for pair in item.args if isinstance(pair, tuple) and pair])
        case "Index":
            return names_in(list(item.args[1:]))
    return names_in(list(item.args))


def _targets(item: CallResult) -> Iterator[Operation]:
    whole = item.tail == "ForeignKeyConstraint"
    place = 1 if whole else 0
    given = item.args[place] if len(item.args) > place else item.keywords.get("refcolumns" if whole else "column")
    noun = "foreign key"
    for target in (items_of(given) if whole else [given]) or [None]:
        table, dot, column = name_of(target, noun).removeprefix(f"{_DEFAULT_SCHEMA}.").rpartition(".")
        yield Operation(Action.REFER, ObjectKind.COLUMN, table or column, column if dot else None, item.line)


def table_location(table: CallResult, line: int) -> ItemLocation:
    """Return the table that `sa.Table(...)` or `sa.table(...)` names."""
    name = table.args[0] if table.args else table.keywords.get("name")
    return ItemLocation(name_of(name, "table name"), optional_name(table.keywords.get("schema"), "schema"), line)
