"""Parsed SQL that defines tables, columns, indexes, constraints and types, as operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlglot import exp

from ..directives import Effects
from ..operation import Action, ObjectKind, Operation, Unread
from ..other_objects import with_other_objects
from ..schema_items import qualified
from .commands import command_effects
from .names import Unclear, is_plain, name_in, names_in_list, table_name
from .rows import row_effects

_NO_EFFECT = (exp.Set, exp.Commit, exp.Rollback, exp.Transaction, exp.Pragma, exp.Analyze, exp.Use, exp.Describe, exp.Show)
_OTHER_KINDS = frozenset(["VIEW", "SEQUENCE", "FUNCTION", "PROCEDURE", "TRIGGER", "SCHEMA", "MATERIALIZED VIEW", "EXTENSION"])
_KEYS = (exp.PrimaryKey, exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.ExcludeColumnConstraint)
_GENERATED = (
    exp.DefaultColumnConstraint,
    exp.AutoIncrementColumnConstraint,
    exp.GeneratedAsIdentityColumnConstraint,
    exp.GeneratedAsRowColumnConstraint,
    exp.ComputedColumnConstraint,
)


def statement_effects(statement: exp.Expr, line: int, unread: Unread) -> Effects:
    """Yield what one statement does, or `unread` where a part of it is not known."""
    try:
        yield from list(_effects(statement, line))
    except Unclear:
        yield unread


def _effects(statement: exp.Expr, line: int) -> Iterator[Operation]:
    match statement:
        case exp.Create():
            yield from _create(statement, line)
        case exp.Drop():
            yield from _drop(statement, line)
        case exp.Alter():
            yield from _alter(statement, line)
        case exp.Comment():
            yield from _comment(statement, line)
        case exp.Grant() | exp.Revoke():
            yield _nowhere(line)
        case exp.Command():
            yield from _command(statement, line)
        case (
            exp.Query() | exp.DML() | exp.Merge() | exp.Copy() | exp.TruncateTable() | exp.Update() | exp.Delete() | exp.Insert()
        ):
            yield from row_effects(statement, line)
        case _ if not isinstance(statement, _NO_EFFECT):
            raise Unclear


def _nowhere(line: int) -> Operation:
    return Operation(Action.REFER, ObjectKind.TABLE, None, None, line)


def _command(command: exp.Command, line: int) -> Iterator[Operation]:
    rest = command.args.get("expression")
    found = command_effects(f"{command.this} {rest.this if isinstance(rest, exp.Expr) else rest or ''}", line)
    if found is None:
        raise Unclear
    yield from found


def _comment(comment: exp.Comment, line: int) -> Iterator[Operation]:
    match comment.text("kind").upper(), comment.this:
        case "TABLE", exp.Table() as table:
            yield Operation(Action.ALTER, ObjectKind.TABLE, table_name(table), None, line)
        case "COLUMN", exp.Column(table=str() as table, this=column) if table:
            yield Operation(Action.ALTER, ObjectKind.COLUMN, qualified(table, comment.this.db or None), column.name, line)
        case _:
            yield _nowhere(line)


def _create(create: exp.Create, line: int) -> Iterator[Operation]:
    guarded = bool(create.args.get("exists"))
    kind = create.kind.upper() if isinstance(create.kind, str) else ""
    match kind:
        case "TABLE":
            yield from _create_table(create, line, guarded=guarded)
        case "INDEX":
            yield replace(_index(create.this, line), guarded=guarded)
        case "TYPE" if isinstance(create.this, exp.Table):
            yield Operation(Action.CREATE, ObjectKind.ENUM, None, table_name(create.this), line, guarded=guarded)
        case _ if kind in _OTHER_KINDS:
            yield from _create_other(create, kind, line)
        case _:
            raise Unclear


def _create_other(create: exp.Create, kind: str, line: int) -> Iterator[Operation]:
    query = create.args.get("expression")
    if isinstance(query, exp.Query) or not (kind == "TRIGGER" or isinstance(query, exp.Expr)):
        yield from with_other_objects(_nowhere(line), create.sql())
        if isinstance(query, exp.Query):
            yield from row_effects(query, line)
    else:
        yield _nowhere(line)
        yield from command_effects(create.sql(), line) or ()


def _create_table(create: exp.Create, line: int, *, guarded: bool) -> Iterator[Operation]:
    items = create.this.expressions if isinstance(create.this, exp.Schema) else []
    table = table_name(create.this)
    temporary = create.find(exp.TemporaryProperty) is not None
    columns = tuple(item.name for item in items if isinstance(item, exp.ColumnDef))
    yield Operation(Action.CREATE, ObjectKind.TABLE, table, None, line, columns=columns, guarded=guarded, conditional=temporary)
    for item in items:
        if isinstance(item, exp.ColumnDef):
            yield from _column_parts(item, table, line)
        elif isinstance(item, exp.LikeProperty):
            yield Operation(Action.REFER, ObjectKind.TABLE, table_name(item.this), None, line)
        else:
            for part in _constraint(item, table, line):
                yield replace(part, guarded=guarded) if part.kind is ObjectKind.CONSTRAINT else part
    query = create.args.get("expression")
    if isinstance(query, exp.Query):
        yield from row_effects(query, line)


def _index(index: exp.Expr, line: int) -> Operation:
    parameters = index.args.get("params")
    over = parameters.args.get("columns") or [] if isinstance(parameters, exp.Expr) else []
    table = table_name(index.args.get("table"))
    made = Operation(Action.CREATE, ObjectKind.INDEX, table, index.name or None, line, columns=names_in_list(over))
    return replace(made, listed=bool(over) and all(is_plain(each) for each in over))


def _drop(drop: exp.Drop, line: int) -> Iterator[Operation]:
    guarded, kind = bool(drop.args.get("exists")), drop.text("kind").upper() or str(drop.args.get("kind") or "").upper()
    cluster = drop.args.get("cluster")
    if kind in _OTHER_KINDS:
        yield from _drop_other(drop, kind, line)
        return
    for target in _dropped(drop):
        match kind:
            case "TABLE":
                yield Operation(Action.DROP, ObjectKind.TABLE, table_name(target), None, line, guarded=guarded)
            case "INDEX":
                on = table_name(cluster.this) if isinstance(cluster, exp.Expr) else None
                name = name_in(target) if on else table_name(target)
                yield Operation(Action.DROP, ObjectKind.INDEX, on, name, line, guarded=guarded)
            case "TYPE" if not drop.args.get("cascade"):
                yield Operation(Action.DROP, ObjectKind.ENUM, None, table_name(target), line, guarded=guarded)
            case _:
                raise Unclear


def _drop_other(drop: exp.Drop, kind: str, line: int) -> Iterator[Operation]:
    takes_more = bool(drop.args.get("cascade")) and kind not in ("VIEW", "TRIGGER", "SEQUENCE", "MATERIALIZED VIEW")
    if kind == "SCHEMA" or takes_more:
        raise Unclear
    yield from with_other_objects(_nowhere(line), drop.sql())


def _dropped(drop: exp.Drop) -> list[exp.Expr]:
    """Return what is dropped; sqlglot before version 28 knows only one at a time."""
    found: list[exp.Expr] = drop.args.get("tables") or [drop.this]
    if not all(isinstance(each, exp.Expr) for each in found):
        raise Unclear
    return found


def _alter(alter: exp.Alter, line: int) -> Iterator[Operation]:
    kind, actions = str(alter.args.get("kind") or "").upper(), alter.args.get("actions") or []
    if kind == "TABLE":
        table = table_name(alter.this)
        if not actions:
            yield Operation(Action.REFER, ObjectKind.TABLE, table, None, line)
        for action in actions:
            yield from _alter_table(action, table, line)
        return
    match kind, actions:
        case "INDEX", [exp.AlterRename(this=new)]:
            yield Operation(Action.RENAME, ObjectKind.INDEX, None, table_name(alter.this), line, name_in(new))
        case "VIEW" | "SEQUENCE", _:
            yield from with_other_objects(_nowhere(line), alter.sql())
        case _:
            raise Unclear


def _alter_table(action: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    effects = _TABLE_ACTIONS.get(type(action).__name__)
    if effects is None:
        raise Unclear
    yield from effects(action, table, line)


def _add_column(column: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    nullable, default = _facts(column)
    guarded = bool(column.args.get("exists"))
    made = Operation(Action.CREATE, ObjectKind.COLUMN, table, name_in(column), line, guarded=guarded)
    yield replace(made, nullable=nullable, default=default)
    yield from _column_parts(column, table, line)


def _facts(column: exp.Expr) -> tuple[bool | None, bool]:
    """Return whether a column may be NULL, as far as its definition says, and whether the database has a value for it."""
    kinds = [each.args.get("kind") for each in column.args.get("constraints") or ()]
    null = [kind for kind in kinds if isinstance(kind, exp.NotNullColumnConstraint)]
    serial = "SERIAL" in str(getattr(column.args.get("kind"), "this", "")).upper()
    return bool(null[0].args.get("allow_null")) if null else None, serial or any(isinstance(kind, _GENERATED) for kind in kinds)


def _column_parts(column: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    """Yield what a column refers to, and the constraints on it that have a name."""
    for each in column.args.get("constraints") or ():
        kind = each.args.get("kind")
        if each.name and isinstance(each, exp.ColumnConstraint):
            made = Operation(Action.CREATE, ObjectKind.CONSTRAINT, table, each.name, line, columns=(column.name,))
            yield replace(made, indexed=isinstance(kind, _KEYS))
        if isinstance(kind, exp.Reference):
            yield from _target(kind, line)


def _target(reference: exp.Expr, line: int) -> Iterator[Operation]:
    referent = reference.this
    columns: list[str | None] = [name_in(each) for each in referent.expressions] if isinstance(referent, exp.Schema) else []
    for column in columns or [None]:
        yield Operation(Action.REFER, ObjectKind.COLUMN, table_name(referent), column, line)


def _add_constraint(action: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    for each in action.expressions:
        yield from _constraint(each, table, line)


def _constraint(item: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    """Yield a constraint or index that stands beside the columns."""
    if isinstance(item, exp.IndexColumnConstraint):
        yield Operation(Action.CREATE, ObjectKind.INDEX, table, name_in(item.this), line, columns=names_in_list(item.expressions))
        return
    named = isinstance(item, exp.Constraint)
    for part in item.expressions if named else [item]:
        over = part.this if isinstance(part.this, exp.Schema) else part
        name = item.name if named else over.name if isinstance(part, exp.UniqueColumnConstraint) else ""
        columns = names_in_list(over.expressions or [over])
        made = Operation(Action.CREATE, ObjectKind.CONSTRAINT, table, name or None, line, columns=columns)
        yield replace(made, indexed=isinstance(part, _KEYS), listed=isinstance(part, exp.UniqueColumnConstraint))
        for reference in part.find_all(exp.Reference):
            yield from _target(reference, line)


def _drop_part(drop: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    kind, guarded = str(drop.args.get("kind") or "").upper(), bool(drop.args.get("exists"))
    assert isinstance(drop, exp.Drop)
    for target in _dropped(drop):
        match kind:
            case "COLUMN":
                yield Operation(Action.DROP, ObjectKind.COLUMN, table, name_in(target), line, guarded=guarded)
            case "CONSTRAINT" | "FOREIGN KEY" | "CHECK":
                yield Operation(Action.DROP, ObjectKind.CONSTRAINT, table, name_in(target), line, guarded=guarded)
            case "INDEX" | "KEY":
                yield Operation(Action.DROP, ObjectKind.INDEX, table, name_in(target), line, guarded=guarded)
            case _:
                raise Unclear


def _drop_primary_key(drop: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    yield Operation(Action.DROP, ObjectKind.CONSTRAINT, table, None, line)


def _alter_column(action: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    null = action.args.get("allow_null")
    changed = Operation(Action.ALTER, ObjectKind.COLUMN, table, name_in(action.this), line, nullable=null)
    if action.args.get("default") is not None:
        yield replace(changed, default=True)
    else:
        yield replace(changed, default=False if action.args.get("drop") and null is None else None)


def _modify_column(action: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    column, old = action.this, action.args.get("rename_from")
    nullable, default = _facts(column)
    name = name_in(old or column)
    yield Operation(Action.ALTER, ObjectKind.COLUMN, table, name, line, nullable=nullable is not False, default=default)
    if old is not None and name != column.name:
        yield Operation(Action.RENAME, ObjectKind.COLUMN, table, name, line, name_in(column))


def _rename_table(action: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    schema = table.rpartition(".")[0]
    yield Operation(Action.RENAME, ObjectKind.TABLE, table, None, line, qualified(name_in(action.this), schema or None))


def _rename_column(action: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    new = name_in(action.args.get("to"))
    yield Operation(Action.RENAME, ObjectKind.COLUMN, table, name_in(action.this), line, new)


def _refer(action: exp.Expr, table: str, line: int) -> Iterator[Operation]:
    yield Operation(Action.REFER, ObjectKind.TABLE, table, None, line)


_TABLE_ACTIONS: dict[str, Callable[[exp.Expr, str, int], Iterator[Operation]]] = {
    "ColumnDef": _add_column,
    "AddConstraint": _add_constraint,
    "Drop": _drop_part,
    "DropPrimaryKey": _drop_primary_key,
    "AlterColumn": _alter_column,
    "ModifyColumn": _modify_column,
    "AlterRename": _rename_table,
    "RenameColumn": _rename_column,
    "AlterSet": _refer,
}
"""By the class's name, for sqlglot 30.0 does not have all of them."""
