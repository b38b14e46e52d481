"""Parsed SQL that reads and changes rows, as operations that refer to tables and columns."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ..operation import Action, ObjectKind, Operation, RowChange
from .names import Unclear, is_system, name_in, table_name

_SCOPES = (exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge)
_KNOWN_FUNCTIONS = (
    "setval nextval currval lastval set_config pg_get_serial_sequence pg_advisory_lock pg_advisory_unlock pg_advisory_xact_lock"
    " pg_try_advisory_lock pg_sleep to_regclass current_setting get_lock release_lock version changes last_insert_id"
)
_HARMLESS = frozenset(_KNOWN_FUNCTIONS.split())


def row_effects(statement: exp.Expr, line: int) -> Iterator[Operation]:
    """Yield what an INSERT, UPDATE, DELETE, MERGE, COPY, TRUNCATE or a query refers to.

    Raises:
        Unclear: where it calls a function for what that does.
    """
    if isinstance(statement, exp.Select) and _calls(statement):
        raise Unclear
    targets: set[str | None] = set()
    for target, change, columns in _targets(statement):
        yield Operation(Action.REFER, ObjectKind.TABLE, table_name(target), None, line, columns=columns, rows=change)
        targets.add(table_name(target))
    into = statement.args.get("into")
    if into is not None:
        yield Operation(Action.CREATE, ObjectKind.TABLE, table_name(into.this), None, line)
    for operation in _Named(statement, line).operations(set_columns=_set_columns(statement)):
        if operation.kind is not ObjectKind.TABLE or operation.table not in targets:
            yield operation


def _calls(statement: exp.Select) -> bool:
    """Tell whether a query without tables calls a function that is not known to do nothing but answer."""
    if statement.args.get("from_") or statement.args.get("from"):
        return False
    return any(call.name.lower() not in _HARMLESS for call in statement.find_all(exp.Anonymous))


def _targets(statement: exp.Expr) -> Iterator[tuple[exp.Expr, RowChange, tuple[str, ...]]]:
    match statement:
        case exp.Insert(this=this) | exp.Copy(this=this):
            columns = tuple(name_in(each) for each in this.expressions) if isinstance(this, exp.Schema) else ()
            if isinstance(this, exp.Schema | exp.Table):
                yield this, RowChange.INSERT, columns
        case exp.Update(this=exp.Table() as table):
            yield table, RowChange.UPDATE, ()
        case exp.Delete(this=exp.Table() as table):
            yield table, RowChange.DELETE, ()
        case exp.TruncateTable(expressions=tables):
            yield from ((table, RowChange.DELETE, ()) for table in tables)
        case exp.Merge(this=exp.Table() as table):
            yield from _merged(statement, table)
    for inner in statement.find_all(exp.Insert, exp.Update, exp.Delete):
        # PostgreSQL changes rows within WITH, too.
        if inner is not statement and isinstance(inner.parent, exp.CTE):
            yield from _targets(inner)


def _merged(merge: exp.Merge, table: exp.Table) -> Iterator[tuple[exp.Expr, RowChange, tuple[str, ...]]]:
    for when in merge.find_all(exp.When):
        match when.args.get("then"):
            case exp.Insert(this=exp.Tuple(expressions=columns), expression=exp.Expr()):
                yield table, RowChange.INSERT, tuple(name_in(column) for column in columns)
            case exp.Insert():
                yield table, RowChange.INSERT, ()
            case exp.Update():
                yield table, RowChange.UPDATE, ()
            case exp.Var(this="DELETE"):
                yield table, RowChange.DELETE, ()


def _set_columns(statement: exp.Expr) -> Iterator[tuple[str, str]]:
    """Yield the columns that an UPDATE gives values to."""
    for update in statement.find_all(exp.Update):
        owner = update.find_ancestor(exp.Merge) or update
        if isinstance(owner.this, exp.Table):
            for each in update.expressions:
                for column in _assigned(each.this if isinstance(each, exp.EQ) else None):
                    if not column.table or column.table == owner.this.alias_or_name:
                        yield table_name(owner.this), column.name


def _assigned(target: exp.Expr | None) -> list[exp.Column]:
    return [target] if isinstance(target, exp.Column) else list(target.find_all(exp.Column)) if target else []


class _Named:
    """Hold the tables and columns that a statement names, what is named within the statement itself left out."""

    def __init__(self, statement: exp.Expr, line: int) -> None:
        self._statement = statement
        self._line = line
        self._own = {cte.alias for cte in statement.find_all(exp.CTE)}

    def operations(self, *, set_columns: Iterator[tuple[str, str]]) -> Iterator[Operation]:
        tables = [table for table in self._statement.find_all(exp.Table) if self._is_real(table)]
        for name in dict.fromkeys(table_name(table) for table in tables):
            yield Operation(Action.REFER, ObjectKind.TABLE, name, None, self._line)
        found = [self._home_of(column) for column in self._statement.find_all(exp.Column)]
        for table_of_column, name in dict.fromkeys((*set_columns, *(each for each in found if each))):
            yield Operation(Action.REFER, ObjectKind.COLUMN, table_of_column, name, self._line)

    def _is_real(self, table: exp.Table) -> bool:
        if not isinstance(table.this, exp.Identifier) or is_system(table) or table.find_ancestor(exp.Into):
            return False
        return bool(table.text("db")) or table.name not in self._own

    def _home_of(self, column: exp.Column) -> tuple[str, str] | None:
        """Return the table that a column is surely of, with its name; None where another source may have one of its name."""
        if not isinstance(column.this, exp.Identifier):
            return None
        scope = column.find_ancestor(*_SCOPES)
        while scope is not None:
            sources = _sources(scope)
            if column.table:
                fitting = [each for each in sources if each.alias_or_name == column.table]
            else:
                # A column of an INSERT's own conflict clause is no column of the query beside it.
                fitting = sources if len(sources) == 1 else []
                if not fitting:
                    return None
            if fitting:
                source = fitting[0]
                real = isinstance(source, exp.Table) and self._is_real(source) and len(fitting) == 1
                return (table_name(source), column.name) if real else None
            scope = scope.find_ancestor(*_SCOPES)
        return None


def _sources(scope: exp.Expr) -> list[exp.Expr]:
    """Return what the columns of a query or a change of rows may be of."""
    found: list[exp.Expr] = []
    if isinstance(scope, exp.Insert):
        target = scope.this.this if isinstance(scope.this, exp.Schema) else scope.this
        return [target] if target else []  # none in a MERGE
    if not isinstance(scope, exp.Select) and isinstance(scope.this, exp.Expr):
        found.append(scope.this)
    source = scope.args.get("from_") or scope.args.get("from")
    found += [source.this] if source else []
    using = scope.args.get("using")
    found += using if isinstance(using, list) else [using] if using else []
    for each in (scope, *found):
        found += [join.this for join in each.args.get("joins") or ()]
        found += list(each.args.get("laterals") or ())
    return found
