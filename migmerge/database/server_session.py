"""Sessions on a server: how long each waits for a lock, which sessions keep it waiting, and the end of its wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.database.lock_wait import Blocker
from .connection import synchronous

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


_SECONDS = 10
"""How long a statement waits for a lock, where neither the project nor the server's administrator has set that."""

_LIMIT_POSTGRESQL = f"""
SELECT pg_backend_pid(), CASE WHEN setting = '0' AND source IN ('default', 'configuration file')
  THEN set_config('lock_timeout', '{_SECONDS}s', false) END
FROM pg_settings WHERE name = 'lock_timeout'
"""  # noqa: S608 (a number of our own)
_NAMES_MYSQL = ("lock_wait_timeout", "innodb_lock_wait_timeout")
_BLOCKERS_POSTGRESQL = """
SELECT DISTINCT b.pid, coalesce(b.application_name, ''), coalesce(b.usename, ''), coalesce(b.state, ''),
  coalesce(to_char(coalesce(b.xact_start, b.query_start), 'HH24:MI:SS'), ''), coalesce(b.query, '')
FROM pg_stat_activity AS w CROSS JOIN unnest(pg_blocking_pids(w.pid)) AS held(pid) JOIN pg_stat_activity AS b ON b.pid = held.pid
WHERE w.pid IN ({ours})
"""
_BLOCKERS_MYSQL = """
SELECT p.id, '', p.user, p.command, time(t.trx_started), coalesce(p.info, '')
FROM information_schema.innodb_trx AS t JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
WHERE p.id NOT IN ({ours}) AND p.id <> connection_id() AND p.db = database()
"""
_CANCEL_POSTGRESQL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid IN ({ours}) AND wait_event_type = 'Lock'"
_WAITING_MYSQL = """
SELECT p.id FROM information_schema.processlist AS p
LEFT JOIN information_schema.innodb_trx AS t ON p.id = t.trx_mysql_thread_id
WHERE p.id IN ({ours}) AND (left(p.state, 12) = 'Waiting for ' OR t.trx_state = 'LOCK WAIT')
"""


@dataclass(frozen=True, slots=True)
class ServerSession:
    """Hold where a connection of this process leads, and the number that the server gives it."""

    url: URL
    pid: int

    @property
    def is_postgresql(self) -> bool:
        return self.url.get_backend_name() == "postgresql"


def limited(connection: Connection) -> ServerSession | None:
    """Limit how long a new connection waits for locks, and return its session; None where the dialect has no server.

    A limit of the project's own stays. SQLite's driver has a limit of its own. The driver's cursor begins no transaction that
    SQLAlchemy would know of.
    """
    driver: Any = connection.connection.dbapi_connection
    match connection.dialect.name:
        case "postgresql":
            statements = [_LIMIT_POSTGRESQL]
        case "mysql" | "mariadb":
            kept = (f"{each} = IF(@@{each} = @@global.{each}, LEAST(@@{each}, {_SECONDS}), @@{each})" for each in _NAMES_MYSQL)
            statements = [f"SET SESSION {', '.join(kept)}", "SELECT connection_id()"]
        case _:
            return None
    cursor = driver.cursor()
    try:
        for statement in statements:
            cursor.execute(statement)
        return ServerSession(connection.engine.url, int(cursor.fetchone()[0]))
    finally:
        cursor.close()
        driver.commit()


def blockers_of(sessions: Sequence[ServerSession]) -> tuple[Blocker, ...]:
    """Ask a server, on another connection, which sessions keep the given ones waiting."""
    is_exact = sessions[0].is_postgresql
    query = _BLOCKERS_POSTGRESQL if is_exact else _BLOCKERS_MYSQL
    with _apart(sessions[0].url) as cursor:
        if not is_exact and not _waiting(cursor, sessions):
            return ()
        cursor.execute(query.format(ours=_numbers(sessions)))
        return tuple(_blocker(row, is_exact=is_exact) for row in cursor.fetchall())


def _blocker(row: Sequence[object], *, is_exact: bool) -> Blocker:
    pid, application, user, state, since, statement = map(str, row)
    return Blocker(int(pid), application, user, state, since, statement, is_exact)


def end_waits(sessions: Sequence[ServerSession]) -> None:
    """Cancel, on another connection, the statements of sessions that wait for a lock; others go on."""
    with _apart(sessions[0].url) as cursor:
        if sessions[0].is_postgresql:
            cursor.execute(_CANCEL_POSTGRESQL.format(ours=_numbers(sessions)))
            return
        for number in _waiting(cursor, sessions):
            cursor.execute(f"KILL QUERY {number}")


def _waiting(cursor: Any, sessions: Sequence[ServerSession]) -> list[int]:
    cursor.execute(_WAITING_MYSQL.format(ours=_numbers(sessions)))
    return [int(number) for (number,) in cursor.fetchall()]


def _numbers(sessions: Sequence[ServerSession]) -> str:
    return ", ".join(str(each.pid) for each in sessions)


@contextmanager
def _apart(url: URL) -> Iterator[Any]:
    """Connect without an engine, whose events are those of the project's connections."""
    url = synchronous(url)
    kind: Any = url.get_dialect()
    dialect = kind(dbapi=kind.import_dbapi())
    arguments, named = dialect.create_connect_args(url)
    connection = dialect.connect(*arguments, **named)
    try:
        cursor = connection.cursor()
        yield cursor
        connection.commit()
    finally:
        connection.close()
