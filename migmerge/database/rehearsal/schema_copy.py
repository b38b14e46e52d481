"""A scratch database with the schema of a real one, and none of its rows."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...core.database.backup import conninfo, operand
from ..backup.copy import MYSQL_OPTIONS, read_only, sqlite_file
from ..backup.dump_tools import Client, ToolFailed, client_of, run
from ..scratch import scratch_database

if TYPE_CHECKING:
    from sqlalchemy import URL


_PG_DUMP = ("--schema-only", "--no-owner", "--no-privileges", "--no-security-labels", "--no-subscriptions", "-w")
_MYSQL_DUMP = ("--no-data", "--routines", "--triggers", "--single-transaction", "--no-tablespaces", *MYSQL_OPTIONS)
"""Events stay out: those of a copy would run, too."""
_OF_MYSQL = ("--loose-column-statistics=0", "--loose-set-gtid-purged=OFF")
_TIMEOUT = 10.0
"""Seconds that a tool may wait for a lock, or do nothing."""
_STATEMENTS = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid"


@contextmanager
def schema_copy(url: URL, folder: Path) -> Iterator[URL]:
    """Make a scratch database beside the one that a URL names, copy the schema into it, and drop it afterwards.

    What the user may not copy, or what a server refuses, is missing: whoever relies on the copy compares it.

    Raises:
        MigmergeError: where no scratch database can be made, or the tools of the server are missing or fail.
    """
    copy = _COPIES[url.get_backend_name()]
    with scratch_database(url, folder) as scratch:
        copy(url, scratch)
        yield scratch


def _copy_sqlite(url: URL, scratch: URL) -> None:
    with read_only(sqlite_file(url)) as source:
        statements = [statement for (statement,) in source.execute(_STATEMENTS)]
    with closing(sqlite3.connect(str(scratch.database))) as copy:
        for statement in statements:
            with suppress(sqlite3.OperationalError):  # the tables behind a virtual one come with that
                copy.execute(statement)
        copy.commit()


def _copy_postgresql(url: URL, scratch: URL) -> None:
    source, target = client_of(url), client_of(scratch)
    waiting = f"--lock-wait-timeout={int(_TIMEOUT * 1000)}"
    with tempfile.TemporaryFile() as file:
        run(source, "pg_dump", *_PG_DUMP, waiting, "-d", conninfo(source.database), into=file, timeout=_TIMEOUT * 2)
        file.seek(0)
        run(target, "psql", "-X", "-q", "-w", "-d", conninfo(target.database), given=file)


def _copy_mysql(url: URL, scratch: URL) -> None:
    source, target = client_of(url), client_of(scratch)
    dump, restore = source.mysql_tools
    with tempfile.TemporaryFile() as file:
        run(source, dump, *_MYSQL_DUMP, *_OF_MYSQL, *operand(source.database), into=file, timeout=_TIMEOUT)
        file.seek(0)
        _restore_mysql(target, restore, file)


def _restore_mysql(target: Client, tool: str, file: IO[bytes]) -> None:
    with suppress(ToolFailed):  # a view that names its definer needs a right
        run(target, tool, "--force", *MYSQL_OPTIONS, *operand(target.database), given=file)


_Copy = Callable[["URL", "URL"], None]
_COPIES: Mapping[str, _Copy] = {
    "sqlite": _copy_sqlite,
    "postgresql": _copy_postgresql,
    "mysql": _copy_mysql,
    "mariadb": _copy_mysql,
}
