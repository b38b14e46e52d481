"""Where one side inserts rows without a column that the other side adds and that needs a value."""

from __future__ import annotations

from collections.abc import Iterator

from .operation import Action, ObjectKind, Operation, RowChange
from .side_changes import Side, Source

_Column = tuple[str, str, str]


def omissions_between(one: Side, other: Side) -> Iterator[tuple[Source, Source]]:
    """Yield what adds a column on one side, and the first INSERT of the other side that leaves the column out."""
    inserts = [
        Source(revision, operation)
        for revision, operations in other
        for operation in operations.done
        if operation.rows is RowChange.INSERT and operation.columns
    ]
    if not inserts:
        return
    theirs = _added(other)
    for column, source in _required(one):
        if column not in theirs:
            omitting = (each for each in inserts if _omits(each.operation, column))
            yield from ((source, each) for each in list(omitting)[:1])


def _omits(operation: Operation, column: _Column) -> bool:
    database, table, name = column
    if (operation.database or "", operation.table) != (database, table):
        return False
    return name.casefold() not in map(str.casefold, operation.columns)


def _required(side: Side) -> list[tuple[_Column, Source]]:
    """Return the columns that a side adds and in the end leaves without NULL and without a default."""
    return [(column, source) for column, (source, nullable, default) in _added(side).items() if not nullable and not default]


def _added(side: Side) -> dict[_Column, tuple[Source, bool, bool]]:
    """Return the columns that a side adds to tables, whether they may be NULL in the end, and whether they have a default."""
    found: dict[_Column, tuple[Source, bool, bool]] = {}
    for revision, operations in side:
        for operation in operations.done:
            key = operation.database or "", operation.table or "", operation.name or ""
            match operation.kind, operation.action:
                case ObjectKind.COLUMN, Action.CREATE:
                    found[key] = Source(revision, operation), operation.nullable is not False, bool(operation.default)
                case ObjectKind.COLUMN, Action.ALTER if key in found:
                    source, nullable, default = found[key]
                    nullable = nullable if operation.nullable is None else operation.nullable
                    found[key] = source, nullable, default if operation.default is None else operation.default
                case ObjectKind.COLUMN, Action.DROP | Action.RENAME:
                    found.pop(key, None)
                case ObjectKind.TABLE, Action.DROP | Action.RENAME:
                    found = {column: facts for column, facts in found.items() if column[:2] != key[:2]}
    return found
