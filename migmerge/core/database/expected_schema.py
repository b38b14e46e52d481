"""The schema that revisions should have left, computed by a replay of what their scripts say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..operations.operation import Action, ObjectKind, Operation, Operations
from .expected_table import Dropped, ExpectedItem, ExpectedTable, folded, is_lasting


class ExpectedSchema:
    """Keep the items that certainly exist after some revisions.

    Where two lineages ran, their order is not known: an operation on an item that another revision dropped before it was
    made, or renamed, perhaps ran earlier, so that nothing is concluded from it.
    """

    def __init__(self, database: str = "") -> None:
        self.database = database
        self.tables: dict[str, ExpectedTable] = {}
        self.gone: dict[str, Dropped] = {}
        self.made: list[tuple[ExpectedTable, ExpectedItem]] = []
        self._moved: dict[str, str] = {}
        self._homes: dict[str, list[ExpectedTable]] = {}
        self._revision = ""
        self._broken: set[int] = set()

    def run(self, revision: str, operations: Operations) -> None:
        """Replay the operations of a revision; `made` is then what this revision alone made."""
        self._revision = revision
        self._broken = {each.line for each in operations.unread}
        self.made.clear()
        for operation in operations.done:
            sure = not operation.conditional and operation.database in (None, self.database)
            match operation.kind, operation.action:
                case ObjectKind.TABLE, Action.CREATE | Action.DROP | Action.RENAME:
                    self._table(operation, sure=sure)
                case ObjectKind.COLUMN, Action.CREATE | Action.DROP | Action.RENAME:
                    self._column(operation, sure=sure)
                case ObjectKind.INDEX | ObjectKind.CONSTRAINT, Action.CREATE | Action.DROP | Action.RENAME:
                    self._index(operation, sure=sure)

    def _table(self, operation: Operation, *, sure: bool) -> None:
        label = operation.table or ""
        match operation.action:
            case Action.CREATE:
                self._create_table(operation, label, sure=sure)
            case Action.DROP:
                self._drop_table(label, sure=sure)
            case _:
                self._rename_table(label, operation.new_name or "", sure=sure)

    def _create_table(self, operation: Operation, label: str, *, sure: bool) -> None:
        key = folded(label)
        held, gone = self.tables.get(key), self.gone.pop(key, None)
        self._moved.pop(key, None)
        if held and held.trail:
            held.guarded = True
            if sure and not operation.guarded:
                self.tables[key] = ExpectedTable(ObjectKind.TABLE, label=label)  # Both cannot have run in this form.
            return
        held = self.tables[key] = held or ExpectedTable(ObjectKind.TABLE, label=label)
        if not sure or not is_lasting(label) or self._is_doubtful(gone, guarded=operation.guarded):
            return
        held.trail.append((self._revision, label))
        held.guarded, held.again = operation.guarded, gone.maker if gone else None
        self.made.append((held, held))
        if not operation.guarded and operation.line not in self._broken:
            for name in operation.columns:
                again = gone.maker_of(ObjectKind.COLUMN, folded(name)) if gone else None
                self._add(held, ExpectedItem(ObjectKind.COLUMN, again=again), name)

    def _is_doubtful(self, gone: Dropped | None, *, guarded: bool) -> bool:
        """Tell whether an earlier revision of the order may have dropped the item after it was made."""
        return gone is not None and gone.revision != self._revision and (guarded or gone.item is None)

    def _add(self, held: ExpectedTable, item: ExpectedItem, name: str) -> None:
        if not is_lasting(name, item.kind):
            return
        item.trail.append((self._revision, name))
        held.parts(item.kind)[folded(name)] = item
        self.made.append((held, item))

    def _drop_table(self, label: str, *, sure: bool) -> None:
        key = folded(label)
        held = self.tables.pop(self._name_now(key), None)
        if key not in self._moved:
            self.gone[key] = Dropped(self._revision, held if held and held.trail else None, dropped=sure)

    def _rename_table(self, label: str, new_label: str, *, sure: bool) -> None:
        old, new = folded(label), folded(new_label)
        held, sure = self._find(label, sure=sure)
        if held is None or old == new:
            return
        del self.tables[self._name_now(old)]
        self.gone[old] = Dropped(self._revision, held if held.trail else None)
        gone, there = self.gone.pop(new, None), self.tables.pop(new, None)
        self._moved.pop(new, None)
        self._moved[old] = new
        if not sure or there or not is_lasting(new_label) or self._is_doubtful(gone, guarded=False):
            self.tables[new] = ExpectedTable(ObjectKind.TABLE, label=new_label)
            return
        held.label, self.tables[new] = new_label, held
        if held.trail:
            held.trail.append((self._revision, new_label))
            if gone:
                self._inherit_makers(held, gone)

    def _inherit_makers(self, held: ExpectedTable, gone: Dropped) -> None:
        """Note which parts of a table existed before under the same name, so that their presence proves nothing."""
        held.again = gone.maker
        for item in (*held.columns.values(), *held.indexes.values()):
            again = gone.maker_of(item.kind, folded(item.name))
            item.again = item.again if again is None else again

    def _name_now(self, key: str) -> str:
        """Return the present name of a table that had another name before."""
        while key in self._moved:
            key = self._moved[key]
        return key

    def _find(self, label: str, *, sure: bool) -> tuple[ExpectedTable | None, bool]:
        """Return the table that an operation means, None for a dropped one, and whether the effect of the operation is certain.

        A table that no revision made exists all the same, for the operation changes it.
        """
        key = folded(label)
        now = self._name_now(key)
        if now not in self.tables and now == key and key not in self.gone and sure:
            self.tables[key] = ExpectedTable(ObjectKind.TABLE, label=label)
        return self.tables.get(now), sure and now == key

    def _column(self, operation: Operation, *, sure: bool) -> None:
        held, sure = self._find(operation.table or "", sure=sure)
        name = operation.name or ""
        if held is None:
            return
        match operation.action:
            case Action.CREATE:
                self._create(held, ExpectedItem(ObjectKind.COLUMN, guarded=operation.guarded), name, sure=sure)
            case Action.DROP:
                self._drop_column(held, folded(name), sure=sure)
            case _:
                self._rename_column(held, name, operation.new_name or "", sure=sure)

    def _create(self, held: ExpectedTable, item: ExpectedItem, name: str, *, sure: bool) -> None:
        key = folded(name)
        parts = held.parts(item.kind)
        gone = held.gone.pop((item.kind, key), None)
        if key in parts:
            if sure and not item.guarded:
                del parts[key]
            return
        if sure and not self._is_doubtful(gone, guarded=item.guarded):
            item.again = gone.maker if gone else None
            self._add(held, item, name)

    def _drop_column(self, held: ExpectedTable, key: str, *, sure: bool) -> None:
        held.gone[ObjectKind.COLUMN, key] = Dropped(self._revision, held.columns.pop(key, None), dropped=sure)
        for index in [name for name, item in held.indexes.items() if key in item.over]:
            # PostgreSQL drops the index, MySQL only if it is over nothing else, SQLite refuses outside of a batch.
            del held.indexes[index]

    def _rename_column(self, held: ExpectedTable, name: str, new_name: str, *, sure: bool) -> None:
        old, new = folded(name), folded(new_name)
        if old == new:
            return
        item, there = held.columns.pop(old, None), held.columns.pop(new, None)
        held.gone[ObjectKind.COLUMN, old] = Dropped(self._revision, item)
        gone = held.gone.pop((ObjectKind.COLUMN, new), None)
        for index in held.indexes.values():
            if old in index.over:
                index.over = (index.over - {old}) | {new}
        if (
            item
            and sure
            and there is None
            and is_lasting(new_name, ObjectKind.COLUMN)
            and not self._is_doubtful(gone, guarded=False)
        ):
            item.trail.append((self._revision, new_name))
            item.again = gone.maker if gone else item.again
            held.columns[new] = item

    def _index(self, operation: Operation, *, sure: bool) -> None:
        constraint = operation.kind is ObjectKind.CONSTRAINT
        if operation.action is not Action.CREATE:
            # Under its new name it may be looked for on another table: nothing is expected of it.
            self._drop_index(operation, sure=sure)
        elif operation.name and operation.table and (operation.listed or not constraint):
            over = frozenset(map(folded, operation.columns))
            held, sure = self._find(operation.table, sure=sure)
            if held is not None:
                elsewhere = self._is_elsewhere(held, operation)
                self._homes.setdefault(folded(operation.name), []).append(held)
                listed = operation.listed and not any((ObjectKind.COLUMN, column) in held.gone for column in over)
                listed = listed and not (constraint and self._may_be_left_out(held, over))
                item = ExpectedItem(ObjectKind.INDEX, over=over, guarded=operation.guarded, constraint=constraint)
                self._create(held, item, operation.name, sure=sure and listed and not elsewhere)

    def _is_elsewhere(self, held: ExpectedTable, operation: Operation) -> bool:
        """Tell whether PostgreSQL and SQLite may skip a guarded index, because another table may have one of its name."""
        homes = self._homes.get(folded(operation.name or ""), ())
        return operation.guarded and any(home is not held for home in homes)

    def _may_be_left_out(self, held: ExpectedTable, over: frozenset[str]) -> bool:
        """Tell whether a batch (Alembic 1.20, SQLite) may skip a constraint, as it does if a column has a new name."""
        return any(
            column not in held.columns
            or (len(held.columns[column].trail) > 1 and held.columns[column].trail[-1][0] == self._revision)
            for column in over
        )

    def _drop_index(self, operation: Operation, *, sure: bool) -> None:
        """Drop an index from every table: PostgreSQL and SQLite ignore which table is named, and renamed tables keep theirs."""
        held, sure = self._find(operation.table, sure=sure) if operation.table else (None, sure)
        if operation.name is None:
            self._drop_constraints(held)
            return
        for key in {folded(operation.name), folded(operation.name.rpartition(".")[2])}:
            homes = {home for home in self._homes.get(key, ()) if key in home.indexes}
            for home in {*homes, *([held] if held else ())}:
                home.gone[ObjectKind.INDEX, key] = Dropped(
                    self._revision, home.indexes.pop(key, None), dropped=sure and home is held
                )
            if sure:
                self._homes.pop(key, None)

    def _drop_constraints(self, held: ExpectedTable | None) -> None:
        """Forget all constraints of a table that lost one of them, nobody knows which."""
        if held:
            for key in [key for key, item in held.indexes.items() if item.constraint]:
                del held.indexes[key]

    def holds(self, held: ExpectedTable, item: ExpectedItem) -> bool:
        """Tell whether a table, and an item in it, still exist."""
        if self.tables.get(folded(held.label)) is not held:
            return False
        return item is held or (bool(item.trail) and held.parts(item.kind).get(folded(item.name)) is item)

    def __iter__(self) -> Iterator[ExpectedTable]:
        return iter(self.tables.values())


def expected_after(names: Iterable[str], operations: Mapping[str, Operations], database: str) -> ExpectedSchema:
    """Return the schema after revisions that ran in this order."""
    replay = ExpectedSchema(database)
    for name in names:
        if name in operations:
            replay.run(name, operations[name])
    return replay
