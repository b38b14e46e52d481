"""What earlier runs left in a database, of which the next run dies: temporary tables, enum types without a column, views."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..operations.operation import Action, ObjectKind, Operation, Operations, OtherKind
from .database import Schema
from .name_clashes import NameClash, noun_of
from .schema_catalog import Catalog
from .script_set import ScriptSet

_TEMPORARY = "_alembic_tmp_"
"""The beginning of the name under which Alembic's batch mode makes a SQLite table anew."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Name what was left, and the revision that would die of it or has left it; empty where none is known.

    `instead` is the table whose only copy a temporary table is: it was dropped already.
    """

    kind: ObjectKind | OtherKind
    name: str
    revision: str = ""
    instead: str = ""

    def __str__(self) -> str:
        return f"the {noun_of(self.kind)} {self.name}"


def leftovers_in(schema: Schema, pending: Iterable[str], applied: Iterable[str], scripts: ScriptSet) -> tuple[Leftover, ...]:
    """Return the temporary tables, and the unused enum types that a pending revision makes and no applied one has made."""
    made = enums_made_by(applied, scripts)
    enums = (
        Leftover(ObjectKind.ENUM, name, each)
        for each in pending
        for name in _enums_that_must_not_be(scripts.operations.get(each, Operations()))
        if name in schema.unused_enums and name not in made
    )
    return (*_temporary_tables(schema), *{each.name: each for each in enums}.values())


def with_clashes(leftovers: Iterable[Leftover], clashes: Iterable[NameClash]) -> tuple[Leftover, ...]:
    """Return what was left with what is in the way of pending revisions and can go."""
    found = {(each.kind, each.name): each for each in leftovers}
    for clash in clashes:
        if clash.is_removable:
            found.setdefault((clash.there.kind, clash.there.name), Leftover(clash.there.kind, clash.there.name, clash.revision))
    return tuple(found.values())


def _temporary_tables(schema: Schema) -> Iterator[Leftover]:
    for name in sorted(schema.tables):
        folder, dot, table = name.rpartition(".")
        if table.startswith(_TEMPORARY):
            original = f"{folder}{dot}{table.removeprefix(_TEMPORARY)}"
            yield Leftover(ObjectKind.TABLE, name, instead="" if original in schema.tables else original)


def with_only_copies(schema: Schema, leftovers: Iterable[Leftover]) -> Schema:
    """Return a schema where the only copy of a table has the name of that table, as it will have."""
    names = {each.name: each.instead for each in leftovers if each.instead}
    return replace(schema, tables={names.get(name, name): table for name, table in schema.tables.items()}) if names else schema


def catalog_with_only_copies(catalog: Catalog, leftovers: Iterable[Leftover]) -> Catalog:
    """Return a catalogue where the only copy of a table has the name of that table, as it will have."""
    names = {each.name: each.instead for each in leftovers if each.instead}
    return {key._replace(owner=names.get(key.owner, key.owner)): value for key, value in catalog.items()} if names else catalog


def left_by_downgrade(revision: str, upgrade: Operations, downgrade: Operations, kept: Iterable[str]) -> Iterator[Leftover]:
    """Yield the enum types that a revision makes and its downgrade leaves; `kept` are those that other revisions make."""
    dropped = {each.name for each in downgrade.done if each.kind is ObjectKind.ENUM and each.action is Action.DROP}
    if not downgrade.unread:
        for name in _enums_that_must_not_be(upgrade):
            if name not in dropped and name not in kept:
                yield Leftover(ObjectKind.ENUM, name, revision)


def enums_made_by(revisions: Iterable[str], scripts: ScriptSet) -> frozenset[str]:
    """Return the enum types that revisions make, or may make."""
    created = (each for revision in revisions for each in _creations(scripts.operations.get(revision, Operations())))
    return frozenset(each.name for each in created if each.name)


def _enums_that_must_not_be(operations: Operations) -> Iterator[str]:
    """Yield the enum types of which a revision dies where they are there already."""
    return (each.name for each in _creations(operations) if each.name and not each.guarded and not each.conditional)


def _creations(operations: Operations) -> Iterator[Operation]:
    return (each for each in operations.done if each.kind is ObjectKind.ENUM and each.action is Action.CREATE)
