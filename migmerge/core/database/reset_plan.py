"""The plan of a fresh start, in one of three depths."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import MigmergeError
from ..operations.operation import Action, ObjectKind, Operation
from ..text import enumerate_names
from .backup import Backup
from .database import Database
from .script_set import ScriptSet
from .stamp_guess import guess_revision
from .status import DatabaseStatus

BASE = "base"
"""What `--to` calls the state before the first revision, as Alembic does."""

DEPTHS = {
    "stamp": "record another revision, change no table",
    "database": "made anew from the migrations; its rows only in the backup",
    "migrations": "start over from the models; the old folder is set aside",
}


class ForeignTable(NamedTuple):
    """Name a table that no revision makes, with the number of its rows where that is known."""

    name: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class ResetPlan:
    """Name one of the depths, the revisions to record for the first, and the tables that no revision makes, by bind.

    These stay where they are unless `drops_foreign`.
    """

    depth: str
    revisions: tuple[str, ...] = ()
    foreign: Mapping[str, tuple[ForeignTable, ...]] = field(default_factory=dict)
    drops_foreign: bool = False

    @property
    def kept(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the tables that stay, by bind."""
        if self.drops_foreign:
            return {}
        return {bind: tuple(table.name for table in tables) for bind, tables in self.foreign.items() if tables}


class ResetReport(NamedTuple):
    """Hold the databases, the plans by depth, or why one is not possible, and what became of it.

    `state` is "planned", "declined", "done" or "failed", `undo` the commands that take it back.
    """

    environment: str
    databases: Sequence[Database]
    plans: Mapping[str, ResetPlan | str]
    state: str = "planned"
    backups: Sequence[Backup] = ()
    undo: Sequence[str] = ()
    failure: str | None = None


def require_whole(databases: Sequence[Database], hint: str) -> None:
    """Refuse to make the database of several tenants anew: their schemas would be gone, which no revision makes."""
    urls = [each.address.url for each in databases]
    for each in databases:
        if each.tenant and (urls.count(each.address.url) > 1 or each.others):
            raise MigmergeError(
                f"{each.name} is one of several tenants in {each.address.name}, whose schemas no revision makes", hint=hint
            )


def fitting_heads(status: DatabaseStatus, scripts: ScriptSet) -> tuple[str, ...]:
    """Return the heads of what the schema of a database fits, with the recorded revisions on top that leave no trace."""
    graph, database = scripts.graph, status.database
    guess = status.stamp_guess or guess_revision(graph, scripts.operations, scripts.texts, database.schema, database.bind)
    fitting = set(graph.implied(guess.heads))
    for name in graph.in_order_to_run(status.applied.intersection(guess.unproven)):
        if fitting.issuperset(graph.needs(name)):
            fitting.add(name)
    return tuple(sorted(fitting - graph.overlapping(fitting)))


def same_heads(found: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the revisions that fit the schemas of databases, by name; refuse to record one for all where they differ."""
    if len({frozenset(heads) for heads in found.values()}) > 1:
        each = enumerate_names(f"{name} fits {enumerate_names(heads) or 'none'}" for name, heads in found.items())
        raise MigmergeError(
            f"no revision fits all: {each}", hint=f"migmerge reset stamp --database {shlex.quote(next(iter(found)))}"
        )
    return next(iter(found.values()))


def foreign_tables(database: Database, scripts: ScriptSet) -> tuple[str, ...]:
    """Return the tables that no script makes, not even one that was renamed to such a name.

    What Alembic leaves of a batch operation that broke off is not foreign.
    """
    made = {name for operations in scripts.operations.values() for each in operations.done for name in _made(each)}
    own = {name.removeprefix("public.") for name in made}
    return tuple(name for name in sorted(database.schema.tables) if name not in own and not name.startswith("_alembic_tmp_"))


def _made(operation: Operation) -> tuple[str, ...]:
    if operation.kind is not ObjectKind.TABLE or operation.action not in (Action.CREATE, Action.RENAME):
        return ()
    schema = (operation.table or "").rpartition(".")[0]
    renamed = f"{schema}.{operation.new_name}" if schema and operation.new_name else operation.new_name
    return tuple(name for name in (operation.table, renamed) if name)
