"""The backups of this clone's databases, under the git directory, where no checkout and no commit reaches them.

Three files have one stem: the backup, the script that restores it, and the mark of a change that has not ended well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from ..core.database.backup import Backup
from ..core.database.database import Database
from ..database.session import Session
from ..output.screen import Screen
from ..output.text.sync_plan import report_backups
from ..repository.repository import Repository

_RESTORE_SCRIPT = ".restore.sh"
_UNFINISHED = ".unfinished"
"""The ending of a mark, which holds the URL of the database."""


def back_up_databases(repository: Repository, session: Session, screen: Screen, *, verified: bool) -> tuple[str, ...]:
    """Back up every database before a change; return the shell scripts that restore them, one beside each backup."""
    folder = str(_folder(repository))
    backups: tuple[Backup, ...] = session.ask("back up", folder=folder, now=datetime.now(), verified=verified)
    undo = begin_change(backups)
    report_backups(screen, backups)
    return undo


def begin_change(backups: Sequence[Backup]) -> tuple[str, ...]:
    """Write the restore script of each backup, and its mark in place of older marks of the same database."""
    for backup in backups:
        script = f"{backup.path}{_RESTORE_SCRIPT}"
        _write_private(script, "\n".join(["set -e", *backup.restore_commands, ""]))
        for mark, url in _marks(Path(backup.path).parent):
            if url == backup.url:
                mark.unlink()
        _write_private(f"{backup.path}{_UNFINISHED}", backup.url)
    return tuple(f"{backup.path}{_RESTORE_SCRIPT}" for backup in backups)


def mark_finished(undo: Sequence[str]) -> None:
    """Remove the marks of a change that ended well: its restore scripts would lose the rows that are written from now on."""
    for script in undo:
        Path(f"{script.removesuffix(_RESTORE_SCRIPT)}{_UNFINISHED}").unlink(missing_ok=True)


def restore_scripts_of(repository: Repository, databases: Sequence[Database]) -> dict[str, str]:
    """Return the restore script of each database, by bind, whose last change has not ended well."""
    scripts = {url: f"{str(mark).removesuffix(_UNFINISHED)}{_RESTORE_SCRIPT}" for mark, url in _marks(_folder(repository))}
    found = {database.bind: scripts.get(database.address.url, "") for database in databases}
    return {bind: script for bind, script in found.items() if os.path.isfile(script)}


def _marks(folder: Path) -> Iterator[tuple[Path, str]]:
    for mark in sorted(folder.glob(f"*{_UNFINISHED}")):
        yield mark, mark.read_text(encoding="utf-8")


def _folder(repository: Repository) -> Path:
    return Path(repository.storage, "backups")


def _write_private(path: str, text: str) -> None:
    """Write a file that only this user can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
