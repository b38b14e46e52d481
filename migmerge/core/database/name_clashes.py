"""Names that a pending revision is about to give and that something in the database has: the revision dies of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..operations.operation import Action, ObjectKind, Operation, OtherKind
from ..operations.possible_drops import source_words, words_in
from .database import CatalogObject, Database, Schema
from .expected_table import folded
from .script_set import ScriptSet

_RELATIONS = (ObjectKind.TABLE, ObjectKind.INDEX, OtherKind.VIEW, OtherKind.MATERIALIZED_VIEW, OtherKind.SEQUENCE)
"""What shares one set of names in a schema of PostgreSQL, and in a SQLite database."""

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class NameClash:
    """Say which revision would make what is `there`; `is_foreign` where no revision that ran can have made that."""

    revision: str
    there: CatalogObject
    is_foreign: bool

    @property
    def is_removable(self) -> bool:
        """Say whether what is in the way can go: no revision made it, nothing uses it, and no row goes with it."""
        return self.is_foreign and not self.there.is_used

    def __str__(self) -> str:
        owner = f" on {self.there.table}" if self.there.table else ""
        return f"the {noun_of(self.there.kind)} {self.there.name} is there already{owner}"


def noun_of(kind: ObjectKind | OtherKind) -> str:
    """Return what a reader calls an object of a kind."""
    return "type" if kind is ObjectKind.ENUM else kind.value


def clashes_in(database: Database, pending: Sequence[str], ran: Iterable[str], scripts: ScriptSet) -> Iterator[NameClash]:
    """Yield what is surely in the way of pending revisions: they make it in any case, and nothing takes it away before."""
    namespace = _Namespace(database)
    earlier: list[Operation] = []
    ran = tuple(ran)
    for name in pending if namespace else ():
        operations = scripts.operations.get(name)
        if operations is None or any(each.words is None for each in operations.unread):
            return  # what is there after it is not known
        said = frozenset(word for each in operations.unread for word in each.words or ())
        for operation in operations.done:
            if operation.database in (None, database.bind):
                there = namespace.in_the_way_of(operation)
                if there and not words_in(there.name) <= said and not any(_touches(each, there) for each in earlier):
                    yield NameClash(name, there, not any(_may_make(each, there, scripts) for each in ran))
                earlier.append(operation)


class _Namespace:
    """Look up what has a name in a database; nothing is known of databases other than PostgreSQL's and SQLite's."""

    def __init__(self, database: Database) -> None:
        self._is_sqlite = database.address.dialect == "sqlite"
        known = self._is_sqlite or database.address.dialect == "postgresql"
        self._there: Mapping[_Key, CatalogObject] = (
            {self._key(each.kind, each.name): each for each in _objects(database.schema)} if known else {}
        )

    def __bool__(self) -> bool:
        return bool(self._there)

    def in_the_way_of(self, operation: Operation) -> CatalogObject | None:
        """Return what has the name that an operation surely gives; None for tables and indexes of which others speak."""
        made = _made_by(operation)
        there = self._there.get(self._key(*made)) if made else None
        if there is None or (there.kind is ObjectKind.TABLE and operation.kind is ObjectKind.TABLE and not operation.other):
            return None
        is_own = operation.kind is ObjectKind.INDEX and there.table and folded(there.table) == folded(operation.table or "")
        return None if is_own else there

    def _key(self, kind: ObjectKind | OtherKind, name: str) -> _Key:
        """Return what two objects of one name share; SQLite does not tell upper from lower case."""
        return "relation" if kind in _RELATIONS else kind.value, folded(name) if self._is_sqlite else name


def _objects(schema: Schema) -> Iterator[CatalogObject]:
    for name, table in schema.tables.items():
        yield CatalogObject(ObjectKind.TABLE, name, is_used=True)
        folder, dot, _ = name.rpartition(".")
        for index in table.relations:
            yield CatalogObject(ObjectKind.INDEX, f"{folder}{dot}{index}", name, is_used=index not in table.removable)
    yield from schema.others
    for name in schema.unused_enums:
        yield CatalogObject(ObjectKind.ENUM, name)


def _made_by(operation: Operation) -> tuple[ObjectKind | OtherKind, str] | None:
    """Return what an operation makes where it must not be there; None where it may not run, or its name is not certain."""
    if operation.conditional or operation.rebuilt:
        return None
    if operation.other:
        action, kind, name, guarded = operation.other
        return None if guarded or action is not Action.CREATE else (kind, name)
    if operation.guarded or operation.action is not Action.CREATE:
        return None
    match operation:
        case Operation(kind=ObjectKind.TABLE, table=str() as table):
            return ObjectKind.TABLE, table
        case Operation(kind=ObjectKind.ENUM, name=str() as name):
            return ObjectKind.ENUM, name
        case Operation(kind=ObjectKind.INDEX, table=str() as table, name=str() as name, listed=True):
            folder, dot, _ = table.rpartition(".")
            return ObjectKind.INDEX, f"{folder}{dot}{name}"
    return None


def _touches(earlier: Operation, there: CatalogObject) -> bool:
    """Say whether an earlier operation may take an object away or rely on it: it names it, or changes what it belongs to."""
    if _last(there.name) in {_last(each) for each in _names_of(earlier)}:
        return True
    changes = earlier.action in (Action.DROP, Action.RENAME, Action.ALTER)
    return changes and bool(there.table) and _last(earlier.table or "") == _last(there.table)


def _may_make(revision: str, there: CatalogObject, scripts: ScriptSet) -> bool:
    """Say whether a revision, in any version of its script, may have made an object."""
    operations, name = scripts.operations.get(revision), _last(there.name)
    former = (*scripts.edited.get(revision, ()), *((scripts.older[revision].text,) if revision in scripts.older else ()))
    if operations is None or any(words_in(name) <= source_words(text) for text in former):
        return True
    named = any(name in {_last(each) for each in _names_of(operation)} for operation in operations.done)
    return named or any(each.words is None or words_in(name) <= each.words for each in operations.unread)


def _names_of(operation: Operation) -> Iterator[str]:
    """Yield the names that an operation uses, those of columns and values left out."""
    is_part = operation.kind in (ObjectKind.COLUMN, ObjectKind.VALUE)
    own = () if is_part else (operation.name, operation.new_name)
    other = operation.other.name if operation.other else None
    yield from (each for each in (operation.table, *own, other) if each)


def _last(name: str) -> str:
    return folded(name.rpartition(".")[2])
