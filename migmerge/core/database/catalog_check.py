"""The comparison of a database's catalogue with the schema that a replay expects."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..operations.operation import ObjectKind
from ..operations.possible_drops import PossibleDrops
from .database import Schema, Table
from .expected_schema import ExpectedSchema
from .expected_table import Dropped, ExpectedItem, ExpectedTable, folded


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """Say whether the catalogue has an item that a revision made or renamed, under the name that was looked for or found.

    `proof` where its presence shows that the revision ran: no item had that name before.
    """

    revision: str
    kind: ObjectKind
    table: str
    name: str | None
    held: ExpectedTable
    item: ExpectedItem
    missing: bool
    proof: bool = False


@dataclass(frozen=True, slots=True)
class Remnant:
    """Say whether the catalogue still has an item that a revision dropped; `maker` is the revision that had made it."""

    revision: str
    maker: str
    there: bool


class CatalogCheck:
    """Compare with a catalogue; names are compared without regard to case.

    Nothing is said of a table that may be in another schema than the script thinks: where the catalogue has one of its
    name elsewhere, or knows nothing of the schema that the script names.
    """

    def __init__(self, schema: Schema) -> None:
        self._tables: dict[str, Table] = {}
        for name, table in schema.tables.items():
            before = self._tables.get(folded(name), Table())
            columns, indexes = frozenset(map(folded, table.columns)), frozenset(map(folded, table.indexes))
            self._tables[folded(name)] = Table(before.columns | columns, before.indexes | indexes)
        self._schemas = {"", *(name.rpartition(".")[0] for name in self._tables)}
        self._anywhere = {name.rpartition(".")[2] for name in self._tables}
        self._indexes = frozenset().union(*(table.indexes for table in self._tables.values()))

    def look(self, replay: ExpectedSchema) -> Iterator[CheckedItem]:
        """Yield, for every item that a replay expects, whether the catalogue has it."""
        for held in replay:
            yield from self.look_at(held, replay)

    def look_at(
        self, held: ExpectedTable, replay: ExpectedSchema, items: Iterable[ExpectedItem] | None = None
    ) -> Iterator[CheckedItem]:
        """Yield, for the items of a table or for some `items` of it, whether the catalogue has them.

        A missing table counts for all that was made with it.
        """
        label, position = held.label, self._position_of_table(held, replay)
        if position is None:
            return
        if held.trail and position >= 0:
            label = held.trail[position][1]
        there = self._tables.get(folded(label))
        for item in (held, *held.columns.values(), *held.indexes.values()) if items is None else items:
            if item is held:
                yield from self._checked(held, held, label, position)
            else:
                yield from self._look_into(held, item, label, there)

    def _position_of_table(self, held: ExpectedTable, replay: ExpectedSchema) -> int | None:
        """Return the position in a table's trail of the name that the catalogue has; -1 for none, None where nobody can tell."""
        if folded(held.label) in self._tables:
            older = any(folded(name) in self._tables and folded(name) != folded(held.label) for _, name in held.trail)
            return None if older and held.guarded else len(held.trail) - 1
        if not held.trail or not self._is_absent(held.label):
            return None
        return _position_of_older(held, self._tables, replay.tables)

    def _look_into(self, held: ExpectedTable, item: ExpectedItem, label: str, there: Table | None) -> Iterator[CheckedItem]:
        position: int | None = len(item.trail) - 1
        if there is None:
            position = -1 if item.trail[0][0] != held.trail[0][0] else None
        elif item.kind is ObjectKind.COLUMN:
            position = position if folded(item.name) in there.columns else _position_of_older(item, there.columns, held.columns)
        elif folded(item.name) not in there.indexes:
            position = -1 if not self._may_be_named_otherwise(item, there) else None
        if position is not None:
            yield from self._checked(held, item, label, position)

    def _may_be_named_otherwise(self, item: ExpectedItem, there: Table) -> bool:
        """Tell whether a naming convention may have put something around the name, or a rename left the index elsewhere."""
        name = folded(item.name)
        return name in self._indexes or any(name in index for index in there.indexes)

    @staticmethod
    def _checked(held: ExpectedTable, item: ExpectedItem, label: str, position: int) -> Iterator[CheckedItem]:
        """Yield the result for each revision that named an item: those up to `position` in its trail ran, the later ones did not.

        Where the catalogue has none of the names, the revision that made the item represents all of them.
        """
        for number, (revision, _) in enumerate(item.trail[:1] if position < 0 else item.trail):
            missing = number > position
            shown = item.name if missing else item.trail[position][1]
            table, part = (shown, None) if item is held else (held.label if missing else label, shown)
            yield CheckedItem(revision, item.kind, table, part, held, item, missing, not missing and item.again is None)

    def _is_absent(self, label: str) -> bool:
        """Tell whether a table is surely nowhere."""
        schema, _, name = folded(label).rpartition(".")
        return schema in self._schemas and name not in self._anywhere

    def remnants(self, replay: ExpectedSchema) -> Iterator[Remnant]:
        """Yield the items that revisions certainly dropped, and whether the catalogue has them all the same."""
        for gone in replay.gone.values():
            if isinstance(gone.item, ExpectedTable) and gone.dropped:
                label = folded(gone.item.label)
                if label in self._tables or self._is_absent(label):
                    yield _remnant(gone, gone.item, there=label in self._tables)
        for held in replay:
            there = self._tables.get(folded(held.label))
            for (kind, key), gone in held.gone.items() if there else ():
                if there and gone.item and gone.dropped:
                    yield _remnant(gone, gone.item, there=key in (there.columns if kind is ObjectKind.COLUMN else there.indexes))


def _remnant(gone: Dropped, item: ExpectedItem, *, there: bool) -> Remnant:
    return Remnant(gone.revision, item.trail[0][0], there)


def _position_of_older(item: ExpectedItem, there: Container[str], live: Mapping[str, ExpectedItem]) -> int | None:
    """Return the position in an item's trail of the name that it still has, unless another item has the name now; -1 for none.

    Another item that took the name over was rather never made, together with the rename. None where nobody can tell: an
    item that is made only where none has its name was perhaps not made.
    """
    for position in reversed(range(len(item.trail) - 1)):
        name = folded(item.trail[position][1])
        if name in there:
            other = live.get(name)
            if other is None or (other.trail and not other.guarded and other.again is not None):
                return position
            if other.guarded or not other.trail:
                return None
    return -1


def is_doubtful(checked: CheckedItem, doubts: PossibleDrops) -> bool:
    """Tell whether code that cannot be read may have dropped a missing item."""
    names = [name for _, name in checked.item.trail]
    tables = [name for _, name in checked.held.trail] or [checked.held.label]
    return doubts.about(checked.item.trail[0][0], (*names, *(part for table in tables for part in table.split("."))))
