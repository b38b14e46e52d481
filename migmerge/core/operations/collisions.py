"""Where the two sides of a divergence touch the same thing in ways that clash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .ledger import Deed, Entry, Ledger, Record, Side, Thing, Touch, table_of, thing_of
from .operation import Action, Kind, Operation
from .relevance import common_ground


@dataclass(frozen=True, slots=True)
class Collision:
    """Say what clashes, and where each side first does its part; `what` is a clause without a period."""

    what: str
    one: Touch
    other: Touch


def collisions_between(one: Side, other: Side) -> tuple[Collision, ...]:
    """Return one collision per thing; each side in the order in which Alembic applies it, since the branch point."""
    mine, theirs = map(Ledger, common_ground(one, other))
    clashing = [thing for thing in mine if thing in theirs and _clash(thing, mine[thing], theirs[thing])]
    causes = {thing for thing in clashing if mine[thing].deed is not Deed.ALTER or theirs[thing].deed is not Deed.ALTER}
    pairs = [(Entry(thing, mine[thing]), Entry(thing, theirs[thing])) for thing in clashing]
    pairs += _namesakes(mine, theirs)
    found = [(ours, other) for ours, other in pairs if not _follows(ours, other, causes)]
    return tuple(
        Collision(_what(ours, other), ours.record.touch, other.record.touch) for ours, other in sorted(found, key=_order)
    )


def _order(pair: tuple[Entry, Entry]) -> list[tuple[int, str, str, str]]:
    return sorted(entry.thing.rank for entry in pair)


def _clash(thing: Thing, mine: Record, theirs: Record) -> bool:
    if mine.deed is None or theirs.deed is None:
        return False
    low, high = sorted((mine.deed, theirs.deed))
    if thing.kind is Kind.ENUM and (low, high) == (Deed.CREATE, Deed.REFER):
        # Where types are real, one of the two scripts would not have run on its own: this is a database without them.
        return False
    if low is high and mine.guarded and theirs.guarded and _agree(low, mine.touch.operation, theirs.touch.operation):
        return False
    return low < Deed.ALTER or high is Deed.ALTER


def _agree(deed: Deed, one: Operation, other: Operation) -> bool:
    """Tell whether two guarded operations leave the same, whichever comes first and makes the other do nothing."""
    same = one.table == other.table and set(one.columns) == set(other.columns)
    return deed is Deed.DROP or (deed is Deed.CREATE and same)


def _namesakes(mine: Ledger, theirs: Ledger) -> Iterator[tuple[Entry, Entry]]:
    """Yield the tables, indexes and constraints of which PostgreSQL keeps only one, though they are not one thing."""
    ours, others = mine.relations, theirs.relations
    for name, one in ours.items():
        other = others.get(name)
        if other is None:
            continue
        if one.thing != other.thing or one.thing not in mine or other.thing not in theirs:
            yield one, other


def _follows(mine: Entry, theirs: Entry, causes: set[Thing]) -> bool:
    """Tell whether a clash is the consequence of one over the whole table, or over the old name of what both rename."""
    one, other = mine.record.touch.operation, theirs.record.touch.operation
    table = table_of(one)
    if table == table_of(other) and table in causes and not mine.thing == theirs.thing == table:
        return True
    return mine.record.renames and theirs.record.renames and thing_of(one) == thing_of(other) and thing_of(one) in causes


def _what(mine: Entry, theirs: Entry) -> str:
    if mine.thing != theirs.thing:
        return _only_one_of_a_name(*sorted((mine, theirs), key=lambda entry: entry.thing.rank))
    thing = mine.thing
    first, second = sorted((mine.record, theirs.record), key=lambda record: (record.deed or Deed.DROP, not record.renames))
    if first.renames and second.renames:
        return f"both sides rename a {thing.kind.value} to {thing.label}"
    if first.deed is second.deed and not first.renames:
        noun = "the comment of " if thing.kind is Kind.TABLE and first.deed is Deed.ALTER else ""
        return f"both sides {_verb(thing, first)} {noun}{thing}"
    return f"one side {_deed(thing, first)}, {_clause(thing, second)}"


def _only_one_of_a_name(first: Entry, second: Entry) -> str:
    one, other = (_deed(entry.thing, entry.record) for entry in (first, second))
    return f"one side {one}, the other {other}, but PostgreSQL keeps only one of that name"


def _deed(thing: Thing, record: Record) -> str:
    """Say what a side does to the thing."""
    if record.renames:
        return f"renames {thing_of(record.touch.operation)} to {thing.label}"
    return f"{_verb(thing, record)}s {thing}"


def _verb(thing: Thing, record: Record) -> str:
    if record.deed is Deed.CREATE and thing.kind in (Kind.COLUMN, Kind.CONSTRAINT):
        return "add"
    return (record.deed or Deed.DROP).name.lower()


def _clause(thing: Thing, record: Record) -> str:
    """Say what the side with the lesser deed does, seen from the thing."""
    if record.deed is Deed.REFER:
        return _use(thing.kind, record.touch.operation)
    return f"which the other {_verb(thing, record)}s"


def _use(kind: Kind, operation: Operation) -> str:
    indefinite = "an index" if operation.kind is Kind.INDEX else f"a {operation.kind.value}"
    name = f"the {operation.kind.value} {operation.name}" if operation.name else indefinite
    match kind, operation.kind, operation.action:
        case Kind.ENUM, _, _:
            return "which the other uses"
        case _, Kind.TABLE, _:
            return "into which the other inserts rows"
        case _, _, Action.REFER:
            return "to which the other refers"
        case Kind.COLUMN, Kind.INDEX, _:
            return f"over which the other creates {name}"
        case Kind.COLUMN, _, _:
            return f"over which the other adds {name}"
        case _, Kind.INDEX, Action.CREATE:
            return f"on which the other creates {name}"
        case _, _, Action.CREATE:
            return f"to which the other adds {name}"
    return f"whose {operation.kind.value} {operation.name or ''}".rstrip() + f" the other {operation.action.value}s"
