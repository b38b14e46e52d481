"""Where the two sides of a divergence touch the same thing in ways that clash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from ..revision import Revision
from .operation import Action, Kind, Operation, Operations

Side = Sequence[tuple[Revision, Operations]]


@dataclass(frozen=True, slots=True)
class Touch:
    """Say which revision does what."""

    revision: Revision
    operation: Operation


@dataclass(frozen=True, slots=True)
class Collision:
    """Say what clashes, and where each side first does its part; `what` is a clause without a period."""

    what: str
    one: Touch
    other: Touch


class _Deed(IntEnum):
    """Rank what a side makes of a thing; of two sides, the one with the lower rank is told first."""

    DROP = 0
    REPLACE = 1
    RENAME = 2
    CREATE = 3
    ALTER = 4
    REFER = 5


@dataclass(frozen=True, slots=True)
class _Thing:
    kind: Kind
    table: str
    name: str
    database: str

    @property
    def label(self) -> str:
        match self.kind:
            case Kind.TABLE:
                return self.table
            case Kind.COLUMN:
                return f"{self.table}.{self.name}"
            case Kind.CONSTRAINT:
                return f"{self.name} on {self.table}"
        return self.name

    def __str__(self) -> str:
        return f"the {self.kind.value} {self.label}"


@dataclass(slots=True)
class _Record:
    """Hold what one side did to one thing; `ours` where the side itself brought the thing into being."""

    first: dict[_Deed, Touch] = field(default_factory=dict)
    ours: bool = False
    gone: bool = False

    @property
    def deed(self) -> _Deed | None:
        if self.ours:
            return None if self.gone else _Deed.CREATE
        taken = next((deed for deed in (_Deed.DROP, _Deed.RENAME) if deed in self.first), None)
        if taken is not None:
            return taken if self.gone else _Deed.REPLACE
        return min(self.first, default=None)

    @property
    def touch(self) -> Touch:
        deed = self.deed
        if deed is _Deed.REPLACE:
            return self.first.get(_Deed.DROP) or self.first[_Deed.RENAME]
        return self.first[deed if deed is not None else _Deed.REFER]


class _Ledger(dict[_Thing, _Record]):
    """Keep what one side does, thing by thing."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._indexes: dict[_Thing, list[_Record]] = {}
        for revision, operations in side:
            for operation in operations.done:
                for thing, deed in _deeds(operation):
                    if not self._is_inside_ours(thing):
                        self._add(thing, deed, Touch(revision, operation))

    def _is_inside_ours(self, thing: _Thing) -> bool:
        """Tell whether a column or constraint is in a table that the side itself created, so that nobody else has it."""
        if thing.kind not in (Kind.COLUMN, Kind.CONSTRAINT):
            return False
        table = self.get(_Thing(Kind.TABLE, thing.table, "", thing.database))
        return table is not None and table.ours

    def _add(self, thing: _Thing, deed: _Deed, touch: Touch) -> None:
        record = self.setdefault(thing, _Record())
        match deed:
            case _Deed.CREATE:
                record.ours |= not record.gone
                record.gone = False
                if thing.kind is Kind.INDEX and touch.operation.table:
                    self._indexes.setdefault(_table(touch.operation), []).append(record)
            case _Deed.DROP | _Deed.RENAME:
                record.gone = True
                for index in self._indexes.pop(thing, ()) if deed is _Deed.DROP else ():
                    index.gone = True
        if deed is _Deed.CREATE or not record.ours:
            record.first.setdefault(deed, touch)


def collisions_between(one: Side, other: Side) -> tuple[Collision, ...]:
    """Return one collision per thing; each side in the order in which Alembic applies it, since the branch point."""
    mine, theirs = _Ledger(one), _Ledger(other)
    clashing = [thing for thing in mine if thing in theirs and _clash(thing, mine[thing], theirs[thing])]
    causes = {thing for thing in clashing if mine[thing].deed is not _Deed.ALTER or theirs[thing].deed is not _Deed.ALTER}
    found = [thing for thing in clashing if not _follows(thing, mine[thing], theirs[thing], causes)]
    return tuple(
        Collision(_what(thing, mine[thing], theirs[thing]), mine[thing].touch, theirs[thing].touch)
        for thing in sorted(found, key=_order)
    )


def _order(thing: _Thing) -> tuple[int, str, str, str]:
    return list(Kind).index(thing.kind), thing.table, thing.name, thing.database


def _clash(thing: _Thing, mine: _Record, theirs: _Record) -> bool:
    if mine.deed is None or theirs.deed is None:
        return False
    low, high = sorted((mine.deed, theirs.deed))
    if thing.kind is Kind.ENUM and (low, high) == (_Deed.CREATE, _Deed.REFER):
        # Where types are real, one of the two scripts would not have run on its own: this is a database without them.
        return False
    return low < _Deed.ALTER or high is _Deed.ALTER


def _follows(thing: _Thing, mine: _Record, theirs: _Record, causes: set[_Thing]) -> bool:
    """Tell whether a clash is the consequence of one over the whole table, or over the old name of what both rename."""
    one, other = mine.touch.operation, theirs.touch.operation
    if thing.kind is not Kind.TABLE and one.table == other.table and _table(one) in causes:
        return True
    return _renames(mine) and _renames(theirs) and _thing(one) == _thing(other) and _thing(one) in causes


def _renames(record: _Record) -> bool:
    """Tell whether the thing came into being by taking the place of another name."""
    return record.deed is _Deed.CREATE and record.touch.operation.action is Action.RENAME


def _deeds(operation: Operation) -> Iterator[tuple[_Thing, _Deed]]:
    """Yield every thing that an operation touches, the thing itself and what it stands on, and what it makes of each."""
    own = _thing(operation)
    for thing in _ground(operation):
        if thing != own:
            yield thing, _Deed.REFER
    if own is not None:
        yield own, _Deed[operation.action.name]
    if own is not None and operation.new_name is not None:
        new = operation.new_name
        yield replace(own, table=new) if own.kind is Kind.TABLE else replace(own, name=new), _Deed.CREATE


def _thing(operation: Operation) -> _Thing | None:
    table, name, database = operation.table or "", operation.name, operation.database or ""
    if operation.kind is Kind.TABLE:
        return _Thing(Kind.TABLE, table, "", database)
    if name is None:
        return None
    match operation.kind:
        case Kind.INDEX:
            # PostgreSQL and SQLite keep the names of all indexes of a schema apart, MySQL those of a table.
            schema = table.rpartition(".")[0]
            return _Thing(Kind.INDEX, "", f"{schema}.{name}" if schema else name, database)
        case Kind.ENUM:
            return _Thing(Kind.ENUM, "", name, database)
    return _Thing(operation.kind, table, name, database)


def _table(operation: Operation) -> _Thing:
    return _Thing(Kind.TABLE, operation.table or "", "", operation.database or "")


def _ground(operation: Operation) -> Iterator[_Thing]:
    if operation.table is None or operation.kind is Kind.ENUM:
        return
    yield _table(operation)
    if (operation.action, operation.kind) != (Action.CREATE, Kind.TABLE):
        for column in operation.columns:
            yield _Thing(Kind.COLUMN, operation.table, column, operation.database or "")


def _what(thing: _Thing, mine: _Record, theirs: _Record) -> str:
    first, second = sorted((mine, theirs), key=lambda record: (record.deed or _Deed.DROP, not _renames(record)))
    if _renames(first) and _renames(second):
        return f"both sides rename a {thing.kind.value} to {thing.label}"
    verb = _verb(thing, first)
    if _renames(first):
        old = _thing(first.touch.operation)
        return f"one side renames {old} to {thing.label}, {_clause(thing, second)}"
    if first.deed is second.deed:
        noun = "the comment of " if thing.kind is Kind.TABLE and first.deed is _Deed.ALTER else ""
        return f"both sides {verb} {noun}{thing}"
    return f"one side {verb}s {thing}, {_clause(thing, second)}"


def _verb(thing: _Thing, record: _Record) -> str:
    if record.deed is _Deed.CREATE and thing.kind in (Kind.COLUMN, Kind.CONSTRAINT):
        return "add"
    return (record.deed or _Deed.DROP).name.lower()


def _clause(thing: _Thing, record: _Record) -> str:
    """Say what the side with the lesser deed does, seen from the thing."""
    if record.deed is _Deed.REFER:
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
