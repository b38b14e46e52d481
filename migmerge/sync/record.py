"""What Alembic runs by whichever command, written down at once with the scripts that ran, and what is known of its errors."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from functools import lru_cache
from shutil import which

from ..core.environment import Environment
from ..core.error_line import ErrorLine
from ..core.errors import MigmergeError
from ..core.settings import Settings
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
    clone, settings = _clone_of(done.folder)
    if clone is None or not settings.record:
        return
    texts: dict[str, bytes] = {}
    rows, now = [], datetime.now().astimezone().isoformat(timespec="seconds")
    key = database_key(done.url, done.bind)
    if done.is_first:
        rows.append(RanRow(key, "", FIRST, "", "", now, program_name()))
    for step in done.steps:
        path = os.path.relpath(os.path.realpath(step.file), clone.top).replace(os.sep, "/")
        if not path.startswith("../"):
            blob = blob_id(step.text, of_length=40)
            texts[blob] = step.text
            rows.append(RanRow(key, step.revision, step.did, path, blob, now, program_name()))
    if rows:
        RanLog(clone.storage).append(rows, texts)


def show_error_line(line: ErrorLine) -> None:
    """Print below an error of Alembic what migmerge knows of it; nothing outside of a clone, or where that is turned off."""
    clone, settings = _clone_of(os.getcwd())
    if clone and settings.error_hints:
        program = "migmerge" if which("migmerge") else "flask migmerge" if program_name() == "flask" else "python -m migmerge"
        print(f"migmerge: {line.about}: {program} {line.command}", file=sys.stderr)


def program_name() -> str:
    """Return the name of the command that runs: for `python -m NAME` that of the package."""
    folder, name = os.path.split(sys.argv[0] if sys.argv else "")
    name = os.path.basename(folder) if name == "__main__.py" else name.removesuffix(".exe")
    return "python" if not name or name.startswith("-") else name


@lru_cache(maxsize=16)
def _clone_of(folder: str) -> tuple[Repository | None, Settings]:
    """Return the clone of a folder, found without git, with its settings; None where there is none."""
    top = folder = os.path.realpath(folder)
    while not os.path.exists(os.path.join(top, ".git")):
        below, top = top, os.path.dirname(top)
        if top == below:
            return None, Settings()
    git_dir = _named_in(os.path.join(top, ".git"), top) or os.path.join(top, ".git")
    common_dir = _named_in(os.path.join(git_dir, "commondir"), git_dir) or git_dir
    if not os.path.isfile(os.path.join(git_dir, "HEAD")):
        return None, Settings()
    repository = Repository(top, git_dir, common_dir, Git(top), shallow=False)
    return repository, _settings_of(repository, folder)


def _named_in(file: str, folder: str) -> str:
    """Return the folder that a file of git's names, `gitdir: ` before it or not; empty where there is no such file."""
    if not os.path.isfile(file):
        return ""
    with open(file, encoding="utf-8", errors="surrogateescape") as opened:
        return os.path.normpath(os.path.join(folder, opened.read().removeprefix("gitdir: ").rstrip("\n")))


def _settings_of(repository: Repository, folder: str) -> Settings:
    """Return what the team and, where git is installed, the clone configured; a mistake in it stops other commands."""
    environment = Environment(repository.relative(folder), "alembic", ())
    try:
        return read_settings(repository, (environment,), None if which("git") else "")
    except MigmergeError:
        return Settings()
