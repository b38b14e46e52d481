"""The plan of a fresh start, in one of three depths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..operations.operation import Action, ObjectKind, Operation
from .database import Database
from .script_set import ScriptSet

DEPTHS = {
    "stamp": "record another revision, change no table",
    "database": "made anew from the migrations; its rows only in the backup",
    "migrations": "start over from the models; the old folder is set aside",
}


MOST_COUNTED = 10000
"""Rows up to which a table is counted: a count reads the whole table."""


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
