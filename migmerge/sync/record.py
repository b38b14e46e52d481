"""What Alembic runs by whichever command, written down at once with the scripts that ran."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from functools import lru_cache
from shutil import which

from ..core.environment import Environment
from ..core.errors import MigmergeError
from ..database.applied import AppliedSteps
from ..repository.git import Git
from ..repository.ran_log import FIRST, RanLog, RanRow, database_key
from ..repository.repository import Repository
from ..repository.work_tree import blob_id
from ..workspace.settings import read_settings


def record_applied(done: AppliedSteps) -> None:
    """Write steps into the log of the clone in which env.py lies; nothing, where it is in none or that is turned off.

    Raises:
        OSError: where the log cannot be written.
    """
    clone = _clone_of(done.folder)
    if clone is None:
        return
    texts: dict[str, bytes] = {}
    rows, now = [], datetime.now().astimezone().isoformat(timespec="seconds")
    key = database_key(done.url, done.bind)
    if done.is_first:
        rows.append(RanRow(key, "", FIRST, "", "", now, _program()))
    for step in done.steps:
        path = os.path.relpath(os.path.realpath(step.file), clone.top).replace(os.sep, "/")
        if not path.startswith("../"):
            blob = blob_id(step.text, of_length=40)
            texts[blob] = step.text
            rows.append(RanRow(key, step.revision, step.did, path, blob, now, _program()))
    if rows:
        RanLog(clone.storage).append(rows, texts)


def _program() -> str:
    """Return the name of the command that runs: for `python -m NAME` that of the package."""
    folder, name = os.path.split(sys.argv[0] if sys.argv else "")
    name = os.path.basename(folder) if name == "__main__.py" else name
    return "python" if not name or name.startswith("-") else name


@lru_cache(maxsize=16)
def _clone_of(folder: str) -> Repository | None:
    """Return the clone of a folder, found without git; None where there is none, or it does not want the record."""
    top = folder = os.path.realpath(folder)
    while not os.path.exists(os.path.join(top, ".git")):
        below, top = top, os.path.dirname(top)
        if top == below:
            return None
    git_dir = _named_in(os.path.join(top, ".git"), top) or os.path.join(top, ".git")
    common_dir = _named_in(os.path.join(git_dir, "commondir"), git_dir) or git_dir
    repository = Repository(top, git_dir, common_dir, Git(top), shallow=False)
    return repository if _is_wanted(repository, folder) else None


def _named_in(file: str, folder: str) -> str:
    """Return the folder that a file of git's names, `gitdir: ` before it or not; empty where there is no such file."""
    if not os.path.isfile(file):
        return ""
    with open(file, encoding="utf-8", errors="surrogateescape") as opened:
        return os.path.normpath(os.path.join(folder, opened.read().removeprefix("gitdir: ").rstrip("\n")))


def _is_wanted(repository: Repository, folder: str) -> bool:
    """Ask the configuration of the team and, where git is installed, of the clone; a mistake in it stops other commands."""
    if not os.path.isfile(os.path.join(repository.git_dir, "HEAD")):
        return False
    environment = Environment(repository.relative(folder), "alembic", ())
    try:
        return read_settings(repository, (environment,), None if which("git") else "").record
    except MigmergeError:
        return True
