"""A database's whole catalogue as plain data, and what changed from one catalogue to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

NAME, COLLATION = "name", "collation"
WEAK = frozenset([NAME, COLLATION])
"""Aspects that servers and naming conventions give where nobody says them: only a former value of one proves anything."""

_PARENTS = {"value": ("enum",)}
_OWNERS = ("table", "view", "materialized view")
_LONGEST = 120
"""Characters of a definition that are shown."""


class CatalogKey(NamedTuple):
    """Name one fact: that an item is there, or an `aspect` of it, as its type.

    `owner` is the table, view or enum that the item belongs to, and the item's own name where it belongs to none. An index or
    constraint is called by its definition, and its name is an aspect of it.
    """

    kind: str
    owner: str
    name: str = ""
    aspect: str = ""

    @property
    def item(self) -> CatalogKey:
        """Return the fact that the item is there."""
        return self._replace(aspect="")

    def __str__(self) -> str:
        match self.kind:
            case "column" | "value":
                item = f"the {'column' if self.kind == 'column' else 'enum value'} {self.owner}.{self.name}"
            case _ if self.name:
                item = f"the {self.kind} {self.name} on {self.owner}"
            case _:
                item = f"the {self.kind} {self.owner}"
        return f"the {self.aspect} of {item}" if self.aspect else item


Catalog = Mapping[CatalogKey, str]
"""The facts of a database; the value is empty where there is nothing to say but that the item is there."""


class CatalogChange(NamedTuple):
    """Hold what a fact became; None where it is a fact no more."""

    key: CatalogKey
    after: str | None


def changes_between(before: Catalog, after: Catalog) -> tuple[CatalogChange, ...]:
    """Return every fact that differs, those that are gone first."""
    gone = [CatalogChange(key, None) for key in before if key not in after]
    return (*gone, *(CatalogChange(key, value) for key, value in after.items() if before.get(key) != value))


def owners_of(key: CatalogKey) -> Iterator[CatalogKey]:
    """Yield what an item can belong to: a table or a view, or the enum of a value."""
    if key.name:
        yield from (CatalogKey(kind, key.owner) for kind in _PARENTS.get(key.kind, _OWNERS))


def words_of(key: CatalogKey) -> frozenset[str]:
    """Return the words, casefolded, that name the table, view, type or function of a fact, without its schema."""
    name = key.owner.partition("(")[0].rpartition(".")[2]
    return frozenset(re.findall(r"\w+", name.casefold()))


def in_words(key: CatalogKey, catalog: Catalog) -> str:
    """Name a fact as a catalogue has it: an index by its name, an aspect with its value."""
    value = catalog.get(key)
    if key.aspect:
        return str(key) if not value else f"the {key.aspect} {_shown(value)} of {in_words(key.item, catalog)}"
    name = catalog.get(key._replace(aspect=NAME))
    return str(key._replace(name=f"{name} {key.name}")) if name else str(key)


def _shown(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
