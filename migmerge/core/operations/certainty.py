"""Whether two sides that clash can certainly not both run, whichever comes first and whatever the database is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .operation import ObjectKind, Operation, Operations
from .side_changes import Change, ChangedObject

_FAILS_TWICE = frozenset([(Change.CREATE, Change.CREATE), (Change.DROP, Change.DROP), (Change.DROP, Change.RENAME)])
_FAILS_TWICE |= {(Change.RENAME, Change.RENAME)}


class UnreadNames:
    """Answer whether what could not be read of some scripts may touch an object: it may undo what was read."""

    def __init__(self, read: Iterable[Operations]) -> None:
        unread = [part.words for operations in read for part in operations.unread]
        self._anything = None in unread
        self._words = frozenset[str]().union(*(words for words in unread if words is not None))

    def hold(self, operation: Operation) -> bool:
        return self.hold_one_of(_parts(operation))

    def hold_one_of(self, names: Iterable[str]) -> bool:
        return self._anything or any(name.casefold() in self._words for name in names)


def cannot_both_run(mine: ChangedObject, theirs: ChangedObject, unread: UnreadNames) -> bool:
    """Tell whether the side that comes second fails, on every database and in both orders.

    An enum exists in PostgreSQL alone, and an index of one name on another table bothers only PostgreSQL and SQLite.
    """
    if mine.schema_object != theirs.schema_object or mine.schema_object.kind is ObjectKind.ENUM:
        return False
    changes = mine.changes.change, theirs.changes.change
    if None in changes or tuple(sorted(change for change in changes if change is not None)) not in _FAILS_TWICE:
        return False
    one, other = mine.changes.source.operation, theirs.changes.source.operation
    if one.kind is ObjectKind.INDEX and one.table != other.table:
        return False
    return all(_certainly_runs(operation) and not unread.hold(operation) for operation in (one, other)) and (
        Change.CREATE not in changes or not (one.rebuilt or other.rebuilt)
    )


def _certainly_runs(operation: Operation) -> bool:
    return not operation.guarded and not operation.conditional


def _parts(operation: Operation) -> Iterator[str]:
    for name in (operation.table, operation.name, operation.new_name):
        if name:
            yield from name.split(".")
