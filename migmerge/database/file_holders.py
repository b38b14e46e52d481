"""The processes that hold a lock on a file of SQLite, which on Linux the kernel lists."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from ..core.database.lock_wait import Blocker

_LOCKS = "/proc/locks"
_BESIDE = ("", "-shm", "-wal")
"""With a write-ahead log SQLite locks a second file."""


def is_locked_file(error: BaseException) -> bool:
    """Say whether an error of SQLite, or one of SQLAlchemy around it, is that of a file that another process has locked."""
    original = getattr(error, "orig", None) or error
    return type(original).__module__ == "sqlite3" and str(original).startswith("database is locked")


def holders_of(file: str) -> tuple[Blocker, ...]:
    """Return the other processes that hold a lock on a database's file; none where that cannot be known, as on macOS."""
    with suppress(OSError):
        return tuple(_holder(pid, file) for pid in sorted(_pids(file) - {os.getpid()}))
    return ()


def _pids(file: str) -> set[int]:
    """Read `<n>: POSIX ADVISORY WRITE <pid> <major>:<minor>:<inode> <start> <end>`; a wait has an arrow behind its number."""
    files = {status.st_ino: status for status in map(os.stat, _files(file))}
    found = set()
    with open(_LOCKS, encoding="ascii") as lines:
        for _, kind, *fields in map(str.split, lines):
            inode = int(fields[3].rpartition(":")[2]) if kind != "->" else 0
            if inode in files and (fields[3] == _named(files[inode]) or _has_open(fields[2], file)):
                found.add(int(fields[2]))
    return found


def _named(status: os.stat_result) -> str:
    return f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"


def _files(file: str) -> list[str]:
    return [f"{os.path.realpath(file)}{end}" for end in _BESIDE if os.path.exists(f"{os.path.realpath(file)}{end}")]


def _has_open(pid: str, file: str) -> bool:
    """Say whether a process has the file open; some file systems have another number in the list than in `stat`."""
    folder = f"/proc/{pid}/fd"
    with suppress(OSError):
        return any(_same_file(f"{folder}/{name}", _files(file)) for name in os.listdir(folder))
    return False


def _same_file(link: str, files: list[str]) -> bool:
    with suppress(OSError):
        return any(os.path.samefile(link, file) for file in files)
    return False


def _holder(pid: int, file: str) -> Blocker:
    with open(f"/proc/{pid}/cmdline", "rb") as opened:
        words = opened.read().decode("utf-8", "replace").rstrip("\0").split("\0")
    facts = os.stat(f"/proc/{pid}")
    since = datetime.fromtimestamp(facts.st_mtime).strftime("%H:%M:%S")
    program = " ".join([os.path.basename(words[0]), *words[1:]])
    return Blocker(pid, program, _user(facts.st_uid), "running", since, on=os.path.basename(file))


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def command_about(file: str, holders: Sequence[Blocker]) -> str:
    """Return the command that ends the one process that holds a file, or shows who has it open, with what is installed here."""
    if len(holders) == 1:
        return f"kill {holders[0].pid}"
    for program in (("lsof",), ("fuser", "-v")):
        if shutil.which(program[0]):
            return shlex.join([*program, file])
    return f"grep {os.stat(file).st_ino} {_LOCKS}"
