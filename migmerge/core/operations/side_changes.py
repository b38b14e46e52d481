"""What one side of a divergence does to each thing of the schema, taken together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from ..revision import Revision
from .operation import Action, ObjectKind, Operation, Operations

Side = Sequence[tuple[Revision, Operations]]


@dataclass(frozen=True, slots=True)
class Source:
    """Say which revision does what."""

    revision: Revision
    operation: Operation


class Change(IntEnum):
    """Rank what a side makes of a thing; of two sides, the one with the lower rank is told first."""

    DROP = 0
    REPLACE = 1
    RENAME = 2
    CREATE = 3
    ALTER = 4
    REFER = 5


@dataclass(frozen=True, slots=True)
class SchemaObject:
    kind: ObjectKind
    table: str
    name: str
    database: str

    @property
    def label(self) -> str:
        match self.kind:
            case ObjectKind.TABLE:
                return self.table
            case ObjectKind.COLUMN:
                return f"{self.table}.{self.name}"
            case ObjectKind.CONSTRAINT:
                return f"{self.name} on {self.table}"
        return self.name

    @property
    def rank(self) -> tuple[int, str, str, str]:
        return list(ObjectKind).index(self.kind), self.table, self.name, self.database

    def __str__(self) -> str:
        return f"the {self.kind.value} {self.label}"


@dataclass(slots=True)
class ObjectChanges:
    """Hold what one side did to one thing.

    `ours` where the side itself brought the thing into being, `guarded` where it always asks if the thing exists.
    """

    first: dict[Change, Source] = field(default_factory=dict)
    ours: bool = False
    gone: bool = False
    guarded: bool = True

    def note(self, deed: Change, touch: Source) -> None:
        if deed is Change.CREATE:
            self.ours |= not self.gone
            self.gone = False
        elif deed in (Change.DROP, Change.RENAME):
            self.gone = True
        if deed <= Change.CREATE:
            self.guarded &= touch.operation.guarded
        if deed is Change.CREATE or not self.ours:
            self.first.setdefault(deed, touch)

    @property
    def deed(self) -> Change | None:
        if self.ours:
            return None if self.gone else Change.CREATE
        taken = next((deed for deed in (Change.DROP, Change.RENAME) if deed in self.first), None)
        if taken is not None:
            return taken if self.gone else Change.REPLACE
        return min(self.first, default=None)

    @property
    def touch(self) -> Source:
        deed = self.deed
        if deed is Change.REPLACE:
            return self.first.get(Change.DROP) or self.first[Change.RENAME]
        return self.first[deed if deed is not None else Change.REFER]

    @property
    def renames(self) -> bool:
        """Tell whether the thing came into being by taking the place of another name."""
        return self.deed is Change.CREATE and self.touch.operation.action is Action.RENAME


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """Hold a thing and what one side did to it."""

    thing: SchemaObject
    record: ObjectChanges


class SideChanges(dict[SchemaObject, ObjectChanges]):
    """Keep what one side does, thing by thing."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._inside: dict[SchemaObject, ObjectChanges] = {}
        self._parts: dict[SchemaObject, list[ObjectChanges]] = {}
        for revision, operations in side:
            for operation in operations.done:
                for thing, deed in _changes(operation):
                    self._add(thing, deed, Source(revision, operation))

    @property
    def relations(self) -> dict[tuple[str, str], ChangedObject]:
        """Return the tables and indexes that the side makes, by database and name, for PostgreSQL keeps these names apart.

        A side that makes two of one name is not for PostgreSQL, so that this name is left out.
        """
        found: dict[tuple[str, str], list[ChangedObject]] = {}
        for thing, record in (*self.items(), *self._inside.items()):
            name = _relation(thing, record) if record.deed is Change.CREATE else None
            if name is not None:
                found.setdefault((thing.database, name), []).append(ChangedObject(thing, record))
        return {name: entries[0] for name, entries in found.items() if len(entries) == 1}

    def _is_inside_ours(self, thing: SchemaObject) -> bool:
        """Tell whether a column or constraint is in a table that the side itself created, so that nobody else has it."""
        if thing.kind not in (ObjectKind.COLUMN, ObjectKind.CONSTRAINT):
            return False
        table = self.get(SchemaObject(ObjectKind.TABLE, thing.table, "", thing.database))
        return table is not None and table.ours and not table.guarded

    def _add(self, thing: SchemaObject, deed: Change, touch: Source) -> None:
        records = self._inside if self._is_inside_ours(thing) else self
        record = records.setdefault(thing, ObjectChanges())
        record.note(deed, touch)
        if deed is Change.CREATE and thing.kind in (ObjectKind.INDEX, ObjectKind.CONSTRAINT):
            for ground in _ground(touch.operation):
                self._parts.setdefault(ground, []).append(record)
        if deed is Change.DROP:
            for part in self._parts.pop(thing, ()):
                part.gone = True


def _relation(thing: SchemaObject, record: ObjectChanges) -> str | None:
    """Return the name that PostgreSQL keeps for a table, an index, or the index of a constraint."""
    match thing.kind:
        case ObjectKind.TABLE:
            return thing.table
        case ObjectKind.INDEX:
            return thing.name
        case ObjectKind.CONSTRAINT if record.touch.operation.indexed:
            return _beside(thing.table, thing.name)
    return None


def _beside(table: str, name: str) -> str:
    """Return the name in the schema of the table."""
    schema = table.rpartition(".")[0]
    return f"{schema}.{name}" if schema else name


def _changes(operation: Operation) -> Iterator[tuple[SchemaObject, Change]]:
    """Yield every thing that an operation touches, the thing itself and what it stands on, and what it makes of each."""
    own = object_of(operation)
    for thing in _ground(operation):
        if thing != own:
            yield thing, Change.REFER
    if own is not None:
        yield own, Change[operation.action.name]
    if own is not None and operation.new_name is not None:
        new = operation.new_name
        yield replace(own, table=new) if own.kind is ObjectKind.TABLE else replace(own, name=new), Change.CREATE


def object_of(operation: Operation) -> SchemaObject | None:
    """Return what an operation does something to, unless the database is left to name it."""
    table, name, database = operation.table or "", operation.name, operation.database or ""
    if operation.kind is ObjectKind.TABLE:
        return table_of(operation)
    if name is None:
        return None
    match operation.kind:
        case ObjectKind.INDEX:
            # PostgreSQL and SQLite keep the names of all indexes of a schema apart, MySQL those of a table.
            return SchemaObject(ObjectKind.INDEX, "", _beside(table, name), database)
        case ObjectKind.ENUM:
            return SchemaObject(ObjectKind.ENUM, "", name, database)
    return SchemaObject(operation.kind, table, name, database)


def table_of(operation: Operation) -> SchemaObject:
    return SchemaObject(ObjectKind.TABLE, operation.table or "", "", operation.database or "")


def _ground(operation: Operation) -> Iterator[SchemaObject]:
    if operation.table is None or operation.kind is ObjectKind.ENUM:
        return
    yield table_of(operation)
    if (operation.action, operation.kind) != (Action.CREATE, ObjectKind.TABLE):
        for column in operation.columns:
            yield SchemaObject(ObjectKind.COLUMN, operation.table, column, operation.database or "")
