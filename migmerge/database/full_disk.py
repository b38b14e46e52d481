"""The error of a database for which no room is left, in plain words and with the command that shows it."""

from __future__ import annotations

import errno
import os
import shlex
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import MigmergeError
from .error_text import code_of, reason_of
from .guard import address_of
from .sqlite_location import file_of_url

if TYPE_CHECKING:
    from sqlalchemy import URL

_CODES = ("53100", "1021", "1114")
"""The code of PostgreSQL for a full disk, and those of MySQL and MariaDB for a full disk and for a table that cannot grow."""
_OF_TOOLS = ("No space left on device", "errno 28", "Errcode: 28")
"""What the tools of the servers say."""


def is_full_disk(error: BaseException) -> bool:
    """Say whether an error of a driver, or one of SQLAlchemy around it, or of the system, is that no room is left."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, OSError) and original.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if type(original).__module__ == "sqlite3":
        return str(original).endswith("database or disk is full")
    return code_of(error) in _CODES


def full_disk(error: BaseException, url: URL | None) -> MigmergeError | None:
    """Return the error of a full disk, for the database of a URL where that is known; None for another error."""
    if not is_full_disk(error):
        return None
    name = address_of(url).name if url is not None else "the database"
    return MigmergeError(f"no room is left for {name}: {reason_of(error)}", hint=disk_command(url))


def disk_command(url: URL | None) -> str | None:
    """Return the command that shows how full the disk of a database is; None where that disk is on another machine."""
    if url is None:
        return "df -h ."
    if url.get_backend_name() == "sqlite":
        return f"df -h {shlex.quote(os.path.dirname(os.path.realpath(file_of_url(url) or '.')))}"
    return "df -h" if address_of(url).is_on(socket.gethostname()) else None


def no_room_for_backup(error: BaseException, target: Path) -> MigmergeError | None:
    """Return the error of a backup for which no room is left; None for another error."""
    said = isinstance(error, MigmergeError) and any(each in str(error) for each in _OF_TOOLS)
    if not (said or is_full_disk(error)):
        return None
    reason = f"no room is left for the backup {target}; migmerge backups prune removes old ones"
    return MigmergeError(reason, hint=f"df -h {shlex.quote(str(target.parent))}")
