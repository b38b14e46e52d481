"""What one side of a divergence does to each object of the schema, taken together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

from ..revision import Revision
from .operation import Action, ObjectKind, Operation, Operations

Side = Sequence[tuple[Revision, Operations]]


@dataclass(frozen=True, slots=True)
class Source:
    """Say which revision does an operation."""

    revision: Revision
    operation: Operation


class Change(IntEnum):
    """Rank what a side does to a schema object; a message names the side with the lower rank first."""

    DROP = 0
    REPLACE = 1
    RENAME = 2
    CREATE = 3
    ALTER = 4
    REFER = 5


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """Name a schema object; `table` is empty for an index and an enum, `name` for a table, `database` in scripts for only one."""

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
            case ObjectKind.VALUE:
                return f"{self.name} of {self.table}"
        return self.name

    @property
    def rank(self) -> tuple[int, str, str, str]:
        return list(ObjectKind).index(self.kind), self.table, self.name, self.database

    def __str__(self) -> str:
        return f"the {self.kind.value} {self.label}"


@dataclass(slots=True)
class ObjectChanges:
    """Hold what one side does to one schema object.

    `first` holds the first source of each change. `created` where the side itself creates the object, `gone` where the
    object does not exist after the side; `guarded` where every operation checks first whether the object exists.
    """

    first: dict[Change, Source] = field(default_factory=dict)
    created: bool = False
    gone: bool = False
    guarded: bool = True

    def add(self, change: Change, source: Source) -> None:
        """Add the next change, in the order in which Alembic applies the side."""
        if change is Change.CREATE:
            self.created |= not self.gone
            self.gone = False
        elif change in (Change.DROP, Change.RENAME):
            self.gone = True
        if change <= Change.CREATE:
            self.guarded &= source.operation.guarded
        if change is Change.CREATE or not self.created:
            self.first.setdefault(change, source)

    @property
    def change(self) -> Change | None:
        """Return the change that all changes of the side amount to; None where the side drops what it creates."""
        if self.created:
            return None if self.gone else Change.CREATE
        removal = next((change for change in (Change.DROP, Change.RENAME) if change in self.first), None)
        if removal is not None:
            return removal if self.gone else Change.REPLACE
        return min(self.first, default=None)

    @property
    def source(self) -> Source:
        """Return the first source of `change`."""
        change = self.change
        if change is Change.REPLACE:
            return self.first.get(Change.DROP) or self.first[Change.RENAME]
        return self.first[change if change is not None else Change.REFER]

    @property
    def is_new_name(self) -> bool:
        """Tell whether the side creates the object by renaming another."""
        return self.change is Change.CREATE and self.source.operation.action is Action.RENAME


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """Hold a schema object and what one side does to it."""

    schema_object: SchemaObject
    changes: ObjectChanges


class SideChanges(dict[SchemaObject, ObjectChanges]):
    """Hold what one side does, by schema object."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._in_own_tables: dict[SchemaObject, ObjectChanges] = {}
        self._dependents: dict[SchemaObject, list[ObjectChanges]] = {}
        for revision, operations in side:
            for operation in operations.done:
                for schema_object, change in changes_of(operation):
                    self._add(schema_object, change, Source(revision, operation))

    @property
    def relations(self) -> dict[tuple[str, str], ChangedObject]:
        """Return the tables and indexes that the side creates, by database and name: PostgreSQL has one namespace for both.

        A side that creates two of one name is not for PostgreSQL, and that name is left out.
        """
        found: dict[tuple[str, str], list[ChangedObject]] = {}
        for schema_object, changes in (*self.items(), *self._in_own_tables.items()):
            name = _relation_name(schema_object, changes) if changes.change is Change.CREATE else None
            if name is not None:
                found.setdefault((schema_object.database, name), []).append(ChangedObject(schema_object, changes))
        return {name: relations[0] for name, relations in found.items() if len(relations) == 1}

    def _is_in_own_table(self, schema_object: SchemaObject) -> bool:
        """Tell whether a column or constraint is in a table that the side itself creates, which the other side cannot have."""
        if schema_object.kind not in (ObjectKind.COLUMN, ObjectKind.CONSTRAINT):
            return False
        table = self.get(SchemaObject(ObjectKind.TABLE, schema_object.table, "", schema_object.database))
        return table is not None and table.created and not table.guarded

    def _add(self, schema_object: SchemaObject, change: Change, source: Source) -> None:
        by_object = self._in_own_tables if self._is_in_own_table(schema_object) else self
        changes = by_object.setdefault(schema_object, ObjectChanges())
        changes.add(change, source)
        if change is Change.CREATE and schema_object.kind in (ObjectKind.INDEX, ObjectKind.CONSTRAINT):
            for basis in _prerequisites(source.operation):
                self._dependents.setdefault(basis, []).append(changes)
        if change is Change.DROP:
            for dependent in self._dependents.pop(schema_object, ()):
                dependent.gone = True


def _relation_name(schema_object: SchemaObject, changes: ObjectChanges) -> str | None:
    """Return the name that PostgreSQL keeps for a table, an index, or the index of a constraint."""
    match schema_object.kind:
        case ObjectKind.TABLE:
            return schema_object.table
        case ObjectKind.INDEX:
            return schema_object.name
        case ObjectKind.CONSTRAINT if changes.source.operation.indexed:
            return _in_schema_of(schema_object.table, schema_object.name)
    return None


def _in_schema_of(table: str, name: str) -> str:
    """Return the name with the schema of the table in front."""
    schema = table.rpartition(".")[0]
    return f"{schema}.{name}" if schema else name


def changes_of(operation: Operation) -> Iterator[tuple[SchemaObject, Change]]:
    """Yield every schema object that an operation concerns, its prerequisites first, with the change of each object."""
    target = object_of(operation)
    for schema_object in _prerequisites(operation):
        if schema_object != target:
            yield schema_object, Change.REFER
    if target is not None:
        yield target, Change[operation.action.name]
    if target is not None and operation.new_name is not None:
        new = operation.new_name
        yield replace(target, table=new) if target.kind is ObjectKind.TABLE else replace(target, name=new), Change.CREATE


def object_of(operation: Operation) -> SchemaObject | None:
    """Return the schema object that an operation changes; None where the database is left to name the object."""
    table, name, database = operation.table or "", operation.name, operation.database or ""
    if operation.kind is ObjectKind.TABLE:
        return table_of(operation)
    if name is None:
        return None
    match operation.kind:
        case ObjectKind.INDEX:
            # PostgreSQL and SQLite keep the names of all indexes of a schema apart, MySQL those of a table.
            return SchemaObject(ObjectKind.INDEX, "", _in_schema_of(table, name), database)
        case ObjectKind.ENUM:
            return SchemaObject(ObjectKind.ENUM, "", name, database)
    return SchemaObject(operation.kind, table, name, database)


def table_of(operation: Operation) -> SchemaObject:
    return SchemaObject(ObjectKind.TABLE, operation.table or "", "", operation.database or "")


def _prerequisites(operation: Operation) -> Iterator[SchemaObject]:
    """Yield the table and the columns that an operation is about, a table's own new columns left out; for a value, its enum."""
    if operation.table is None or operation.kind is ObjectKind.ENUM:
        return
    if operation.kind is ObjectKind.VALUE:
        yield SchemaObject(ObjectKind.ENUM, "", operation.table, operation.database or "")
        return
    yield table_of(operation)
    if (operation.action, operation.kind) != (Action.CREATE, ObjectKind.TABLE):
        for column in operation.columns:
            yield SchemaObject(ObjectKind.COLUMN, operation.table, column, operation.database or "")
