"""The whole catalogue of a database, as facts that two databases of one server spell alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...core.database.schema_catalog import NAME, Catalog, CatalogKey
from .mysql import mysql_facts
from .normal_form import CatalogFact
from .postgresql import postgresql_facts
from .sqlite import sqlite_facts

if TYPE_CHECKING:
    from sqlalchemy import Connection


ReadFacts = Callable[[Any], Iterator[CatalogFact]]

_READERS: Mapping[str, ReadFacts] = {
    "sqlite": sqlite_facts,
    "postgresql": postgresql_facts,
    "mysql": mysql_facts,
    "mariadb": mysql_facts,
}
SUPPORTED = frozenset(_READERS)
"""The dialects whose catalogues are read."""


def read_catalog(connection: Connection, version_table: str) -> Catalog:
    """Return the facts of a database without those of version tables, in whatever schema."""
    hidden = ("alembic_version", version_table)
    facts = _READERS[connection.dialect.name](connection)
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
