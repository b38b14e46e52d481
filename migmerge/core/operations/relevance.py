"""What of one side can clash with another at all: a side of years names hundreds of tables, the other mostly one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from .ledger import Side
from .operation import Operation


def common_ground(one: Side, other: Side) -> tuple[Side, Side]:
    """Leave out the operations that name nothing which the other side names, by the last part of each name."""
    return _about(one, _named(other)), _about(other, _named(one))


def _named(side: Side) -> set[str]:
    return {name for _, operations in side for operation in operations.done for name in _names(operation)}


def _names(operation: Operation) -> list[str]:
    named = (operation.table, operation.name, operation.new_name)
    return [name.rpartition(".")[2] for name in named if name]


def _about(side: Side, names: Collection[str]) -> Side:
    """Keep what has one of the names, and all that is done to the same tables: a dropped table takes its indexes along."""
    done = [operation for _, operations in side for operation in operations.done]
    tables = {operation.table for operation in done if any(name in names for name in _names(operation))}
    return [
        (revision, replace(operations, done=tuple(each for each in operations.done if each.table in tables)))
        for revision, operations in side
    ]
