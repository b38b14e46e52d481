"""The backups of this clone's databases: under the git directory, where no checkout and no commit reaches them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from ..core.database.backup import Backup, backup_name
from ..core.database.database import Database
from ..database.session import Session
from ..output.screen import Screen
from ..output.text.sync_plan import report_backups
from ..repository.repository import Repository

_RESTORE_SCRIPT = ".restore.sh"
_UNFINISHED = "unfinished"
"""Names the scripts that undo a change, until it has ended well."""


def back_up_databases(repository: Repository, session: Session, screen: Screen, *, verified: bool) -> tuple[str, ...]:
    """Save every database before it is changed; return the shell scripts, one beside each backup, that put them back."""
    folder = _folder(repository)
    backups: tuple[Backup, ...] = session.ask("back up", folder=folder, now=datetime.now(), verified=verified)
    for backup in backups:
        _write_restore_script(backup)
    report_backups(screen, backups)
    undo = tuple(f"{backup.path}{_RESTORE_SCRIPT}" for backup in backups)
    if undo:
        with open(os.path.join(folder, _UNFINISHED), "w", encoding="utf-8") as file:
            file.write("\n".join(undo))
    return undo


def restore_scripts_of(repository: Repository, databases: Sequence[Database]) -> dict[str, str]:
    """Return the script that puts back each database, by bind, where the last change of it was begun and did not end well."""
    begun = os.path.join(_folder(repository), _UNFINISHED)
    if not os.path.isfile(begun):
        return {}
    with open(begun, encoding="utf-8") as file:
        scripts = [line for line in file.read().splitlines() if os.path.isfile(line)]
    return {database.bind: script for database in databases for script in scripts if _stem(script) == _beginning(database)}


def mark_finished(undo: Sequence[str]) -> None:
    """Note that a change ended well: no newer rows may be lost by going back behind it."""
    for folder in {os.path.dirname(script) for script in undo}:
        with suppress(FileNotFoundError):
            os.remove(os.path.join(folder, _UNFINISHED))


def _beginning(database: Database) -> str:
    name = f"{database.address.name}-{database.bind}" if database.bind else database.address.name
    return backup_name(name, database.address.dialect, datetime(2000, 1, 1)).partition("-20000101-")[0]


def _folder(repository: Repository) -> str:
    return os.path.join(repository.storage, "backups")


def _stem(script: str) -> str:
    """Return what stands before the date and the time."""
    return os.path.basename(script).rsplit("-", 2)[0]


def _write_restore_script(backup: Backup) -> None:
    text = "\n".join(["set -e", *backup.restore_commands, ""])
    with open(
        os.open(f"{backup.path}{_RESTORE_SCRIPT}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
