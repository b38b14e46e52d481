"""Verifying a backup by restoring it beside the database it is of."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...core.database.backup import Backup, conninfo
from ...core.errors import MigmergeError
from ..catalog import schemas_of
from ..connection import reason_of, synchronous
from ..scratch import scratch_database
from .copy import MYSQL_OPTIONS, read_only, sqlite_file
from .dump_tools import TIMEOUT, ToolFailed, client_of, run

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


_COMPLETE = b"-- Dump completed"
_EVENTS = b"-- Dumping events for database "
_ROUTINES = b"-- Dumping routines for database "
_MYSQL_TABLE = re.compile(rb"CREATE TABLE `((?:[^`]|``)+)` \(")
_LISTED = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )(.*) \S+$", re.MULTILINE)

RowCounts = Mapping[str, int]
"""How many rows each table has, by its name, with the schema in front where there are several."""


def verify(backup: Backup, url: URL, *, timeout: float = TIMEOUT) -> Backup:
    """Restore a backup into a scratch database and compare its tables and their rows with those of the database.

    Where none can be made, only that the backup is complete is looked at, and `verified` says so.

    Raises:
        MigmergeError: naming the table, where they differ.
    """
    path = Path(backup.path)
    if not path.is_file():
        raise MigmergeError(f"the backup {path} is not there")
    if backup.dialect == "sqlite":
        return replace(backup, verified=_verified_file(path, url))
    with ExitStack() as held:
        if backup.dialect != "postgresql":
            _require_complete(path)
        try:
            url = synchronous(url)
            scratch = held.enter_context(scratch_database(url, path.parent))
        except MigmergeError as reason:
            return replace(backup, verified=f"its list of contents: {_listed(backup, url)} (not restored: {reason})")
        said = _restore(path, scratch, timeout)
        same = _same(path, _rows(url), _rows(scratch), said)
        return replace(backup, verified=f"restored into a scratch database: {same}")


def _same(path: Path, source: RowCounts, copy: RowCounts, said: str = "") -> str:
    """Say that two databases have the same tables and as many rows; `said` is what the tool complained of."""
    for name in sorted({*source, *copy}):
        if name not in copy or name not in source:
            where = "the database has" if name in source else "the backup has"
            raise _differs(path, f"the table {name}, which only {where}", said)
        if source[name] != copy[name]:
            raise _differs(path, f"{name}: {copy[name]} rows in the backup, {source[name]} in the database", said)
    told = f"; {said}" if said else ""
    return f"{_counted(len(copy), 'table')}, {_counted(sum(copy.values()), 'row')}, the same{told}"


def _differs(path: Path, what: str, said: str) -> MigmergeError:
    return MigmergeError(
        f"the backup {path} is not what the database is: {what}{f' ({said})' if said else ''}",
        hint="end what writes to the database, and try again",
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _verified_file(path: Path, url: URL) -> str:
    """Compare a copy of SQLite's file with the file; what is wrong with both was not the copying's fault."""
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as copy,
        read_only(sqlite_file(url)) as source,
    ):
        wrong = _integrity(copy)
        if wrong and wrong != _integrity(source):
            raise MigmergeError(f"the backup {path} is damaged: {wrong}", hint="try again, on another disk")
        told = f"integrity_check says of both: {wrong}" if wrong else ""
        try:
            return f"its integrity checked: {_same(path, _sqlite_rows(source), _sqlite_rows(copy), told)}"
        except sqlite3.DatabaseError as error:
            raise MigmergeError(f"the backup {path} cannot be read: {error}", hint="try again, on another disk") from error


def _integrity(connection: sqlite3.Connection) -> str:
    """Return the first complaint; a collation or function of the application's own, which is missing here, is one too."""
    try:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if said == "ok" else str(said)


def _sqlite_rows(connection: sqlite3.Connection) -> RowCounts:
    """Count the rows of SQLite's own tables; a virtual one keeps its rows in others."""
    from sqlalchemy.dialects.sqlite.base import SQLiteDialect

    quote = SQLiteDialect().identifier_preparer.quote_identifier
    own = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    names = [name for (name,) in connection.execute(own)]
    return {name: connection.execute(f"SELECT count(*) FROM {quote(name)}").fetchone()[0] for name in names}  # noqa: S608


@contextmanager
def connected(url: URL, failing: str = "") -> Iterator[Connection]:
    """Connect to a server and hold on to nothing afterwards; each statement commits.

    Raises:
        MigmergeError: with the server's words after `failing`, for whatever it refuses.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    engine = create_engine(synchronous(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise MigmergeError(f"{failing or url.database}: {reason_of(error)}") from error
    finally:
        engine.dispose()


def _rows(url: URL) -> RowCounts:
    from sqlalchemy import func, inspect, select, table

    with connected(url) as connection:
        inspector = inspect(connection)
        return {
            f"{schema}.{name}" if schema else name: int(
                connection.execute(select(func.count()).select_from(table(name, schema=schema))).scalar_one()
            )
            for schema in schemas_of(inspector, default_by_name=True)
            for name in inspector.get_table_names(schema=schema)
        }


def _restore(path: Path, scratch: URL, timeout: float) -> str:
    """Restore into an empty database and return what the tool complained of and went on; MySQL's stops instead."""
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
    """Leave out the scheduled events: in a scratch database they would run as well, on whatever tables they name."""
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


def _listed(backup: Backup, url: URL) -> str:
    """Count the tables in a backup's list of contents.

    Raises:
        MigmergeError: where it has none that can be read.
    """
    with open(backup.path, "rb") as file:
        if backup.dialect == "postgresql":
            return _counted(len(_LISTED.findall(run(client_of(url), "pg_restore", "--list", given=file))), "table")
        return _counted(sum(bool(_MYSQL_TABLE.match(line)) for line in file), "table")
