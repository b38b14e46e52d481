"""Copies of whole databases, made by SQLite itself or by the server's own tools."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...core.database.backup import (
    Backup,
    conninfo,
    mysql_restore_commands,
    operand,
    postgresql_restore_commands,
    sqlite_restore_commands,
)
from ...core.database.lock_wait import describe_file_wait
from ...core.errors import MigmergeError
from ..file_holders import command_about, holders_of
from ..full_disk import no_room_for_backup
from ..sqlite_location import file_of_url
from .dump_tools import TIMEOUT, Client, ToolFailed, client_of, require, run

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from sqlalchemy import URL


_NO_BACKUP = "pass --no-backup to go on without"
_SQLITE_DRIVERS = ("", "pysqlite", "pysqlite_numeric", "aiosqlite")
_PARTIAL, _PART = ".migmerge-", ".part"
_BUSY_OR_LOCKED = (5, 6)
"""SQLite's result codes, which Python names since 3.11."""
_TIMEOUT_WITH_A_WRITER = 30.0
MYSQL_OPTIONS = ("--default-character-set=utf8mb4", "--max-allowed-packet=1G")
"""All of Unicode, and rows above the 16 MB that the tools take by default."""
_MYSQL_DUMP = (
    *("--single-transaction", "--routines", "--events", "--triggers", "--hex-blob", "--no-tablespaces"),
    *MYSQL_OPTIONS,
    # Only MySQL's own tool has these: without them it fails on MariaDB, and its dump fails on its own server.
    *("--loose-column-statistics=0", "--loose-set-gtid-purged=OFF"),
)


def back_up(url: URL, target: Path, *, timeout: float = TIMEOUT) -> Backup:
    """Copy a database to a file that only this user can read; the file appears whole or not at all.

    Raises:
        MigmergeError: where the file exists, or a tool is missing, fails or does nothing for `timeout` seconds.
    """
    dialect = url.get_backend_name()
    if dialect not in _BACK_UP:
        raise MigmergeError(f"migmerge cannot back up {dialect}", hint=f"back it up yourself and {_NO_BACKUP}")
    path = target.absolute()
    with _whole_or_nothing(path) as file:
        database, restore_commands = _BACK_UP[dialect](url, file, str(path), timeout)
    return Backup(str(path), dialect, database, path.stat().st_size, restore_commands=restore_commands)


def remove_partial_files(folder: Path) -> None:
    """Remove the files that killed runs left half written; what another run is writing is locked."""
    for path in folder.glob(f"{_PARTIAL}*{_PART}"):
        with suppress(OSError), path.open("rb") as file:
            _lock(file)
            path.unlink()


def _lock(file: IO[bytes]) -> None:
    """Lock a file as long as it is open, also in the tool that writes it; raise OSError where another process has it."""
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def _whole_or_nothing(target: Path) -> Iterator[IO[bytes]]:
    """Yield a temporary file that only this user can read, and rename it to the target at the end."""
    if os.path.lexists(target):
        raise MigmergeError(f"{target} is there already", hint=f"rm {target}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=_PARTIAL, suffix=_PART, delete=False) as file:
            try:
                _lock(file.file)
                yield file
                os.fsync(file.fileno())
                os.rename(file.name, target)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(file.name)
    except (OSError, ToolFailed) as error:
        if no_room := no_room_for_backup(error, target):
            raise no_room from error
        if isinstance(error, OSError):
            raise MigmergeError(f"{target}: {error.strerror}") from error
        raise


def sqlite_file(url: URL) -> Path:
    """Return the absolute path of a SQLite URL's file, without symbolic links.

    Raises:
        MigmergeError: where the database is in memory or encrypted, or its driver is not known.
    """
    driver = url.drivername.partition("+")[2]
    if driver not in _SQLITE_DRIVERS:
        raise MigmergeError(
            f"SQLite through {driver} is no file that migmerge can copy", hint=f"back it up yourself and {_NO_BACKUP}"
        )
    file = file_of_url(url)
    if not file:
        raise MigmergeError("a database in memory has no file", hint=_NO_BACKUP)
    return Path(os.path.realpath(file))


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a SQLite file to read it, and remove the log that this leaves beside the file."""
    if not path.is_file():
        raise MigmergeError(f"{path} is not there", hint=_NO_BACKUP)
    log = path.with_name(path.name + "-wal")
    was_open = log.exists()
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
        if not was_open and log.exists():  # only a writer removes the log
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
                connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise MigmergeError(f"{path}: {error}", hint=_NO_BACKUP) from error


def _copy_sqlite(url: URL, file: IO[bytes], path: str, timeout: float) -> tuple[str, tuple[str, ...]]:
    source = sqlite_file(url)
    deadline = time.monotonic() + min(timeout, _TIMEOUT_WITH_A_WRITER)

    def progress(status: int, remaining: int, total: int) -> None:
        if status in _BUSY_OR_LOCKED and time.monotonic() > deadline:
            holders = holders_of(str(source))
            raise MigmergeError(
                f"{source} is locked; {describe_file_wait(source.name, holders)}", hint=command_about(str(source), holders)
            )

    with read_only(source) as database, closing(sqlite3.connect(file.name)) as copy:
        database.execute("PRAGMA busy_timeout = 100")  # milliseconds, between two calls of `progress`
        copy.execute("PRAGMA journal_mode = OFF")
        try:
            database.backup(copy, progress=progress)
        except sqlite3.Error as error:
            if no_room := no_room_for_backup(error, Path(path)):
                raise no_room from error
            raise
    return str(source), sqlite_restore_commands(str(source), path)


def _dump_postgresql(url: URL, file: IO[bytes], path: str, timeout: float) -> tuple[str, tuple[str, ...]]:
    client = client_of(url)
    waiting = f"--lock-wait-timeout={int(timeout * 1000)}"
    run(client, "pg_dump", "-Fc", "-w", waiting, "-d", conninfo(client.database), into=file, timeout=timeout)
    return client.database, postgresql_restore_commands(client.database, path, client.options, client.settings)


def _dump_mysql(url: URL, file: IO[bytes], path: str, timeout: float) -> tuple[str, tuple[str, ...]]:
    client = client_of(url)
    dump, restore = client.mysql_tools
    require(client, dump, restore)
    empty = _recreate_statements(client, restore, timeout)
    run(client, dump, *_MYSQL_DUMP, *operand(client.database), into=file, timeout=timeout)
    prompt = ("-p",) if client.password else ()
    return client.database, mysql_restore_commands(
        client.database, path, (restore, *client.options, *prompt, *MYSQL_OPTIONS), empty
    )


def _recreate_statements(client: Client, tool: str, timeout: float) -> str:
    """Return the statements that replace a database by an empty one with the same properties."""
    from sqlalchemy.dialects.mysql.base import MySQLDialect

    quoted = MySQLDialect(paramstyle="named").identifier_preparer.quote_identifier(client.database)
    ask = f"SHOW CREATE DATABASE IF NOT EXISTS {quoted}"
    answer = run(client, tool, "-N", "-B", "-r", *MYSQL_OPTIONS, "-e", ask, timeout=timeout)
    return f"DROP DATABASE IF EXISTS {quoted}; {answer[len(client.database) + 1 :].strip()}"


_BackUp = Callable[["URL", IO[bytes], str, float], tuple[str, tuple[str, ...]]]
_BACK_UP: Mapping[str, _BackUp] = {
    "sqlite": _copy_sqlite,
    "postgresql": _dump_postgresql,
    "mysql": _dump_mysql,
    "mariadb": _dump_mysql,
}
