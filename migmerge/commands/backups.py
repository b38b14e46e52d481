"""The backups of this clone's databases: under the git directory, where no checkout and no commit reaches them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from ..core.database.backup import Backup, backup_name
from ..core.database.state import Database
from ..database.session import Session
from ..repository.repository import Repository
from ..terminal.journeys import report_backups
from ..terminal.screen import Screen

_WAY_BACK = ".restore.sh"


def back_up(repository: Repository, session: Session, screen: Screen, *, verified: bool) -> tuple[str, ...]:
    """Save every database before it is changed; return the shell scripts, one beside each backup, that put them back."""
    folder = _folder(repository)
    backups: tuple[Backup, ...] = session.ask("back up", folder=folder, now=datetime.now(), verified=verified)
    for backup in backups:
        _write_way_back(backup)
    report_backups(screen, backups)
    return tuple(f"{backup.path}{_WAY_BACK}" for backup in backups)


def way_back_of(repository: Repository, databases: Sequence[Database]) -> dict[str, str]:
    """Return the newest script that puts back each database, by bind, for those that have one."""
    found = {}
    for database in databases:
        name = f"{database.address.name}-{database.bind}" if database.bind else database.address.name
        beginning = backup_name(name, database.address.dialect, datetime(2000, 1, 1)).partition("-20000101-")[0]
        scripts = [each for each in _listed(repository) if each.endswith(_WAY_BACK) and _stem(each) == beginning]
        if scripts:
            found[database.bind] = os.path.join(_folder(repository), max(scripts))
    return found


def _folder(repository: Repository) -> str:
    return os.path.join(repository.storage, "backups")


def _listed(repository: Repository) -> list[str]:
    folder = _folder(repository)
    return os.listdir(folder) if os.path.isdir(folder) else []


def _stem(script: str) -> str:
    """Return what stands before the date and the time."""
    return script.rsplit("-", 2)[0]


def _write_way_back(backup: Backup) -> None:
    text = "\n".join(["set -e", *backup.way_back, ""])
    with open(os.open(f"{backup.path}{_WAY_BACK}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
