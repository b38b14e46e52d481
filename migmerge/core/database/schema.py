"""What a database really has, as its catalogue tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """Hold the names of a table's columns, and of its indexes and unique constraints together."""

    columns: frozenset[str] = frozenset()
    indexes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Schema:
    """Map each table, with its schema in front unless that is the default one, to what it has; views are not tables."""

    tables: Mapping[str, Table] = field(default_factory=dict)
