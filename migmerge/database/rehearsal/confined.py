"""What a script may not do while it runs on a scratch database: leave that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...core.database.outside import reaches_outside
from ..guard import address_of

if TYPE_CHECKING:
    from sqlalchemy import Connection


class LeavesScratchDatabaseError(Exception):
    """Say that a script would change more than the scratch database on which it runs."""


@contextmanager
def confined_to(scratch: Connection) -> Iterator[None]:
    """Refuse connections of SQLAlchemy to another database, new or pooled, and statements that reach beyond this one.

    What a script does through the application's session, or to the server, would change what nobody has agreed to.
    """
    from sqlalchemy import Engine, event

    listeners = (("engine_connect", _refuse_others(scratch)), ("before_cursor_execute", _refuse_outside(scratch)))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def _refuse_others(scratch: Connection) -> Callable[[Connection], None]:
    def refuse(connection: Connection) -> None:
        url = connection.engine.url
        if url.database != scratch.engine.url.database and not _is_in_memory(url.get_backend_name(), url.database):
            connection.close()
            raise LeavesScratchDatabaseError(f"it connects to {address_of(url).name} by itself")

    return refuse


def _refuse_outside(scratch: Connection) -> Callable[..., None]:
    dialect, own, others = scratch.dialect.name, scratch.engine.url.database or "", _neighbours(scratch)

    def refuse(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if reaches_outside(statement, dialect, own, others):
            raise LeavesScratchDatabaseError(f"it changes more than its database: {statement.strip().splitlines()[0]}")

    return refuse


def _neighbours(scratch: Connection) -> Sequence[str]:
    """Return the other databases of a MySQL or MariaDB server, to which a statement gets by their names."""
    if scratch.dialect.name not in ("mysql", "mariadb"):
        return ()
    cursor = scratch.connection.cursor()  # unseen by those who watch what scripts run
    cursor.execute("SELECT schema_name FROM information_schema.schemata")
    names = [name for (name,) in cursor.fetchall()]
    cursor.close()
    return [name for name in names if name not in (scratch.engine.url.database, "information_schema", "performance_schema")]


def _is_in_memory(dialect: str, database: str | None) -> bool:
    return dialect == "sqlite" and database in (None, "", ":memory:")
