"""A replay: what each revision changed in the catalogue of an empty database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .rehearsal import Failure
from .renames import renamed_facts
from .schema_catalog import Catalog, CatalogChange, CatalogKey


@dataclass(frozen=True, slots=True)
class ReplayedRevision:
    """Hold what one revision changed in the catalogue.

    `has_statements` where it ran SQL at all, `has_rows` where it read or wrote rows of tables.
    """

    revision: str
    changes: tuple[CatalogChange, ...] = ()
    has_statements: bool = False
    has_rows: bool = False


class FactHistory:
    """Hold what each fact was after the revisions that changed it, oldest first; None where it was gone.

    What was renamed has the history of its old name; `carried` are the facts that have another key since, with the table or
    column whose rename did that. `former` are the items that there were at any time, `schemas`
    those of the tables among them, and the default one.
    """

    def __init__(self) -> None:
        self.values: dict[CatalogKey, list[tuple[str, str | None]]] = {}
        self.carried: dict[CatalogKey, CatalogKey] = {}
        self.former: set[CatalogKey] = set()
        self.schemas = {""}
        self.catalog: dict[CatalogKey, str] = {}

    def add(self, revision: str, changes: Sequence[CatalogChange]) -> None:
        found = renamed_facts(self.catalog, changes)
        # What was there before the first revision has no history.
        moved = {fact: self.values.pop(each.before) for fact, each in found.items() if each.before in self.values}
        renamed = {fact: found[fact] for fact in moved}
        made = [key for key, _ in changes if not key.aspect]
        self.former.update(made)
        self.schemas.update(key.owner.rpartition(".")[0] for key in made if key.kind == "table")
        away = {each.before for each in renamed.values()}
        for key, value in changes:
            if value is None:
                self.catalog.pop(key, None)
            else:
                self.catalog[key] = value
            if key in moved:
                self.values[key] = moved[key]
                self.carried[key] = renamed[key].item
            is_carried = key in moved and renamed[key].item != key and moved[key][-1][1] == value
            if key not in away and not is_carried:
                self.values.setdefault(key, []).append((revision, value))


@dataclass(frozen=True, slots=True)
class Replay:
    """Hold the revisions in the order in which they ran, those that failed with what they changed all the same."""

    revisions: tuple[ReplayedRevision, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(each.revision for each in self.failures)

    @property
    def history(self) -> FactHistory:
        """Return what each fact was after the revisions that changed it."""
        history = FactHistory()
        for each in self.revisions:
            history.add(each.revision, each.changes)
        return history


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """Say what to replay: the revisions in their order, with the name of the database in scripts for several.

    `schemas` and `extensions` are what the real PostgreSQL database has, and its `search_path`.
    """

    order: tuple[str, ...]
    bind: str = ""
    schemas: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    search_path: str = ""


@dataclass(frozen=True, slots=True)
class RealCatalog:
    """Hold the facts of a real database, without its version table, and what a replay has to take from it.

    `server` are the dialect, the versions and the naming convention on which the spelling of the facts depends.
    """

    bind: str
    catalog: Catalog
    server: str
    schemas: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    search_path: str = ""


def replay_as_json(replay: Replay) -> list[Any]:
    """Return a replay as lists, for a cache."""
    revisions = [
        [each.revision, [[*key, after] for key, after in each.changes], each.has_statements, each.has_rows]
        for each in replay.revisions
    ]
    return [revisions, [[each.revision, each.statement, each.reason] for each in replay.failures]]


def replay_from_json(stored: Sequence[Any]) -> Replay:
    """Return what `replay_as_json` was given."""
    revisions, failures = stored
    return Replay(
        tuple(
            ReplayedRevision(name, tuple(CatalogChange(CatalogKey(*key), after) for *key, after in changes), statements, rows)
            for name, changes, statements, rows in revisions
        ),
        tuple(Failure(*each) for each in failures),
    )
