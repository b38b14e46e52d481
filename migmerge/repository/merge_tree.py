"""The tree that a merge would give, without the merge."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..core.errors import MigmergeError
from .git import Git, GitFailed
from .held_folder import held_folder
from .repository import Repository

_CLEAN, _CONFLICTS = 0, 1
_SINCE = (2, 38)


def can_merge_trees(git: Git) -> bool:
    """Say whether this git merges without a work tree, as 2.38 and newer do."""
    return git.version >= _SINCE


@dataclass(frozen=True, slots=True)
class MergedTree:
    """A tree's id, and the files on which git would stop; those that both sides edited have its markers in them.

    Only `repository` has the tree: its new objects lie in a folder of their own.
    """

    oid: str
    conflicts: tuple[str, ...]
    repository: Repository


@contextmanager
def merged_tree(repository: Repository, into: str, commit: str) -> Iterator[MergedTree]:
    """Make the tree that merging `commit` into `into` would give; it exists inside the `with` block only.

    Raises:
        MigmergeError: where git is too old, or the two have no common history.
    """
    objects = repository.git.text("rev-parse", "--git-path", "objects").rstrip("\n")
    with held_folder() as folder:
        alternate = os.path.abspath(os.path.join(repository.top, objects))
        apart = {"GIT_OBJECT_DIRECTORY": folder, "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternate}
        scratch = repository.with_git(Git(repository.top, apart))
        oid, *conflicts = _merged(scratch, into, commit).rstrip("\0").split("\0")
        yield MergedTree(oid.strip(), tuple(conflicts), scratch)


def _merged(repository: Repository, into: str, commit: str) -> str:
    """Return what `git merge-tree` prints: the tree's id, then the paths of conflicts, each behind a NUL."""
    merge = repository.git.start("merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", into, commit)
    output, complaint = merge.process.communicate()
    if merge.process.returncode in (_CLEAN, _CONFLICTS):
        return output.decode("utf-8", "surrogateescape")
    if b"usage:" in complaint:
        raise MigmergeError(
            f"looking at a merge needs git 2.38 or newer, and this is {repository.git.text('version').strip()}",
            hint="a newer git, or git merge and then migmerge check",
        )
    if b"unrelated histories" in complaint:
        where = "this shallow clone" if repository.shallow else "this clone"
        hint = "git fetch --unshallow" if repository.shallow else f"git log --oneline {into[:10]} {commit[:10]}"
        raise MigmergeError(f"the two have no common history in {where}, so git would not merge them", hint=hint)
    raise GitFailed(merge.arguments, complaint.decode("utf-8", "replace"))
