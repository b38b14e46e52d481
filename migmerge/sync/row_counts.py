"""The rows of the tables of databases, counted at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from ..core.database.database import MOST_COUNTED, Database
from ..core.errors import MigmergeError
from ..database.session import Session

_SECONDS = 20.0
"""Time for all tables; of each no more rows are counted than `MOST_COUNTED`."""
CountedRows = Mapping[str, tuple[tuple[str, int], ...]]


def row_counts(session: Session, databases: Sequence[Database]) -> CountedRows:
    """Return the number of rows of each table, by bind; without the tables that are large or may not be read."""
    counts = capped_row_counts(session, databases)
    return {
        bind: tuple((name, number) for name, number in each.items() if number <= MOST_COUNTED) for bind, each in counts.items()
    }


def capped_row_counts(session: Session, databases: Sequence[Database]) -> dict[str, dict[str, int]]:
    """Return the number of rows of each table that may be read, by bind: `MOST_COUNTED` + 1 for a large one."""
    tables = {database.bind: tuple(sorted(database.schema.tables)) for database in databases}
    counts: Mapping[str, Mapping[str, int | None]] = {}
    if any(tables.values()):
        with suppress(MigmergeError):
            counts = session.ask("count rows", tables=tables, seconds=_SECONDS)
    return {bind: {name: number for name, number in each.items() if number is not None} for bind, each in counts.items()}
