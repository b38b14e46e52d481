"""Whether one script works on what another one makes."""

from __future__ import annotations

from .operation import Action, ObjectKind, Operation, Operations


def needs(script: Operations, other: Operations) -> bool:
    """Say whether a script changes or refers to a table, a column or an enum that the other one makes."""
    return any(_works_on(operation, made) for made in other.done if made.action is Action.CREATE for operation in script.done)


def _works_on(operation: Operation, made: Operation) -> bool:
    creates = operation.action is Action.CREATE and operation.kind is made.kind
    if made.kind is ObjectKind.TABLE:
        return operation.table == made.table and not creates
    if made.kind is ObjectKind.COLUMN:
        named = {*operation.columns, *([operation.name] if operation.kind is ObjectKind.COLUMN else [])}
        return operation.table == made.table and made.name in named and not creates
    return made.kind is ObjectKind.ENUM and operation.kind is ObjectKind.ENUM and operation.name == made.name and not creates
