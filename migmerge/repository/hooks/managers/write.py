"""The change of a hook manager's configuration, written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ....core.consent import Consent
from ....core.errors import MigmergeError
from ....core.hook_manager import TeamPlan
from ...files import is_below, replace_file
from ...repository import Repository


def write_team_plan(repository: Repository, consent: Consent[TeamPlan]) -> None:
    """Write what was shown, uncommitted.

    Raises:
        MigmergeError: where a file is not what it was when the change was shown, or leads out of the repository.
    """
    files = consent.plan.files
    for path, before, _ in files:
        _require(Path(repository.top, path), before, path, repository)
    for path, _, after in files:
        target = Path(os.path.realpath(os.path.join(repository.top, path)))
        if after is None:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        is_hook = path.startswith(".husky/") and not target.exists()
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o755 if is_hook else 0o644
        replace_file(target, after, mode)


def _require(file: Path, before: bytes | None, path: str, repository: Repository) -> None:
    if not is_below(str(file), (repository.top,)) or is_below(str(file), (repository.git_dir, repository.common_dir)):
        raise MigmergeError(f"{path} leads out of the work tree", hint=f"ls -l {path}")
    if (file.read_bytes() if file.exists() else None) != before:
        raise MigmergeError(f"{path} was changed in the meantime; nothing is written", hint="git diff")
