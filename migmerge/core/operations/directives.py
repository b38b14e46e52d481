"""Alembic's directives, 1.13 to 1.20, from their arguments to operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ..script.identifiers import COMPUTED
from .interpreter.values import Arguments, Batch, CallResult, items_of
from .operation import Action, ObjectKind, Operation, RowChange, Unread
from .schema_items import (
    CONSTRAINTS,
    ItemLocation,
    NotLiteral,
    are_plain,
    column_facts,
    column_name,
    column_operations,
    constraint_operations,
    is_column,
    name_of,
    names_in,
    optional_name,
    qualified,
    table_location,
    type_operations,
    words_of,
)

_CHANGES = ("nullable", "comment", "server_default", "type_", "autoincrement")
_TABLE_PARAMETERS = ("table_name", "source_table")
_SCHEMA_PARAMETERS = ("schema", "source_schema")

Effects = Iterator[Operation | Unread]


@dataclass(frozen=True, slots=True)
class Given:
    """Hold one directive's arguments by parameter; `rest` are those behind the last parameter."""

    directive: str
    line: int
    values: dict[str, object]
    rest: tuple[object, ...] = ()

    @property
    def guarded(self) -> bool:
        """Tell whether the directive says "if (not) exists", which Alembic has from 1.14 on."""
        return self.values.get("if_not_exists") is True or self.values.get("if_exists") is True

    def name(self, parameter: str, noun: str) -> str:
        return name_of(self.values.get(parameter, COMPUTED), noun)

    def optional(self, parameter: str, noun: str) -> str | None:
        return optional_name(self.values.get(parameter), noun)

    def place(self, table: str = "table_name", schema: str = "schema") -> ItemLocation:
        return ItemLocation(self.name(table, "table name"), self.optional(schema, "schema"), self.line)

    def table(self, table: str = "table_name", schema: str = "schema") -> str:
        place = self.place(table, schema)
        return qualified(place.table, place.schema)

    def columns(self, parameter: str = "columns") -> tuple[str, ...]:
        return names_in(self.values.get(parameter, COMPUTED))

    def unread(self, noun: str) -> Unread:
        return _unread(self.directive, self.line, noun)


def _unread(directive: str, line: int, noun: str) -> Unread:
    return Unread(line, f"{directive} with {'' if noun.endswith('s') else 'a '}computed {noun}")


def is_directive(name: str) -> bool:
    return name in _DIRECTIVES


def rebuilds_table(directive: str, arguments: Arguments) -> bool:
    """Tell whether a directive makes Alembic (1.20) replace a SQLite table in a batch, as far as its arguments say."""
    if directive != "add_column":
        return directive not in ("create_index", "drop_index")
    column = arguments.keywords.get("column", arguments.args[0] if arguments.args else None)
    if not isinstance(column, CallResult):
        return True
    default = column.keywords.get("server_default")
    constrained = any(isinstance(item, CallResult) for item in column.args[2:]) or column.keywords.get("unique")
    return bool(constrained) or not isinstance(default, str | None)


def perform(directive: str, arguments: Arguments, line: int, batch: Batch | None = None) -> Effects:
    """Yield what `op.directive(...)`, or the directive of a batch, does."""
    shown = f"{'batch_op' if batch else 'op'}.{directive}"
    if directive not in _DIRECTIVES or (batch and directive in ("create_table", "drop_table", "rename_table", "bulk_insert")):
        yield Unread(line, f"{shown}, which is not known")
        return
    parameters, effects_of = _DIRECTIVES[directive]
    given = _bind(shown, parameters, arguments, line, batch)
    effects, problem = _until_computed(effects_of(given))
    yield from effects
    if problem is None and arguments.computed and not any(isinstance(effect, Unread) for effect in effects):
        problem = "arguments"
    if problem is not None:
        yield given.unread(problem)


def _until_computed(effects: Effects) -> tuple[list[Operation | Unread], str | None]:
    found: list[Operation | Unread] = []
    try:
        for effect in effects:
            found.append(effect)  # noqa: PERF402
    except NotLiteral as computed:
        return found, str(computed)
    return found, None


def _bind(shown: str, parameters: tuple[str, ...], arguments: Arguments, line: int, batch: Batch | None) -> Given:
    if batch:
        parameters = tuple(name for name in parameters if name not in _TABLE_PARAMETERS)
    values = {**dict(zip(parameters, arguments.args, strict=False)), **arguments.keywords}
    if batch:
        values.update(dict.fromkeys(_TABLE_PARAMETERS, batch.table))
        values.update(dict.fromkeys(_SCHEMA_PARAMETERS, batch.schema))
    return Given(shown, line, values, arguments.args[len(parameters) :])


def _create_table(given: Given) -> Effects:
    place = replace(given.place(), guarded=given.guarded)
    columns, problem = _columns_in(given.rest)
    made = Operation(Action.CREATE, ObjectKind.TABLE, qualified(place.table, place.schema), None, given.line, columns=columns)
    # What has a prefix is mostly TEMPORARY, and nothing of it stays.
    yield replace(made, guarded=given.guarded, conditional=bool(given.values.get("prefixes")))
    if problem:
        yield given.unread("columns")
    for item in given.rest:
        yield from table_item(item, place, given.directive)


def _columns_in(items: tuple[object, ...]) -> tuple[tuple[str, ...], bool]:
    names = []
    problem = False
    for item in items:
        try:
            if is_column(item):
                names.append(column_name(item))
            elif not isinstance(item, CallResult) or item.tail not in {*CONSTRAINTS, "Index"}:
                problem = True
        except NotLiteral:
            problem = True
    return tuple(names), problem


def table_item(item: object, place: ItemLocation, directive: str) -> Effects:
    """Yield what one of a table's columns, constraints or indexes brings with it."""
    if not isinstance(item, CallResult):
        return
    try:
        if is_column(item):
            yield from column_operations(item, place, new_table=True)
        elif item.tail in CONSTRAINTS or item.tail == "Index":
            yield from constraint_operations(item, place)
    except NotLiteral as computed:
        yield _unread(directive, place.line, str(computed))


def _drop_table(given: Given) -> Effects:
    yield Operation(Action.DROP, ObjectKind.TABLE, given.table(), None, given.line, guarded=given.guarded)


def _rename_table(given: Given) -> Effects:
    place = given.place("old_table_name")
    new = qualified(given.name("new_table_name", "new name"), place.schema)
    yield Operation(Action.RENAME, ObjectKind.TABLE, qualified(place.table, place.schema), None, given.line, new)


def _comment_table(given: Given) -> Effects:
    yield Operation(Action.ALTER, ObjectKind.TABLE, given.table(), None, given.line)


def _add_column(given: Given) -> Effects:
    column = given.values.get("column")
    if not isinstance(column, CallResult):
        raise NotLiteral("column")
    name = column_name(column)
    nullable, default = column_facts(column)
    made = Operation(Action.CREATE, ObjectKind.COLUMN, given.table(), name, given.line, guarded=given.guarded)
    yield replace(made, nullable=nullable, default=default)
    yield from column_operations(column, given.place(), new_table=False)


def _drop_column(given: Given) -> Effects:
    name = given.name("column_name", "column name")
    yield Operation(Action.DROP, ObjectKind.COLUMN, given.table(), name, given.line, guarded=given.guarded)


def _alter_column(given: Given) -> Effects:
    table, name = given.table(), given.name("column_name", "column name")
    new = given.optional("new_column_name", "new name")
    if new is None or any(change in given.values for change in _CHANGES):
        nullable, default = given.values.get("nullable"), _default_after(given)
        facts = nullable if isinstance(nullable, bool) else None, default
        yield Operation(Action.ALTER, ObjectKind.COLUMN, table, name, given.line, nullable=facts[0], default=facts[1])
    yield from type_operations(given.values.get("type_"), given.place(), given.line, creates=False)
    if new is not None:
        yield Operation(Action.RENAME, ObjectKind.COLUMN, table, name, given.line, new)


def _default_after(given: Given) -> bool | None:
    """Tell whether the database has a value for an altered column; None where nothing is said of it."""
    for parameter in ("server_default", "existing_server_default"):
        if given.values.get(parameter, False) is not False:
            return given.values[parameter] is not None
    return None


def _create_index(given: Given) -> Effects:
    yield from _create(given, ObjectKind.INDEX, "index_name", "index name")


def _drop_index(given: Given) -> Effects:
    name, schema = given.name("index_name", "index name"), given.optional("schema", "schema")
    if given.values.get("table_name") is None:
        yield Operation(Action.DROP, ObjectKind.INDEX, None, qualified(name, schema), given.line, guarded=given.guarded)
    else:
        yield Operation(Action.DROP, ObjectKind.INDEX, given.table(), name, given.line, guarded=given.guarded)


def _create_constraint(given: Given) -> Effects:
    yield from _create(given, ObjectKind.CONSTRAINT, "constraint_name", "constraint name")


def _create(given: Given, kind: ObjectKind, parameter: str, noun: str) -> Effects:
    made = Operation(Action.CREATE, kind, given.table(), given.optional(parameter, noun), given.line)
    listed = not given.directive.endswith("create_primary_key") and are_plain(given.values.get("columns"))
    made = replace(made, guarded=given.guarded, indexed=kind is ObjectKind.CONSTRAINT, listed=listed)
    try:
        yield replace(made, columns=given.columns())
    except NotLiteral:
        yield made
        raise


def _create_check_constraint(given: Given) -> Effects:
    name = given.optional("constraint_name", "constraint name")
    columns = tuple(dict.fromkeys(words_of(given.values.get("condition"))))
    yield Operation(Action.CREATE, ObjectKind.CONSTRAINT, given.table(), name, given.line, columns=columns)


def _create_exclude_constraint(given: Given) -> Effects:
    name = given.optional("constraint_name", "constraint name")
    columns = names_in([element[0] for element in given.rest if isinstance(element, tuple) and element])
    yield Operation(Action.CREATE, ObjectKind.CONSTRAINT, given.table(), name, given.line, columns=columns, indexed=True)


def _create_foreign_key(given: Given) -> Effects:
    name = given.optional("constraint_name", "constraint name")
    table = given.table("source_table", "source_schema")
    yield Operation(Action.CREATE, ObjectKind.CONSTRAINT, table, name, given.line, columns=given.columns("local_cols"))
    referent = given.table("referent_table", "referent_schema")
    for column in given.columns("remote_cols"):
        yield Operation(Action.REFER, ObjectKind.COLUMN, referent, column, given.line)


def _drop_constraint(given: Given) -> Effects:
    name = given.optional("constraint_name", "constraint name")
    yield Operation(Action.DROP, ObjectKind.CONSTRAINT, given.table(), name, given.line, guarded=given.guarded)


def _bulk_insert(given: Given) -> Effects:
    table = given.values.get("table")
    if not isinstance(table, CallResult) or table.tail.lower() != "table":
        raise NotLiteral("table")
    place = table_location(table, given.line)
    columns = _row_columns(given.values.get("rows")) or _columns_of(table)
    table_name = qualified(place.table, place.schema)
    yield Operation(Action.REFER, ObjectKind.TABLE, table_name, None, given.line, columns=columns, rows=RowChange.INSERT)


def _columns_of(table: CallResult) -> tuple[str, ...]:
    return tuple(column_name(item) for item in table.args if isinstance(item, CallResult) and item.tail in ("Column", "column"))


def _row_columns(rows: object) -> tuple[str, ...]:
    keys = [key for row in items_of(rows) or () if isinstance(row, dict) for key in row]
    return tuple(dict.fromkeys(key for key in keys if isinstance(key, str)))


def _run_unread(given: Given) -> Effects:
    what = {"execute": "raw SQL in {}"}.get(given.directive.rpartition(".")[2], "{}")
    yield Unread(given.line, what.format(given.directive))


_DIRECTIVES: dict[str, tuple[tuple[str, ...], Callable[[Given], Effects]]] = {
    "create_table": (("table_name",), _create_table),
    "drop_table": (("table_name",), _drop_table),
    "rename_table": (("old_table_name", "new_table_name"), _rename_table),
    "create_table_comment": (("table_name", "comment"), _comment_table),
    "drop_table_comment": (("table_name",), _comment_table),
    "add_column": (("table_name", "column"), _add_column),
    "drop_column": (("table_name", "column_name"), _drop_column),
    "alter_column": (("table_name", "column_name"), _alter_column),
    "create_index": (("index_name", "table_name", "columns"), _create_index),
    "drop_index": (("index_name", "table_name"), _drop_index),
    "create_unique_constraint": (("constraint_name", "table_name", "columns"), _create_constraint),
    "create_primary_key": (("constraint_name", "table_name", "columns"), _create_constraint),
    "create_check_constraint": (("constraint_name", "table_name", "condition"), _create_check_constraint),
    "create_exclude_constraint": (("constraint_name", "table_name"), _create_exclude_constraint),
    "create_foreign_key": (
        ("constraint_name", "source_table", "referent_table", "local_cols", "remote_cols"),
        _create_foreign_key,
    ),
    "drop_constraint": (("constraint_name", "table_name", "type_"), _drop_constraint),
    "bulk_insert": (("table", "rows"), _bulk_insert),
    "execute": (("sqltext",), _run_unread),
    "run_async": (("async_function",), _run_unread),
    "invoke": (("operation",), _run_unread),
}
