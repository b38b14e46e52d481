"""Removing from a database what an earlier run has left in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.database.backup import Saved
from ..core.database.leftovers import Leftover
from ..core.database.name_clashes import noun_of
from ..core.operations.operation import OtherKind
from .backup.saved import require_saved
from .connection import connected, quoted
from .guard import address_of
from .project import Project
from .tenant import qualified

if TYPE_CHECKING:
    from sqlalchemy import Connection


def discard(project: Project, bind: str, leftover: Leftover, saved: Saved) -> None:
    """Drop what was left in the database of a bind, or give the only copy of a table its name back.

    Raises:
        MigmergeError: where something uses it.
    """
    url = project.urls[bind]
    project.guard.allow(address_of(url))
    require_saved(saved, bind, address_of(url).name)
    project.close_connections()
    with connected(url, f"{leftover} cannot be dropped", autocommit=True) as connection:
        drop_leftover(connection, qualified(leftover.name, project.tenants.get(bind, "")), leftover)


def drop_leftover(connection: Connection, full_name: str, leftover: Leftover) -> None:
    """Drop what has this name, or give it the name of which it is the only copy."""
    name = ".".join(quoted(connection, part) for part in full_name.split("."))
    if leftover.instead:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {quoted(connection, leftover.instead.rpartition('.')[2])}")
    else:
        arguments = "()" if leftover.kind is OtherKind.FUNCTION else ""
        connection.exec_driver_sql(f"DROP {noun_of(leftover.kind).upper()} {name}{arguments}")
