"""Copies of a database, the commands that put one back, and the reasons for having none."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ..errors import MigmergeError

RESTORE_SCRIPT = ".restore.sh"
"""The ending, after the name of a backup, of the script that puts it back."""
_ENDINGS = {"sqlite": "sqlite3", "postgresql": "dump"}
_SQLITE_ENDING = re.compile(r"\.(db3?|sqlite3?|sl3|s3db)$", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST = 50
"""Characters of a database's name; a file's name has 255 bytes."""
_PLAIN = re.compile(r"[\w.-]+", re.ASCII)
_MAY_CREATE = "SELECT (rolsuper OR rolcreatedb)::int FROM pg_roles WHERE rolname = current_user"
SIDE_FILES = ("-wal", "-shm", "-journal")
"""The endings of the files that SQLite keeps beside a database and replays into whichever file has its name."""


@dataclass(frozen=True, slots=True)
class Backup:
    """Hold the path of a database's backup, its size in bytes, and how it was verified; empty before the verification.

    `database` is a name, or SQLite's file; `url` is its URL without the password, and `bind` its name among several of one
    application. `restore_commands` are the shell commands that put it back; they hold no password.
    """

    path: str
    dialect: str
    database: str
    size: int
    verified: str = ""
    restore_commands: tuple[str, ...] = ()
    url: str = ""
    bind: str = ""

    @property
    def restore_script(self) -> str:
        """Return the path of the shell script that puts it back."""
        return f"{self.path}{RESTORE_SCRIPT}"


class WhyNoBackup(Enum):
    """Say why a database has no backup; a harmless reason means that there is nothing to lose."""

    NO_FILE = "its file does not exist yet"
    IN_MEMORY = "it is in memory, and ends with the process that has it open"
    DECLINED = "--no-backup was given"
    FAILED = "it cannot be backed up"

    @property
    def is_harmless(self) -> bool:
        return self is WhyNoBackup.NO_FILE


@dataclass(frozen=True, slots=True)
class NoBackup:
    """Hold why a database, `name`, has no backup; `detail` and `hint` are those of the failure."""

    name: str
    reason: WhyNoBackup
    detail: str = ""
    hint: str | None = None

    def __str__(self) -> str:
        return self.detail or f"{self.name} has no backup: {self.reason.value}"


@dataclass(frozen=True, slots=True)
class BackupsWanted:
    """Say whether the user wants `any` backup, whether each is `verified`, and of which `binds`; None means all."""

    any: bool = True
    verified: bool = False
    binds: frozenset[str] | None = None


Saved = Mapping[str, Backup | NoBackup]
"""What became of the backup of each database, by bind."""


@dataclass(frozen=True, slots=True)
class Safeguards:
    """Hold for each database, by bind, its backup, or the reason for having none, which is harmless or was agreed to.

    Whatever destroys rows or tables takes one as its argument.
    """

    saved: Saved

    @property
    def backups(self) -> tuple[Backup, ...]:
        """Return the backups that there are, each once."""
        return tuple(dict.fromkeys(each for each in self.saved.values() if isinstance(each, Backup)))

    @property
    def scripts(self) -> Mapping[str, str]:
        """Return the shell scripts that put the backups back, by bind."""
        return {bind: each.restore_script for bind, each in self.saved.items() if isinstance(each, Backup)}


RowCounts = Mapping[str, int]
"""The number of rows of each table, by its name, with the schema in front where there are several."""


def compare_rows(backup: Backup, source: RowCounts, copy: RowCounts, complaint: str = "") -> str:
    """Say that a database and the copy restored from its backup have the same tables and as many rows.

    `complaint` is the message of a tool that went on.

    Raises:
        MigmergeError: with the table, where they differ.
    """
    for name in sorted({*source, *copy}):
        if name not in copy or name not in source:
            where = "the database has" if name in source else "the backup has"
            raise _differs(backup, f"the table {name}, which only {where}", complaint)
        if source[name] != copy[name]:
            raise _differs(backup, f"{name}: {copy[name]} rows in the backup, {source[name]} in the database", complaint)
    shown = f"; {complaint}" if complaint else ""
    return f"{count_of(len(copy), 'table')}, {count_of(sum(copy.values()), 'row')}, the same{shown}"


def _differs(backup: Backup, what: str, complaint: str) -> MigmergeError:
    return MigmergeError(
        f"the backup {backup.path} is not what the database is: {what}{f' ({complaint})' if complaint else ''}",
        hint="end what writes to the database, and try again",
    )


def count_of(number: int, what: str) -> str:
    """Return a number with a noun in singular or plural."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def backup_name(name: str, dialect: str, now: datetime) -> str:
    """Return a file name that is safe everywhere: the database's, the time, and the ending of what is inside."""
    if dialect == "sqlite":
        name = _SQLITE_ENDING.sub("", name.rpartition("/")[2])
    safe = _UNSAFE.sub("-", name)[:_LONGEST].strip("-.") or "database"
    return f"{safe}-{now:%Y%m%d-%H%M%S}.{_ENDINGS.get(dialect, 'sql')}"


def sqlite_restore_commands(database: str, backup: str) -> tuple[str, ...]:
    """Return the command that puts back SQLite's file, and nothing of what lies beside it."""
    beside = shlex.join(database + end for end in SIDE_FILES)
    return (f"rm -f {beside} && {shlex.join(('cp', backup, database))}",)


def postgresql_restore_commands(name: str, backup: str, options: Sequence[str], settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command that restores a PostgreSQL database from its archive.

    pg_restore creates it, with its encoding, locale, settings and grants, and gives every object its owner. Nothing is
    dropped where the role may not create it again.
    """
    other = "template1" if name == "postgres" else "postgres"
    before = "".join(f"{key}={shlex.quote(value)} " for key, value in settings.items())
    drop = shlex.join(("dropdb", *options, "--if-exists", *operand(name)))
    restore = shlex.join(("pg_restore", *options, "--create", "-d", other, backup))
    asked = shlex.join(("psql", *options, "-d", other, "-tAc", _MAY_CREATE))
    refusal = "{ echo 'this role may not create databases: nothing was changed' >&2; false; }"
    return (f"{{ {before}{asked} | grep -q 1 || {refusal}; }} && {before}{drop} && {before}{restore}",)


def mysql_restore_commands(name: str, backup: str, client: Sequence[str], empty: str) -> tuple[str, ...]:
    """Return the command that restores a MySQL or MariaDB database; the statements `empty` drop its tables before."""
    return (f"{shlex.join((*client, '-e', empty))} && {shlex.join((*client, '-D', name))} < {shlex.quote(backup)}",)


def operand(name: str) -> tuple[str, ...]:
    """Keep a tool from taking a name for an option."""
    return ("--", name) if name.startswith("-") else (name,)


def conninfo(name: str) -> str:
    """Name a database to `-d` of PostgreSQL's tools, which take a name with `=` or `://` for more than a name."""
    if _PLAIN.fullmatch(name):
        return name
    escaped = name.replace("\\", r"\\").replace("'", r"\'")
    return f"dbname='{escaped}'"
