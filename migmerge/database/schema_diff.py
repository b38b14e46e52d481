"""The differences of two schemas in words: of two databases, or of the models and a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .catalog import (
    CatalogItem,
    ForeignKeySignature,
    catalog_items,
    column_types,
    detach_dangling_keys,
    key_of,
    schemas_of,
    shown_key,
    shown_type,
)

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Connection, MetaData


@dataclass(frozen=True, slots=True)
class DifferenceWords:
    """Hold the phrases for an object that only one schema has, and for the two states of an object that both have."""

    only: tuple[str, str]
    when: tuple[str, str]

    def difference(self, thing: str, one: str | None, other: str | None) -> str:
        """Say how a thing differs; None means that a schema lacks the thing, an empty text that the thing has no details."""
        if one is None or other is None:
            details = one or other
            return f"{thing}{f' {details}' if details else ''} {self.only[one is None]}"
        return f"{thing}: {one} {self.when[0]}; {other} {self.when[1]}"


def after_orders(names: tuple[str, str]) -> DifferenceWords:
    """Return the phrases for the schemas after the sides in both orders."""
    one, other = names
    return DifferenceWords((f"is there only after {one}", f"is there only after {other}"), (f"after {one}", f"after {other}"))


LEFTOVERS = DifferenceWords(("is gone", "is still there"), ("at the branch point", "after going down again"))


@dataclass(frozen=True, slots=True)
class ReflectedSchema:
    """Hold what Alembic compares of a database, and what it does not.

    `connection` is None where the database has changed since. `dangling` are the foreign keys that refer to no table.
    """

    connection: Connection | None
    metadata: MetaData
    column_types: Mapping[CatalogItem, str]
    catalog_items: Mapping[CatalogItem, str]
    dangling: frozenset[ForeignKeySignature]

    def disconnected(self) -> ReflectedSchema:
        """Return the same schema for a database that is about to change."""
        return replace(self, connection=None)


def reflect(connection: Connection) -> ReflectedSchema:
    """Read the whole schema, without Alembic's own table."""
    from sqlalchemy import MetaData, inspect

    metadata = MetaData()
    for schema in schemas_of(inspect(connection)):
        metadata.reflect(connection, schema=schema, only=lambda name, _: name != "alembic_version", resolve_fks=False)
    dangling = detach_dangling_keys(metadata)
    found = catalog_items(connection, metadata) | {(key[0], f"dangling foreign key {shown_key(key)}"): "" for key in dangling}
    reflected = ReflectedSchema(connection, metadata, column_types(connection, metadata), found, dangling)
    connection.rollback()
    return reflected


def compare(one: ReflectedSchema, other: ReflectedSchema, words: DifferenceWords) -> tuple[str, ...]:
    """Return the differences of two schemas, one a line, sorted and without repetition."""
    found = {words.difference(*each) for each in _alembic_differences(one, other)}
    found |= {words.difference(thing, here, there) for thing, there, here in _alembic_differences(other, one)}
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


def model_differences(context: MigrationContext) -> tuple[str, ...] | None:
    """Return how the models that env.py names differ from the database, one a line; None where it names none."""
    metadata = context.opts.get("target_metadata")
    if metadata is None:
        return None
    return tuple(sorted({_model_words(diff) for diff in _alembic_diffs(context, metadata)}))


@dataclass(frozen=True, slots=True)
class _Diff:
    """Hold one difference that Alembic found between a database and `MetaData`.

    `change` is "add" for what only the metadata has, "remove" for what only the database has, or "modify". `what` is the
    kind of `item`, or the modified property of the column `name`, which is `old` in the database.
    """

    change: str
    what: str
    schema: str | None
    table: str
    name: str | None
    item: Any = None
    old: Any = None
    new: Any = None

    @property
    def full_table(self) -> str:
        return f"{self.schema}.{self.table}" if self.schema else self.table


def _alembic_diffs(context: MigrationContext, metadata: MetaData) -> list[_Diff]:
    """Compare a database with metadata; the parts of a table that only one of them has are left out."""
    from alembic.autogenerate import compare_metadata

    grouped = compare_metadata(context, metadata)  # the differences of one column come as a list
    diffs = [_diff(*each) for group in grouped for each in (group if isinstance(group, list) else [group])]
    whole = {diff.full_table for diff in diffs if diff.what == "table"}
    return [diff for diff in diffs if diff.what == "table" or diff.full_table not in whole]


def _diff(name: str, first: Any, *facts: Any) -> _Diff:
    change, _, what = name.partition("_")
    if change == "modify":
        table, column, _, old, new = facts
        return _Diff(change, what, first, table, column, None, old, new)
    if what == "column":
        table, column = facts
        return _Diff(change, what, first, table, column.name, column)
    owner = getattr(first, "table", first)
    return _Diff(change, what, owner.schema, owner.name, first.name, first)


_MODIFIED = {"type": "type", "nullable": "nullability", "default": "default", "comment": "comment"}
_KINDS = {"fk": "foreign key", "table_comment": "table comment"}


def _model_words(diff: _Diff) -> str:
    if diff.change == "modify":
        return f"{diff.table}.{diff.name} has another {_MODIFIED[diff.what]}"
    where = "only the models have" if diff.change == "add" else "only the database has"
    if diff.what == "column":
        return f"{where} the column {diff.table}.{diff.name}"
    owner = "" if diff.table == diff.name else f" of {diff.table}"
    return f"{where} the {_KINDS.get(diff.what, diff.what)} {diff.name or 'without a name'}{owner}"


def _alembic_differences(one: ReflectedSchema, other: ReflectedSchema) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield what Alembic finds to differ, with its state in the first schema and in the second, which serves as the models."""
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
    for diff in _alembic_diffs(context, other.metadata):
        if diff.change == "modify":
            shown = _SHOWN[diff.what]
            yield f"{diff.full_table}.{diff.name}", shown(diff.old, one.connection), shown(diff.new, one.connection)
        elif thing := _thing(diff, (other if diff.change == "add" else one).metadata):
            yield thing, *((None, "") if diff.change == "add" else ("", None))
    one.connection.rollback()


def _thing(diff: _Diff, metadata: MetaData) -> str | None:
    """Name what one schema lacks; None for what `catalog_items` compares, which is a table's comment."""
    match diff.what:
        case "table":
            return f"the table {diff.full_table}"
        case "column":
            return f"the column {diff.full_table}.{diff.name}"
        case "index":
            table = metadata.tables.get(diff.full_table, diff.item.table)
            # The index that Alembic gives does not say before Alembic 1.16 whether it is unique.
            index = next((each for each in table.indexes if each.name == diff.name), diff.item)
            kind = "unique index" if index.unique else "index"
            return f"the {kind} {index.name} on {diff.full_table} ({_columns(index.expressions)})"
        case "fk":
            return f"the foreign key {shown_key(key_of(diff.item))}"
        case "constraint" if type(diff.item).__name__ == "UniqueConstraint":
            named = f" {diff.name}" if diff.name else ""
            return f"the unique constraint{named} on {diff.full_table} ({_columns(diff.item.columns)})"
        case _:
            return None


def _columns(items: Any) -> str:
    return ", ".join(str(getattr(item, "name", None) or item) for item in items)


def _shown_default(default: Any, _: Connection) -> str:
    if not default:
        return "no default"
    value = getattr(default, "arg", default)
    return f"default {getattr(value, 'text', value)}"


_SHOWN: Mapping[str, Callable[[Any, Connection], str]] = {
    "type": shown_type,
    "nullable": lambda nullable, _: "NULL" if nullable else "NOT NULL",
    "default": _shown_default,
    "comment": lambda comment, _: f"comment {comment!r}" if comment else "no comment",
}
