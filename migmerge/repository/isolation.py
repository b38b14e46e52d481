"""Keeping the repository from answering our imports: nothing that a branch brings in is executed to look at it."""

from __future__ import annotations

import os
import sys


def keep_out_of_imports(top: str) -> None:
    """Remove from `sys.path` the folders of a repository that PYTHONPATH names: a `git.py` there would be imported."""
    top = os.path.realpath(top)
    named = {os.path.realpath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    theirs = {path for path in named if f"{path}{os.sep}".startswith(f"{top}{os.sep}")}
    theirs.discard(os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..")))
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) not in theirs]


def nearest_repository(folder: str) -> str:
    """Return the folder at or above that holds a `.git`, without git: importing `subprocess` is not safe yet."""
    while not os.path.exists(os.path.join(folder, ".git")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder
