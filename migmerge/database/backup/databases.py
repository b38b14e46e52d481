"""The backups of the databases of a project."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.database.backup import Backup, BackupsWanted, NoBackup, WhyNoBackup, backup_name
from ...core.errors import MigmergeError
from ...core.redaction import without_secrets
from ..guard import address_of
from ..project import Project
from ..sqlite_location import file_of_url
from .copy import back_up, remove_partial_files

if TYPE_CHECKING:
    from sqlalchemy import URL


def back_up_databases(project: Project, folder: str, now: datetime, wanted: BackupsWanted) -> dict[str, Backup | NoBackup]:
    """Back up the databases that were inspected into a folder; return by bind the backup, or why there is none."""
    project.guard.allow_changes()
    os.makedirs(folder, mode=0o700, exist_ok=True)
    remove_partial_files(Path(folder))
    binds = [bind for bind in project.urls if wanted.binds is None or bind in wanted.binds]
    made = {project.urls[bind]: bind for bind in reversed(binds)}  # the tenants of a database have one backup
    saved = {bind: _backed_up(project, bind, Path(folder), now, wanted) for bind in binds if bind in made.values()}
    return {bind: saved[made[project.urls[bind]]] for bind in binds}


def _backed_up(project: Project, bind: str, folder: Path, now: datetime, wanted: BackupsWanted) -> Backup | NoBackup:
    url = project.urls[bind]
    address = address_of(url)
    project.guard.allow(address)
    if reason := _nothing_to_copy(url, wanted):
        return NoBackup(address.name, reason)
    name = f"{address.name}-{bind}" if bind and not project.tenants.get(bind) else address.name
    try:
        backup = back_up(url, _unused_path(folder, name, address.dialect, now))
        return replace(_verified(backup, url) if wanted.verified else backup, url=address.url, bind=bind)
    except MigmergeError as error:
        return NoBackup(address.name, WhyNoBackup.FAILED, without_secrets(str(error)), error.hint)


def _verified(backup: Backup, url: URL) -> Backup:
    from .verify import verify  # only where there is a backup

    return verify(backup, url)


def _nothing_to_copy(url: URL, wanted: BackupsWanted) -> WhyNoBackup | None:
    if url.get_backend_name() == "sqlite":
        file = file_of_url(url)
        if not file:
            return WhyNoBackup.IN_MEMORY
        if not os.path.exists(file):
            return WhyNoBackup.NO_FILE
    return None if wanted.any else WhyNoBackup.DECLINED


def _unused_path(folder: Path, name: str, dialect: str, now: datetime) -> Path:
    """Return the path of a backup with the time `now`, or with the first later second that is not in use."""
    times = (now + timedelta(seconds=number) for number in count())
    return next(path for each in times if not (path := folder / backup_name(name, dialect, each)).exists())
