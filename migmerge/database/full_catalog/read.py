"""The whole catalogue of a database, as facts that two databases of one server spell alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ...core.database.schema_catalog import NAME, Catalog, CatalogChange, CatalogKey, changes_between
from .mysql import mysql_facts, mysql_rows
from .normal_form import CatalogFact
from .postgresql import postgresql_facts, postgresql_rows
from .rows import CatalogRows, changed_owners, rows_of
from .sqlite import sqlite_facts, sqlite_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


class _Dialect(NamedTuple):
    """Read the rows of a catalogue, of which those of an earlier time are known or none, and draw the facts from them."""

    rows: Callable[[Any, CatalogRows | None], CatalogRows]
    facts: Callable[[CatalogRows], Iterator[CatalogFact]]


_DIALECTS: Mapping[str, _Dialect] = {
    "sqlite": _Dialect(sqlite_rows, sqlite_facts),
    "postgresql": _Dialect(postgresql_rows, postgresql_facts),
    "mysql": _Dialect(mysql_rows, mysql_facts),
    "mariadb": _Dialect(mysql_rows, mysql_facts),
}
SUPPORTED = frozenset(_DIALECTS)
"""The dialects whose catalogues are read."""


def read_catalog(connection: Connection, version_table: str) -> Catalog:
    """Return the facts of a database without those of version tables, in whatever schema."""
    dialect = _DIALECTS[connection.dialect.name]
    return _catalog(dialect.facts(dialect.rows(connection, None)), version_table)


class CatalogChanges:
    """Tell what changes in a catalogue from one time to the next, from the rows that are others."""

    def __init__(self, connection: Connection, version_table: str) -> None:
        self._connection = connection
        self._version_table = version_table
        self._dialect = _DIALECTS[connection.dialect.name]
        self._rows = self._dialect.rows(connection, None)
        self._is_patched = False

    def since_last(self, *, is_patched: bool = False) -> tuple[CatalogChange, ...]:
        """Return every fact that differs, those that are gone first.

        Once somebody has patched the catalogue itself, what is known of an object says nothing of what is there now.
        """
        self._is_patched |= is_patched
        before, self._rows = self._rows, self._dialect.rows(self._connection, None if self._is_patched else self._rows)
        owners = changed_owners(before, self._rows)
        if not owners:
            return ()
        parts = (self._dialect.facts(rows_of(rows, owners)) for rows in (before, self._rows))
        return changes_between(*(_catalog(facts, self._version_table) for facts in parts))


def _catalog(facts: Iterable[CatalogFact], version_table: str) -> Catalog:
    hidden = ("alembic_version", version_table)
    return _merged((key, value) for key, value in facts if key.owner.rpartition(".")[2] not in hidden)


def _merged(facts: Iterable[CatalogFact]) -> Catalog:
    """Number what several items share: two indexes of one definition."""
    found: dict[CatalogKey, str] = {}
    names: dict[CatalogKey, list[str]] = {}
    for key, value in facts:
        if key.aspect == NAME:
            names.setdefault(key, []).append(value)
        elif not key.aspect and key in found and key.name.startswith("("):
            number = sum(each.owner == key.owner and each.name.startswith(key.name) for each in found if each.kind == key.kind)
            found[key._replace(name=f"{key.name} ({number + 1})")] = value
        else:
            found[key] = value
    return found | {key: ", ".join(sorted(each)) for key, each in names.items()}
