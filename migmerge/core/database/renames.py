"""The tables and columns that one revision renamed, told from its changes of a catalogue."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .schema_catalog import Catalog, CatalogChange, CatalogKey

_Signature = frozenset[tuple[str, str, str, str]]


class RenamedFact(NamedTuple):
    """Hold what the key of a fact was, and the table or column that has another name since."""

    before: CatalogKey
    item: CatalogKey


def renamed_facts(before: Catalog, changes: Sequence[CatalogChange]) -> dict[CatalogKey, RenamedFact]:
    """Return the facts with other keys, by these, for each table or column that alone can be the one that is gone.

    An index or constraint over a renamed column has another definition, and is the same one all the same.
    """
    gone = {key for key, after in changes if after is None}
    new = {key: after for key, after in changes if after is not None and key not in before}
    tables = _pairs(_of(gone, "table"), _of(new, "table"), before, new)
    columns = _pairs(_of(gone, "column"), _of(new, "column"), before, new)
    found: dict[CatalogKey, RenamedFact] = {}
    for old, now in (*tables.items(), *columns.items()):
        found |= _moved(gone, new, old, now)
    return found


def _of(keys: Iterable[CatalogKey], kind: str) -> list[CatalogKey]:
    return [key for key in keys if key.kind == kind and not key.aspect]


def _pairs(
    gone: Sequence[CatalogKey], new: Sequence[CatalogKey], before: Catalog, after: Catalog
) -> dict[CatalogKey, CatalogKey]:
    """Pair what is gone with what is new where the facts of both are the same, and of nothing else."""
    if not gone or not new:
        return {}
    olds, news = _by_signature(gone, before), _by_signature(new, after)
    return {olds[facts][0]: news[facts][0] for facts in olds if len(olds[facts]) == 1 == len(news.get(facts, ()))}


def _by_signature(items: Sequence[CatalogKey], catalog: Catalog) -> Mapping[_Signature, list[CatalogKey]]:
    facts = defaultdict[CatalogKey, set[tuple[str, str, str, str]]](set)
    for key, value in catalog.items():
        if key.kind == "column":
            facts[CatalogKey("table", key.owner)].add((key.kind, key.name, key.aspect, value))
            facts[key.item].add((key.owner, "", key.aspect, value))
    found = defaultdict[_Signature, list[CatalogKey]](list)
    for item in items:
        found[frozenset(facts[item])].append(item)
    return found


def _moved(
    gone: Iterable[CatalogKey], new: Mapping[CatalogKey, str], old: CatalogKey, now: CatalogKey
) -> dict[CatalogKey, RenamedFact]:
    found = {}
    for key in gone:
        moved = _of_renamed(key, old, now) if key.owner == old.owner else _referring(key, old, now)
        if moved in new and moved != key:
            found[moved] = RenamedFact(key, now)
    return found


def _of_renamed(key: CatalogKey, old: CatalogKey, now: CatalogKey) -> CatalogKey:
    """Return the key of a fact of the table that is, or has, what was renamed; a foreign key can refer to its own table."""
    if old.kind == "table":
        return _referring(key, old, now)._replace(owner=now.owner)
    return key._replace(name=_replaced(key.name, old.name, now.name))


def _referring(key: CatalogKey, old: CatalogKey, now: CatalogKey) -> CatalogKey:
    """Return the key of a foreign key that refers to what was renamed; other keys as they are."""
    if key.kind != "foreign key":
        return key
    columns, table, target = key.name.partition(f"{old.owner}(")
    if old.kind == "table":
        return key._replace(name=f"{columns}{now.owner}({target}" if table else key.name)
    return key._replace(name=f"{columns}{table}{_replaced(target, old.name, now.name)}")


def _replaced(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)
