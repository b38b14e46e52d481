"""A database: its address, its records and its catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..operations.operation import ObjectKind, OtherKind

MOST_COUNTED = 10000
"""Rows up to which a table is counted: a count reads the whole table."""


@dataclass(frozen=True, slots=True)
class Table:
    """Hold the names of a table's columns, and of its indexes and unique constraints together.

    `relations` are those of these whose names no other relation can have, `removable` those that keep no row out.
    """

    columns: frozenset[str] = frozenset()
    indexes: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    removable: frozenset[str] = frozenset()


class CatalogObject(NamedTuple):
    """Name something in a catalogue, with its schema in front unless that is the one where what names none is made.

    `table` is that of an index; `is_used` where something else in the catalogue relies on it.
    """

    kind: ObjectKind | OtherKind
    name: str
    table: str = ""
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """Map each table, with its schema in front unless that is the default one, to what it has; views are not tables.

    `unused_enums` are PostgreSQL's enum types that no column has, `enum_values` the values of all of them. `others` are its
    views, sequences, functions without arguments, and the enum types that a column has; of SQLite the views.
    """

    tables: Mapping[str, Table] = field(default_factory=dict)
    unused_enums: frozenset[str] = frozenset()
    enum_values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    others: tuple[CatalogObject, ...] = ()


NO_ID = ("''", "NULL")
"""What stands for a row of the version table that holds no id: an empty text, or nothing."""

_LOCAL = re.compile(r"localhost|127(\.\d+){3}|\[?::1\]?|/.*")
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|\[?::1\]?")
_USUAL_PORTS = {"postgresql": "5432", "mysql": "3306", "mariadb": "3306"}
_PRODUCTION = re.compile(r"production|(?<![a-z])(?:prod|prd|live)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """Say where a database is: the URL without its password, and the name by which a user selects it.

    `host` is empty for a socket or a file, and so is `port`; `name` is the file's name without its folder for SQLite.
    """

    url: str
    dialect: str
    name: str
    host: str = ""
    port: str = ""

    @property
    def trusted_as(self) -> str:
        """Return what a user trusts: HOST/NAME."""
        return f"{self.host or 'localhost'}/{self.name}"

    @property
    def is_loopback(self) -> bool:
        """Say whether a port of this machine is dialled; MySQL's drivers do so without a host."""
        return bool(_LOOPBACK.fullmatch(self.host)) or (not self.host and self.dialect in ("mysql", "mariadb"))

    @property
    def known_port(self) -> str:
        """Return the port, the usual one where none is named."""
        return self.port or _USUAL_PORTS.get(self.dialect, "")

    @property
    def forwarded_as(self) -> str:
        """Return what a user trusts of a database behind a port of this machine: HOST:PORT/NAME."""
        return f"{self.host or 'localhost'}:{self.known_port}/{self.name}"

    def is_on(self, this_machine: str) -> bool:
        """Say whether the database is reached without leaving this machine."""
        return not self.host or bool(_LOCAL.fullmatch(self.host)) or self.host == this_machine

    def why_to_be_trusted(self, this_machine: str) -> str | None:
        """Say why this may be more than a developer's own database; None where there is no reason to think so."""
        if not self.is_on(this_machine):
            return f"{self.host} is not this machine"
        found = _PRODUCTION.search(self.name) or _PRODUCTION.search(self.host)
        return f"its name says {found[0]}" if found else None


class OtherTenants(NamedTuple):
    """Name what has a version table of its own and env.py reaches with `-x argument=…` only: schemas, on MySQL databases."""

    schemas: tuple[str, ...]
    argument: str


@dataclass(frozen=True, slots=True)
class Forward:
    """Say where a port of this machine leads to: what the server calls itself, and whether it is a container of this machine."""

    server: str
    is_here: bool = False

    def __str__(self) -> str:
        where = ", a container of this machine" if self.is_here else ""
        return f"reached through a forward: the server there calls itself {self.server}{where}"


@dataclass(frozen=True, slots=True)
class Database:
    """Hold what one database records and has; `bind` names it among several of one application.

    `tenant` is the schema that env.py works in, where that is not the one of every connection, and `others` are tenants that
    were not asked. `asked_argument` is that of `alembic -x` which env.py looks up: it may lead to another database.
    `recorded` are the revisions in its version table, which may be missing altogether (`has_version_table`).
    `longest_id` is how many characters of an id the version table takes, None where it takes all.
    `forward` is None where a connection ends where it was dialled, as far as the server can tell.
    `models_ahead` are the differences between the models and the schema, one a line; None where they were not compared.
    """

    address: Address
    bind: str = ""
    recorded: tuple[str, ...] = ()
    has_version_table: bool = True
    schema: Schema = field(default_factory=Schema)
    models_ahead: tuple[str, ...] | None = None
    longest_id: int | None = None
    forward: Forward | None = None
    tenant: str = ""
    others: OtherTenants | None = None
    has_namesake: bool = False
    asked_argument: str = ""

    @property
    def unasked(self) -> tuple[str, ...]:
        """Return the names, for a reader, of the other tenants."""
        within = f"{self.address.name}." if self.address.dialect == "postgresql" else ""
        return tuple(f"{within}{each}" for each in self.others.schemas) if self.others else ()

    @property
    def name(self) -> str:
        """Return the name for a reader: the database's, with the schema of the tenant, or the bind where another has its name."""
        part = self.tenant or (self.bind if self.has_namesake else "")
        return f"{self.address.name}.{part}" if part else self.address.name


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Say why a database could not be asked, the command that helps, and in which Python the project's code ran."""

    reason: str
    hint: str
    python: str = ""
