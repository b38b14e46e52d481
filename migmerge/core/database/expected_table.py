"""The tables, columns and indexes that revisions should have left, and which revisions named or dropped them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..operations.operation import ObjectKind

_LONGEST = 63
"""Bytes of a name in PostgreSQL, which shortens longer ones; so does SQLAlchemy."""

_SYSTEM = frozenset(["xmin", "xmax", "cmin", "cmax", "ctid", "oid", "tableoid"])
"""Columns that PostgreSQL gives every table: models may declare them, no catalogue lists them."""


@dataclass(slots=True, eq=False)
class ExpectedItem:
    """Hold a column or index; `trail` are its names with the revisions that gave them, oldest first.

    The trail is empty where nobody knows whether the item exists. `again` is the revision that had made an earlier item
    of this name, empty where that revision is not known, and None where there was no such item. A `guarded` item is made,
    or would be made by a later revision, only where none has its name.
    """

    kind: ObjectKind
    trail: list[tuple[str, str]] = field(default_factory=list)
    over: frozenset[str] = frozenset()
    again: str | None = None
    guarded: bool = False
    constraint: bool = False

    @property
    def name(self) -> str:
        return self.trail[-1][1]

    @property
    def first_maker(self) -> str:
        """Return the revision that made the first item of this name, empty where that revision is not known."""
        return self.again if self.again is not None else self.trail[0][0] if self.trail else ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Say which revision dropped or renamed an item; `item` is None where no earlier revision had certainly made it.

    `dropped` where the item certainly no longer existed.
    """

    revision: str
    item: ExpectedItem | None = None
    dropped: bool = False

    @property
    def maker(self) -> str:
        """Return the revision that had made the item, empty where that revision is not known."""
        return self.item.first_maker if self.item else ""

    def maker_of(self, kind: ObjectKind, key: str) -> str | None:
        """Return the revision that had made a part of a dropped table; None where the table had no such part."""
        if not isinstance(self.item, ExpectedTable):
            return ""
        part = self.item.parts(kind).get(key)
        return part.first_maker if part else None


@dataclass(slots=True, eq=False)
class ExpectedTable(ExpectedItem):
    """Hold a table under its present name, with its columns and indexes by casefolded name."""

    label: str = ""
    columns: dict[str, ExpectedItem] = field(default_factory=dict)
    indexes: dict[str, ExpectedItem] = field(default_factory=dict)
    gone: dict[tuple[ObjectKind, str], Dropped] = field(default_factory=dict)

    def parts(self, kind: ObjectKind) -> dict[str, ExpectedItem]:
        return self.columns if kind is ObjectKind.COLUMN else self.indexes


def folded(name: str) -> str:
    return name.casefold()


def is_lasting(name: str, kind: ObjectKind = ObjectKind.TABLE) -> bool:
    """Tell whether a catalogue shows a name just as the script spells it, if not its case."""
    if kind is ObjectKind.COLUMN and folded(name) in _SYSTEM:
        return False
    return len(name.rpartition(".")[2].encode("utf-8", "surrogatepass")) <= _LONGEST
