"""Scratch databases that killed runs left on a server: dropped where it is certain that nobody uses them."""

from __future__ import annotations

import os
import platform
import time
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from ..core.database.scratch_names import PREFIX, Maker, left_databases
from .connection import quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OF_THIS_MACHINE = ("/etc/machine-id", "/proc/self/ns/pid")
"""A file that names the machine, and a link that names the container, whose processes have numbers of their own."""
_NAMES = {
    "postgresql": "SELECT datname FROM pg_database d WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)",
    "mysql": "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN "
    "(SELECT db FROM information_schema.processlist WHERE db IS NOT NULL)",
}


def this_process() -> Maker:
    """Return on which machine, or in which container, this process runs, which one it is, and the time."""
    known = [platform.node(), str(os.getuid()) if hasattr(os, "getuid") else ""]
    for path in _OF_THIS_MACHINE:
        with suppress(OSError):
            known.append(os.readlink(path) if os.path.islink(path) else _text_of(path))
    return Maker(f"{zlib.crc32(chr(0).join(known).encode()):08x}", os.getpid(), int(time.time()))


def _text_of(path: str) -> str:
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def drop_left_databases(connection: Connection) -> None:
    """Drop what killed runs on this machine left on a server; a database that is in use stays."""
    from sqlalchemy.exc import DBAPIError

    dialect = "postgresql" if connection.dialect.name == "postgresql" else "mysql"
    with suppress(DBAPIError):
        names = [str(name) for name in connection.exec_driver_sql(_NAMES[dialect]).scalars() if str(name).startswith(PREFIX)]
        for name in left_databases(names, this_process(), _lives):
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted(connection, name)}")


def _lives(process: int) -> bool:
    """Say whether there is a process of this number; where that cannot be asked without harm, there is."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
