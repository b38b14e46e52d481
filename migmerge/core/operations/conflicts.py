"""Where the two sides of a divergence do something to the same schema object and clash."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from .certainty import UnreadNames, cannot_both_run
from .omissions import omissions_between
from .operation import Action, ObjectKind, Operation, Operations, RowChange, Unread
from .side_changes import Change, ChangedObject, ObjectChanges, SchemaObject, Side, SideChanges, Source, object_of, table_of


@dataclass(frozen=True, slots=True)
class Collision:
    """Say what clashes, and which operation of each side is the first of its part; `what` is a clause without a period.

    It is `certain` where the side that comes second fails, whichever that is.
    """

    what: str
    one: Source
    other: Source
    certain: bool = field(default=False, compare=False)


def collisions_between(one: Side, other: Side) -> tuple[Collision, ...]:
    """Return one collision per schema object; each side is in the order in which Alembic applies it, since the branch point."""
    one, other = _with_common_names(one, other)
    mine, theirs = SideChanges(one), SideChanges(other)
    clashing = [key for key in mine if key in theirs and _clash(key, mine[key], theirs[key])]
    causes = {key for key in clashing if mine[key].change is not Change.ALTER or theirs[key].change is not Change.ALTER}
    pairs = [(ChangedObject(key, mine[key]), ChangedObject(key, theirs[key])) for key in clashing]
    pairs += _namesakes(mine, theirs)
    found = [(my_part, their_part) for my_part, their_part in pairs if not _is_consequence(my_part, their_part, causes)]
    unread = UnreadNames(operations for side in (one, other) for _, operations in side)
    collisions = (_collision(*parts, certain=cannot_both_run(*parts, unread)) for parts in sorted(found, key=_order))
    mine_omitted = (Collision(_omitted(column), column, row) for column, row in omissions_between(one, other))
    theirs_omitted = (Collision(_omitted(column), row, column) for column, row in omissions_between(other, one))
    return *collisions, *sorted((*mine_omitted, *theirs_omitted), key=lambda each: each.what)


def _collision(mine: ChangedObject, theirs: ChangedObject, *, certain: bool) -> Collision:
    return Collision(_what(mine, theirs), mine.changes.source, theirs.changes.source, certain)


def _order(pair: tuple[ChangedObject, ChangedObject]) -> list[tuple[int, str, str, str]]:
    return sorted(changed.schema_object.rank for changed in pair)


def _clash(schema_object: SchemaObject, mine: ObjectChanges, theirs: ObjectChanges) -> bool:
    """Tell whether the changes of both sides to one schema object depend on the order of the sides, or fail."""
    if mine.change is None or theirs.change is None:
        return False
    low, high = sorted((mine.change, theirs.change))
    if schema_object.kind is ObjectKind.ENUM and (low, high) == (Change.CREATE, Change.REFER):
        # Where types are real, one of the two scripts would not have run on its own: this is a database without them.
        return False
    if low is high and mine.guarded and theirs.guarded and _agree(low, mine.source.operation, theirs.source.operation):
        return False
    return low < Change.ALTER or high is Change.ALTER


def _agree(change: Change, one: Operation, other: Operation) -> bool:
    """Tell whether two guarded operations give one result, whichever comes first and makes the other do nothing.

    The values of an enum are not known here.
    """
    same = one.kind is not ObjectKind.ENUM and one.table == other.table and set(one.columns) == set(other.columns)
    return change is Change.DROP or (change is Change.CREATE and same)


def _namesakes(mine: SideChanges, theirs: SideChanges) -> Iterator[tuple[ChangedObject, ChangedObject]]:
    """Yield the different tables, indexes and constraints of one name, of which PostgreSQL keeps only one."""
    my_relations, their_relations = mine.relations, theirs.relations
    for name, one in my_relations.items():
        other = their_relations.get(name)
        if other is None:
            continue
        if one.schema_object != other.schema_object or one.schema_object not in mine or other.schema_object not in theirs:
            yield one, other


def _is_consequence(mine: ChangedObject, theirs: ChangedObject, causes: set[SchemaObject]) -> bool:
    """Tell whether a clash follows from one over the whole table, or over the old name of an object that both sides rename."""
    one, other = mine.changes.source.operation, theirs.changes.source.operation
    table = table_of(one)
    if table == table_of(other) and table in causes and not mine.schema_object == theirs.schema_object == table:
        return True
    both_renamed = mine.changes.is_new_name and theirs.changes.is_new_name
    return both_renamed and object_of(one) == object_of(other) and object_of(one) in causes


def _what(mine: ChangedObject, theirs: ChangedObject) -> str:
    if mine.schema_object != theirs.schema_object:
        return _only_one_of_a_name(*sorted((mine, theirs), key=lambda changed: changed.schema_object.rank))
    schema_object = mine.schema_object
    first, second = sorted((mine.changes, theirs.changes), key=_order_in_message)
    if first.is_new_name and second.is_new_name:
        return f"both sides rename a {schema_object.kind.value} to {schema_object.label}"
    if first.change is second.change and not first.is_new_name:
        noun = "the comment of " if schema_object.kind is ObjectKind.TABLE and first.change is Change.ALTER else ""
        return f"both sides {_verb(schema_object, first)} {noun}{schema_object}"
    return f"one side {_change(schema_object, first)}, {_clause(schema_object, second)}"


def _omitted(column: Source) -> str:
    return f"one side adds {object_of(column.operation)}, which needs a value, and the other inserts rows without it"


def _order_in_message(changes: ObjectChanges) -> tuple[Change, bool]:
    return changes.change or Change.DROP, not changes.is_new_name


def _only_one_of_a_name(first: ChangedObject, second: ChangedObject) -> str:
    one, other = (_change(changed.schema_object, changed.changes) for changed in (first, second))
    return f"one side {one}, the other {other}, but PostgreSQL keeps only one of that name"


def _change(schema_object: SchemaObject, changes: ObjectChanges) -> str:
    """Say what a side does to a schema object."""
    if changes.is_new_name:
        return f"renames {object_of(changes.source.operation)} to {schema_object.label}"
    return f"{_verb(schema_object, changes)}s {schema_object}"


def _verb(schema_object: SchemaObject, changes: ObjectChanges) -> str:
    if changes.change is Change.CREATE and schema_object.kind in (ObjectKind.COLUMN, ObjectKind.CONSTRAINT, ObjectKind.VALUE):
        return "add"
    return (changes.change or Change.DROP).name.lower()


def _clause(schema_object: SchemaObject, changes: ObjectChanges) -> str:
    """Say what the side with the higher rank of change does to a schema object that is named already."""
    if changes.change is Change.REFER:
        return _use(schema_object.kind, changes.source.operation)
    return f"which the other {_verb(schema_object, changes)}s"


def _use(kind: ObjectKind, operation: Operation) -> str:
    """Say what an operation does that refers to an object of this kind."""
    indefinite = "an index" if operation.kind is ObjectKind.INDEX else f"a {operation.kind.value}"
    name = f"the {operation.kind.value} {operation.name}" if operation.name else indefinite
    match kind, operation.kind, operation.action:
        case ObjectKind.ENUM, _, _:
            return "which the other uses"
        case _, ObjectKind.TABLE, _ if operation.rows is not None:
            return _ROWS[operation.rows]
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


_ROWS = {
    RowChange.INSERT: "into which the other inserts rows",
    RowChange.UPDATE: "whose rows the other updates",
    RowChange.DELETE: "whose rows the other deletes",
}


def may_meet(unread: Unread, others: Iterable[Operations]) -> bool:
    """Tell whether something that could not be read may touch what one of the other scripts touches."""
    if unread.words is None:
        return True
    for operations in others:
        named = {name.casefold() for operation in operations.done for name in _names(operation)}
        unknown = (each.words for each in operations.unread)
        if not unread.words.isdisjoint(named) or any(each is None or not unread.words.isdisjoint(each) for each in unknown):
            return True
    return False


def _with_common_names(one: Side, other: Side) -> tuple[Side, Side]:
    """Leave out the operations that share no name with the other side; of a name with a schema, the last part counts."""
    return _about(one, _named(other)), _about(other, _named(one))


def _named(side: Side) -> set[str]:
    return {name for _, operations in side for operation in operations.done for name in _names(operation)}


def _names(operation: Operation) -> list[str]:
    named = (operation.table, operation.name, operation.new_name)
    return [name.rpartition(".")[2] for name in named if name]


def _about(side: Side, names: Collection[str]) -> Side:
    """Keep all operations on a table of which one has one of the names: a dropped table takes its indexes along."""
    done = [operation for _, operations in side for operation in operations.done]
    tables = {operation.table for operation in done if any(name in names for name in _names(operation))}
    return [
        (revision, replace(operations, done=tuple(operation for operation in operations.done if operation.table in tables)))
        for revision, operations in side
    ]
