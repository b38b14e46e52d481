"""What is known of a table, column or index that revisions create, rename and drop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..operations.operation import ObjectKind

_LONGEST = 63
"""Bytes of a name in PostgreSQL, which shortens longer names; so does SQLAlchemy."""

_SYSTEM_COLUMNS = frozenset(["xmin", "xmax", "cmin", "cmax", "ctid", "oid", "tableoid"])
"""Columns that PostgreSQL gives every table: models may declare them, no catalogue lists them."""


@dataclass(slots=True, eq=False)
class ExpectedItem:
    """Hold a table, column or index that exists; `history` are the revisions that named it with the names, oldest first.

    `history` is empty where it is not known whether the item exists. `earlier_maker` is the revision that created an
    earlier item of the same name: empty where that revision is not known, None where there was no such item. `guarded` is
    set where the item is created, by this or by a later revision, only if there is none of its name. `over` are the
    casefolded columns of an index.
    """

    kind: ObjectKind
    history: list[tuple[str, str]] = field(default_factory=list)
    over: frozenset[str] = frozenset()
    earlier_maker: str | None = None
    guarded: bool = False
    constraint: bool = False

    @property
    def name(self) -> str:
        return self.history[-1][1]

    @property
    def first_maker(self) -> str:
        """Return the revision that first created an item of this name, empty where that is not known."""
        if self.earlier_maker is not None:
            return self.earlier_maker
        return self.history[0][0] if self.history else ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Say which revision dropped or renamed an item; `item` is None where no earlier revision created it for certain.

    `certain` is set where no item of the name can be left.
    """

    revision: str
    item: ExpectedItem | None = None
    certain: bool = False

    @property
    def maker(self) -> str:
        """Return the revision that created the item, empty where that is not known."""
        return self.item.first_maker if self.item else ""

    def maker_of(self, kind: ObjectKind, key: str) -> str | None:
        """Return the revision that created a part of a dropped table; None where the table had no such part."""
        if not isinstance(self.item, ExpectedTable):
            return ""
        part = self.item.parts(kind).get(key)
        return part.first_maker if part else None


@dataclass(slots=True, eq=False)
class ExpectedTable(ExpectedItem):
    """Hold a table with its columns, its indexes and what was dropped from it, each by casefolded name.

    `label` is the present name of the table, with its schema in front as in the script.
    """

    label: str = ""
    columns: dict[str, ExpectedItem] = field(default_factory=dict)
    indexes: dict[str, ExpectedItem] = field(default_factory=dict)
    dropped: dict[tuple[ObjectKind, str], Dropped] = field(default_factory=dict)

    def parts(self, kind: ObjectKind) -> dict[str, ExpectedItem]:
        return self.columns if kind is ObjectKind.COLUMN else self.indexes

    def items(self) -> Iterator[ExpectedItem]:
        """Yield the table itself, its columns and its indexes."""
        yield self
        yield from self.columns.values()
        yield from self.indexes.values()


def folded(name: str) -> str:
    return name.casefold()


def is_lasting(name: str, kind: ObjectKind = ObjectKind.TABLE) -> bool:
    """Tell whether a catalogue lists a name as the script spells it, apart from upper and lower case."""
    if kind is ObjectKind.COLUMN and folded(name) in _SYSTEM_COLUMNS:
        return False
    return len(name.rpartition(".")[2].encode("utf-8", "surrogatepass")) <= _LONGEST
