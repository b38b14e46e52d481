"""The backup that a destructive step needs in hand."""

from __future__ import annotations

import os

from ...core.database.backup import Backup, Saved
from ...core.errors import MigmergeError


def require_saved(saved: Saved, bind: str, name: str) -> None:
    """Verify that a database has its backup, or a reason for having none.

    Raises:
        MigmergeError: where it has neither, or the file of its backup is gone.
    """
    kept = saved.get(bind)
    if kept is None:
        raise MigmergeError(f"{name} was not backed up: nothing is changed in it", hint="migmerge doctor")
    if isinstance(kept, Backup) and not os.path.isfile(kept.path):
        raise MigmergeError(f"the backup of {name} is gone: {kept.path}", hint="migmerge doctor")
