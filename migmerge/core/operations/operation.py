"""What a migration script does to the schema, as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple


class Action(str, Enum):
    """Name what an operation does; REFER uses an object without changing it."""

    CREATE = "create"
    DROP = "drop"
    ALTER = "alter"
    RENAME = "rename"
    REFER = "refer"


class ObjectKind(str, Enum):
    """Name the kind of the object that an operation changes; a value is one of an enum, whose name stands as its table."""

    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    CONSTRAINT = "constraint"
    ENUM = "enum"
    VALUE = "value"


class OtherKind(str, Enum):
    """Name the kind of an object that is neither a table nor a part of one."""

    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    SEQUENCE = "sequence"
    FUNCTION = "function"


class RowChange(str, Enum):
    """Name what an operation does to the rows of a table."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class OtherObject(NamedTuple):
    """Name a view, a sequence or a function, as a catalogue has it, that a statement makes, alters or drops.

    `guarded` where it may be another one, or replaces what is there.
    """

    action: Action
    kind: OtherKind
    name: str
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """Hold one effect of `upgrade()`, or of the function that was asked for; `line` counts from 1.

    `table` has its schema in front ("audit.orders"), and so have an enum, and an index whose table is not said, in `name`.
    `name` is None for a table and for what the database is left to name. `columns` are those that a new table has, that an
    index or constraint is over, or that rows are inserted into. `database` is set in scripts for several databases.
    `guarded` is what says "if (not) exists"; `indexed` is a constraint that PostgreSQL keeps as an index of its name.
    `conditional` is what may not happen: in a branch, or after a conditional `return` or `break`. `listed` is an index, or a
    unique constraint of its own directive, over columns alone: these every catalogue lists, under just this name.
    `rows` is what is done to the rows of the table that is referred to. `nullable` and `default` are what is said of a
    column: whether it may be NULL, and whether the database itself has a value for it; None where nothing is said.
    `rebuilt` is in a batch for which Alembic makes a SQLite table anew, so that what is added replaces what has its name.
    A table that is referred to without a name is something that is no table: a grant, or the `other` object.
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
    rows: RowChange | None = field(default=None, compare=False)
    nullable: bool | None = field(default=None, compare=False)
    default: bool | None = field(default=None, compare=False)
    rebuilt: bool = field(default=False, compare=False)
    other: OtherObject | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """Say on which line something that may change the database cannot be read.

    `words` are the words, casefolded, among which the names are of all tables that it may touch; None where it may touch any.
    `database` is set in scripts for several databases.
    """

    line: int
    what: str
    words: frozenset[str] | None = field(default=None, compare=False)
    database: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Operations:
    """Hold what one function of a script does, in its order, and what of it is not known."""

    done: tuple[Operation, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def has_named_databases(self) -> bool:
        """Say whether a script has functions of its own for each of several databases."""
        named = (*(each.database for each in self.done), *(each.database for each in self.unread))
        return any(each is not None for each in named)

    def of(self, database: str) -> Operations:
        """Return them without what cannot be read of the functions for other databases."""
        return replace(self, unread=tuple(each for each in self.unread if each.database in (None, database)))
