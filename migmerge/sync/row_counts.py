"""The rows of the tables of databases, counted at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from ..core.database.database import MOST_COUNTED, Database
from ..core.errors import MigmergeError
from ..database.session import Session

_TIMEOUT = 20.0
"""Seconds for all tables; of each no more rows are counted than `MOST_COUNTED`."""
CountedRows = Mapping[str, tuple[tuple[str, int], ...]]


def row_counts(session: Session, databases: Sequence[Database]) -> CountedRows:
    """Return the number of rows of each table, by bind; without the tables that are large or may not be read."""
    tables = {database.bind: tuple(sorted(database.schema.tables)) for database in databases}
    counts: Mapping[str, Mapping[str, int | None]] = {}
    if any(tables.values()):
        with suppress(MigmergeError):
            counts = session.ask("count rows", tables=tables, timeout=_TIMEOUT)
    return {
        bind: tuple((name, number) for name, number in of_bind.items() if number is not None and number <= MOST_COUNTED)
        for bind, of_bind in counts.items()
    }
