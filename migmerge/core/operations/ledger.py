"""What one side of a divergence does to each thing of the schema, taken together."""

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


class Deed(IntEnum):
    """Rank what a side makes of a thing; of two sides, the one with the lower rank is told first."""

    DROP = 0
    REPLACE = 1
    RENAME = 2
    CREATE = 3
    ALTER = 4
    REFER = 5


@dataclass(frozen=True, slots=True)
class Thing:
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

    @property
    def rank(self) -> tuple[int, str, str, str]:
        return list(Kind).index(self.kind), self.table, self.name, self.database

    def __str__(self) -> str:
        return f"the {self.kind.value} {self.label}"


@dataclass(slots=True)
class Record:
    """Hold what one side did to one thing.

    `ours` where the side itself brought the thing into being, `guarded` where it always asks if the thing exists.
    """

    first: dict[Deed, Touch] = field(default_factory=dict)
    ours: bool = False
    gone: bool = False
    guarded: bool = True

    def note(self, deed: Deed, touch: Touch) -> None:
        if deed is Deed.CREATE:
            self.ours |= not self.gone
            self.gone = False
        elif deed in (Deed.DROP, Deed.RENAME):
            self.gone = True
        if deed <= Deed.CREATE:
            self.guarded &= touch.operation.guarded
        if deed is Deed.CREATE or not self.ours:
            self.first.setdefault(deed, touch)

    @property
    def deed(self) -> Deed | None:
        if self.ours:
            return None if self.gone else Deed.CREATE
        taken = next((deed for deed in (Deed.DROP, Deed.RENAME) if deed in self.first), None)
        if taken is not None:
            return taken if self.gone else Deed.REPLACE
        return min(self.first, default=None)

    @property
    def touch(self) -> Touch:
        deed = self.deed
        if deed is Deed.REPLACE:
            return self.first.get(Deed.DROP) or self.first[Deed.RENAME]
        return self.first[deed if deed is not None else Deed.REFER]

    @property
    def renames(self) -> bool:
        """Tell whether the thing came into being by taking the place of another name."""
        return self.deed is Deed.CREATE and self.touch.operation.action is Action.RENAME


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold a thing and what one side did to it."""

    thing: Thing
    record: Record


class Ledger(dict[Thing, Record]):
    """Keep what one side does, thing by thing."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._inside: dict[Thing, Record] = {}
        self._parts: dict[Thing, list[Record]] = {}
        for revision, operations in side:
            for operation in operations.done:
                for thing, deed in _deeds(operation):
                    self._add(thing, deed, Touch(revision, operation))

    @property
    def relations(self) -> dict[tuple[str, str], Entry]:
        """Return the tables and indexes that the side makes, by database and name, for PostgreSQL keeps these names apart.

        A side that makes two of one name is not for PostgreSQL, so that this name is left out.
        """
        found: dict[tuple[str, str], list[Entry]] = {}
        for thing, record in (*self.items(), *self._inside.items()):
            name = _relation(thing, record) if record.deed is Deed.CREATE else None
            if name is not None:
                found.setdefault((thing.database, name), []).append(Entry(thing, record))
        return {name: entries[0] for name, entries in found.items() if len(entries) == 1}

    def _is_inside_ours(self, thing: Thing) -> bool:
        """Tell whether a column or constraint is in a table that the side itself created, so that nobody else has it."""
        if thing.kind not in (Kind.COLUMN, Kind.CONSTRAINT):
            return False
        table = self.get(Thing(Kind.TABLE, thing.table, "", thing.database))
        return table is not None and table.ours and not table.guarded

    def _add(self, thing: Thing, deed: Deed, touch: Touch) -> None:
        records = self._inside if self._is_inside_ours(thing) else self
        record = records.setdefault(thing, Record())
        record.note(deed, touch)
        if deed is Deed.CREATE and thing.kind in (Kind.INDEX, Kind.CONSTRAINT):
            for ground in _ground(touch.operation):
                self._parts.setdefault(ground, []).append(record)
        if deed is Deed.DROP:
            for part in self._parts.pop(thing, ()):
                part.gone = True


def _relation(thing: Thing, record: Record) -> str | None:
    """Return the name that PostgreSQL keeps for a table, an index, or the index of a constraint."""
    match thing.kind:
        case Kind.TABLE:
            return thing.table
        case Kind.INDEX:
            return thing.name
        case Kind.CONSTRAINT if record.touch.operation.indexed:
            return _beside(thing.table, thing.name)
    return None


def _beside(table: str, name: str) -> str:
    """Return the name in the schema of the table."""
    schema = table.rpartition(".")[0]
    return f"{schema}.{name}" if schema else name


def _deeds(operation: Operation) -> Iterator[tuple[Thing, Deed]]:
    """Yield every thing that an operation touches, the thing itself and what it stands on, and what it makes of each."""
    own = thing_of(operation)
    for thing in _ground(operation):
        if thing != own:
            yield thing, Deed.REFER
    if own is not None:
        yield own, Deed[operation.action.name]
    if own is not None and operation.new_name is not None:
        new = operation.new_name
        yield replace(own, table=new) if own.kind is Kind.TABLE else replace(own, name=new), Deed.CREATE


def thing_of(operation: Operation) -> Thing | None:
    """Return what an operation does something to, unless the database is left to name it."""
    table, name, database = operation.table or "", operation.name, operation.database or ""
    if operation.kind is Kind.TABLE:
        return table_of(operation)
    if name is None:
        return None
    match operation.kind:
        case Kind.INDEX:
            # PostgreSQL and SQLite keep the names of all indexes of a schema apart, MySQL those of a table.
            return Thing(Kind.INDEX, "", _beside(table, name), database)
        case Kind.ENUM:
            return Thing(Kind.ENUM, "", name, database)
    return Thing(operation.kind, table, name, database)


def table_of(operation: Operation) -> Thing:
    return Thing(Kind.TABLE, operation.table or "", "", operation.database or "")


def _ground(operation: Operation) -> Iterator[Thing]:
    if operation.table is None or operation.kind is Kind.ENUM:
        return
    yield table_of(operation)
    if (operation.action, operation.kind) != (Action.CREATE, Kind.TABLE):
        for column in operation.columns:
            yield Thing(Kind.COLUMN, operation.table, column, operation.database or "")
