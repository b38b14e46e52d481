"""What a migration script does to the schema, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Action(str, Enum):
    """Name what an operation does; REFER uses an object without changing it."""

    CREATE = "create"
    DROP = "drop"
    ALTER = "alter"
    RENAME = "rename"
    REFER = "refer"


class ObjectKind(str, Enum):
    """Name the kind of the object that an operation changes."""

    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    CONSTRAINT = "constraint"
    ENUM = "enum"


@dataclass(frozen=True, slots=True)
class Operation:
    """Hold one effect of `upgrade()`, or of the function that was asked for; `line` counts from 1.

    `table` has its schema in front ("audit.orders"), and so have an enum, and an index whose table is not said, in `name`.
    `name` is None for a table and for what the database is left to name. `columns` are those that a new table has, that an
    index or constraint is over, or that rows are inserted into. `database` is set in scripts for several databases.
    `guarded` is what says "if (not) exists"; `indexed` is a constraint that PostgreSQL keeps as an index of its name.
    `conditional` is what may not happen: in a branch, or after a conditional `return` or `break`. `listed` is an index, or a
    unique constraint of its own directive, over columns alone: these every catalogue lists, under just this name.
    """

    action: Action
    kind: ObjectKind
    table: str | None
    name: str | None
    line: int
    new_name: str | None = None
    columns: tuple[str, ...] = ()
    database: str | None = None
    guarded: bool = False
    indexed: bool = False
    conditional: bool = False
    listed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """Say on which line something that may change the database cannot be read."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Operations:
    """Hold what one function of a script does, in its order, and what of it is not known."""

    done: tuple[Operation, ...] = ()
    unread: tuple[Unread, ...] = ()
