"""The verification of a backup: its restored copy is compared with the database."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...core.database.backup import Backup, RowCounts, compare_rows, conninfo, count_of
from ...core.errors import MigmergeError
from ..catalog import schemas_of
from ..connection import connected, synchronous
from ..scratch import scratch_database
from .copy import MYSQL_OPTIONS, read_only, sqlite_file
from .dump_tools import TIMEOUT, ToolFailed, client_of, run

if TYPE_CHECKING:
    from sqlalchemy import URL


_COMPLETE = b"-- Dump completed"
_EVENTS = b"-- Dumping events for database "
_ROUTINES = b"-- Dumping routines for database "
_MYSQL_TABLE = re.compile(rb"CREATE TABLE `((?:[^`]|``)+)` \(")
_LISTED = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )(.*) \S+$", re.MULTILINE)


def verify(backup: Backup, url: URL, *, timeout: float = TIMEOUT) -> Backup:
    """Restore a backup into a scratch database and compare its tables and row counts with those of the database.

    Where no scratch database can be made, only the completeness of the backup is verified, and `verified` says so.

    Raises:
        MigmergeError: with the table, where a count differs; where the backup is missing, damaged or not complete.
    """
    path = Path(backup.path)
    if not path.is_file():
        raise MigmergeError(f"the backup {path} is not there")
    if backup.dialect == "sqlite":
        return replace(backup, verified=_verify_file(backup, url))
    with ExitStack() as stack:
        if backup.dialect != "postgresql":
            _require_complete(path)
        try:
            url = synchronous(url)
            scratch = stack.enter_context(scratch_database(url, path.parent))
        except MigmergeError as reason:
            return replace(backup, verified=f"its list of contents: {_count_listed_tables(backup, url)} (not restored: {reason})")
        complaint = _restore(path, scratch, timeout)
        same = compare_rows(backup, _row_counts(url), _row_counts(scratch), complaint)
        return replace(backup, verified=f"restored into a scratch database: {same}")


def _verify_file(backup: Backup, url: URL) -> str:
    """Compare a copy of SQLite's file with the file; damage that both have is no fault of the copy."""
    path = Path(backup.path)
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as copy,
        read_only(sqlite_file(url)) as source,
    ):
        damage = _integrity(copy)
        if damage and damage != _integrity(source):
            raise MigmergeError(f"the backup {path} is damaged: {damage}", hint="try again, on another disk")
        complaint = f"integrity_check says of both: {damage}" if damage else ""
        try:
            return f"its integrity checked: {compare_rows(backup, _file_row_counts(source), _file_row_counts(copy), complaint)}"
        except sqlite3.DatabaseError as error:
            raise MigmergeError(f"the backup {path} cannot be read: {error}", hint="try again, on another disk") from error


def _integrity(connection: sqlite3.Connection) -> str:
    """Return the first complaint of SQLite; a missing collation or function of the application causes one too."""
    try:
        (result,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if result == "ok" else str(result)


def _file_row_counts(connection: sqlite3.Connection) -> RowCounts:
    """Count the rows of SQLite's own tables; a virtual table keeps its rows in others."""
    from sqlalchemy.dialects.sqlite.base import SQLiteDialect

    quote = SQLiteDialect().identifier_preparer.quote_identifier
    own = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    names = [name for (name,) in connection.execute(own)]
    return {name: connection.execute(f"SELECT count(*) FROM {quote(name)}").fetchone()[0] for name in names}  # noqa: S608


def _row_counts(url: URL) -> RowCounts:
    from sqlalchemy import func, inspect, select, table

    with connected(url, str(url.database)) as connection:
        inspector = inspect(connection)
        return {
            f"{schema}.{name}" if schema else name: int(
                connection.execute(select(func.count()).select_from(table(name, schema=schema))).scalar_one()
            )
            for schema in schemas_of(inspector, default_by_name=True)
            for name in inspector.get_table_names(schema=schema)
        }


def _restore(path: Path, scratch: URL, timeout: float) -> str:
    """Restore into an empty database; return the complaints after which pg_restore goes on, where MySQL's tool stops."""
    client = client_of(scratch)
    with path.open("rb") as file:
        if client.dialect == "postgresql":
            only = ("--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions")
            try:
                run(client, "pg_restore", "-w", *only, "-d", conninfo(client.database), given=file, timeout=timeout)
            except ToolFailed as failure:
                return str(failure)
            return ""
        with _without_events(file) as statements:
            try:
                run(client, client.mysql_tools[1], *MYSQL_OPTIONS, "-D", client.database, given=statements, timeout=timeout)
            except ToolFailed as failure:
                raise MigmergeError(f"the backup {path} cannot be restored: {failure}", hint=failure.hint) from failure
    return ""


@contextmanager
def _without_events(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield a dump without scheduled events, which would run in a scratch database on any tables they name."""
    with tempfile.TemporaryFile() as kept:
        inside = False
        for line in file:
            inside = line.startswith(_EVENTS) or (inside and not line.startswith(_ROUTINES))
            if not inside:
                kept.write(line)
        kept.seek(0)
        yield kept


def _require_complete(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 200))
        last = (file.read().splitlines() or [b""])[-1]
    if not last.startswith(_COMPLETE):
        raise MigmergeError(f"the backup {path} is not complete: it does not end with {_COMPLETE.decode()}", hint="try again")


def _count_listed_tables(backup: Backup, url: URL) -> str:
    """Count the tables in a backup's list of contents.

    Raises:
        MigmergeError: where the list cannot be read.
    """
    with open(backup.path, "rb") as file:
        if backup.dialect == "postgresql":
            return count_of(len(_LISTED.findall(run(client_of(url), "pg_restore", "--list", given=file))), "table")
        return count_of(sum(bool(_MYSQL_TABLE.match(line)) for line in file), "table")
