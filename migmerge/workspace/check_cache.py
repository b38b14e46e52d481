"""What `check` said before, where nothing that it depends on has changed since and nothing was wrong.

Asked often, answered mostly like this: it takes half the time, for hardly anything is imported.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence

from ..repository.files import script_files
from ..repository.git import Git, GitFailed, GitProcess
from ..repository.json_file import load_json, store_json

TYPE_CHECKING = False  # typing takes 4 ms to import
if TYPE_CHECKING:
    from typing import Any

    from ..core.snapshot import Snapshot
    from ..repository.repository import Repository


_FILE = "unchanged.json"
_TREES = ("HEAD^{tree}", "HEAD", "--glob=refs/remotes/*/HEAD", "--glob=refs/remotes/*/main", "--glob=refs/remotes/*/master")
"""What was looked at: a commit and its tree, and whatever may be the default branch."""


def cached_lines(folder: str) -> list[list[Any]] | None:
    """Return the lines that the last healthy check printed; None where it has to look again."""
    git = Git(folder)
    configured = git.start_settings()
    try:
        top, common_dir, *trees = git.text("rev-parse", "--show-toplevel", "--git-common-dir", *_TREES).rstrip("\n").split("\n")
    except (GitFailed, ValueError):
        return None
    known: dict[str, Any] = load_json(os.path.join(folder, common_dir, "migmerge", _FILE))
    if known.get("trees") != _seen(trees) or known.get("configuration") != _configuration(configured):
        return None
    if any(_checksum(top, path) != checksum for path, checksum in known["files"].items()):
        return None
    new = (set(script_files(top, place, recursive=recursive)) - set(known["scripts"]) for place, recursive in known["versions"])
    lines: list[list[Any]] = known["lines"]
    return None if any(new) else lines


def cache_lines(
    repository: Repository, snapshots: Sequence[Snapshot], files: Sequence[str], lines: Sequence[Sequence[Any]]
) -> None:
    """Keep what was said of a healthy tree; `files` are those outside git that it depends on."""
    environments = [snapshot.environment for snapshot in snapshots]
    values = {
        "trees": _seen(repository.git.text("rev-parse", *_TREES).split()),
        "configuration": _configuration(repository.git.start_settings()),
        "files": {path: _checksum(repository.top, path) for path in files},
        "versions": [[folder, environment.recursive] for environment in environments for folder in environment.versions],
        "scripts": sorted(script.path for snapshot in snapshots for script in snapshot.scripts),
        "lines": lines,
    }
    store_json(os.path.join(repository.storage, _FILE), values)


def _seen(trees: list[str]) -> list[str]:
    """Leave the commit out where there is no default branch to have parted from: then only its tree counts."""
    return trees if len(trees) > 2 else trees[:1]


def _configuration(asked: GitProcess) -> str:
    try:
        return asked.text()
    except GitFailed:
        return ""


def _checksum(top: str, path: str) -> int | None:
    try:
        with open(os.path.join(top, path), "rb") as file:
            return zlib.crc32(file.read())
    except OSError:
        return None
