"""Files that HEAD does not have and that show an environment: what a project looks like before its first commit of one."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable

from ..environment.layout import signs_of_environments
from ..repository.begun import BegunFiles
from ..repository.repository import Repository
from ..repository.tree import Tree


def uncommitted_signs(repository: Repository, committed: Tree, begun: BegunFiles) -> list[str]:
    """Return the files that show an environment and that HEAD does not have."""
    paths = [path for path in signs_of_environments(begun.paths) if path not in committed.blobs]
    found = [path for path in paths if os.path.isfile(repository.absolute(path)) and _may_configure(repository, path)]
    if begun.nested or ".gitmodules" in committed.blobs:
        found += _named_elsewhere(repository, committed, found)
    return found


def _may_configure(repository: Repository, path: str) -> bool:
    """Say whether an untracked file is worth a second look: most ini files are of other programs, and stay untracked."""
    if not path.endswith((".ini", ".toml")) or posixpath.basename(path) == "alembic.ini":
        return True
    data = repository.seen_on_disk(path)
    return b"script_location" in data or b"tool.migmerge" in data


def _named_elsewhere(repository: Repository, committed: Tree, new: Iterable[str]) -> list[str]:
    """Return the env.py files that configurations name and that lie in other repositories."""
    # configparser and what reads it take 8 ms to import.
    from ..environment.discovery import folders_named
    from ..repository.other_repositories import owner_of

    known = (*configurations(committed), *(path for path in new if path.endswith((".ini", ".toml"))))
    texts = {path: repository.seen_on_disk(path) for path in known if os.path.isfile(repository.absolute(path))}
    files = (posixpath.join(folder, "env.py") for folder in folders_named(texts))
    return [path for path in files if os.path.isfile(repository.absolute(path)) and owner_of(repository, path)]


def configurations(tree: Tree) -> list[str]:
    return [path for path in signs_of_environments(tree.paths) if path.endswith((".ini", ".toml"))]
