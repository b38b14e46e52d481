"""The folder of a clone's backups, under the git directory, where no checkout and no commit reaches them.

Four files have one stem: the backup, the script that restores it, what it is about, and the mark of a change that has not
ended well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ..core.database.backup import RESTORE_SCRIPT, Backup
from ..core.database.kept_backup import KeptBackup, Occasion, newest_first
from ..database.backup.copy import remove_partial_files
from ..repository.json_file import read_json
from ..repository.repository import Repository

UNFINISHED = ".unfinished"
"""The ending of a mark, which holds the URL of the database."""
_ABOUT = ".about.json"
_BESIDE = (RESTORE_SCRIPT, UNFINISHED, _ABOUT)


def folder_of(repository: Repository) -> Path:
    return Path(repository.storage, "backups")


def store(backup: Backup, occasion: Occasion, now: datetime) -> None:
    """Write beside a backup the script that restores it, and what it is about."""
    database = os.path.basename(backup.database) if backup.dialect == "sqlite" else backup.database
    write_private(backup.restore_script, "\n".join(["set -e", *backup.restore_commands, ""]))
    about = {"version": 1, "time": now.isoformat(), "database": database, "bind": backup.bind, "url": backup.url}
    write_private(f"{backup.path}{_ABOUT}", json.dumps({**about, **occasion._asdict()}, indent=1))


def marks(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the marks of changes that have not ended well, each with the URL of its database."""
    for mark in sorted(folder.glob(f"*{UNFINISHED}")):
        yield mark, mark.read_text(encoding="utf-8", errors="replace")


def read_backups(repository: Repository) -> list[KeptBackup]:
    """Return the backups of a clone, the newest first, once what killed runs left half written is removed."""
    folder = folder_of(repository)
    remove_partial_files(folder)
    files = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")]
    return newest_first(_read(path) for path in files if not path.name.endswith(_BESIDE))


def _read(path: Path) -> KeptBackup:
    status = path.stat()
    script = f"{path}{RESTORE_SCRIPT}"
    found = KeptBackup(
        path.name, str(path), datetime.fromtimestamp(status.st_mtime), status.st_size, not os.path.exists(f"{path}{UNFINISHED}")
    )._replace(restore_script=script if os.path.isfile(script) else "")
    match read_json(f"{path}{_ABOUT}"):
        case {"database": str(database), "bind": str(bind), "url": str(url), "time": str(time), **more}:
            words = [more.get(name) for name in Occasion._fields]
            with suppress(ValueError):
                made = datetime.fromisoformat(time)
                if made.tzinfo is None and all(isinstance(word, str) for word in words):
                    occasion = Occasion(*map(str, words))
                    return found._replace(database=database, bind=bind, url=url, time=made, occasion=occasion)
    return found


def remove(backups: Sequence[KeptBackup]) -> None:
    """Remove backups with all that lies beside them, the backup itself last: what is left of a killed removal is listed."""
    for each in backups:
        for ending in (*_BESIDE, ""):
            Path(f"{each.path}{ending}").unlink(missing_ok=True)


def write_private(path: str, text: str) -> None:
    """Write a file that only this user can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
