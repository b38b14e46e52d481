"""The rows that a catalogue is read from, by query; the first value of a row names what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection


CatalogRows = Mapping[str, Sequence[Any]]
"""A fact follows from the rows with one first value, which is the name of its table, view, type, routine or schema."""


def read_rows(connection: Connection, query: str, names: Sequence[str] = ()) -> list[Any]:
    """Return the rows of a query, with `names` for its parameters."""
    return list(connection.exec_driver_sql(query, (*names,)) if names else connection.exec_driver_sql(query))


def changed_owners(before: CatalogRows, after: CatalogRows) -> set[str]:
    """Return the first values of the rows that are not in both."""
    changed = set[str]()
    for query in before.keys() | after.keys():
        one, other = before.get(query, ()), after.get(query, ())
        if one != other:
            changed |= _differing(one, other)
    return changed


def _differing(one: Sequence[Any], other: Sequence[Any]) -> set[str]:
    if other[: len(one)] == one:  # most often something comes last
        return {row[0] for row in other[len(one) :]}
    rows, others = set(one), set(other)
    differing = {row[0] for row in rows ^ others}
    if (len(rows), len(others)) != (len(one), len(other)):  # some are twice in it
        counts, other_counts = Counter(one), Counter(other)
        differing |= {row[0] for row in rows if counts[row] != other_counts[row]}
    return differing


def rows_of(rows: CatalogRows, owners: Collection[str]) -> CatalogRows:
    """Return the rows with one of the first values, in their order."""
    return {query: [row for row in found if row[0] in owners] for query, found in rows.items()}
