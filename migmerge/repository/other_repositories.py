"""Repositories inside the work tree: submodules, and clones that this repository knows nothing of."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping

from ..core.evidence import NestedRepository
from .git import Git
from .repository import Repository

_GITLINK = "160000 "


def owner_of(repository: Repository, path: str) -> str | None:
    """Return the folder of the repository inside the work tree to which a path belongs; None where it is of this one."""
    folder = path
    while folder := posixpath.dirname(folder):
        if os.path.lexists(repository.absolute(f"{folder}/.git")):
            return folder
    return None


def is_submodule(repository: Repository, folder: str) -> bool:
    """Say whether HEAD has the repository in a folder as a submodule."""
    return (repository.git.line_if_any("ls-tree", "HEAD", "--", folder) or "").startswith(_GITLINK)


def nested_repositories(repository: Repository, paths: Iterable[str]) -> Mapping[str, NestedRepository]:
    """Return the repositories that have these paths, by their folders, with what it takes to make submodules of them."""
    owners = {owner for path in paths if (owner := owner_of(repository, path))}
    return {owner: _nested(repository, owner) for owner in sorted(owners)}


def _nested(repository: Repository, folder: str) -> NestedRepository:
    staged = (repository.git.line("ls-files", "--stage", "--", folder) or "").startswith(_GITLINK)
    return NestedRepository(Git(repository.absolute(folder)).line_if_any("config", "remote.origin.url") or f"./{folder}", staged)
