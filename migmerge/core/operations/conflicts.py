"""Where the two sides of a divergence touch the same thing in ways that clash."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from .operation import Action, ObjectKind, Operation
from .side_changes import Change, ChangedObject, ObjectChanges, SchemaObject, Side, SideChanges, Source, object_of, table_of


@dataclass(frozen=True, slots=True)
class Collision:
    """Say what clashes, and where each side first does its part; `what` is a clause without a period."""

    what: str
    one: Source
    other: Source


def collisions_between(one: Side, other: Side) -> tuple[Collision, ...]:
    """Return one collision per thing; each side in the order in which Alembic applies it, since the branch point."""
    mine, theirs = map(SideChanges, common_ground(one, other))
    clashing = [thing for thing in mine if thing in theirs and _clash(thing, mine[thing], theirs[thing])]
    causes = {thing for thing in clashing if mine[thing].deed is not Change.ALTER or theirs[thing].deed is not Change.ALTER}
    pairs = [(ChangedObject(thing, mine[thing]), ChangedObject(thing, theirs[thing])) for thing in clashing]
    pairs += _namesakes(mine, theirs)
    found = [(ours, other) for ours, other in pairs if not _follows(ours, other, causes)]
    return tuple(
        Collision(_what(ours, other), ours.record.touch, other.record.touch) for ours, other in sorted(found, key=_order)
    )


def _order(pair: tuple[ChangedObject, ChangedObject]) -> list[tuple[int, str, str, str]]:
    return sorted(entry.thing.rank for entry in pair)


def _clash(thing: SchemaObject, mine: ObjectChanges, theirs: ObjectChanges) -> bool:
    if mine.deed is None or theirs.deed is None:
        return False
    low, high = sorted((mine.deed, theirs.deed))
    if thing.kind is ObjectKind.ENUM and (low, high) == (Change.CREATE, Change.REFER):
        # Where types are real, one of the two scripts would not have run on its own: this is a database without them.
        return False
    if low is high and mine.guarded and theirs.guarded and _agree(low, mine.touch.operation, theirs.touch.operation):
        return False
    return low < Change.ALTER or high is Change.ALTER


def _agree(deed: Change, one: Operation, other: Operation) -> bool:
    """Tell whether two guarded operations leave the same, whichever comes first and makes the other do nothing."""
    same = one.table == other.table and set(one.columns) == set(other.columns)
    return deed is Change.DROP or (deed is Change.CREATE and same)


def _namesakes(mine: SideChanges, theirs: SideChanges) -> Iterator[tuple[ChangedObject, ChangedObject]]:
    """Yield the tables, indexes and constraints of which PostgreSQL keeps only one, though they are not one thing."""
    ours, others = mine.relations, theirs.relations
    for name, one in ours.items():
        other = others.get(name)
        if other is None:
            continue
        if one.thing != other.thing or one.thing not in mine or other.thing not in theirs:
            yield one, other


def _follows(mine: ChangedObject, theirs: ChangedObject, causes: set[SchemaObject]) -> bool:
    """Tell whether a clash is the consequence of one over the whole table, or over the old name of what both rename."""
    one, other = mine.record.touch.operation, theirs.record.touch.operation
    table = table_of(one)
    if table == table_of(other) and table in causes and not mine.thing == theirs.thing == table:
        return True
    return mine.record.renames and theirs.record.renames and object_of(one) == object_of(other) and object_of(one) in causes


def _what(mine: ChangedObject, theirs: ChangedObject) -> str:
    if mine.thing != theirs.thing:
        return _only_one_of_a_name(*sorted((mine, theirs), key=lambda entry: entry.thing.rank))
    thing = mine.thing
    first, second = sorted((mine.record, theirs.record), key=lambda record: (record.deed or Change.DROP, not record.renames))
    if first.renames and second.renames:
        return f"both sides rename a {thing.kind.value} to {thing.label}"
    if first.deed is second.deed and not first.renames:
        noun = "the comment of " if thing.kind is ObjectKind.TABLE and first.deed is Change.ALTER else ""
        return f"both sides {_verb(thing, first)} {noun}{thing}"
    return f"one side {_change(thing, first)}, {_clause(thing, second)}"


def _only_one_of_a_name(first: ChangedObject, second: ChangedObject) -> str:
    one, other = (_change(entry.thing, entry.record) for entry in (first, second))
    return f"one side {one}, the other {other}, but PostgreSQL keeps only one of that name"


def _change(thing: SchemaObject, record: ObjectChanges) -> str:
    """Say what a side does to the thing."""
    if record.renames:
        return f"renames {object_of(record.touch.operation)} to {thing.label}"
    return f"{_verb(thing, record)}s {thing}"


def _verb(thing: SchemaObject, record: ObjectChanges) -> str:
    if record.deed is Change.CREATE and thing.kind in (ObjectKind.COLUMN, ObjectKind.CONSTRAINT):
        return "add"
    return (record.deed or Change.DROP).name.lower()


def _clause(thing: SchemaObject, record: ObjectChanges) -> str:
    """Say what the side with the lesser deed does, seen from the thing."""
    if record.deed is Change.REFER:
        return _use(thing.kind, record.touch.operation)
    return f"which the other {_verb(thing, record)}s"


def _use(kind: ObjectKind, operation: Operation) -> str:
    indefinite = "an index" if operation.kind is ObjectKind.INDEX else f"a {operation.kind.value}"
    name = f"the {operation.kind.value} {operation.name}" if operation.name else indefinite
    match kind, operation.kind, operation.action:
        case ObjectKind.ENUM, _, _:
            return "which the other uses"
        case _, ObjectKind.TABLE, _:
            return "into which the other inserts rows"
        case _, _, Action.REFER:
            return "to which the other refers"
        case ObjectKind.COLUMN, ObjectKind.INDEX, _:
            return f"over which the other creates {name}"
        case ObjectKind.COLUMN, _, _:
            return f"over which the other adds {name}"
        case _, ObjectKind.INDEX, Action.CREATE:
            return f"on which the other creates {name}"
        case _, _, Action.CREATE:
            return f"to which the other adds {name}"
    return f"whose {operation.kind.value} {operation.name or ''}".rstrip() + f" the other {operation.action.value}s"


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
