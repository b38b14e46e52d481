"""Databases and the revisions that they record, as text."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.database.database import Database
from ...core.text import enumerate_names
from ..screen import Part, Screen


def report_databases(screen: Screen, databases: Sequence[Database]) -> None:
    """Print each database with its revisions and its address."""
    for database in databases:
        screen.say((database.name, "heading"), "  ", *position_of(database), "  ", (database.address.url, "path"))
        report_reach(screen, database)


def report_reach(screen: Screen, database: Database) -> None:
    """Print that a database is behind a forward, or that env.py may reach others with an argument."""
    if database.forward:
        screen.say(f"  {database.forward}")
    if database.asked_argument:
        screen.say(f"  the one that env.py reaches without -x {database.asked_argument}; no other was looked at")


def report_new_positions(screen: Screen, databases: Sequence[Database]) -> None:
    """Print the revisions of each database after a change."""
    for database in databases:
        screen.say((database.name, "heading"), " is now ", *position_of(database))


def position_of(database: Database, heads: Sequence[str] = ()) -> list[Part]:
    """Return the revisions that a database records, marked where they are the `heads`."""
    if not database.recorded:
        return ["at no revision"]
    return ["at ", (enumerate_names(database.recorded), "revision"), " (head)" if database.recorded == heads else ""]
