"""Sessions on a server: how long each waits for a lock, which sessions keep it waiting, and the end of its wait."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

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
_LOOK_POSTGRESQL = """
SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval' AND setting = '0'
"""
"""Since PostgreSQL 14 a server notices that a client is gone while its statement waits; MariaDB always does."""
_NAMES_MYSQL = ("lock_wait_timeout", "innodb_lock_wait_timeout")
_BLOCKERS_POSTGRESQL = """
SELECT DISTINCT b.pid, coalesce(b.application_name, ''), coalesce(b.usename, ''), coalesce(b.state, ''),
  coalesce(to_char(coalesce(b.xact_start, b.query_start), 'HH24:MI:SS'), ''), coalesce(b.query, ''),
  coalesce(host(b.client_addr), ''),
  coalesce((SELECT min(l.relation::regclass::text) FROM pg_locks AS l WHERE l.pid = w.pid AND NOT l.granted), '')
FROM pg_stat_activity AS w CROSS JOIN unnest(pg_blocking_pids(w.pid)) AS held(pid) JOIN pg_stat_activity AS b ON b.pid = held.pid
WHERE w.pid IN ({ours})
"""
_OTHERS_MYSQL = """
SELECT DISTINCT p.id, '', p.user, p.command, coalesce(time(t.trx_started), ''), coalesce(p.info, ''), p.host, {what}
FROM information_schema.processlist AS p LEFT JOIN information_schema.innodb_trx AS t ON p.id = t.trx_mysql_thread_id
{joined} WHERE p.id NOT IN ({ours}) AND p.id <> connection_id() AND {condition} ORDER BY t.trx_started
"""


class _Source(NamedTuple):
    """Hold where a server says who holds a lock: what the lock is on, the tables to join, and the condition."""

    what: str
    joined: str
    condition: str


_ROW_LOCKS = _Source(
    "coalesce(l.lock_table, '')",
    """
    JOIN information_schema.innodb_lock_waits AS w ON w.blocking_trx_id = t.trx_id
    JOIN information_schema.innodb_trx AS r ON r.trx_id = w.requesting_trx_id
    JOIN information_schema.innodb_locks AS l ON l.lock_id = w.requested_lock_id
    """,
    "r.trx_mysql_thread_id IN ({ours})",
)
_METADATA_LOCKS = _Source(
    "m.table_name",
    "JOIN information_schema.metadata_lock_info AS m ON m.thread_id = p.id",
    "m.lock_type = 'Table metadata lock' AND m.table_schema = database()",
)
_METADATA_LOCKS_OF_MYSQL = _Source(
    "g.object_name",
    """
    JOIN performance_schema.threads AS h ON h.processlist_id = p.id
    JOIN performance_schema.metadata_locks AS g ON g.owner_thread_id = h.thread_id AND g.lock_status = 'GRANTED'
    JOIN performance_schema.metadata_locks AS q ON q.lock_status = 'PENDING' AND q.object_type = g.object_type
      AND q.object_schema = g.object_schema AND q.object_name = g.object_name
    JOIN performance_schema.threads AS r ON r.thread_id = q.owner_thread_id
    """,
    "r.processlist_id IN ({ours})",
)
_TRANSACTIONS = _Source("''", "", "t.trx_id IS NOT NULL AND p.db = database()")
_CANCEL_POSTGRESQL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid IN ({ours}) AND wait_event_type = 'Lock'"
_WAITING_MYSQL = """
SELECT p.id, coalesce(p.info, '') FROM information_schema.processlist AS p
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
        session = ServerSession(connection.engine.url, int(cursor.fetchone()[0]))
        if session.is_postgresql:
            with suppress(Exception):  # on Windows a server cannot
                cursor.execute(_LOOK_POSTGRESQL)
        return session
    finally:
        cursor.close()
        driver.commit()


def blockers_of(sessions: Sequence[ServerSession]) -> tuple[Blocker, ...]:
    """Ask a server, on another connection, which sessions keep the given ones waiting."""
    ours = _numbers(sessions)
    with _apart(sessions[0].url) as cursor:
        if sessions[0].is_postgresql:
            cursor.execute(_BLOCKERS_POSTGRESQL.format(ours=ours))
            return tuple(map(_blocker, cursor.fetchall()))
        statements = [statement for _, statement in _waiting(cursor, sessions)]
        for source in (_ROW_LOCKS, _METADATA_LOCKS, _METADATA_LOCKS_OF_MYSQL) if statements else ():
            with suppress(Exception):  # the plugin is not installed, or the user may not read it
                if found := [each for each in _others(cursor, source, ours) if _is_named(each.on, statements)]:
                    return tuple(found)
        return tuple(replace(each, is_certain=False) for each in _others(cursor, _TRANSACTIONS, ours)) if statements else ()


def _others(cursor: Any, source: _Source, ours: str) -> list[Blocker]:
    condition = source.condition.format(ours=ours)
    cursor.execute(_OTHERS_MYSQL.format(what=source.what, joined=source.joined, condition=condition, ours=ours))
    return [_blocker((*row[:6], str(row[6]).rpartition(":")[0] or row[6], row[7])) for row in cursor.fetchall()]


def _is_named(table: str, statements: Sequence[str]) -> bool:
    """Say whether a statement that waits is about a table; the row locks of InnoDB name its schema too, in backquotes."""
    name = table.rpartition(".")[2].strip("`")
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", statement) for statement in statements)


def _blocker(row: Sequence[object]) -> Blocker:
    pid, application, user, state, since, statement, host, on = map(str, row)
    return Blocker(int(pid), application, user, state, since, statement, host=host, on=on.rpartition(".")[2].strip("`"))


def end_waits(sessions: Sequence[ServerSession]) -> None:
    """Cancel, on another connection, the statements of sessions that wait for a lock; others go on."""
    with _apart(sessions[0].url) as cursor:
        if sessions[0].is_postgresql:
            cursor.execute(_CANCEL_POSTGRESQL.format(ours=_numbers(sessions)))
            return
        for number, _ in _waiting(cursor, sessions):
            cursor.execute(f"KILL QUERY {number}")


def _waiting(cursor: Any, sessions: Sequence[ServerSession]) -> list[tuple[int, str]]:
    cursor.execute(_WAITING_MYSQL.format(ours=_numbers(sessions)))
    return [(int(number), str(statement)) for number, statement in cursor.fetchall()]


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
