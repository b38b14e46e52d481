"""What a step drops or deletes, and what of it cannot be read, in words for a warning."""

from __future__ import annotations

from collections.abc import Iterator

from ..operations.interpreter.statements import read_operations
from ..operations.operation import Action, ObjectKind, Operation, Operations, RowChange
from ..script.functions import does_nothing
from ..text import enumerate_names
from .script_set import ScriptSet


def losses_of_downgrade(name: str, text: bytes) -> Iterator[str]:
    """Yield what the downgrade of a script drops, deletes or leaves, and what of it cannot be read."""
    if does_nothing(text, "downgrade"):
        if not does_nothing(text, "upgrade"):
            yield f"its downgrade() does nothing: what {name} made stays"
        return
    operations = read_operations(text, function="downgrade")
    yield from _losses(operations)
    if operations.unread:
        yield f"not read: {enumerate_names(dict.fromkeys(each.what for each in operations.unread), most=3)}"


def losses_of_upgrade(name: str, scripts: ScriptSet) -> tuple[str, ...]:
    """Return what the upgrade of a revision drops or deletes."""
    return tuple(_losses(scripts.operations[name])) if name in scripts.operations else ()


def _losses(operations: Operations) -> Iterator[str]:
    dropped = [
        _dropped(each)
        for each in operations.done
        if each.action is Action.DROP and each.kind in (ObjectKind.TABLE, ObjectKind.COLUMN)
    ]
    if dropped:
        names = dict.fromkeys(dropped)
        yield f"drops {enumerate_names(names)} with {'its' if len(names) == 1 else 'their'} data"
    rows = [each.table for each in operations.done if each.rows is RowChange.DELETE and each.table]
    if rows:
        yield f"deletes rows of {enumerate_names(dict.fromkeys(rows))}"


def _dropped(operation: Operation) -> str:
    name = operation.table if operation.kind is ObjectKind.TABLE else f"{operation.table}.{operation.name}"
    return f"the {operation.kind.value} {name}"
