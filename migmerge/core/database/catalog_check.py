"""Where a database's catalogue shows what a replay says is there, and where it does not."""

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
    """Say whether something is there that one revision made or renamed, under the name that was looked for or found.

    `proof` where its presence shows that the revision ran: nothing of that name was there before.
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
    """Say whether what a revision dropped is still there; `maker` is the revision that had made it."""

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
        """Yield what is there and what is not of all that a replay says."""
        for held in replay:
            yield from self.look_at(held, replay)

    def look_at(
        self, held: ExpectedTable, replay: ExpectedSchema, items: Iterable[ExpectedItem] | None = None
    ) -> Iterator[CheckedItem]:
        """Yield what is there and what is not of a table, or of some `items` of it.

        A table that is missing says so for all that was made with it.
        """
        label, place = held.label, self._place_of_table(held, replay)
        if place is None:
            return
        if held.trail and place >= 0:
            label = held.trail[place][1]
        there = self._tables.get(folded(label))
        for item in (held, *held.columns.values(), *held.indexes.values()) if items is None else items:
            if item is held:
                yield from self._verdicts(held, held, label, place)
            else:
                yield from self._look_into(held, item, label, there)

    def _place_of_table(self, held: ExpectedTable, replay: ExpectedSchema) -> int | None:
        """Return where in its trail the name is under which a table is there; -1 for none, None where nobody can tell."""
        if folded(held.label) in self._tables:
            older = any(folded(name) in self._tables and folded(name) != folded(held.label) for _, name in held.trail)
            return None if older and held.guarded else len(held.trail) - 1
        if not held.trail or not self._is_absent(held.label):
            return None
        return _place_of_older(held, self._tables, replay.tables)

    def _look_into(self, held: ExpectedTable, item: ExpectedItem, label: str, there: Table | None) -> Iterator[CheckedItem]:
        place: int | None = len(item.trail) - 1
        if there is None:
            place = -1 if item.trail[0][0] != held.trail[0][0] else None
        elif item.kind is ObjectKind.COLUMN:
            place = place if folded(item.name) in there.columns else _place_of_older(item, there.columns, held.columns)
        elif folded(item.name) not in there.indexes:
            place = -1 if not self._may_be_named_otherwise(item, there) else None
        if place is not None:
            yield from self._verdicts(held, item, label, place)

    def _may_be_named_otherwise(self, item: ExpectedItem, there: Table) -> bool:
        """Tell whether a naming convention may have put something around the name, or a rename left the index elsewhere."""
        name = folded(item.name)
        return name in self._indexes or any(name in index for index in there.indexes)

    @staticmethod
    def _verdicts(held: ExpectedTable, item: ExpectedItem, label: str, place: int) -> Iterator[CheckedItem]:
        """Yield a verdict for each revision that named a thing: up to `place` in its trail they ran, behind it they did not.

        Where it is under none of its names, the revision that made it stands for all.
        """
        for number, (revision, _) in enumerate(item.trail[:1] if place < 0 else item.trail):
            missing = number > place
            shown = item.name if missing else item.trail[place][1]
            table, part = (shown, None) if item is held else (held.label if missing else label, shown)
            yield CheckedItem(revision, item.kind, table, part, held, item, missing, not missing and item.again is None)

    def _is_absent(self, label: str) -> bool:
        """Tell whether a table is surely nowhere."""
        schema, _, name = folded(label).rpartition(".")
        return schema in self._schemas and name not in self._anywhere

    def remnants(self, replay: ExpectedSchema) -> Iterator[Remnant]:
        """Yield what revisions dropped for sure, and whether it is there all the same."""
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


def _place_of_older(item: ExpectedItem, there: Container[str], live: Mapping[str, ExpectedItem]) -> int | None:
    """Return where in its trail the name is that a thing still has, unless it is something else's by now; -1 for none.

    Something else that took the name over was rather never made, together with the rename. None where nobody can tell: what
    is made only where there is nothing yet was perhaps not made.
    """
    for place in reversed(range(len(item.trail) - 1)):
        name = folded(item.trail[place][1])
        if name in there:
            other = live.get(name)
            if other is None or (other.trail and not other.guarded and other.again is not None):
                return place
            if other.guarded or not other.trail:
                return None
    return -1


def is_doubtful(verdict: CheckedItem, doubts: PossibleDrops) -> bool:
    """Tell whether what is missing may have been taken away by what cannot be read."""
    names = [name for _, name in verdict.item.trail]
    tables = [name for _, name in verdict.held.trail] or [verdict.held.label]
    return doubts.about(verdict.item.trail[0][0], (*names, *(part for table in tables for part in table.split("."))))
