"""Two schemas on one server, compared in words: by Alembic, and by ourselves where Alembic looks away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .rehearsal.catalog import (
    CatalogItem,
    ForeignKeySignature,
    catalog_items,
    column_types,
    key_of,
    schemas,
    shown_key,
    shown_type,
    take_dangling_keys,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData


@dataclass(frozen=True, slots=True)
class DifferenceWords:
    """Hold how to say that something is only in one schema or in the other, and what each of them is."""

    only: tuple[str, str]
    when: tuple[str, str]

    def difference(self, thing: str, one: str | None, other: str | None) -> str:
        """Say how a thing differs; None is where it is not there, and an empty text where there is nothing to tell of it."""
        if one is None or other is None:
            told = one or other
            return f"{thing}{f' {told}' if told else ''} {self.only[one is None]}"
        return f"{thing}: {one} {self.when[0]}; {other} {self.when[1]}"


def after_orders(names: tuple[str, str]) -> DifferenceWords:
    """Return the words for the schemas after the sides in both orders."""
    one, other = names
    return DifferenceWords((f"is there only after {one}", f"is there only after {other}"), (f"after {one}", f"after {other}"))


LEFTOVERS = DifferenceWords(("is gone", "is still there"), ("at the branch point", "after going down again"))


@dataclass(frozen=True, slots=True)
class ReflectedSchema:
    """Hold the schema of a database: for Alembic, and what it does not compare.

    `connection` is None where the database has gone on since. `dangling` are the foreign keys that refer to nothing.
    """

    connection: Connection | None
    metadata: MetaData
    column_types: Mapping[CatalogItem, str]
    catalog_items: Mapping[CatalogItem, str]
    dangling: frozenset[ForeignKeySignature]

    def left_behind(self) -> ReflectedSchema:
        """Return the same schema of a database that goes on now."""
        return replace(self, connection=None)


def reflect(connection: Connection) -> ReflectedSchema:
    """Read the whole schema, without Alembic's own table."""
    from sqlalchemy import MetaData

    metadata = MetaData()
    for schema in schemas(connection):
        metadata.reflect(connection, schema=schema, only=lambda name, _: name != "alembic_version", resolve_fks=False)
    dangling = take_dangling_keys(metadata)
    found = catalog_items(connection, metadata) | {(key[0], f"dangling foreign key {shown_key(key)}"): "" for key in dangling}
    reflected = ReflectedSchema(connection, metadata, column_types(connection, metadata), found, dangling)
    connection.rollback()
    return reflected


def compare(one: ReflectedSchema, other: ReflectedSchema, words: DifferenceWords) -> tuple[str, ...]:
    """Return the differences of two schemas in words, each once."""
    found = set(_alembic_differences(one, other, words.difference))
    found |= set(_alembic_differences(other, one, lambda thing, there, here: words.difference(thing, here, there)))
    found |= {
        words.difference(f"{thing[0]}.{thing[1]}", *pair)
        for thing, pair in _unequal(one.column_types, other.column_types)
        if all(pair)
    }
    both = one.metadata.tables.keys() & other.metadata.tables.keys()
    for thing, pair in _unequal(one.catalog_items, other.catalog_items):
        if thing[0] is None or thing[0] in both:
            found.add(words.difference(f"the {thing[1]}", *pair))
    return tuple(sorted(found))


def _unequal(
    one: Mapping[CatalogItem, str], other: Mapping[CatalogItem, str]
) -> Iterator[tuple[CatalogItem, tuple[str | None, str | None]]]:
    for thing in {**one, **other}:
        pair = one.get(thing), other.get(thing)
        if pair[0] != pair[1]:
            yield thing, pair


def _alembic_differences(
    one: ReflectedSchema, other: ReflectedSchema, told: Callable[[str, str | None, str | None], str]
) -> Iterator[str]:
    """Let Alembic compare the first, connected, with the second, as if that were the models."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    if one.connection is None:
        return
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_schemas": one.connection.dialect.name == "postgresql",
        "include_object": lambda item, name, kind, *_: kind != "foreign_key_constraint" or key_of(item) not in one.dangling,
    }
    context = MigrationContext.configure(one.connection, opts=options)
    for diff in compare_metadata(context, other.metadata):
        for single in diff if isinstance(diff, list) else [diff]:
            if words := _words(single, one, other):
                yield told(*words)
    one.connection.rollback()


def _words(diff: tuple[Any, ...], one: ReflectedSchema, other: ReflectedSchema) -> tuple[str, str | None, str | None] | None:
    """Return what differs, with what it is in the connected schema and in the other one; None for what is told otherwise."""
    assert one.connection is not None
    kind, _, what = diff[0].partition("_")
    if kind == "modify":
        table = f"{diff[1]}.{diff[2]}" if diff[1] else diff[2]
        shown = _SHOWN[what]
        return f"{table}.{diff[3]}", shown(diff[5], one.connection), shown(diff[6], one.connection)
    thing = _thing(what, diff, (other if kind == "add" else one).metadata)
    table = getattr(getattr(diff[1], "table", None), "fullname", None)
    if thing is None or not (table is None or table in one.metadata.tables.keys() & other.metadata.tables.keys()):
        return None  # an index of a table that only one of them has goes without saying
    return thing, *((None, "") if kind == "add" else ("", None))


def _thing(what: str, diff: tuple[Any, ...], metadata: MetaData) -> str | None:
    match what:
        case "table":
            return f"the table {diff[1].fullname}"
        case "column":
            table = f"{diff[1]}.{diff[2]}" if diff[1] else diff[2]
            return f"the column {table}.{diff[3].name}"
        case "index":
            table = metadata.tables.get(diff[1].table.fullname, diff[1].table)
            # Before Alembic 1.16 its own does not know whether it is unique.
            item = next((index for index in table.indexes if index.name == diff[1].name), diff[1])
            named = "unique index" if item.unique else "index"
            return f"the {named} {item.name} on {table.fullname} ({_columns(item.expressions)})"
        case "fk":
            return f"the foreign key {shown_key(key_of(diff[1]))}"
        case "constraint" if type(diff[1]).__name__ == "UniqueConstraint":
            named = f" {diff[1].name}" if diff[1].name else ""
            return f"the unique constraint{named} on {diff[1].table.fullname} ({_columns(diff[1].columns)})"
        case _:
            return None


def _columns(items: Any) -> str:
    return ", ".join(str(getattr(item, "name", None) or item) for item in items)


def _shown_default(given: Any, connection: Connection) -> str:
    if not given:
        return "no default"
    words = getattr(given, "arg", given)
    return f"default {getattr(words, 'text', words)}"


_SHOWN: Mapping[str, Callable[[Any, Connection], str]] = {
    "type": shown_type,
    "nullable": lambda given, _: "NULL" if given else "NOT NULL",
    "default": _shown_default,
    "comment": lambda given, _: f"comment {given!r}" if given else "no comment",
}
